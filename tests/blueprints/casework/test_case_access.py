"""Who may see which case, and do what."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.cases.models import Deviation, Evidence
from surveyor.units.models import UnitVersion
from tests.case_visits import ROOM, attach, case_of, fill, hand_in
from tests.factories import app_session, browser, post


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


def test_a_case_stands_in_its_own_room_only(controller: FlaskClient, cases: dict[str, str]) -> None:
    assert controller.get(cases["B1"]).status_code == 200
    assert controller.get(cases["B1"].replace(ROOM, "/it-sikkerhet")).status_code == 404
    assert controller.get("/it-sikkerhet/").status_code == 200


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
