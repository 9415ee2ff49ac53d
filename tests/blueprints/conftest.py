"""Open waves with somebody who answers; apps with released waves, filled once and copied for each test."""

from collections.abc import Callable

import pytest
from flask import Flask

from surveyor.config import Settings
from tests.factories import app_session
from tests.reorganised import two_waves
from tests.respondent import Respondent, Window, make_citizen_wave
from tests.theme_waves import settle_themes
from tests.two_releases import freeze_both
from tests.waves import OpenWave, make_open_wave


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


@pytest.fixture
def reorganised(app: Flask, settings: Settings, remember: Callable[..., None]) -> Flask:
    """Two released waves of one survey with a reorganisation between them."""

    def fill() -> None:
        with app_session(app) as session:
            two_waves(session, settings)

    remember("a reorganisation", fill)
    return app


@pytest.fixture
def wave(app: Flask, settings: Settings) -> OpenWave:
    """An open wave of six people with a link each."""
    with app_session(app) as session:
        return make_open_wave(session, settings, invited={"B1": 6})


@pytest.fixture
def open_citizen_wave(app: Flask, settings: Settings) -> OpenWave:
    """An open wave with one link for everybody."""
    return make_citizen_wave(app, settings)


@pytest.fixture
def respondent(app: Flask, wave: OpenWave) -> Respondent:
    """The first of the wave's people, entered by the link."""
    return Respondent(app).enter(wave.people[0].token)


@pytest.fixture
def window(app: Flask, wave: OpenWave) -> Window:
    """The same person with the page's script."""
    return Window(app, wave.people[0].token)
