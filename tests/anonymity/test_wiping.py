"""What is deleted is gone from the database's files too: SQLite's write-ahead log, PostgreSQL's samples."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, delete, event, insert, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from surveyor import clock, db, migrations
from surveyor.config import Settings
from surveyor.db import forgotten_columns, make_engine, unit_of_work
from surveyor.jobs.models import Job
from surveyor.jobs.registry import no_progress
from surveyor.models import METADATA
from surveyor.releases.tasks import wipe_comments
from surveyor.responses.models import AnswerSet, Draft, Envelope, FreeText
from surveyor.responses.opening import clean_up
from surveyor.responses.services import WIPE, withdraw_answer_set, withdraw_envelope
from surveyor.responses.tasks import wipe_withdrawn
from tests import postgres

MARK = b"SPOR-ETTER-EN-KONVOLUTT"
TARGETS = (
    "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
    " WHERE attstattarget = 0 AND relkind = 'r' AND relnamespace = CAST('public' AS regnamespace)"
)


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
    """Whether the mark is in the database's own files; the server's log of changes is its operator's."""
    if engine.dialect.name == "sqlite":
        files = [Path(f"{engine.url.database}{end}") for end in ("", "-wal")]
    else:
        with alone(engine, "CHECKPOINT") as connection:
            folder = str(connection.scalar(text("SHOW data_directory")))
            database = connection.scalar(
                text("SELECT oid FROM pg_database WHERE datname = current_database()")
            )
        files = [*Path(folder, "base", str(database)).iterdir()]
    return any(MARK in file.read_bytes() for file in files)


@contextmanager
def alone(engine: Engine, *statements: str) -> Iterator[Connection]:
    """Statements that run outside a transaction."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))
        yield connection


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is given time to end."""
    monkeypatch.setattr(db, "sleep", lambda _seconds: None)


@contextmanager
def somebody_reads(engine: Engine) -> Iterator[None]:
    """Another who still sees the database as it is now."""
    level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else "SERIALIZABLE"
    with engine.connect().execution_options(isolation_level=level) as reader:
        reader.execute(text("SELECT count(*) FROM org_unit"))
        yield


def test_nothing_is_left_in_the_files(engine: Engine) -> None:
    leave_traces(engine)
    assert in_files(engine)  # the control: deleting alone leaves them
    clean_up(engine)
    assert not in_files(engine)
    with engine.connect() as connection:  # and connections are as before
        if engine.dialect.name == "postgresql":
            assert connection.scalar(text("SHOW lock_timeout")) == "0"
            return
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1
        assert connection.connection.driver_connection is not None
        assert connection.connection.driver_connection.in_transaction


@pytest.mark.usefixtures("at_once")
def test_comments_as_they_were_written_are_gone_once_they_are_released(
    engine: Engine, settings: Settings
) -> None:
    with unit_of_work(engine) as session:
        row = {"wave_id": uuid4(), "segment_code": "B1", "item": "more", "body": MARK.decode()}
        session.execute(insert(FreeText), [{"id": uuid4(), **row} for _ in range(20)])
    with somebody_reads(engine):
        if engine.dialect.name == "postgresql":
            with unit_of_work(engine) as session:
                session.execute(delete(FreeText))
        impatient = make_impatient(engine)
        with pytest.raises(RuntimeError):  # and so it is tried again
            wipe_comments(impatient, settings, {}, no_progress)
        impatient.dispose()
    with unit_of_work(engine) as session:
        session.execute(delete(FreeText))
    assert in_files(engine)  # the control: deleting alone leaves them
    for _ in range(2):
        wipe_comments(engine, settings, {}, no_progress)
        assert not in_files(engine)


def make_impatient(engine: Engine) -> Engine:
    """An engine that does not wait for others."""
    impatient = make_engine(engine.url.render_as_string(hide_password=False))

    @event.listens_for(impatient, "connect")
    def wait(connection: DBAPIConnection, _record: object) -> None:
        if engine.dialect.name == "sqlite":
            connection.cursor().execute("PRAGMA busy_timeout=0")

    return impatient


