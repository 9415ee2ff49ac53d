"""Odd characters, far-off days, collisions and a full disk are told in words, on both databases."""

import errno
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints import access, request_scope, security, texts
from surveyor import clock, create_app
from surveyor.accounts.enums import Role
from surveyor.config import Settings
from tests.conftest import COMPILED
from tests.factories import app_session, browser, make_account, make_tree, post, sign_in_as

ADDRESSES = ("/undersokelser/a%00b", "/skjema/a%00b/1", "/enheter/%00", "/undersokelser/?sok=a%00b")


@pytest.fixture
def here(settings: Settings, database_url: str) -> Iterator[Flask]:
    """The application on either database, with a municipality."""
    app = create_app(replace(settings, database_url=database_url))
    app.testing, app.jinja_env.bytecode_cache = True, COMPILED
    with app_session(app) as session:
        make_tree(session)
    yield app
    app.extensions["surveyor.engine"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    with app_session(app) as session:
        make_tree(session)
    return app.test_client()


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_holds_a_nul(here: Flask, address: str) -> None:
    client = browser(here, Role.SURVEY_ADMIN, "FK")
    assert client.get(address).status_code == 400


def test_without_the_guard_postgresql_would_fail(here: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "_refuse_nul", lambda: None)
    client = browser(here, Role.SURVEY_ADMIN, "FK")
    is_sqlite = here.extensions["surveyor.engine"].dialect.name == "sqlite"
    assert client.get(ADDRESSES[0]).status_code == (404 if is_sqlite else 500)


def test_a_nul_in_a_field_is_passed_over(here: Flask) -> None:
    client = browser(here, Role.ADMIN, "FK")
    filled = {"name": "Kari\0 Nordmann", "email": "kari\0@fjordvik.no", "role": "reader", "unit": "FK"}
    assert post(client, "/brukere/ny", filled).status_code == 200
    assert "Kari Nordmann" in client.get("/brukere/").text
    assert "kari@fjordvik.no" in client.get("/brukere/").text


@pytest.mark.parametrize("field", ["from_on", "to_on"])
@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_days_without_a_day_before_or_after_are_refused(client: FlaskClient, field: str, day: str) -> None:
    sign_in_as(client, Role.ADMIN, "FK")
    told = client.get("/logg/", query_string={field: day})
    assert told.status_code == 422
    assert "Skriv et årstall fra 1900 til 2199." in told.text
    assert client.get("/logg/", query_string={field: clock.today().isoformat()}).status_code == 200


@pytest.mark.parametrize("state", ["", " ", "%C2%A0", "tull"])
def test_a_filter_without_a_choice_shows_open_deviations(client: FlaskClient, state: str) -> None:
    sign_in_as(client, Role.CONTROLLER, "FK")
    shown = client.get(f"/internkontroll/avvik?state={state}").text
    assert re.findall(r'<option value="(\w+)" selected', shown) == ["apne"]


@pytest.mark.parametrize("page", ["9" * 30, "-1", "0", "x"])
def test_a_page_that_no_database_can_number_is_passed_over(here: Flask, page: str) -> None:
    client = browser(here, Role.ADMIN, "FK")
    assert client.get(f"/brukere/?page={page}").status_code == 200
    assert client.get(f"/utboks/?side={page}").status_code == 200
    with here.test_request_context(f"/?page={page}"):
        assert 1 <= texts._page() <= texts.LAST_PAGE


def test_whoever_comes_second_to_what_there_is_one_of_is_told(here: Flask) -> None:
    """As when two administrators make the same account at once: the database lets one of them in."""
    app = here

    def make() -> str:
        make_account(request_scope.session(), email="kari@fjordvik.no")
        return "made"

    app.add_url_rule("/t/make", "t_make", access.public(make), methods=["POST"])
    assert post(app.test_client(), "/t/make").status_code == 200
    second = post(app.test_client(), "/t/make")
    assert second.status_code == 409
    assert "Noen andre gjorde det samme samtidig" in second.text


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 503), (errno.EROFS, 503), (errno.EISDIR, 500)])
def test_a_full_disk_is_worth_trying_again(client: FlaskClient, number: int, status: int) -> None:
    def attach() -> str:
        raise OSError(number, "no room")

    client.application.add_url_rule("/t/attach", "t_attach", access.public(attach), methods=["POST"])
    assert post(client, "/t/attach").status_code == status
