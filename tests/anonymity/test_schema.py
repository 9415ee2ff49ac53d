"""ANON-4: tables of answers cannot be joined to people, carry no instant and no sequence."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    create_engine,
    inspect,
)

from surveyor.db import AnonymousBase, Base, Instant

PEOPLE = {"participation", "sample_member", "account"}


def faults(metadata: MetaData) -> Iterator[str]:
    """What in these tables could lead back to a person."""
    for table in metadata.tables.values():
        yield from (f"{table}: foreign key" for _ in table.foreign_keys)
        for column in table.columns:
            if isinstance(column.type, DateTime | Instant):
                yield f"{column}: instant"
            if column.unique or any(index.unique and column.name in index.columns for index in table.indexes):
                yield f"{column}: unique"
            if column.server_default is not None or column.identity is not None:
                yield f"{column}: made by the database"
        keys = list(table.primary_key.columns)
        if len(keys) == 1 and not isinstance(keys[0].type, Uuid):
            yield f"{table}: key is not a UUID"
        if len(keys) == 1 and keys[0].name == "id" and getattr(keys[0].default, "arg", None) is None:
            yield f"{table}: key is not made by the application"


def database_faults(connection: Connection, tables: set[str]) -> Iterator[str]:
    """The same seen from the database itself."""
    found = inspect(connection)
    for table in tables:
        yield from (f"{table}: foreign key" for _ in found.get_foreign_keys(table))
        yield from (f"{table}: unique" for _ in found.get_unique_constraints(table))
        for column in found.get_columns(table):
            if isinstance(column["type"], DateTime):
                yield f"{table}.{column['name']}: instant"
            if column.get("identity") or column.get("default"):
                yield f"{table}.{column['name']}: made by the database"


def test_tables_of_answers_have_nothing_that_leads_back() -> None:
    assert AnonymousBase.metadata.info["anonymous"]
    assert {"envelope", "draft", "answer_set", "free_text"} <= set(AnonymousBase.metadata.tables)
    assert not PEOPLE & set(AnonymousBase.metadata.tables)
    assert list(faults(AnonymousBase.metadata)) == []


def test_the_database_agrees(engine: Engine) -> None:
    with engine.connect() as connection:
        assert list(database_faults(connection, set(AnonymousBase.metadata.tables))) == []


def test_keys_of_answers_are_random() -> None:
    made = AnonymousBase.metadata.tables["answer_set"].c.id.default
    assert made is not None
    assert made.arg(None).version == 4  # type: ignore[attr-defined]


def test_people_know_nothing_of_having_answered() -> None:
    columns = set(Base.metadata.tables["participation"].columns.keys())
    assert columns == {
        "id", "wave_id", "sample_member_id", "segment_code", "credential", "credential_hash", "token_sealed",
    }  # fmt: skip


@pytest.fixture
def naive() -> MetaData:
    metadata = MetaData()
    Table("person", metadata, Column("id", Integer, primary_key=True))
    Table(
        "answer",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("person_id", ForeignKey("person.id")),
        Column("at", DateTime),
        Column("code", String, unique=True),
    )
    return metadata


def test_a_naive_schema_is_caught(naive: MetaData) -> None:
    found = "\n".join(faults(naive))
    for fault in ("foreign key", "instant", "unique", "not a UUID"):
        assert fault in found
    engine = create_engine("sqlite://")
    naive.create_all(engine)
    with engine.connect() as connection:
        seen = "\n".join(database_faults(connection, {"answer"}))
    for fault in ("foreign key", "instant", "unique"):
        assert fault in seen
