"""Forms returned and approved; deviations followed until they are closed."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyor import clock
from surveyor.cases.enums import CaseState, DeviationState
from surveyor.cases.models import Action, Deviation
from tests.case_visits import ROOM, case_of, hand_in
from tests.factories import app_session, post


def test_returned_and_approved_by_the_controller(
    app: Flask, leader: FlaskClient, controller: FlaskClient, cases: dict[str, str]
) -> None:
    hand_in(leader, cases["B1"])
    assert post(controller, f"{cases['B1']}/send-tilbake", {"comment": ""}).status_code == 422
    post(controller, f"{cases['B1']}/send-tilbake", {"comment": "Skriv mer om rutinene."})
    page = leader.get(cases["B1"]).text
    assert "Skriv mer om rutinene." in page
    assert "Sendt tilbake" in page
    hand_in(leader, cases["B1"], **{"q-routines_gap": "Mer."})
    assert post(controller, f"{cases['B1']}/godkjenn", {"comment": ""}).status_code == 302
    assert post(controller, f"{cases['B1']}/godkjenn", {}).status_code == 409
    with app_session(app) as session:
        assert case_of(session).state is CaseState.APPROVED


def test_a_deviation_is_followed_until_it_is_closed(
    app: Flask, leader: FlaskClient, controller: FlaskClient, cases: dict[str, str]
) -> None:
    hand_in(leader, cases["B1"])
    (url,) = set(re.findall(rf'href="({ROOM}/avvik/[^"]+)"', leader.get(f"{ROOM}/avvik").text))
    assert post(leader, f"{url}/tiltak", {"what": "Skriv rutiner"}).status_code == 422
    action = {"what": "Skriv rutiner", "owner": "Kari", "due_on": clock.today().isoformat()}
    assert post(leader, f"{url}/tiltak", action).status_code == 302
    assert post(controller, f"{url}/lukk").status_code == 409
    with app_session(app) as session:
        action_url = f"{ROOM}/tiltak/{session.scalars(select(Action.id)).one()}"
    assert "Skriv rutiner" in controller.get(action_url).text
    assert post(controller, action_url, {**action, "owner": "Ola"}).status_code == 302
    assert post(leader, f"{action_url}/utfort").status_code == 302
    assert post(leader, f"{url}/lukk").status_code == 403
    assert post(controller, f"{url}/lukk").status_code == 302
    with app_session(app) as session:
        assert session.scalars(select(Deviation.state)).one() is DeviationState.CLOSED
    assert "Ingen avvik" in leader.get(f"{ROOM}/avvik").text
    assert "Ola" in leader.get(url).text
