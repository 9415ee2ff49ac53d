"""What is deleted at an opening is gone from SQLite's files too, the write-ahead log among them."""

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, delete, event, insert, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from surveyor.config import Settings
from surveyor.db import make_engine, unit_of_work
from surveyor.jobs.registry import no_progress
from surveyor.releases.tasks import wipe_comments
from surveyor.responses.models import Draft, Envelope, FreeText
from surveyor.responses.opening import clean_up

MARK = b"SPOR-ETTER-EN-KONVOLUTT"


def leave_traces(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        row = {"wave_id": uuid4(), "rev": 1, "sealed": MARK * 20}
        session.execute(insert(Envelope), [
            {**row, "participation_id": uuid4(), "submission_id": uuid4()} for _ in range(50)
        ])  # fmt: skip
        session.execute(insert(Draft), [{**row, "participation_id": uuid4()} for _ in range(50)])
    with unit_of_work(engine) as session:
        session.execute(delete(Envelope))
        session.execute(delete(Draft))


def in_files(engine: Engine) -> bool:
    return any(MARK in Path(f"{engine.url.database}{end}").read_bytes() for end in ("", "-wal"))


def test_nothing_is_left_in_the_files(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    leave_traces(engine)
    assert in_files(engine)  # the control: deleting alone leaves them in the log
    clean_up(engine)
    assert not in_files(engine)
    with engine.connect() as connection:  # and connections are as before
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1
        assert connection.connection.driver_connection is not None
        assert connection.connection.driver_connection.in_transaction
    engine.dispose()


def test_comments_as_they_were_written_are_gone_once_they_are_released(
    sqlite_url: str, settings: Settings
) -> None:
    engine, impatient = make_engine(sqlite_url), make_impatient(sqlite_url)
    with unit_of_work(engine) as session:
        row = {"wave_id": uuid4(), "segment_code": "B1", "item": "more", "body": MARK.decode()}
        session.execute(insert(FreeText), [{"id": uuid4(), **row} for _ in range(20)])
    with unit_of_work(engine) as session:
        session.execute(delete(FreeText))
    assert in_files(engine)  # the control: deleting alone leaves them in the log
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM free_text"))
        with pytest.raises(RuntimeError):  # and so it is tried again
            wipe_comments(impatient, settings, {}, no_progress)
    impatient.dispose()
    for _ in range(2):
        wipe_comments(engine, settings, {}, no_progress)
        assert not in_files(engine)
    engine.dispose()


def make_impatient(url: str) -> Engine:
    """An engine that does not wait for others."""
    engine = make_engine(url)

    @event.listens_for(engine, "connect")
    def wait(connection: DBAPIConnection, _record: object) -> None:
        connection.cursor().execute("PRAGMA busy_timeout=0")

    return engine


def test_a_busy_database_does_not_stop_the_closing(engine: Engine) -> None:
    leave_traces(engine)
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM envelope"))
        if engine.dialect.name == "postgresql":
            clean_up(engine)
    clean_up(engine)
