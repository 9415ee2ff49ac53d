"""REL-13: every revision up and down with data; head is what the models say; what is frozen is guarded."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, inspect, text
from sqlalchemy.exc import IntegrityError

from surveyor import migrations
from surveyor.db import NAMING, make_engine
from surveyor.models import METADATA
from surveyor.triggers import GUARDS, are_triggers_current, create_triggers, drop_triggers
from tests import postgres
from tests.conftest import make_schema
from tests.rows import add_row, count_rows, fill_every_table, reflected
from tests.schemas import schema, triggers

REVISIONS = migrations.revisions()
STEPS = list(pairwise(["base", *REVISIONS]))
NEWEST = 3  # revisions that the quick run walks with data; those before never change any more
SQLITE_ONLY = {"ix_answer_set_counted"}


def fill_with_second_release(connection: Connection) -> dict[str, int]:
    """Every table, and a wave released twice with cells of both; the older schema has room for one."""
    fill_every_table(connection)
    tables = reflected(connection)
    first = connection.execute(tables.tables["release"].select()).mappings().first()
    assert first is not None
    again = add_row(connection, tables, "release", wave_id=first["wave_id"], number=first["number"] + 1)
    for name in ("release_cell", "weighted_cell", "response_cell", "moment_cell"):
        add_row(connection, tables, name, release_id=again["id"])
    return count_rows(connection, tables)


# What a database of each revision is filled with before the step up from it, and the step down to it.
BUILDERS = dict.fromkeys(REVISIONS, fill_every_table) | {"0007_second_releases": fill_with_second_release}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server = request.getfixturevalue("postgres_server")
    url = postgres.create_database(server)
    yield url
    postgres.drop_database(server, url)


def _is_here(connection: Connection) -> Callable[..., bool]:
    """Indexes of SQLite alone are no part of another database's schema."""
    return lambda _, name, *__: name not in SQLITE_ONLY or connection.dialect.name == "sqlite"


def connected(url: str) -> Connection:
    return make_engine(url).connect()


def test_head_is_what_the_models_say(url: str, request: pytest.FixtureRequest) -> None:
    migrations.upgrade(url)
    merged = MetaData(naming_convention=NAMING)
    for metadata in METADATA:
        for table in metadata.sorted_tables:
            table.to_metadata(merged)
    with connected(url) as connection:
        opts = {"compare_type": True, "include_object": _is_here(connection)}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, merged) == []
        made = schema(connection)
    with connected(request.getfixturevalue(f"{url.split('+')[0].split(':')[0]}_url")) as connection:
        assert made == schema(connection)  # names of constraints and words of CHECKs included
    merged.tables["job"].append_column(Column("added", Integer))  # negative control
    with connected(url) as connection:
        assert compare_metadata(MigrationContext.configure(connection), merged)


@pytest.mark.parametrize(
    "walked", [STEPS[-NEWEST:], pytest.param(STEPS, marks=pytest.mark.soak)], ids=["newest", "all"]
)
def test_each_revision_goes_up_and_down_with_data(
    url: str, walked: list[tuple[str, str]], subtests: pytest.Subtests
) -> None:
    """One walk to head: each step up, down and up again, with rows in every table."""
    above: dict[str, Any] = {}
    if (start := walked[0][0]) != "base":
        migrations.upgrade(url, start)
        with connected(url) as connection:
            above = schema(connection)
        _fill(url, start)
    for before, revision in walked:
        with subtests.test(revision):
            below = above
            migrations.upgrade(url, revision)
            with connected(url) as connection:
                above = schema(connection)
            _fill(url, revision)
            migrations.downgrade(url, before)
            with connected(url) as connection:
                assert schema(connection) == below
            migrations.upgrade(url, revision)
            _fill(url, revision)
            with connected(url) as connection:
                assert schema(connection) == above
                assert _guards_on(above, connection.dialect.name) <= triggers(connection)


def _guards_on(tables: dict[str, Any], dialect: str) -> set[str]:
    """The guards that a schema has the tables and columns for."""
    columns = {table: {column["name"] for column in found["columns"]} for table, found in tables.items()}
    guards = [one for one in GUARDS if dialect in one.dialects and one.table in tables]
    there = [one for one in guards if not one.beside or one.beside in tables]
    return {one.name for one in there if one.columns <= columns[one.table]}


def _fill(url: str, revision: str) -> None:
    with connected(url) as connection:
        filled = BUILDERS[revision](connection)
        connection.commit()
    assert filled
    assert min(filled.values()) >= 1


