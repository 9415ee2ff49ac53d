"""Forms filled in sittings, by one or two people, and handed in."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyor.accounts.enums import Role
from surveyor.cases.enums import CaseState
from surveyor.cases.models import Deviation
from surveyor.config import Settings
from surveyor.instruments.services import freeze_version, import_instrument
from tests.case_rounds import CONTROLLER, make_round
from tests.case_visits import FIRST, ROOM, case_of, fill, hand_in, rev_on
from tests.factories import app_session, browser, post


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


PLACE_FORM = """
| survey | | | |
| | type | name | label |
| | geopoint | place | Hvor er det? |
"""


@pytest.fixture
def place_page(app: Flask, settings: Settings) -> str:
    with app_session(app) as session:
        version = import_instrument(
            session, file=PLACE_FORM.encode(), filename="place.md", code="place", actor=CONTROLLER
        )
        freeze_version(session, version=version, actor=CONTROLLER)
        _, found = make_round(session, settings, units=("B1",), title="Sted", version=version)
        return f"{ROOM}/skjema/{found['B1'].id}/side/page1"


def test_a_place_is_typed_and_only_its_page_may_ask_the_browser(
    leader: FlaskClient, cases: dict[str, str], place_page: str
) -> None:
    page = leader.get(place_page)
    assert "geolocation=(self)" in page.headers["Permissions-Policy"]
    assert "answering/geopoint.js" in page.text
    other = leader.get(f"{cases['B1']}/side/first")
    assert "geolocation=()" in other.headers["Permissions-Policy"]
    assert "geopoint.js" not in other.text
    half = {"shown": "place", "q-place": ["59,913", ""], "rev": "0", "to": "neste"}
    answer = post(leader, place_page, half)
    assert answer.status_code == 422
    assert "Skriv lengdegraden også" in answer.text
    assert 'value="59,913"' in answer.text
    whole = {**half, "q-place": ["59,913", "10,752"]}
    assert post(leader, place_page, whole).headers["Location"].endswith("/se-over")
    assert 'value="10,752"' in leader.get(place_page).text


def test_a_form_bears_its_own_name_once_it_is_handed_in(
    app: Flask, leader: FlaskClient, controller: FlaskClient, settings: Settings
) -> None:
    form = PLACE_FORM.replace("geopoint", "text") + (
        "| settings | |\n| | instance_name |\n| | concat('Befaring ', ${place}) |\n"
    )
    with app_session(app) as session:
        version = import_instrument(
            session, file=form.encode(), filename="named.md", code="named", actor=CONTROLLER
        )
        freeze_version(session, version=version, actor=CONTROLLER)
        round_, found = make_round(session, settings, units=("B1",), title="Navn", version=version)
        case, overview = f"{ROOM}/skjema/{found['B1'].id}", f"{ROOM}/utsending/{round_.id}"
    page = f"{case}/side/page1"
    post(leader, page, {"shown": "place", "q-place": "Haugen", "rev": "0", "to": "neste"})
    assert "Befaring Haugen" not in controller.get(overview).text
    post(leader, f"{case}/lever", {"rev": rev_on(leader.get(f"{case}/se-over"))})
    for client, url in ((controller, overview), (controller, case), (leader, ROOM + "/")):
        assert "Befaring Haugen" in client.get(url).text
