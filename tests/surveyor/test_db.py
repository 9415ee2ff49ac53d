"""What every pooled connection promises, on both systems."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from surveyor.db import insert_new, make_engine, open_session
from surveyor.units.models import OrgUnit

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
    "recursive_triggers": 1,
    "busy_timeout": 10000,
}
SETTINGS = {"fsync": "on", "synchronous_commit": "on", "data_checksums": "on", "full_page_writes": "on"}


def test_every_pooled_sqlite_connection_has_the_pragmas(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    pool = [engine.connect() for _ in range(5)]
    for connection in pool:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
        assert found == PRAGMAS
        connection.rollback()
    for connection in pool:
        connection.close()
    engine.dispose()


def test_postgresql_keeps_what_it_has_acknowledged(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with engine.connect() as connection:
        assert {name: connection.scalar(text(f"SHOW {name}")) for name in SETTINGS} == SETTINGS
    engine.dispose()


def test_parameters_are_never_in_error_messages(engine: Engine) -> None:
    with open_session(engine) as session:
        with pytest.raises(Exception, match="no_such_column") as caught:
            session.execute(
                text("SELECT no_such_column FROM org_unit WHERE code = :c"), {"c": "ola@nordmann.no"}
            )
        assert "ola@nordmann.no" not in str(caught.value)


def test_a_row_is_new_only_once(engine: Engine) -> None:

    with open_session(engine) as session:
        assert insert_new(session, OrgUnit, unique="code", id=uuid4(), code="A")
        assert not insert_new(session, OrgUnit, unique="code", id=uuid4(), code="A")
        assert insert_new(session, OrgUnit, unique="code", id=uuid4(), code="B")
