"""The privacy forecast in the browser, before the launch."""

import pytest
from flask import Flask

from surveyor.accounts.enums import Role
from surveyor.config import Settings
from tests.factories import app_session, browser
from tests.planned_waves import CODE, invite_people, make_planned_wave

PAGE = f"/undersokelser/{CODE}/personvern/"


@pytest.fixture
def planned(app: Flask, settings: Settings) -> Flask:
    with app_session(app) as session:
        wave = make_planned_wave(session, settings)
        invite_people(session, settings, wave, B1=40, B2=6, S1=30)
    return app


def test_the_page_says_which_units_will_be_blank(planned: Flask) -> None:
    client = browser(planned, Role.SURVEY_ADMIN, "FK")
    page = client.get(PAGE).text
    assert 'value="70"' in page
    assert "Elvebakken barnehage" in page
    assert "Blir" in page
    assert "Spørsmål again" in page
    assert PAGE in client.get(f"/undersokelser/{CODE}/kontroll").text
    assert client.get(f"{PAGE}?rate=100").status_code == 200


@pytest.mark.parametrize("rate", ["0", "101", "x", ""])
def test_a_wrong_rate_is_told(planned: Flask, rate: str) -> None:
    client = browser(planned, Role.SURVEY_ADMIN, "FK")
    answer = client.get(f"{PAGE}?rate={rate}")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_those_who_plan_elsewhere_do_not_see_it(planned: Flask) -> None:
    assert browser(planned, Role.SURVEY_ADMIN, "HEL").get(PAGE).status_code == 404
