"""What the database itself refuses: changes to what is frozen or append-only, whoever asks."""

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

PREFIX = "guard_"
_WAVE_IS_LAUNCHED = "(SELECT launched_at FROM wave WHERE id = {row}.wave_id) IS NOT NULL"
_CARD_IS_APPROVED = "(SELECT approved_at FROM scorecard WHERE id = {row}.scorecard_id) IS NOT NULL"
_CASE_IS_APPROVED = '(SELECT approved_at FROM "case" WHERE id = {row}.case_id) IS NOT NULL'
_LAUNCHED_COLUMNS = (
    "code", "survey_id", "instrument_version_id", "audience", "opens", "k_mean", "k_spread", "k_invited",
    "level", "key_grace_days", "two_approvers", "open_link", "scope", "simulated", "launched_at",
    "launch_manifest", "manifest_sha256",
)  # fmt: skip
_WAVE_IS_CLOSING = "(SELECT state FROM wave WHERE id = {row}.wave_id) IN ('closing', 'closed')"
_UNAPPROVED = (
    "OLD.two_approvers AND OLD.state IN ('planned', 'open') AND NEW.state IN ('closing', 'closed')"
    " AND (SELECT count(*) FROM opening_approval WHERE wave_id = OLD.id) < 2"
)
_REOPENED = "(OLD.state IN ('closing', 'closed') AND NEW.state IN ('planned', 'open'))"
_APPROVED_COLUMNS = ("unit_id", "period", "version", "vision", "approved_at", "approved_by")


@dataclass(frozen=True)
class Guard:
    """One event on one table that is refused when the condition on OLD and NEW holds."""

    table: str
    event: str
    condition: str = "TRUE"
    label: str = ""
    dialects: tuple[str, ...] = ("sqlite", "postgresql")
    columns: frozenset[str] = frozenset()
    """Columns the condition reads that a former revision may not have."""
    beside: str = ""
    """Another table the condition reads that a former revision may not have."""

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.label or self.event.lower()}"

    @property
    def refusal(self) -> str:
        return f"frozen: {self.event} {self.table}"


def _changed(columns: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in columns) + ")"


def _frozen_always(table: str, *keys: str) -> tuple[Guard, ...]:
    return Guard(table, "UPDATE"), Guard(table, "DELETE"), _never_replaced(table, *keys)


def _never_replaced(table: str, *keys: str, condition: str = "TRUE") -> Guard:
    """SQLite's INSERT OR REPLACE deletes the old row without asking the guard on DELETE."""
    same = " OR ".join("(" + " AND ".join(f"held.{c} = NEW.{c}" for c in key.split()) + ")" for key in keys)
    held = f'EXISTS (SELECT 1 FROM "{table}" AS held WHERE ({same}) AND {condition})'  # noqa: S608 -- our own names
    columns = frozenset(column for key in keys for column in key.split())
    return Guard(table, "INSERT", held, label="replace", dialects=("sqlite",), columns=columns)


def _frozen_with(table: str, condition: str) -> tuple[Guard, ...]:
    """No row may come, change or go once the row it belongs to is frozen."""
    rows = {"INSERT": "NEW", "UPDATE": "OLD", "DELETE": "OLD"}
    return tuple(Guard(table, event, condition.format(row=row)) for event, row in rows.items())


GUARDS = (
    *_frozen_always("audit_entry", "id"),
    *_frozen_always("case_revision", "id", "case_id number"),
    Guard("case", "UPDATE", "OLD.approved_at IS NOT NULL"),
    _never_replaced("case", "id", "round_id unit_id", condition="held.approved_at IS NOT NULL"),
    *_frozen_with("evidence", _CASE_IS_APPROVED),
    *_frozen_always("release", "id", "wave_id number"),
    *_frozen_always("release_cell", "release_id position"),
    *_frozen_always("weighted_cell", "release_id position"),
    *_frozen_always("response_cell", "release_id position"),
    *_frozen_always("moment_cell", "release_id position"),
    *_frozen_always("comment_release", "id", "wave_id item"),
    *_frozen_always("released_comment", "id"),
    *_frozen_always("released_theme", "comment_release_id position"),
    Guard(
        "wave", "UPDATE", f"OLD.launched_at IS NOT NULL AND ({_changed(_LAUNCHED_COLUMNS)} OR {_REOPENED})"
    ),
    Guard("wave", "UPDATE", _UNAPPROVED, label="unapproved", beside="opening_approval"),
    Guard("wave", "DELETE", "OLD.launched_at IS NOT NULL"),
    _never_replaced("wave", "id", "code", condition="held.launched_at IS NOT NULL"),
    Guard("wave_key", "UPDATE", _changed(("wave_id", "kid", "public_key"))),
    Guard("wave_key", "DELETE"),
    _never_replaced("wave_key", "wave_id"),
    *_frozen_always("opening", "wave_id batch_no"),
    Guard("answer_set", "UPDATE"),
    *_frozen_with("opening_approval", _WAVE_IS_CLOSING),
    *_frozen_with("wave_unit", _WAVE_IS_LAUNCHED),
    *_frozen_with("wave_segment", _WAVE_IS_LAUNCHED),
    *_frozen_with("wave_design", _WAVE_IS_LAUNCHED),
    *_frozen_with("wave_thanks", _WAVE_IS_LAUNCHED),
    Guard("instrument_version", "UPDATE", "OLD.frozen_at IS NOT NULL"),
    Guard("instrument_version", "DELETE", "OLD.frozen_at IS NOT NULL"),
    _never_replaced(
        "instrument_version", "id", "instrument_id number", condition="held.frozen_at IS NOT NULL"
    ),
    Guard("scorecard", "UPDATE", f"OLD.approved_at IS NOT NULL AND {_changed(_APPROVED_COLUMNS)}"),
    Guard("scorecard", "DELETE", "OLD.approved_at IS NOT NULL"),
    _never_replaced("scorecard", "id", "unit_id period version", condition="held.approved_at IS NOT NULL"),
    *_frozen_with("scorecard_line", _CARD_IS_APPROVED),
)


