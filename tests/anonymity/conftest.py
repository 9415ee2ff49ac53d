"""The real app on both databases, with a wave of invited people."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from surveyor import clock, create_app
from surveyor.config import Settings
from tests import postgres
from tests.anonymity.installations import copied_app
from tests.anonymity.live_waves import Answered, MakeLive, follow


@pytest.fixture
def postgresql_url(postgres_server: str, postgresql_schema: str) -> Iterator[str]:
    """A new database: some of these tests read its files, where rows of other tests may still lie."""
    url = postgres.create_database(postgres_server, template=postgres.database_name(postgresql_schema))
    yield url
    postgres.drop_database(postgres_server, url)


@pytest.fixture
def both_settings(settings: Settings, database_url: str) -> Settings:
    """Settings on SQLite and on PostgreSQL."""
    return replace(settings, database_url=database_url)


@pytest.fixture
def both_app(both_settings: Settings) -> Iterator[Flask]:
    app = create_app(both_settings)
    app.testing = True
    yield app
    app.extensions["surveyor.engine"].dispose()


@pytest.fixture
def db(both_app: Flask) -> Engine:
    """The app's own engine."""
    found = both_app.extensions["surveyor.engine"]
    assert isinstance(found, Engine)
    return found


@pytest.fixture
def one_day() -> Iterator[None]:
    """Pages and files tell the day the figures were frozen: no midnight between two installations."""
    with clock.fixed_at(clock.now()):
        yield


@pytest.fixture
def make_live(settings: Settings, tmp_path: Path) -> Iterator[MakeLive]:
    """Makes installations of a live wave: their name, who has answered, whether what they say is mirrored."""
    apps: list[Flask] = []

    def made(name: str, answered: Answered, *, mirrored: bool = False) -> Flask:
        app, ours = copied_app(tmp_path / name, settings)
        apps.append(app)
        follow(app, ours, answered, mirrored=mirrored)
        return app

    yield made
    for app in apps:
        app.extensions["surveyor.engine"].dispose()
