"""ANON-9: what respondents were promised cannot be changed after launch, whoever asks the database."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.triggers import create_triggers, drop_triggers
from tests.waves import make_open_wave

PROMISES = {
    "level": "'L1x'",
    "k_mean": "6",
    "k_spread": "11",
    "k_invited": "6",
    "key_grace_days": "5",
    "audience": "'citizen'",
    "scope": "'[1]'",
    "launch_manifest": "'{\"k\": 1}'",
    "manifest_sha256": "'other'",
    "launched_at": "NULL",
}


@pytest.fixture
def launched(engine: Engine, settings: Settings) -> Engine:
    with unit_of_work(engine) as session:
        make_open_wave(session, settings, invited={"B1": 5})
    return engine


@pytest.mark.parametrize("column", PROMISES)
def test_direct_sql_cannot_change_a_promise(launched: Engine, column: str) -> None:
    with pytest.raises(DBAPIError, match="frozen"), launched.begin() as connection:
        connection.execute(text(f"UPDATE wave SET {column} = {PROMISES[column]}"))  # noqa: S608 -- constants above


@pytest.mark.parametrize(
    "statement", ["DELETE FROM wave", "DELETE FROM wave_unit", "UPDATE wave_unit SET code = 'x'"]
)
def test_the_tree_and_the_wave_stay(launched: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError), launched.begin() as connection:
        connection.execute(text(statement))


def test_closing_is_still_possible(launched: Engine) -> None:
    with launched.begin() as connection:
        connection.execute(text("UPDATE wave SET state = 'closing'"))
    with launched.connect() as connection:
        assert connection.execute(text("SELECT state FROM wave")).scalar() == "closing"


def test_without_the_guard_it_would_pass(launched: Engine) -> None:
    """The control."""
    with launched.begin() as connection:
        drop_triggers(connection)
        connection.execute(text("UPDATE wave SET k_mean = 6"))
        create_triggers(connection)
    with launched.connect() as connection:
        assert connection.execute(text("SELECT k_mean FROM wave")).scalar() == 6
