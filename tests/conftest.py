"""Fixtures all tests share: real databases (SQLite and PostgreSQL), a session, an app on an instance."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import ClassVar
from zlib import crc32

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.routing import Map, Rule

from surveyor import create_app
from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, open_session
from surveyor.models import METADATA
from surveyor.triggers import create_triggers
from tests import postgres

hypothesis_settings.register_profile("house", deadline=None)  # how long one example takes is no test
hypothesis_settings.load_profile("house")

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class CompiledPages(BytecodeCache):
    """Page templates compiled once for all apps of a run, not once for each test."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], object] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


class KnownRule(Rule):
    """An address that is compiled once for all apps of a run: most of what making an app costs."""

    known: ClassVar[dict[tuple[str, ...], Rule]] = {}

    def bind(self, map: Map, rebind: bool = False) -> None:  # noqa: A002 -- werkzeug's name for it
        key = (self.rule, str(self.endpoint), str(self.methods), str(self.defaults), str(self.subdomain))
        if key in self.known:
            vars(self).update(vars(self.known[key]), map=map)
            return
        super().bind(map, rebind)
        self.known[key] = self


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Costly tests (`either`) run on one system or the other; the soak run tries each on both."""
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        system = params.get("database_url")
        if system and item.get_closest_marker("either"):
            name = item.nodeid.replace(system, "")
            if SYSTEMS[crc32(name.encode()) % 2] != system:
                item.add_marker(pytest.mark.soak)


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking for garbage in it again and again takes a sixth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


SYSTEMS = ["sqlite", "postgresql"]
MadeOnce = Callable[[str, Callable[[Path], None]], Path]
COMPILED = CompiledPages()
Flask.url_rule_class = KnownRule


def make_schema(url: str) -> None:
    """Every table of the house, with its guards; test_migrations holds the migrations to the same."""
    engine = make_engine(url)
    for metadata in METADATA:
        metadata.create_all(engine)
    with engine.begin() as connection:
        create_triggers(connection)
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.running_server() as url:
        yield url


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Databases with the schema, made at first use and copied for each test."""
    return {"folder": str(tmp_path_factory.mktemp("templates"))}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """A copy of a folder that the first worker of a run to need it has filled."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made_once(name: str, fill: Callable[[Path], None]) -> Path:
        with (shared / f"{name}.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            if not (shared / name).exists():
                being_filled = tmp_path_factory.mktemp(name)
                fill(being_filled)
                being_filled.rename(shared / name)
        copy = tmp_path_factory.mktemp(f"{name}-copy")
        return Path(shutil.copytree(shared / name, copy, dirs_exist_ok=True))

    return made_once


@pytest.fixture
def sqlite_url(templates: dict[str, str], tmp_path: Path) -> str:
    if "sqlite" not in templates:
        templates["sqlite"] = f"{templates['folder']}/template.sqlite"
        make_schema(f"sqlite:///{templates['sqlite']}")
    shutil.copy(templates["sqlite"], tmp_path / "surveyor.sqlite")
    return f"sqlite:///{tmp_path / 'surveyor.sqlite'}"


@pytest.fixture(scope="session")
def postgresql_schema(postgres_server: str) -> str:
    """A database with the schema."""
    url = postgres.create_database(postgres_server)
    make_schema(url)
    return url


@pytest.fixture
def postgresql_url(postgresql_schema: str) -> Iterator[str]:
    """The one database of these tests, left empty; making a new one takes a hundred times as long."""
    yield postgresql_schema
    postgres.empty_database(postgresql_schema, tables=[t for known in METADATA for t in known.tables])


@pytest.fixture(params=SYSTEMS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the schema, once on each of the two systems."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on both systems; what the test does not commit is rolled back."""
    with open_session(engine) as session:
        yield session


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    """Settings of a throw-away instance on SQLite, with secrets."""
    return load_settings(
        tmp_path, database_url=sqlite_url, secret_key="test-secret-key-of-more-than-32-bytes",
        code_pepper="test-pepper-of-more-than-32-bytes",
        municipality="Fjordvik kommune", key_grace_days=0,
    )  # fmt: skip


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = COMPILED
    yield app
    app.extensions["surveyor.engine"].dispose()


@pytest.fixture
def remember(
    app: Flask, templates: dict[str, str], tmp_path: Path
) -> Callable[[str, Callable[[], None]], None]:
    """Fill the app's database by a function at the first call of a name, by a copy of the file later on."""

    def remember(name: str, fill: Callable[[], None]) -> None:
        engine, database = app.extensions["surveyor.engine"], tmp_path / "surveyor.sqlite"
        if name in templates:
            engine.dispose()
            shutil.copy(templates[name], database)
            return
        fill()
        engine.dispose()  # the last connection brings everything into the one file
        kept = f"{templates['folder']}/{name}.sqlite"
        shutil.copy(database, kept)
        templates[name] = kept

    return remember
