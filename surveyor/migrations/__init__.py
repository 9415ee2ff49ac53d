"""Migrations of the database: up, down, and where it stands. Triggers are made anew after each step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, OperationalError

from surveyor.config import database_path
from surveyor.db import make_engine, open_reader
from surveyor.errors import N_, Refused
from surveyor.triggers import are_triggers_current, create_triggers, drop_triggers

_LOCK = 7_263_541  # one migration at a time on PostgreSQL; on SQLite the write lock does it


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision; nothing is locked or written when it is there already."""
    refuse_unknown(url)
    if revision == "head" and _is_at_head(url):
        return
    with _migrating(url) as config:
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Take a database down to a revision; `base` leaves it empty."""
    with _migrating(url) as config:
        command.downgrade(config, revision)


def revisions() -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory.from_config(make_config())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def current_revision(connection: Connection) -> str | None:
    """Where a database stands; None before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def is_in_use(url: str) -> bool:
    """Whether a database has been migrated; one that is not there yet has not. Raises Refused."""
    if (file := database_path(url)) is not None and not file.exists():
        return False
    return _revision_at(url) is not None


def refuse_unknown(url: str) -> None:
    """Raise Refused for a database of a newer version, or a file that is no database."""
    if (found := _revision_at(url)) and found not in revisions():
        message = N_(
            "Databasen er laget av en nyere versjon av Surveyor (%(revision)s). Ingenting er endret."
        )
        raise Refused(message, revision=found)


def _revision_at(url: str) -> str | None:
    engine = make_engine(url)
    try:
        with open_reader(engine) as connection:
            return current_revision(connection)
    except OperationalError:  # not there, locked or away: the caller's to tell
        raise
    except DatabaseError as error:
        raise Refused(N_("Databasen kan ikke leses: %(error)s"), error=str(error.orig)) from error
    finally:
        engine.dispose()


def make_config(connection: Connection | None = None) -> Config:
    """Alembic's settings; they need no file of their own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["connection"] = connection
    return config


def _is_at_head(url: str) -> bool:
    engine = make_engine(url)
    try:
        with open_reader(engine) as connection:
            return current_revision(connection) == revisions()[-1] and are_triggers_current(connection)
    finally:
        engine.dispose()


@contextmanager
def _migrating(url: str) -> Iterator[Config]:
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_foreign_keys)
    try:
        with engine.begin() as connection:
            _lock(engine, connection)
            drop_triggers(connection)
            yield make_config(connection)
            _check_references(connection)
            create_triggers(connection)
    finally:
        engine.dispose()


def _without_foreign_keys(connection: DBAPIConnection, _record: object) -> None:
    """SQLite rebuilds a table to alter it and must not follow ON DELETE then; checked before COMMIT."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def _lock(engine: Engine, connection: Connection) -> None:
    if engine.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(
                f"the migration left rows without their parent in {sorted({row[0] for row in broken})}"
            )