def store_ten(engine: Engine) -> tuple[UUID, bytes]:
    """Ten envelopes and ten opened answers; the last of each says the mark, under this id and receipt."""
    with unit_of_work(engine) as session:
        for said in [b"noe annet"] * 9 + [MARK]:
            owner, receipt = uuid4(), uuid4().bytes
            row = {"wave_id": uuid4(), "rev": 1, "submission_id": uuid4(), "sealed": said}
            session.execute(insert(Envelope).values(participation_id=owner, **row))
            opened = {
                "segment_code": "B1",
                "instrument_version_id": uuid4(),
                "codes": b"",
                "wave_id": uuid4(),
            }
            body = {"w1": said.decode()}
            session.execute(insert(AnswerSet).values(id=uuid4(), body=body, receipt_hash=receipt, **opened))
    return owner, receipt


def test_withdrawn_answers_are_wiped_by_a_job_that_tells_the_night_only(
    engine: Engine, settings: Settings
) -> None:
    owner, receipt = store_ten(engine)
    now = datetime.combine(clock.today(), time(14, 20), clock.OSLO)
    with clock.fixed_at(now), unit_of_work(engine) as session:
        assert withdraw_envelope(session, participation_id=owner)
        assert withdraw_answer_set(session, receipt_hash=receipt)
    with unit_of_work(engine) as session:
        job = session.query(Job).where(Job.kind == WIPE).one()
        night = datetime.combine(clock.today() + timedelta(days=1), time(3, 30), clock.OSLO)
        assert (job.run_after, job.created_at, job.payload) == (night, night, {})
    if engine.dialect.name == "postgresql":
        with alone(engine, "VACUUM envelope", "VACUUM answer_set"):
            pass
    assert in_files(engine)  # the control: deleting, and freeing the place, leave them
    for _ in range(2):
        wipe_withdrawn(engine, settings, {}, no_progress)
    assert not in_files(engine)


def test_whoever_withdraws_while_it_is_wiped_waits_for_the_next_night(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        row = {"wave_id": uuid4(), "rev": 1, "sealed": b""}
        owners = [uuid4(), uuid4()]
        for owner in owners:
            values = {**row, "participation_id": owner, "submission_id": uuid4()}
            session.execute(insert(Envelope).values(**values))
    night = datetime.combine(clock.today(), time(3, 30), clock.OSLO)
    for owner, minutes in zip(owners, (2, 0.5), strict=True):
        with clock.fixed_at(night - timedelta(minutes=minutes)), unit_of_work(engine) as session:
            assert withdraw_envelope(session, participation_id=owner)
    with unit_of_work(engine) as session:
        due = {job.run_after for job in session.query(Job).where(Job.kind == WIPE)}
        assert due == {night, datetime.combine(clock.today() + timedelta(days=1), time(3, 30), clock.OSLO)}


@pytest.mark.usefixtures("at_once")
def test_a_busy_database_does_not_stop_the_closing_and_is_wiped_later(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        leave_traces(engine)
        clean_up(engine)
        return
    with somebody_reads(engine):
        leave_traces(engine)
        clean_up(engine)
    with unit_of_work(engine) as session:
        assert session.query(Job).where(Job.kind == WIPE).count() == 1


def test_postgresql_keeps_no_samples_of_what_goes_one_day(postgres_server: str) -> None:
    """ANALYZE copies values into a table of its own, where they stay when the rows are gone."""
    url = postgres.create_database(postgres_server)
    migrations.upgrade(url)
    engine = make_engine(url)
    with unit_of_work(engine) as session:
        row = {"wave_id": uuid4(), "segment_code": "B1", "item": "more"}
        texts = [{**row, "id": uuid4(), "body": f"{MARK.decode()} {n}"} for n in range(30)]
        session.execute(insert(FreeText), texts)
    columns = {(t.name, c) for m in METADATA for t in m.sorted_tables for c in forgotten_columns(t)}
    sampled = text("SELECT attname FROM pg_stats WHERE tablename = 'free_text'")
    with alone(engine, "ANALYZE") as connection:
        assert set(connection.scalars(sampled)) == {"wave_id"}
    careless = "ALTER TABLE free_text ALTER body SET STATISTICS -1"
    with alone(engine, careless, "ANALYZE", "DELETE FROM free_text", "ANALYZE") as connection:
        assert set(connection.scalars(sampled)) == {"wave_id", "body"}  # the control: and they stay
    with engine.connect() as connection:
        assert columns - {tuple(row) for row in connection.execute(text(TARGETS))} == {("free_text", "body")}
    engine.dispose()
    postgres.drop_database(postgres_server, url)
