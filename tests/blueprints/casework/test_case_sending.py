"""Forms sent to units, and reminders of those that are late."""

import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.cases.models import Case, CaseRound
from surveyor.config import Settings
from surveyor.mail.models import OutboxMail
from tests.case_rounds import BAD, file_case, make_round
from tests.case_visits import ROOM, version_of
from tests.factories import app_session, browser, post, sign_in_as


def test_a_controller_chooses_units_and_sends_with_mails(
    app: Flask, controller: FlaskClient, leader: FlaskClient
) -> None:
    page = controller.get(f"{ROOM}/send-ut?under=OPP&type=barnehage")
    assert "Solbakken barnehage (B1)" in page.text
    assert "Fjordgløtt sykehjem (S1) –" not in page.text
    version = re.search(r'<option value="([0-9a-f-]{36})"', page.text)
    assert version
    data = {
        "title": "Internkontroll 2026", "version": version[1], "period": "2026", "units": ["B1"],
        "deadline_on": clock.today().isoformat(), "under": "OPP", "type": "barnehage",
    }  # fmt: skip
    answer = post(controller, f"{ROOM}/send-ut", data)
    assert answer.status_code == 302
    assert "Solbakken barnehage" in controller.get(answer.headers["Location"]).text
    assert "Internkontroll 2026" in leader.get(ROOM + "/").text
    with app_session(app) as session:
        assert len(session.scalars(select(Case)).all()) == 1
        assert [mail.kind for mail in session.scalars(select(OutboxMail))] == ["case_sent"]


def test_a_bad_sending_says_everything_and_stores_nothing(app: Flask, controller: FlaskClient) -> None:
    answer = post(controller, f"{ROOM}/send-ut", {"title": "", "period": "mange", "deadline_on": ""})
    assert answer.status_code == 422
    for words in ("Gi utsendingen et navn.", "Velg et skjema.", "Velg en frist.", "Velg minst én enhet."):
        assert words in answer.text
    with app_session(app) as session:
        assert session.scalars(select(CaseRound)).all() == []


def test_a_controller_cannot_send_beyond_the_own_units(app: Flask) -> None:
    client = browser(app, Role.CONTROLLER, "OPP")
    page = client.get(f"{ROOM}/send-ut?type=*")
    assert "(B1)" in page.text
    assert "(S1)" not in page.text
    version = re.search(r'<option value="([0-9a-f-]{36})"', page.text)
    assert version
    data = {"title": "X", "version": version[1], "period": "2026", "deadline_on": clock.today().isoformat()}
    assert post(client, f"{ROOM}/send-ut", {**data, "units": ["S1"]}).status_code == 422


def test_late_is_said_in_words_and_reminders_are_queued(
    app: Flask, controller: FlaskClient, leader: FlaskClient, settings: Settings
) -> None:
    with app_session(app) as session:
        round_, found = make_round(session, settings, deadline_on=clock.today(), version=version_of(session))
        file_case(session, found["B2"], BAD)
        url = f"{ROOM}/utsending/{round_.id}"
    assert "Forsinket</span>" not in controller.get(url).text
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        for client in (controller, leader):
            sign_in_as(
                client,
                Role.CONTROLLER if client is controller else Role.LEADER,
                "FK" if client is controller else "B1",
            )
        page = controller.get(url).text
        assert page.count(" Forsinket</span>") == 1
        assert "Levert i tide" in page
        assert "Forsinket" in leader.get(ROOM + "/").text
        assert "påminnelse" in post(controller, f"{url}/paaminn", follow_redirects=True).text
