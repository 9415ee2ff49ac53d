"""What the database itself refuses: changes to what is frozen or append-only, whoever asks."""

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

PREFIX = "guard_"
_WAVE_IS_LAUNCHED = "(SELECT launched_at FROM wave WHERE id = OLD.wave_id) IS NOT NULL"
_CARD_IS_APPROVED = "(SELECT approved_at FROM scorecard WHERE id = {row}.scorecard_id) IS NOT NULL"
_CASE_IS_APPROVED = '(SELECT approved_at FROM "case" WHERE id = {row}.case_id) IS NOT NULL'
_LAUNCHED_COLUMNS = (
    "code", "survey_id", "instrument_version_id", "audience", "opens", "k_mean", "k_spread", "k_invited",
    "level", "key_grace_days", "two_approvers", "open_link", "scope", "simulated", "launched_at",
    "launch_manifest", "manifest_sha256",
)  # fmt: skip
_APPROVED_COLUMNS = ("unit_id", "period", "version", "vision", "approved_at", "approved_by")


@dataclass(frozen=True)
class Guard:
    """One event on one table that is refused when the condition on OLD and NEW holds."""

    table: str
    event: str
    condition: str = "TRUE"

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.event.lower()}"


def _changed(columns: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in columns) + ")"


def _frozen_always(table: str) -> tuple[Guard, Guard]:
    return Guard(table, "UPDATE"), Guard(table, "DELETE")


GUARDS = (
    *_frozen_always("audit_entry"),
    *_frozen_always("case_revision"),
    Guard("case", "UPDATE", "OLD.approved_at IS NOT NULL"),
    Guard("evidence", "INSERT", _CASE_IS_APPROVED.format(row="NEW")),
    Guard("evidence", "UPDATE", _CASE_IS_APPROVED.format(row="OLD")),
    Guard("evidence", "DELETE", _CASE_IS_APPROVED.format(row="OLD")),
    *_frozen_always("release"),
    *_frozen_always("release_cell"),
    Guard("wave", "UPDATE", f"OLD.launched_at IS NOT NULL AND {_changed(_LAUNCHED_COLUMNS)}"),
    Guard("wave", "DELETE", "OLD.launched_at IS NOT NULL"),
    Guard("wave_unit", "UPDATE", _WAVE_IS_LAUNCHED),
    Guard("wave_unit", "DELETE", _WAVE_IS_LAUNCHED),
    Guard("wave_segment", "UPDATE", _WAVE_IS_LAUNCHED),
    Guard("wave_segment", "DELETE", _WAVE_IS_LAUNCHED),
    Guard("instrument_version", "UPDATE", "OLD.frozen_at IS NOT NULL"),
    Guard("instrument_version", "DELETE", "OLD.frozen_at IS NOT NULL"),
    Guard("scorecard", "UPDATE", f"OLD.approved_at IS NOT NULL AND {_changed(_APPROVED_COLUMNS)}"),
    Guard("scorecard", "DELETE", "OLD.approved_at IS NOT NULL"),
    Guard("scorecard_line", "INSERT", _CARD_IS_APPROVED.format(row="NEW")),
    Guard("scorecard_line", "UPDATE", _CARD_IS_APPROVED.format(row="OLD")),
    Guard("scorecard_line", "DELETE", _CARD_IS_APPROVED.format(row="OLD")),
)


def create_triggers(connection: Connection) -> None:
    """Put every guard on its table; tables the present revision does not have are passed over."""
    tables = set(inspect(connection).get_table_names())
    for guard in GUARDS:
        if guard.table in tables:
            for statement in _statements(guard, connection.dialect.name):
                connection.execute(text(statement))


def drop_triggers(connection: Connection) -> None:
    """Take every guard away: only migrations may, and they put them back in the same transaction."""
    tables = set(inspect(connection).get_table_names())
    for guard in GUARDS:
        if connection.dialect.name == "sqlite":
            connection.execute(text(f"DROP TRIGGER IF EXISTS {guard.name}"))
        elif guard.table in tables:
            connection.execute(text(f'DROP TRIGGER IF EXISTS {guard.name} ON "{guard.table}"'))
            connection.execute(text(f'DROP TRIGGER IF EXISTS {guard.name}_truncate ON "{guard.table}"'))
            connection.execute(text(f"DROP FUNCTION IF EXISTS {guard.name}()"))


def _statements(guard: Guard, dialect: str) -> list[str]:
    """Names are constants of this file, never input."""
    refusal = f"frozen: {guard.event} {guard.table}"
    if dialect == "sqlite":
        condition = guard.condition.replace("IS DISTINCT FROM", "IS NOT")
        return [
            f'CREATE TRIGGER {guard.name} BEFORE {guard.event} ON "{guard.table}" WHEN {condition} '
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        ]
    row = "OLD" if guard.event == "DELETE" else "NEW"
    function = (
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'TRUNCATE' THEN RAISE EXCEPTION '{refusal}' USING ERRCODE = '23000'; END IF; "
        f"IF {guard.condition} THEN RAISE EXCEPTION '{refusal}' USING ERRCODE = '23000'; END IF; "
        f"RETURN {row}; END $$"
    )
    trigger = f'BEFORE {guard.event} ON "{guard.table}" FOR EACH ROW EXECUTE FUNCTION {guard.name}()'
    statements = [function, f"CREATE TRIGGER {guard.name} {trigger}"]
    if guard.event == "DELETE":
        truncate = f'BEFORE TRUNCATE ON "{guard.table}" FOR EACH STATEMENT EXECUTE FUNCTION {guard.name}()'
        statements.append(f"CREATE TRIGGER {guard.name}_truncate {truncate}")
    return statements