def create_triggers(connection: Connection) -> None:
    """Put every guard on its table; tables the present revision does not have are passed over."""
    for guard in _fitting(connection):
        for statement in _statements(guard, connection.dialect.name):
            connection.execute(text(statement))


def _fitting(connection: Connection) -> list[Guard]:
    """The guards of this kind of database whose table and columns the present revision has."""
    look, dialect = inspect(connection), connection.dialect.name
    tables = set(look.get_table_names())
    guards = [guard for guard in GUARDS if guard.table in tables and dialect in guard.dialects]
    held = {guard.table: {column["name"] for column in look.get_columns(guard.table)} for guard in guards}
    return [g for g in guards if g.columns <= held[g.table] and (not g.beside or g.beside in tables)]


def drop_triggers(connection: Connection) -> None:
    """Take every guard away, those of former versions too; only migrations may, and they put them back."""
    drop = "DROP TRIGGER {}" if connection.dialect.name == "sqlite" else "DROP FUNCTION {}() CASCADE"
    for name in _present(connection):
        connection.execute(text(drop.format(name)))


def are_triggers_current(connection: Connection) -> bool:
    """Whether the database holds exactly these guards, word for word, and none is switched off."""
    words = _sqlite_words if connection.dialect.name == "sqlite" else _postgresql_body
    guards = {guard.name: words(guard) for guard in _fitting(connection)}
    return _present(connection) == _in_force(connection) == guards


def _present(connection: Connection) -> dict[str, str]:
    """Guards in the database and how they are written there."""
    if connection.dialect.name == "sqlite":
        return _found(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return _found(connection, "SELECT proname, prosrc FROM pg_proc")


def _in_force(connection: Connection) -> dict[str, str]:
    """Those that stand on a table and are not switched off; PostgreSQL can do without either."""
    if connection.dialect.name == "sqlite":
        return _present(connection)
    return _found(
        connection,
        "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
        " WHERE tgname = proname AND tgenabled IN ('O', 'A')",
    )


def _found(connection: Connection, question: str) -> dict[str, str]:
    rows = connection.execute(text(question))
    return {name: words for name, words in rows if name.startswith(PREFIX)}


def _statements(guard: Guard, dialect: str) -> list[str]:
    """Names are constants of this file, never input."""
    if dialect == "sqlite":
        return [_sqlite_words(guard)]
    run = f"EXECUTE FUNCTION {guard.name}()"
    statements = [
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $${_postgresql_body(guard)}$$",
        f'CREATE TRIGGER {guard.name} BEFORE {guard.event} ON "{guard.table}" FOR EACH ROW {run}',
    ]
    if guard.event == "DELETE":
        when = f'BEFORE TRUNCATE ON "{guard.table}" FOR EACH STATEMENT'
        statements.append(f"CREATE TRIGGER {guard.name}_truncate {when} {run}")
    return statements


def _sqlite_words(guard: Guard) -> str:
    condition = guard.condition.replace("IS DISTINCT FROM", "IS NOT")
    return (
        f'CREATE TRIGGER {guard.name} BEFORE {guard.event} ON "{guard.table}" WHEN {condition} '
        f"BEGIN SELECT RAISE(ABORT, '{guard.refusal}'); END"
    )


def _postgresql_body(guard: Guard) -> str:
    refuse = f"RAISE EXCEPTION '{guard.refusal}' USING ERRCODE = '23000';"
    row = "OLD" if guard.event == "DELETE" else "NEW"
    return (
        f" BEGIN IF TG_OP = 'TRUNCATE' THEN {refuse} END IF;"
        f" IF {guard.condition} THEN {refuse} END IF; RETURN {row}; END "
    )
