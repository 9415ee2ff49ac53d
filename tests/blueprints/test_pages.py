"""The front page tells each role what waits; the open pages open."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.campaigns.services import RETENTION
from surveyor.jobs.models import Job
from surveyor.jobs.queries import MAX_ATTEMPTS
from surveyor.jobs.services import enqueue
from surveyor.mail.enums import MailState
from surveyor.mail.models import OutboxMail
from surveyor.responses.tasks import DESTROY_KEYS
from tests.case_rounds import file_case, make_round
from tests.factories import app_session, browser, make_account, make_tree, make_version, sign_in
from tests.planned_waves import make_planned_wave
from tests.waves import employee_questionnaire


def front(app: Flask, role: Role, unit: str) -> str:
    client = browser(app, role, unit)
    response = client.get("/")
    assert response.status_code == 200
    return response.text


@pytest.fixture
def sent(app: Flask) -> Flask:
    """A form sent to two kindergartens; one has filed it."""
    with app_session(app) as session:
        make_tree(session)
        cases = make_round(session, app.extensions["surveyor.settings"], units=("B1", "B2"))[1]
        file_case(session, cases["B2"])
    return app


def test_the_signed_out_read_what_this_is_and_find_the_ways_in(app: Flask) -> None:
    page = app.test_client().get("/").text
    for address in ("/logg-inn", "/kode", "/personvern", "/tilgjengelighet", "/kontakt"):
        assert f'href="{address}"' in page


@pytest.mark.parametrize("url", ["/kode", "/personvern", "/tilgjengelighet", "/kontakt"])
def test_the_open_pages_open_in_every_language(app: Flask, url: str) -> None:
    for language in ("nb", "nn", "en"):
        page = app.test_client().get(f"{url}?lang={language}")
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.text


def test_a_leader_sees_the_own_form_with_its_deadline_and_the_own_card(sent: Flask) -> None:
    page = front(sent, Role.LEADER, "B1")
    assert "– Solbakken barnehage" in page
    assert "Elvebakken" not in page
    assert "Frist " in page
    assert "Styringskortet til Solbakken barnehage" in page


def test_a_late_form_is_urgent_for_leader_and_controller_only(sent: Flask) -> None:
    with clock.fixed_at(clock.now() + timedelta(days=400)):
        assert "Fristen var " in front(sent, Role.LEADER, "B1")
        assert "1 enhet er for sen" in front(sent, Role.CONTROLLER, "FK")
        assert "1 enhet er for sen" not in front(sent, Role.CONTROLLER, "HEL")


def test_a_controller_sees_what_waits_for_approval(sent: Flask) -> None:
    assert "1 skjema venter på godkjenning" in front(sent, Role.CONTROLLER, "FK")


def test_a_survey_administrator_sees_waves_to_start_of_the_own_units(app: Flask) -> None:
    with app_session(app) as session:
        wave = make_planned_wave(session, app.extensions["surveyor.settings"])
    assert f"Start målingen {wave.code}" in front(app, Role.SURVEY_ADMIN, "FK")
    assert f"Start målingen {wave.code}" not in front(app, Role.SURVEY_ADMIN, "B1")


def test_an_administrator_of_an_empty_house_is_shown_where_to_begin(app: Flask) -> None:
    client = app.test_client()
    with app_session(app) as session:
        units = make_tree(session, [("FK", "Fjordvik", "kommune", None)])
        account = make_account(session, Role.ADMIN, units["FK"])
    with clock.fixed_at(clock.now() - timedelta(days=9000)):  # before there were units
        sign_in(client, account)
        page = client.get("/").text
        assert ("Les inn enhetene" in page, "Lag brukere" in page) == (True, False)
    sign_in(client, account)
    page = client.get("/").text
    assert ("Les inn enhetene" in page, "Lag brukere" in page) == (True, True)
    with app_session(app) as session:
        make_account(session, Role.READER, units["FK"])
    page = client.get("/").text
    assert ("Les inn enhetene" in page, "Lag brukere" in page) == (True, False)


def test_an_administrator_hears_of_mails_given_up(app: Flask) -> None:
    with app_session(app) as session:
        make_tree(session)
        mail = {"key": "k", "kind": "invitation", "content": None, "send_after": clock.now()}
        session.add(
            OutboxMail(**mail, state=MailState.DEAD, n_attempts=9, lease_until=None, last_error="550")
        )
    assert "1 e-post kunne ikke sendes" in front(app, Role.ADMIN, "FK")


@pytest.mark.parametrize(
    ("kind", "says"),
    [(DESTROY_KEYS, "Nøkkelen til en måling er ikke slettet ennå"), (RETENTION, "er ikke slettet i tide")],
)
def test_an_administrator_hears_of_promises_that_cannot_be_kept(app: Flask, kind: str, says: str) -> None:
    with app_session(app) as session:
        make_tree(session)
        enqueue(session, kind=kind, key="k", payload={})
        session.scalars(select(Job)).one().n_attempts = MAX_ATTEMPTS - 1
    assert says not in front(app, Role.ADMIN, "FK")
    with app_session(app) as session:
        session.scalars(select(Job)).one().n_attempts = MAX_ATTEMPTS
    assert says in front(app, Role.ADMIN, "FK")


FIRST_STEPS = {
    Role.SURVEY_ADMIN: "Hent det første spørreskjemaet", Role.CONTROLLER: "Send ut skjema: Internkontroll",
    Role.SCORECARD_OFFICE: "Lag de første indikatorene", Role.LEADER: "Styringskortet til Fjordvik",
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_a_new_installation_leads_to_the_first_step_or_says_that_nothing_waits(
    app: Flask, role: Role
) -> None:
    with app_session(app) as session:
        make_account(session, Role.READER, make_tree(session)["FK"])
    assert FIRST_STEPS.get(role, "Ingenting venter på deg nå") in front(app, role, "FK")


def test_with_a_questionnaire_the_first_wave_is_planned(app: Flask) -> None:
    with app_session(app) as session:
        make_tree(session)
        make_version(session, employee_questionnaire())
    assert "Planlegg den første målingen" in front(app, Role.SURVEY_ADMIN, "FK")
