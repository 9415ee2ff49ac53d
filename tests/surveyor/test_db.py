"""What every pooled connection promises, on both systems."""

from typing import cast
from uuid import uuid4

import pytest
from sqlalchemy import Engine, Table, bindparam, delete, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from surveyor.db import Prepared, insert_new, make_engine, open_reader, open_session
from surveyor.responses.models import Draft
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


def test_a_prepared_statement_reads_and_writes_what_sqlalchemy_does(engine: Engine) -> None:
    table = cast(Table, Draft.__table__)
    add, find = insert(table), select(*table.c).where(table.c.rev == bindparam("seen") + 1)
    with engine.begin() as connection:
        for rev in (1, 2):
            values = {"participation_id": uuid4(), "wave_id": uuid4(), "rev": rev, "sealed": b"\0\xff"}
            assert Prepared(add).first(connection, **values) is None
            plain = connection.execute(find, {"seen": rev - 1}).one()
            assert Prepared(find).first(connection, seen=rev - 1) == tuple(plain) == tuple(values.values())
        assert Prepared(find).first(connection, seen=9) is None


def test_a_prepared_statement_fails_as_sqlalchemy_does_and_tells_no_values(engine: Engine) -> None:
    table = cast(Table, Draft.__table__)
    values = {"participation_id": uuid4(), "wave_id": uuid4(), "rev": 1, "sealed": b"ola@nordmann.no"}
    with engine.begin() as connection:
        Prepared(insert(table)).first(connection, **values)
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        Prepared(insert(table)).first(connection, **values)
    assert "ola@nordmann.no" not in str(caught.value)
    assert caught.value.params is None


def test_a_prepared_statement_runs_for_each_row_or_not_at_all(engine: Engine) -> None:
    table = cast(Table, Draft.__table__)
    rows = [
        {"participation_id": uuid4(), "wave_id": uuid4(), "rev": rev, "sealed": b"\0\xff"} for rev in range(3)
    ]
    with engine.begin() as connection:
        Prepared(insert(table)).each(connection, [])
        Prepared(insert(table)).each(connection, rows)
    twice = [rows[0] | {"participation_id": uuid4()}, rows[1] | {"sealed": b"ola@nordmann.no"}]
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        Prepared(insert(table)).each(connection, twice)
    assert "ola@nordmann.no" not in str(caught.value)
    with engine.connect() as connection:
        assert [dict(row) for row in connection.execute(select(table).order_by("rev")).mappings()] == rows


def test_a_prepared_statement_writes_within_a_transaction_only(engine: Engine) -> None:
    remove = Prepared(delete(cast(Table, Draft.__table__)))
    with engine.connect() as connection, pytest.raises(AssertionError, match="no transaction"):
        remove.first(connection)
    with engine.connect() as connection, pytest.raises(AssertionError, match="no transaction"):
        remove.each(connection, [{}])
    with engine.begin() as connection:
        assert remove.first(connection) is None


def test_readers_wait_for_nobody_and_a_second_writer_is_told_to_come_back(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as impatient:
        impatient.exec_driver_sql("PRAGMA busy_timeout=10")
        impatient.commit()
        with engine.begin(), open_reader(engine) as reader, open_session(engine, read_only=True) as session:
            assert reader.exec_driver_sql("SELECT 1").scalar() == session.scalar(text("SELECT 1")) == 1
            with pytest.raises(OperationalError):
                impatient.begin()
    engine.dispose()
