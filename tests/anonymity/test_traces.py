"""ANON-5: after fifty visits no log, queue, mail, audit entry or column holds what was said or from where."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from surveyor.config import Settings
from surveyor.db import unit_of_work
from tests.anonymity.written_down import database_strings
from tests.waves import OpenWave, make_open_wave

N = 50
QUIET = (
    "log_error_verbosity = 'terse'",
    "log_parameter_max_length_on_error = 0",
    "log_min_error_statement = 'panic'",
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything any logger says, formatted with its extras."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Everything())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


class _Everything(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)} {vars(record)}"


def database_log(engine: Engine) -> str:
    """The PostgreSQL server's own log; SQLite has none."""
    if engine.dialect.name == "sqlite":
        return ""
    with engine.connect() as connection:
        folder = Path(str(connection.execute(text("SHOW data_directory")).scalar()))
    return (folder.parent / "log").read_text(errors="replace")


def quieten(engine: Engine) -> None:
    """The settings our installation guide asks of PostgreSQL, for new connections to this database."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            name = connection.execute(text("SELECT current_database()")).scalar()
            for setting in QUIET:
                connection.execute(text(f'ALTER DATABASE "{name}" SET {setting}'))
        engine.dispose()


def spoil(engine: Engine, marker: str) -> None:
    """A statement that fails with a marker among its parameters."""
    with pytest.raises(SQLAlchemyError), engine.begin() as connection:
        connection.execute(text("INSERT INTO free_text (body) VALUES (:m)"), {"m": marker})


@pytest.fixture
def visits(both_app: Flask, both_settings: Settings, db: Engine, log: io.StringIO) -> dict[str, list[str]]:
    """Fifty visits, each with marks of its own; what must not be found anywhere."""
    both_app.config["WTF_CSRF_ENABLED"] = False
    quieten(db)
    with unit_of_work(db) as session:
        wave: OpenWave = make_open_wave(session, both_settings, invited={"B1": N})
    marks: dict[str, list[str]] = {"token": [], "address": [], "receipt": [], "answer": []}
    for number, person in enumerate(wave.people):
        address, said = f"10.77.{number}.99", f"HEMMELIG-{number:03}-SVAR"
        answers = {"w1": "3", "again": "yes", "comment": said}
        marks["receipt"].append(respond_with_text(both_app, person, answers, address))
        marks["token"].append(person.token)
        marks["address"].append(address)
        marks["answer"].append(said)
    spoil(db, marks["answer"][0])
    return marks


def respond_with_text(app: Flask, person: object, answers: dict[str, str], address: str) -> str:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    home = client.get(f"/medarbeider/s/{person.token}").headers["Location"].split("?")[0]  # type: ignore[attr-defined]
    kept = {"rev": "0", "shown": "", "q-comment": answers["comment"]}
    rev = client.post(f"{home}/side/3/lagring", data=kept).get_json()["rev"]
    client.get(f"{home}/lagring?side=3")
    client.post(f"{home}/side/3", data={"rev": rev, "to": "senere", "q-comment": answers["comment"]})
    page = {"rev": rev, "to": "neste", "q-w1": answers["w1"], "q-again": answers["again"]}
    client.post(f"{home}/side/1", data=page)
    review = client.get(f"{home}/kontroll").get_data(as_text=True)
    fields = dict(re.findall(r'name="(rev|submission|owner|receipt|envelope_rev)" value="([^"]*)"', review))
    assert client.post(f"{home}/send", data=fields).status_code == 200
    return fields["receipt"]


def hits(marks: dict[str, list[str]], haystack: bytes) -> list[str]:
    """Which kinds of mark occur, also without the dashes of codes."""
    return [
        kind
        for kind, words in marks.items()
        if any(word.encode() in haystack or word.replace("-", "").encode() in haystack for word in words)
    ]


def test_nothing_is_written_about_respondents(
    both_settings: Settings,
    db: Engine,
    log: io.StringIO,
    visits: dict[str, list[str]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert hits(visits, log.getvalue().encode()) == []
    assert hits(visits, "".join(capfd.readouterr()).encode()) == []
    assert hits(visits, database_log(db).encode()) == []
    # the invitation's own address is the wave's frame, imported by the owner; nothing else may hold a token
    assert hits(visits, b"\n".join(w for w in database_strings(db) if b"@fjordvik.test" not in w)) == []
    for path in both_settings.instance.rglob("*"):
        if path.is_file() and not path.name.startswith("surveyor.sqlite"):
            assert hits(visits, path.read_bytes()) == [], path.name


def test_no_rows_but_envelopes_come_from_visits(db: Engine, visits: dict[str, list[str]]) -> None:
    assert len(visits["token"]) == N
    silent = ("audit_entry", "job", "outbox_mail", "account_session", "draft", "rate_count")
    counts = {table: count(db, table) for table in (*silent, "envelope")}
    assert counts == {**dict.fromkeys(silent, 0), "envelope": N}


def count(engine: Engine, table: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar()  # noqa: S608 -- names above


def test_a_careless_log_is_caught(engine: Engine, log: io.StringIO) -> None:
    """The control: an engine that shows parameters and a server that logs statements give the marker away."""
    marks = {"answer": ["HEMMELIG-KONTROLL-SVAR"]}
    careless = create_engine(engine.url, hide_parameters=False, echo=True)
    with pytest.raises(SQLAlchemyError), careless.begin() as connection:
        connection.execute(
            text("INSERT INTO free_text (id, body) VALUES (:m, :m)"), {"m": marks["answer"][0]}
        )
    careless.dispose()
    assert hits(marks, log.getvalue().encode()) == ["answer"]
