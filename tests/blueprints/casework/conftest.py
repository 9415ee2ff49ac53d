"""A small form sent to three units, with a leader and a controller signed in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyor.accounts.enums import Role
from surveyor.config import Settings
from surveyor.installation import prepare_folder
from tests.case_rounds import make_round, make_version
from tests.case_visits import ROOM, version_of
from tests.factories import app_session, browser, make_tree


@pytest.fixture
def app(app: Flask, settings: Settings) -> Flask:
    prepare_folder(settings.instance)
    with app_session(app) as session:
        make_tree(session)
        make_version(session)
    return app


@pytest.fixture
def cases(app: Flask, settings: Settings) -> dict[str, str]:
    """A round to both kindergartens and the nursing home: the addresses of the cases by unit."""
    with app_session(app) as session:
        _, found = make_round(session, settings, units=("B1", "B2", "S1"), version=version_of(session))
        return {code: f"{ROOM}/skjema/{case.id}" for code, case in found.items()}


@pytest.fixture
def leader(app: Flask) -> FlaskClient:
    return browser(app, Role.LEADER, "B1")


@pytest.fixture
def controller(app: Flask) -> FlaskClient:
    return browser(app, Role.CONTROLLER, "FK")
