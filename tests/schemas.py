"""What a database says of its own tables and triggers."""

import json
from typing import Any

from sqlalchemy import Connection, inspect, text

from tests.rows import NOT_OURS


def schema(connection: Connection) -> dict[str, Any]:
    """Everything the database says about its tables, in an order of its own."""
    look = inspect(connection)
    kinds = ("columns", "pk_constraint", "foreign_keys", "unique_constraints", "check_constraints", "indexes")
    by_kind = {kind: getattr(look, f"get_multi_{kind}")() for kind in kinds}
    tables = sorted(name for name in look.get_table_names() if name not in NOT_OURS)
    return {t: {kind: _sorted(found[None, t]) for kind, found in by_kind.items()} for t in tables}


def _sorted(found: Any) -> Any:
    words = json.loads(json.dumps(found, default=str))
    return sorted(words, key=json.dumps) if isinstance(words, list) else words


def triggers(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        return set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    return set(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")))
