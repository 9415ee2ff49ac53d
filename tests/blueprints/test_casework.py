"""Forms in the browser: sent, filled in sittings, handed in, returned, approved; and who may see which."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.cases.enums import CaseState, DeviationState
from surveyor.cases.models import Action, Case, CaseRound, Deviation, Evidence
from surveyor.cases.queries import unit_names
from surveyor.config import Settings
from surveyor.installation import prepare_folder
from surveyor.instruments.models import InstrumentVersion
from surveyor.mail.models import OutboxMail
from surveyor.units.models import UnitVersion
from tests.case_rounds import BAD, file_case, make_round, make_version
from tests.factories import app_session, make_tree, post, sign_in_as

ROOM = "/internkontroll"
FIRST = {
    "shown": "routines routines_gap training",
    "q-routines": "no",
    "q-routines_gap": "Alt.",
    "q-training": "yes",
}


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


def version_of(session: Session) -> InstrumentVersion:
    return session.scalars(select(InstrumentVersion)).one()


def browser(app: Flask, role: Role, unit: str) -> FlaskClient:
    client = app.test_client()
    sign_in_as(client, role, unit)
    return client


@pytest.fixture
def leader(app: Flask) -> FlaskClient:
    return browser(app, Role.LEADER, "B1")


@pytest.fixture
def controller(app: Flask) -> FlaskClient:
    return browser(app, Role.CONTROLLER, "FK")


def case_of(session: Session, code: str = "B1") -> Case:
    names = unit_names(session)
    return next(case for case in session.scalars(select(Case)) if names[case.unit_id].code == code)


def rev_on(page: TestResponse) -> str:
    found = re.search(r'name="rev" value="(\d+)"', page.text)
    assert found
    return found[1]


def fill(leader: FlaskClient, case: str, **changes: str) -> TestResponse:
    """Fill both pages as the browser does; the answer to the last."""
    url = f"{case}/side/first"
    post(leader, url, {**FIRST, **changes, "rev": rev_on(leader.get(url)), "to": "neste"})
    url = f"{case}/side/second"
    data = {"shown": "mark trouble", "q-mark": "6", "rev": rev_on(leader.get(url)), "to": "neste"}
    return post(leader, url, data)


def hand_in(leader: FlaskClient, case: str, **changes: str) -> TestResponse:
    fill(leader, case, **changes)
    return post(leader, f"{case}/lever", {"rev": rev_on(leader.get(f"{case}/se-over"))})


def attach(client: FlaskClient, case: str, content: bytes, name: str) -> TestResponse:
    data = {"file": (BytesIO(content), name), "item": "routines"}
    return post(client, f"{case}/vedlegg", data, content_type="multipart/form-data")


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


def test_filled_in_two_sittings_reviewed_and_handed_in(
    app: Flask, leader: FlaskClient, cases: dict[str, str]
) -> None:
    url = f"{cases['B1']}/side/first"
    data = {"shown": "routines training", "q-routines": "yes", "rev": "0", "to": "senere"}
    assert post(leader, url, data).headers["Location"] == cases["B1"]
    assert "Fortsett å fylle ut" in leader.get(cases["B1"]).text
    assert re.search(r'value="yes" checked', leader.get(url).text)
    assert fill(leader, cases["B1"]).headers["Location"] == f"{cases['B1']}/se-over"
    assert "Svarene gir 1 avvik" in leader.get(f"{cases['B1']}/se-over").text
    assert hand_in(leader, cases["B1"]).headers["Location"] == cases["B1"]
    with app_session(app) as session:
        assert case_of(session).state is CaseState.SUBMITTED
        assert [d.description for d in session.scalars(select(Deviation))] == [
            "Finnes det rutiner? – Nei: Alt."
        ]
    assert leader.get(url).status_code == 409  # it is the controller's now


def test_going_on_needs_answers_and_keeps_what_was_written(
    leader: FlaskClient, cases: dict[str, str]
) -> None:
    url = f"{cases['B1']}/side/first"
    data = {"shown": "routines routines_gap training", "q-routines": "no", "rev": "0", "to": "neste"}
    answer = post(leader, url, data)
    assert answer.status_code == 422
    assert "Svar på «Får nye opplæring?»" in unescape(answer.text)
    assert re.search(r'value="no" checked', answer.text)


def test_a_new_question_is_shown_before_going_on(leader: FlaskClient, cases: dict[str, str]) -> None:
    url = f"{cases['B1']}/side/first"
    data = {"shown": "routines training", "q-routines": "no", "q-training": "yes", "rev": "0", "to": "neste"}
    assert post(leader, url, data).headers["Location"] == url
    assert "Hva mangler?" in leader.get(url).text


def test_the_second_editor_sees_both_and_loses_nothing(
    app: Flask, leader: FlaskClient, cases: dict[str, str]
) -> None:
    other, url = browser(app, Role.LEADER, "B1"), f"{cases['B1']}/side/first"
    rev = rev_on(leader.get(url))
    post(other, url, {**FIRST, "q-routines_gap": "Fra den andre", "rev": rev, "to": "senere"})
    mine = {**FIRST, "q-routines_gap": "Fra meg", "rev": rev, "to": "senere"}
    clash = post(leader, url, mine)
    assert clash.status_code == 409
    assert "Fra den andre" in clash.text
    assert 'name="q-routines_gap" value="Fra meg"' in clash.text
    assert post(leader, url, {**mine, "rev": rev_on(clash)}).status_code == 302
    with app_session(app) as session:
        assert case_of(session).answers["routines_gap"] == "Fra meg"


def test_a_review_that_is_old_is_shown_again(app: Flask, leader: FlaskClient, cases: dict[str, str]) -> None:
    fill(leader, cases["B1"])
    assert post(leader, f"{cases['B1']}/lever", {"rev": "1"}).status_code == 409
    assert post(leader, f"{cases['B1']}/lever", {}).status_code == 409
    with app_session(app) as session:
        assert case_of(session).state is CaseState.DRAFT


def test_an_unfinished_form_lists_what_is_missing(leader: FlaskClient, cases: dict[str, str]) -> None:
    url = f"{cases['B1']}/side/first"
    post(leader, url, {"shown": "routines training", "q-routines": "yes", "rev": "0", "to": "senere"})
    answer = post(leader, f"{cases['B1']}/lever", {"rev": "1"})
    assert answer.status_code == 422
    assert "Svar på «Får nye opplæring?»" in unescape(answer.text)


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


def test_others_see_a_draft_only_once_it_is_handed_in(
    leader: FlaskClient, controller: FlaskClient, cases: dict[str, str]
) -> None:
    fill(leader, cases["B1"], **{"q-routines_gap": "Bare et utkast"})
    assert "Bare et utkast" in leader.get(cases["B1"]).text
    assert "Bare et utkast" not in controller.get(cases["B1"]).text
    hand_in(leader, cases["B1"])
    assert "Finnes det rutiner?" in controller.get(cases["B1"]).text


def test_a_leader_never_meets_another_units_case(
    app: Flask, leader: FlaskClient, cases: dict[str, str]
) -> None:
    other = browser(app, Role.LEADER, "B2")
    attach(other, cases["B2"], b"%PDF-1.4", "a.pdf")
    hand_in(other, cases["B2"])
    with app_session(app) as session:
        deviation = session.scalars(select(Deviation.id)).one()
        file = session.scalars(select(Evidence.id)).one()
    assert other.get(f"{cases['B2']}/vedlegg/{file}").status_code == 200
    page = "/side/first"
    for url in (
        cases["B2"],
        cases["B2"] + page,
        f"{cases['B2']}/vedlegg/{file}",
        f"{ROOM}/avvik/{deviation}",
    ):
        assert leader.get(url).status_code == 404
    for url in (
        cases["B2"] + page,
        f"{cases['B2']}/lever",
        f"{cases['B2']}/vedlegg",
        f"{ROOM}/avvik/{deviation}/tiltak",
    ):
        assert post(leader, url, {}).status_code == 404
    assert leader.get(f"{cases['B1']}/vedlegg/{file}").status_code == 404  # not through the own case either
    assert "Elvebakken" not in leader.get(ROOM + "/").text + leader.get(f"{ROOM}/avvik?state=alle").text


def test_the_two_sides_cannot_do_each_others_work(
    leader: FlaskClient, controller: FlaskClient, cases: dict[str, str]
) -> None:
    hand_in(leader, cases["B1"])
    for step in ("godkjenn", "send-tilbake"):
        assert post(leader, f"{cases['B1']}/{step}", {"comment": "x"}).status_code == 403
    for step in ("lever", "vedlegg", "side/first"):
        assert post(controller, f"{cases['B1']}/{step}", {}).status_code == 403


def test_a_director_reads_the_own_department_and_changes_nothing(app: Flask, cases: dict[str, str]) -> None:
    director = browser(app, Role.DIRECTOR, "OPP")
    assert director.get(cases["B1"]).status_code == 200
    assert director.get(cases["S1"]).status_code == 404
    page = director.get(ROOM + "/").text
    (round_url,) = set(re.findall(rf'href="({ROOM}/utsending/[^"]+)"', page))
    shown = director.get(round_url).text
    assert "Solbakken" in shown
    assert "Fjordgløtt" not in shown
    assert "Send påminnelse" not in shown
    for url in (f"{round_url}/paaminn", f"{cases['B1']}/godkjenn", f"{cases['B1']}/lever"):
        assert post(director, url, {}).status_code == 403


@pytest.mark.parametrize("role", [Role.HR, Role.READER, Role.SURVEY_ADMIN, Role.SCORECARD_OFFICE])
def test_other_roles_are_not_let_in(app: Flask, cases: dict[str, str], role: Role) -> None:
    client = browser(app, role, "FK")
    for url in (ROOM + "/", cases["B1"], f"{ROOM}/avvik", f"{ROOM}/send-ut"):
        assert client.get(url).status_code == 403


def test_a_case_stands_in_its_own_room_only(controller: FlaskClient, cases: dict[str, str]) -> None:
    assert controller.get(cases["B1"]).status_code == 200
    assert controller.get(cases["B1"].replace(ROOM, "/it-sikkerhet")).status_code == 404
    assert controller.get("/it-sikkerhet/").status_code == 200


def test_evidence_comes_back_as_a_download_that_can_run_nothing(
    leader: FlaskClient, controller: FlaskClient, cases: dict[str, str]
) -> None:
    assert attach(leader, cases["B1"], b"%PDF-1.4 rutine", "Rutine for n\u00f8kler.pdf").status_code == 302
    page = controller.get(cases["B1"]).text
    (url,) = re.findall(r'href="([^"]+/vedlegg/[^"]+)"', page)
    answer = controller.get(url)
    assert answer.data == b"%PDF-1.4 rutine"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert post(leader, f"{url}/fjern").status_code == 302
    assert controller.get(url).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ\x90\x00 program", "rutine.pdf", "ikke av typen pdf"),
        (b"MZ\x90\x00 program", "rutine.exe", "filtypen kan ikke legges ved"),
        (b"%PDF-" + bytes(10 * 2**20), "rutine.pdf", "Filen er for stor"),
        (b"", "", "Velg en fil"),
    ],
)
def test_bad_files_are_refused_in_words(
    app: Flask, leader: FlaskClient, cases: dict[str, str], content: bytes, name: str, words: str
) -> None:
    answer = attach(leader, cases["B1"], content, name)
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    with app_session(app) as session:
        assert session.scalars(select(Evidence)).all() == []


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


def test_a_unit_that_has_ended_is_seen_from_the_top_only(
    app: Flask, controller: FlaskClient, cases: dict[str, str]
) -> None:
    below = browser(app, Role.CONTROLLER, "OPP")
    assert below.get(cases["B1"]).status_code == 200
    with app_session(app) as session:
        unit = case_of(session, "B1").unit_id
        session.execute(update(UnitVersion).where(UnitVersion.unit_id == unit).values(valid_to=clock.today()))
    assert below.get(cases["B1"]).status_code == 404
    assert "Solbakken barnehage" in controller.get(cases["B1"]).text


def test_unknown_addresses_are_not_there(
    controller: FlaskClient, leader: FlaskClient, cases: dict[str, str]
) -> None:
    none = "00000000-0000-4000-8000-000000000000"
    for url in (
        f"{ROOM}/skjema/{none}",
        f"{ROOM}/utsending/{none}",
        f"{ROOM}/avvik/{none}",
        f"{ROOM}/tiltak/{none}",
    ):
        assert controller.get(url).status_code == 404
    assert leader.get(f"{cases['B1']}/side/nowhere").status_code == 404
