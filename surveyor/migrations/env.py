"""Run by Alembic: one connection, one transaction, both MetaData of the house as one."""

from typing import Literal

from alembic import context
from sqlalchemy import MetaData, types

from surveyor.db import NAMING, Instant
from surveyor.models import METADATA


def all_tables() -> MetaData:
    """Every table under one MetaData with the house's names for constraints."""
    merged = MetaData(naming_convention=NAMING)
    for metadata in METADATA:
        for table in metadata.sorted_tables:
            table.to_metadata(merged)
    return merged


def render_type(kind: str, value: object, _autogen: object) -> str | Literal[False]:
    """Our own types are written as what they are in the database: revisions import nothing of ours."""
    if kind == "type" and isinstance(value, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, types.JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables(),
    render_as_batch=True,
    render_item=render_type,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
