"""Apps with released waves, filled once and copied for each test."""

from collections.abc import Callable

import pytest
from flask import Flask

from surveyor.config import Settings
from tests.factories import app_session
from tests.theme_waves import settle_themes
from tests.two_releases import freeze_both


@pytest.fixture
def settled(app: Flask, settings: Settings, remember: Callable[..., None]) -> Flask:
    """Two released waves of one survey, of real answers."""

    def fill() -> None:
        with app_session(app) as session:
            freeze_both(session, settings)

    remember("two releases", fill)
    return app


@pytest.fixture
def themed(app: Flask, settings: Settings, remember: Callable[..., None]) -> Flask:
    """Two released waves with a strong theme and a weak one, and their indicators."""

    def fill() -> None:
        with app_session(app) as session:
            settle_themes(session, settings)

    remember("a weak theme and a strong one", fill)
    return app
