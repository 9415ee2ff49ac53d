"""Waves in the browser: from plan to closing, told plainly, seen only by those they concern."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.campaigns.enums import Audience, WaveOutcome, WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import closing_job, wave_by_code
from surveyor.config import Settings
from surveyor.fieldwork.asking import refresh_rates
from surveyor.jobs.enums import JobState
from tests.factories import app_session, make_tree, make_version, post, sign_in_as
from tests.planned_waves import CODE, invite_people, make_mail_keys, make_planned_wave
from tests.waves import employee_questionnaire

TODAY = clock.today()
PLAN = {
    "code": "ny-2026", "audience": "employee", "instrument": "trivsel", "opens": TODAY.isoformat(),
    "closes": (TODAY + timedelta(days=14)).isoformat(), "k_mean": "5", "k_spread": "10",
}  # fmt: skip
PAGE = f"/undersokelser/{CODE}"


def planned(
    app: Flask,
    settings: Settings,
    role: Role = Role.SURVEY_ADMIN,
    unit: str = "FK",
    *,
    two_approvers: bool = False,
    **n: int,
) -> FlaskClient:
    """A browser of this role with a planned wave and people in its units."""
    with app_session(app) as session:
        wave = make_planned_wave(session, settings, two_approvers=two_approvers)
        if n:
            invite_people(session, settings, wave, **n)
    client = app.test_client()
    sign_in_as(client, role, unit)
    return client


def state(app: Flask, code: str = CODE) -> WaveState:
    with app_session(app) as session:
        return wave_by_code(session, code=code).state


@pytest.fixture
def admin(app: Flask, settings: Settings) -> FlaskClient:
    make_mail_keys(settings)
    with app_session(app) as session:
        make_tree(session)
        make_version(session, employee_questionnaire())
    client = app.test_client()
    sign_in_as(client, Role.SURVEY_ADMIN, "FK")
    return client


def test_from_nothing_to_a_planned_wave(admin: FlaskClient) -> None:
    assert "ingen målinger ennå" in admin.get("/undersokelser/").text
    assert "Trivsel på jobben" in admin.get("/undersokelser/ny").text
    answer = post(admin, "/undersokelser/ny", PLAN, follow_redirects=True)
    assert "Målingen er planlagt" in answer.text
    assert "ny-2026" in admin.get("/undersokelser/").text


def test_a_wrong_plan_is_told_at_its_fields(admin: FlaskClient) -> None:
    answer = post(admin, "/undersokelser/ny", {**PLAN, "k_mean": "3", "closes": "2020-01-01", "opens": "x"})
    assert answer.status_code == 422
    assert 'href="#opens"' in answer.text
    answer = post(admin, "/undersokelser/ny", {**PLAN, "k_mean": "3", "closes": "2020-01-01"})
    assert answer.status_code == 422
    assert 'href="#k_mean"' in answer.text
    assert "lavere enn 5" in answer.text
    assert "ny-2026" not in admin.get("/undersokelser/").text


def test_a_plan_is_kept_within_the_grant(app: Flask, admin: FlaskClient) -> None:
    client = app.test_client()
    sign_in_as(client, Role.SURVEY_ADMIN, "OPP")
    assert post(client, "/undersokelser/ny", {**PLAN, "units": "S1"}).status_code == 422
    assert post(client, "/undersokelser/ny", PLAN).status_code == 302
    with app_session(app) as session:
        assert wave_by_code(session, code="ny-2026").scope == ["OPP"]


def test_a_plan_can_be_changed_and_deleted(app: Flask, settings: Settings) -> None:
    client = planned(app, settings)
    assert 'value="10"' in client.get(f"{PAGE}/rediger").text
    plan = {**PLAN, "k_spread": "12", "units": ["B1", "B2"]}
    assert "Planen er lagret" in post(client, f"{PAGE}/rediger", plan, follow_redirects=True).text
    assert "Solbakken barnehage, Elvebakken barnehage" in client.get(PAGE).text
    assert post(client, f"{PAGE}/rediger", {**plan, "k_spread": "2"}).status_code == 422
    assert post(client, f"{PAGE}/slett").status_code == 302
    assert client.get(PAGE).status_code == 404


def test_the_check_lists_what_is_stored_together_and_the_launch_opens(app: Flask, settings: Settings) -> None:
    client = planned(app, settings, B1=6, B2=2, OPP=4)
    page = client.get(f"{PAGE}/kontroll").text
    assert "Elvebakken barnehage (B2)" in page
    assert "E-post er ikke satt opp" in page
    answer = post(client, f"{PAGE}/start", follow_redirects=True)
    assert "Målingen er startet. 12 er invitert." in answer.text
    assert state(app) is WaveState.OPEN
    assert client.get(f"{PAGE}/kontroll").status_code == 302
    assert post(client, f"{PAGE}/rediger", PLAN).status_code == 409


def test_a_launch_that_would_show_someone_is_refused_with_the_reason(app: Flask, settings: Settings) -> None:
    client = planned(app, settings, B1=2)
    page = client.get(f"{PAGE}/kontroll").text
    assert "kjennes igjen" in page
    assert "Start målingen</button>" not in page
    answer = post(client, f"{PAGE}/start")
    assert answer.status_code == 409
    assert "kjennes igjen" in answer.text
    assert state(app) is WaveState.PLANNED


def test_the_closing_date_moves_only_later(app: Flask, settings: Settings) -> None:
    client = planned(app, settings, B1=6)
    post(client, f"{PAGE}/start")
    later = TODAY + timedelta(days=30)
    assert post(client, f"{PAGE}/flytt-slutt", {"closes": later.isoformat()}).status_code == 302
    assert later.strftime("%d.%m.%Y") in client.get(PAGE).text
    answer = post(client, f"{PAGE}/flytt-slutt", {"closes": TODAY.isoformat()})
    assert answer.status_code == 422
    assert "senere dag" in answer.text


def test_closing_is_ordered_and_followed(app: Flask, settings: Settings) -> None:
    client = planned(app, settings, B1=6)
    assert post(client, f"{PAGE}/avslutt").status_code == 409
    post(client, f"{PAGE}/start")
    page = post(client, f"{PAGE}/avslutt", follow_redirects=True).text
    assert "<progress" in page
    assert "htmx" in page
    with app_session(app) as session:
        job = closing_job(session, wave=wave_by_code(session, code=CODE))
        assert job is not None
        job.state, job.last_error = JobState.DEAD, "feil"
    assert "Prøv igjen" in client.get(f"{PAGE}/avslutning").text
    for outcome, words in (
        (WaveOutcome.TOO_FEW, "For få svarte"),
        (WaveOutcome.RELEASED, "resultatene er klare"),
    ):
        with app_session(app) as session:
            session.execute(update(Wave).values(state=WaveState.CLOSED, outcome=outcome))
        page = client.get(f"{PAGE}/avslutning").text
        assert words in page
        assert "hx-get" not in page
        assert client.get(PAGE).status_code == 200


def test_two_agree_to_close(app: Flask, settings: Settings) -> None:
    first = planned(app, settings, two_approvers=True, B1=6)
    assert "to personer har godkjent det" in first.get(f"{PAGE}/kontroll").text
    post(first, f"{PAGE}/start")
    hr, leader = app.test_client(), app.test_client()
    sign_in_as(hr, Role.HR, "FK")
    sign_in_as(leader, Role.LEADER, "FK")
    assert "Ingen har godkjent ennå" in hr.get(PAGE).text
    assert post(first, f"{PAGE}/avslutt").status_code == 409
    assert post(leader, f"{PAGE}/godkjenn").status_code == 403
    assert "Nå må én til godkjenne" in post(first, f"{PAGE}/godkjenn", follow_redirects=True).text
    assert "Trekk godkjenningen" in first.get(PAGE).text
    assert "svarene i trivsel-2026 åpnes" in hr.get("/").text
    assert "svarene i trivsel-2026 åpnes" not in first.get("/").text
    assert "trukket" in post(first, f"{PAGE}/trekk-godkjenning", follow_redirects=True).text
    post(hr, f"{PAGE}/godkjenn")
    assert "To har godkjent" in post(first, f"{PAGE}/godkjenn", follow_redirects=True).text
    with app_session(app) as session:
        assert closing_job(session, wave=wave_by_code(session, code=CODE)) is not None


def test_rates_are_shown_in_coarse_steps(app: Flask, settings: Settings) -> None:
    client = planned(app, settings, B1=12, B2=12)
    post(client, f"{PAGE}/start")
    assert "neste hele time" in client.get(PAGE).text
    with app_session(app) as session:
        refresh_rates(session, wave=wave_by_code(session, code=CODE))
    assert 'id="svar-1-t"' in client.get(PAGE).text


def test_an_open_link_can_be_copied_and_scanned(app: Flask, settings: Settings) -> None:
    with app_session(app) as session:
        make_planned_wave(session, settings, audience=Audience.CITIZEN)
    client = app.test_client()
    sign_in_as(client, Role.SURVEY_ADMIN, "FK")
    page = client.get(PAGE).text
    assert f"{settings.base_url}/innbygger/aapen/{CODE}" in page
    assert "data:image/svg+xml;base64," in page


@pytest.mark.parametrize(
    ("role", "unit", "reads", "manages"),
    [
        (Role.SURVEY_ADMIN, "FK", 200, 200),
        (Role.SURVEY_ADMIN, "OPP", 404, 404),
        (Role.HR, "FK", 200, 403),
        (Role.HR, "HEL", 404, 403),
    ],
)
def test_who_sees_and_who_manages(
    app: Flask, settings: Settings, role: Role, unit: str, reads: int, manages: int
) -> None:
    client = planned(app, settings, role, unit)
    assert client.get(PAGE).status_code == reads
    assert client.get(f"{PAGE}/kontroll").status_code == manages
    assert client.get(f"{PAGE}/deltakere").status_code == manages
    assert (CODE in client.get("/undersokelser/").text) is (reads == 200)


def test_hr_sees_employees_only(app: Flask, settings: Settings) -> None:
    with app_session(app) as session:
        make_planned_wave(session, settings, audience=Audience.USER)
    client = app.test_client()
    sign_in_as(client, Role.HR, "FK")
    assert client.get(PAGE).status_code == 404


@pytest.mark.parametrize(
    "path", ["start", "avslutt", "slett", "flytt-slutt", "rediger", "brev", "paaminnelse"]
)
def test_a_stranger_changes_nothing(app: Flask, settings: Settings, path: str) -> None:
    client = planned(app, settings, Role.SURVEY_ADMIN, "HEL", B1=6)
    assert post(client, f"{PAGE}/{path}", PLAN).status_code == 404
    assert state(app) is WaveState.PLANNED


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_renders_in_every_language(app: Flask, settings: Settings, language: str) -> None:
    client = planned(app, settings, B1=6)
    for path in ("", "/rediger", "/kontroll", "/deltakere", "/avslutning"):
        page = client.get(f"{PAGE}{path}?lang={language}")
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.text


def test_a_title_is_not_silently_dropped_and_nothing_is_chosen_beforehand(admin: FlaskClient) -> None:
    assert '<option value="">Velg et spørreskjema' in admin.get("/undersokelser/ny").text
    assert post(admin, "/undersokelser/ny", PLAN).status_code == 302
    again = PLAN | {"code": "ny-2027", "title": "Et helt annet navn"}
    answer = post(admin, "/undersokelser/ny", again)
    assert answer.status_code == 422
    assert "har en tittel fra før" in answer.text
    assert post(admin, "/undersokelser/ny", again | {"survey": "ny", "code": "ny-2028"}).status_code == 302


def test_a_wave_with_too_few_answers_has_no_results_to_see(app: Flask, settings: Settings) -> None:
    client = planned(app, settings)
    with app_session(app) as session:
        session.execute(update(Wave).values(state=WaveState.CLOSED, outcome=WaveOutcome.TOO_FEW))
    page = client.get(PAGE).text
    assert "Ingen resultater" in page
    assert "Svarprosent så langt" not in page