def test_upgrading_again_changes_nothing(url: str) -> None:
    migrations.upgrade(url)
    with connected(url) as connection:
        filled = fill_every_table(connection)
        connection.commit()
    migrations.upgrade(url)
    with connected(url) as connection:
        assert count_rows(connection, reflected(connection)) == filled
        assert migrations.current_revision(connection) == REVISIONS[-1]


def test_two_processes_may_upgrade_at_once(url: str) -> None:
    processes = [get_context("spawn").Process(target=migrations.upgrade, args=(url,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]


def test_base_is_empty(url: str) -> None:
    migrations.upgrade(url)
    migrations.downgrade(url, "base")
    with connected(url) as connection:
        assert schema(connection) == {}
        assert triggers(connection) == set()


# What the database refuses. A row as it is made, and a statement on it that must fail: (table, values, SQL).
REFUSED = [
    ("audit_entry", {}, "UPDATE audit_entry SET actor = 'x'"),
    ("audit_entry", {}, "DELETE FROM audit_entry"),
    ("case_revision", {}, "UPDATE case_revision SET made_by = 'x'"),
    ("case_revision", {}, "DELETE FROM case_revision"),
    ("case", {"signed": True}, 'UPDATE "case" SET rev = 9'),
    ("evidence", {"signed": True}, "UPDATE evidence SET sha256 = 'x'"),
    ("evidence", {"signed": True}, "DELETE FROM evidence"),
    ("release", {}, "UPDATE release SET manifest_sha256 = 'x'"),
    ("release", {}, "DELETE FROM release"),
    ("release_cell", {}, "UPDATE release_cell SET n = 3"),
    ("release_cell", {}, "DELETE FROM release_cell"),
    ("moment_cell", {}, "UPDATE moment_cell SET n = 3"),
    ("moment_cell", {}, "DELETE FROM moment_cell"),
    ("comment_release", {}, "UPDATE comment_release SET manifest_sha256 = 'x'"),
    ("comment_release", {}, "DELETE FROM comment_release"),
    ("released_comment", {}, "UPDATE released_comment SET body = 'x'"),
    ("released_comment", {}, "DELETE FROM released_comment"),
    ("released_theme", {}, "UPDATE released_theme SET n = 3"),
    ("released_theme", {}, "DELETE FROM released_theme"),
    ("wave", {"launched": True, "closed": True}, "UPDATE wave SET state = 'open'"),
    ("wave_key", {}, "UPDATE wave_key SET public_key = 'x'"),
    ("wave_key", {}, "DELETE FROM wave_key"),
    ("opening", {}, "UPDATE opening SET n = 99"),
    ("opening", {}, "DELETE FROM opening"),
    ("answer_set", {}, "UPDATE answer_set SET segment_code = 'x'"),
    ("wave", {"launched": True}, "UPDATE wave SET k_mean = 6"),
    ("wave", {"launched": True}, "UPDATE wave SET k_spread = 11"),
    ("wave", {"launched": True}, "UPDATE wave SET k_invited = 99"),
    ("wave", {"launched": True}, "UPDATE wave SET level = 'L9'"),
    ("wave", {"launched": True}, "UPDATE wave SET key_grace_days = 99"),
    ("wave", {"launched": True}, "UPDATE wave SET opens = '2020-01-01'"),
    ("wave", {"launched": True}, "UPDATE wave SET audience = 'citizen'"),
    ("wave", {"launched": True}, "UPDATE wave SET two_approvers = TRUE"),
    ("wave", {"launched": True}, "UPDATE wave SET launched_at = NULL"),
    ("wave", {"launched": True}, "UPDATE wave SET manifest_sha256 = 'x'"),
    ("wave", {"launched": True}, "DELETE FROM wave"),
    ("wave", {"two": True}, "UPDATE wave SET state = 'closing'"),
    ("opening_approval", {"two": True}, "UPDATE wave SET state = 'closing'"),
    ("opening_approval", {"closed": True}, "UPDATE opening_approval SET approved_at = '2026-01-01'"),
    ("opening_approval", {"closed": True}, "DELETE FROM opening_approval"),
    ("wave_unit", {"launched": True}, "UPDATE wave_unit SET code = 'x'"),
    ("wave_unit", {"launched": True}, "DELETE FROM wave_unit"),
    ("wave_segment", {"launched": True}, "UPDATE wave_segment SET code = 'x'"),
    ("wave_segment", {"launched": True}, "DELETE FROM wave_segment"),
    ("wave_design", {"launched": True}, "UPDATE wave_design SET n_population = 7"),
    ("wave_design", {"launched": True}, "DELETE FROM wave_design"),
    ("wave_thanks", {"launched": True}, "UPDATE wave_thanks SET wave_id = wave_id"),
    ("wave_thanks", {"launched": True}, "DELETE FROM wave_thanks"),
    ("weighted_cell", {}, "UPDATE weighted_cell SET unit = 'x'"),
    ("weighted_cell", {}, "DELETE FROM weighted_cell"),
    ("response_cell", {}, "UPDATE response_cell SET variable = 'x'"),
    ("response_cell", {}, "DELETE FROM response_cell"),
    ("instrument_version", {"frozen": True}, "UPDATE instrument_version SET sha256 = 'x'"),
    ("instrument_version", {"frozen": True}, "UPDATE instrument_version SET frozen_at = NULL"),
    ("instrument_version", {"frozen": True}, "DELETE FROM instrument_version"),
    ("scorecard_line", {"approved": True}, "UPDATE scorecard_line SET value = 3"),
    ("scorecard_line", {"approved": True}, "DELETE FROM scorecard_line"),
    ("scorecard_line", {"approved": True}, "UPDATE scorecard SET approved_by = 'x'"),
    ("scorecard_line", {"approved": True}, "DELETE FROM scorecard"),
]
ALLOWED = [
    ("wave", {"launched": True}, "UPDATE wave SET state = 'closing', closes = '2030-01-01'"),
    ("wave", {"launched": True}, "UPDATE wave SET outcome = 'too_few', closed_at = launched_at"),
    ("wave", {"launched": True}, "UPDATE wave SET retention_on = '2030-01-01'"),
    ("opening_approval", {}, "UPDATE wave SET state = 'closing'"),
    ("opening_approval", {"two": True}, "DELETE FROM opening_approval"),
    ("wave", {"launched": False}, "UPDATE wave SET k_mean = 6"),
    ("wave_key", {}, "UPDATE wave_key SET destroyed_on = '2030-01-01'"),
    ("answer_set", {}, "DELETE FROM answer_set"),
    ("wave_unit", {"launched": False}, "DELETE FROM wave_unit"),
    ("wave_design", {"launched": False}, "UPDATE wave_design SET n_population = 7"),
    ("wave", {"launched": False}, "DELETE FROM wave"),
    ("instrument_version", {"frozen": False}, "UPDATE instrument_version SET sha256 = 'x'"),
    ("scorecard_line", {"approved": False}, "UPDATE scorecard_line SET value = 3"),
    ("scorecard_line", {"approved": True}, "UPDATE scorecard SET state = 'replaced'"),
]
_MARKS = {
    "two": "UPDATE wave SET two_approvers = TRUE",
    "launched": "UPDATE wave SET launched_at = retention_on",
    "closed": "UPDATE wave SET state = 'closed'",
    "frozen": "UPDATE instrument_version SET frozen_at = created_at",
    "signed": "UPDATE \"case\" SET approved_at = '2026-01-01'",
    "approved": "UPDATE scorecard SET approved_at = '2026-01-01'",
}


def make_row(connection: Connection, tables: MetaData, table: str, marks: dict[str, bool]) -> None:
    add_row(connection, tables, table)
    for mark, is_set in marks.items():
        if is_set:
            assert connection.execute(text(_MARKS[mark])).rowcount == 1


def test_the_database_refuses_to_change_what_is_frozen(engine: Engine, subtests: pytest.Subtests) -> None:
    with engine.connect() as connection:
        tables = reflected(connection)
    for table, marks, statement in REFUSED:
        with subtests.test(statement), engine.connect() as connection:
            make_row(connection, tables, table, marks)
            assert "frozen: " in _refusal(connection, statement)
            drop_triggers(connection)  # negative control: only a CHECK or a foreign key may still refuse
            assert "frozen: " not in _refusal(connection, statement)


def _refusal(connection: Connection, statement: str) -> str:
    """What the database says against a statement that would change one row; nothing is "". All is undone."""
    savepoint = connection.begin_nested()
    try:
        assert connection.execute(text(statement)).rowcount == 1
    except IntegrityError as error:
        return str(error.orig)
    finally:
        savepoint.rollback()
    return ""


def test_what_may_change_still_changes(engine: Engine, subtests: pytest.Subtests) -> None:
    with engine.connect() as connection:
        tables = reflected(connection)
    for table, marks, statement in ALLOWED:
        with subtests.test(statement), engine.connect() as connection:
            make_row(connection, tables, table, marks)
            assert _refusal(connection, statement) == ""


@pytest.mark.parametrize(
    ("table", "parent", "mark"),
    [
        ("scorecard_line", "scorecard", "approved"),
        ("evidence", "case", "signed"),
        ("opening_approval", "wave", "closed"),
        ("wave_unit", "wave", "launched"),
        ("wave_segment", "wave", "launched"),
        ("wave_design", "wave", "launched"),
        ("wave_thanks", "wave", "launched"),
    ],
)
def test_what_is_frozen_gets_no_more_rows(engine: Engine, table: str, parent: str, mark: str) -> None:
    with engine.begin() as connection:
        tables = reflected(connection)
        make_row(connection, tables, table, {mark: True})
        owner = connection.execute(tables.tables[parent].select()).mappings().one()["id"]
    with engine.connect() as connection, pytest.raises(IntegrityError, match=f"frozen: INSERT {table}"):
        add_row(connection, tables, table, **{f"{parent}_id": owner})


REPLACED = [
    ("audit_entry", {}, "actor"), ("case_revision", {}, "made_by"), ("release", {}, "manifest_sha256"),
    ("release_cell", {}, "unit"), ("comment_release", {}, "manifest_sha256"),
    ("released_comment", {}, "body"), ("released_theme", {}, "unit"),
    ("weighted_cell", {}, "unit"), ("response_cell", {}, "variable"), ("moment_cell", {}, "unit"),
    ("wave", {"launched": True}, "manifest_sha256"), ("wave_key", {}, "kid"),
    ("opening", {}, "manifest_sha256"), ("instrument_version", {"frozen": True}, "sha256"),
    ("case", {"signed": True}, "state"), ("scorecard_line", {"approved": True}, "approved_by"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "marks", "column"), REPLACED, ids=[row[0] for row in REPLACED])
def test_replacing_is_no_way_round(sqlite_url: str, table: str, marks: dict[str, bool], column: str) -> None:
    """On SQLite, with a connection that knows nothing of our settings: a REPLACE asks no guard on DELETE."""
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        make_row(connection, reflected(connection), table, marks)
    engine.dispose()
    frozen = "scorecard" if table == "scorecard_line" else table
    with sqlite3.connect(engine.url.database or "") as stranger:
        stranger.execute("PRAGMA foreign_keys=OFF")
        names = [row[1] for row in stranger.execute(f'PRAGMA table_info("{frozen}")')]
        forged = ", ".join("'FORGED'" if name == column else f'"{name}"' for name in names)
        replace = f'INSERT OR REPLACE INTO "{frozen}" SELECT {forged} FROM "{frozen}"'  # noqa: S608
        guard = f"guard_{frozen}_replace"
        with pytest.raises(sqlite3.IntegrityError, match="frozen: INSERT"):
            stranger.execute(replace)
        stranger.execute(f"DROP TRIGGER {guard}")  # negative control: only a CHECK may still refuse
        with suppress(sqlite3.IntegrityError):
            stranger.execute(replace)
            assert stranger.execute(f'SELECT "{column}" FROM "{frozen}"').fetchone() == ("FORGED",)  # noqa: S608


def test_every_key_of_what_is_never_replaced_is_guarded(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        look = inspect(connection)
        for guard in (one for one in GUARDS if one.label == "replace"):
            keys = [look.get_pk_constraint(guard.table)["constrained_columns"]]
            keys += [unique["column_names"] for unique in look.get_unique_constraints(guard.table)]
            for key in keys:
                same = " AND ".join(f"held.{column} = NEW.{column}" for column in key)
                assert f"({same})" in guard.condition, guard.table
    engine.dispose()


def test_a_guard_switched_off_is_noticed(postgresql_url: str) -> None:
    with connected(postgresql_url) as connection:
        assert are_triggers_current(connection)
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER guard_audit_entry_delete"))
        assert not are_triggers_current(connection)
        connection.rollback()
        connection.execute(text("DROP TRIGGER guard_audit_entry_update ON audit_entry"))
        assert not are_triggers_current(connection)
        connection.rollback()


def test_every_guard_is_tried() -> None:
    words = [sql.replace('"', "").split() for *_, sql in REFUSED]
    tried = {(first, second if first == "UPDATE" else third) for first, second, third, *_ in words}
    assert {(g.event, g.table) for g in GUARDS if g.event != "INSERT"} == tried


def test_truncating_is_refused_too(postgresql_url: str) -> None:
    with connected(postgresql_url) as connection, pytest.raises(IntegrityError, match="frozen: "):
        connection.execute(text("TRUNCATE audit_entry"))


def test_guards_can_be_put_back(url: str) -> None:
    make_schema(url)
    with connected(url) as connection:
        before = triggers(connection)
        assert are_triggers_current(connection)
        drop_triggers(connection)
        assert triggers(connection) == set()
        assert not are_triggers_current(connection)
        create_triggers(connection)
        assert triggers(connection) == before
