"""Back-ups: the database as of one moment, the attached files, a manifest of hashes. Never keys or secrets.

Keys stay out so that a back-up taken before an opening can never be opened once the keys are destroyed.
"""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.engine import URL

from surveyor import clock
from surveyor.config import Settings
from surveyor.db import make_engine
from surveyor.errors import N_, InvalidInput, Problem, Refused
from surveyor.files import make_private_folder, replace
from surveyor.migrations import current_revision, revisions, upgrade

MANIFEST, SQLITE_COPY, POSTGRESQL_DUMP, EVIDENCE = (
    "manifest.json",
    "surveyor.sqlite",
    "surveyor.pgdump",
    "evidence",
)


@dataclass(frozen=True)
class Manifest:
    """What a back-up holds: rows of each table as of its moment, and the SHA-256 of each file."""

    taken_at: str
    database: str
    revision: str
    n_rows: dict[str, int]
    files: dict[str, str]


def take_backup(engine: Engine, settings: Settings, *, folder: Path) -> Manifest:
    """Copy database and attached files into a new folder; raises Refused when something is there already."""
    if folder.exists() and any(folder.iterdir()):
        raise Refused(N_("Mappen %(name)s er ikke tom. Velg en ny mappe."), name=str(folder))
    make_private_folder(folder)
    dialect = engine.dialect.name
    copy = _copy_sqlite if dialect == "sqlite" else _dump_postgresql
    revision, n_rows = copy(engine, folder)
    if (settings.instance / EVIDENCE).exists():
        shutil.copytree(settings.instance / EVIDENCE, folder / EVIDENCE)
    manifest = Manifest(clock.now().isoformat(), dialect, revision, n_rows, _hashes(folder))
    replace(folder / MANIFEST, json.dumps(asdict(manifest), indent=2).encode())
    return manifest


def check_backup(settings: Settings, *, folder: Path) -> Manifest:
    """Restore into a scratch database, compare with the manifest, bring it to the newest revision.

    Raises InvalidInput with everything that is wrong; the scratch database is gone afterwards.
    """
    manifest = _read_manifest(folder)
    problems = _changed_files(folder, manifest)
    if problems:
        raise InvalidInput(*problems)
    restored = _restored_sqlite if manifest.database == "sqlite" else _restored_postgresql
    with restored(settings, folder) as engine:
        with engine.connect() as connection:
            problems = [
                *_damage(connection),
                *_other_rows(connection, manifest),
                *_lost_files(connection, folder),
            ]
        if problems:
            raise InvalidInput(*problems)
        upgrade(engine.url.render_as_string(hide_password=False))
    return manifest


def _copy_sqlite(engine: Engine, folder: Path) -> tuple[str, dict[str, int]]:
    path = folder / SQLITE_COPY
    with (
        closing(sqlite3.connect(str(engine.url.database))) as source,
        closing(sqlite3.connect(path)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    path.chmod(0o600)
    with _engine_at(f"sqlite:///{path}") as copy, copy.connect() as connection:
        return _revision(connection), _count_rows(connection)


def _dump_postgresql(engine: Engine, folder: Path) -> tuple[str, dict[str, int]]:
    """Dump the very snapshot the rows are counted in."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run_postgresql("pg_dump", engine.url, "--format=custom", "--no-owner", f"--snapshot={snapshot}",
                        f"--file={folder / POSTGRESQL_DUMP}")  # fmt: skip
        (folder / POSTGRESQL_DUMP).chmod(0o600)
        return _revision(connection), _count_rows(connection)


@contextmanager
def _restored_sqlite(_settings: Settings, folder: Path) -> Iterator[Engine]:
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / SQLITE_COPY
        shutil.copyfile(folder / SQLITE_COPY, path)
        with _engine_at(f"sqlite:///{path}") as engine:
            yield engine


@contextmanager
def _restored_postgresql(settings: Settings, folder: Path) -> Iterator[Engine]:
    """A scratch database on the installation's own server."""
    server = make_engine(settings.database_url)
    url = server.url.set(database=f"restore_check_{uuid4().hex}")
    admin = create_engine(server.url, isolation_level="AUTOCOMMIT")
    server.dispose()
    try:
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{url.database}"'))
        _run_postgresql("pg_restore", url, "--no-owner", "--exit-on-error", str(folder / POSTGRESQL_DUMP))
        with _engine_at(url.render_as_string(hide_password=False)) as engine:
            yield engine
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))
        admin.dispose()


def _run_postgresql(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs; the password goes by the environment, never the command line."""
    found = shutil.which(program)
    if found is None:
        raise Refused(
            N_("Programmet %(name)s mangler. Installer postgresql-client på serveren."), name=program
        )
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(
        [found, f"--dbname={plain}", *arguments], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise Refused(N_("%(name)s feilet: %(error)s"), name=program, error=done.stderr.strip()[-500:])


@contextmanager
def _engine_at(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _revision(connection: Connection) -> str:
    return current_revision(connection) or ""


def _count_rows(connection: Connection) -> dict[str, int]:
    """Rows of every table; the names come from the database itself."""
    quote = connection.dialect.identifier_preparer.quote
    tables = sorted(inspect(connection).get_table_names())
    return {t: int(connection.scalar(text(f"SELECT count(*) FROM {quote(t)}")) or 0) for t in tables}  # noqa: S608 -- quoted


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {str(path.relative_to(folder)): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _read_manifest(folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(N_("Mappen %(name)s er ikke en sikkerhetskopi."), name=str(folder)) from error
    if manifest.revision not in revisions():
        raise InvalidInput(N_("Sikkerhetskopien er tatt med en nyere versjon av Surveyor."))
    return manifest


def _changed_files(folder: Path, manifest: Manifest) -> list[Problem]:
    now = _hashes(folder)
    lost = [Problem(N_("Filen %(name)s mangler."), {"name": n}) for n in manifest.files if n not in now]
    changed = [n for n, sha256 in now.items() if manifest.files.get(n) != sha256]
    return lost + [
        Problem(N_("Filen %(name)s er endret etter at kopien ble tatt."), {"name": n}) for n in changed
    ]


def _damage(connection: Connection) -> list[Problem]:
    if connection.dialect.name != "sqlite":
        return []  # pg_restore has checked every constraint
    found = [
        *connection.exec_driver_sql("PRAGMA integrity_check"),
        *connection.exec_driver_sql("PRAGMA foreign_key_check"),
    ]
    return [
        Problem(N_("Databasen er skadet: %(what)s"), {"what": str(row[0])}) for row in found if row[0] != "ok"
    ]


def _other_rows(connection: Connection, manifest: Manifest) -> list[Problem]:
    now: Mapping[str, int] = _count_rows(connection)
    return [
        Problem(
            N_("Tabellen %(name)s har %(now)s rader, ventet %(then)s."),
            {"name": t, "now": now.get(t, 0), "then": n},
        )
        for t, n in manifest.n_rows.items()
        if now.get(t) != n
    ]


def _lost_files(connection: Connection, folder: Path) -> list[Problem]:
    """Attached files that the database knows and the back-up does not hold."""
    names = connection.scalars(text("SELECT stored_name FROM evidence"))
    missing = [name for name in names if not (folder / EVIDENCE / name).exists()]
    return [Problem(N_("Vedlegget %(name)s mangler i sikkerhetskopien."), {"name": name}) for name in missing]
