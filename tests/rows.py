"""One believable row of any table as it stands in a database, whatever the models say today."""

import re
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    func,
    inspect,
    literal,
    select,
    union_all,
)
from sqlalchemy.types import JSON

NOT_OURS = {"alembic_version"}
_numbers = count(100)


def reflected(connection: Connection) -> MetaData:
    """The tables that are in the database, each with the words its CHECKs allow."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name not in NOT_OURS)
    for (_, name), checks in inspect(connection).get_multi_check_constraints().items():
        if name in found.tables:
            found.tables[name].info["words"] = _words(checks)
    return found


def add_row(connection: Connection, tables: MetaData, table: str, **given: Any) -> dict[str, Any]:
    """Insert a row with the given values, the needed ones made up, parents included; returns it."""
    target = tables.tables[table]
    words = target.info["words"]
    row = dict(given)
    for column in target.columns:
        if column.name not in row and not column.nullable:
            row[column.name] = _parent(connection, tables, target, column) or _value(column, words)
    connection.execute(target.insert().values(row))
    return row


def fill_every_table(connection: Connection) -> dict[str, int]:
    """At least one row in every table, made where there is none; returns how many there are in each."""
    tables = reflected(connection)
    for table in tables.sorted_tables:
        if connection.execute(table.select().limit(1)).first() is None:
            add_row(connection, tables, table.name)
    return count_rows(connection, tables)


def count_rows(connection: Connection, tables: MetaData) -> dict[str, int]:
    counts = [select(literal(t.name), func.count()).select_from(t) for t in tables.tables.values()]
    return dict(connection.execute(union_all(*counts)).all())


def _parent(connection: Connection, tables: MetaData, table: Table, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        if key.column.table is not table:
            return add_row(connection, tables, key.column.table.name)[key.column.name]
    return None


def _words(checks: list[Any]) -> dict[str, str]:
    """The first allowed word of each column that a CHECK limits to a list."""
    found = {}
    for check in checks:
        if match := re.match(
            r"\(*(\w+)\)*(?:::\w+)* (?:IN \(|= (?:ANY )?\(*(?:ARRAY\[)?)\(*'([^']+)'", _plain(check)
        ):
            found[match[1]] = match[2]
    return found


def _plain(check: Any) -> str:
    return str(check["sqltext"]).replace("character varying", "text").replace('"', "")


def _value(column: Column[Any], words: dict[str, str]) -> Any:
    if column.name in words:
        return words[column.name]
    kinds: list[tuple[type, Any]] = [
        (Uuid, uuid4), (Boolean, lambda: False), (Integer, lambda: next(_numbers)), (Float, lambda: 0.5),
        (DateTime, lambda: datetime(2026, 11, 21, 12, tzinfo=UTC)), (Date, lambda: date(2026, 11, 21)),
        (JSON, dict), (LargeBinary, lambda: f"{next(_numbers)}".encode()),
    ]  # fmt: skip
    for kind, make in kinds:
        if isinstance(column.type, kind):
            return make()
    assert isinstance(column.type, String), column
    return uuid4().hex  # SQLite keeps a Uuid as 32 hexadecimal characters too
