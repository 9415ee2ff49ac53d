"""Scorecards in the browser: what each role sees, approval, comparison, templates."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.config import Settings
from surveyor.indicators.services import publish_wave
from surveyor.scorecards.models import CardTemplate, TemplateLine
from surveyor.scorecards.queries import unit_cards
from surveyor.units.services import split_unit
from tests.card_data import OFFICE, make_indicator, make_score, record_value, release_wave
from tests.factories import app_session, browser, make_tree, post

YEAR = clock.today().year


@pytest.fixture
def app(app: Flask) -> Flask:
    """Two kindergartens and a nursing home with one figure each, and the department above the two."""
    with app_session(app) as session:
        make_tree(session)
        make_indicator(session)
        for unit, value in (("B1", 8.25), ("B2", 6.25), ("S1", 12.25), ("OPP", 7.75)):
            record_value(session, value, unit=unit, period=YEAR)
    return app


def card_url(unit: str, period: int = YEAR) -> str:
    return f"/styringskort/kort/{unit}/{period}"


def fingerprint(page: str) -> str:
    found = re.search(r'name="fingerprint" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def approve(director: FlaskClient, unit: str = "B1") -> int:
    seen = fingerprint(director.get(card_url(unit)).text)
    return post(director, f"{card_url(unit)}/godkjenn", {"fingerprint": seen}).status_code


def state(app: Flask, unit: str = "B1") -> bool:
    with app_session(app) as session:
        return unit_cards(session, unit_code=unit, period=YEAR).approved is not None


def test_a_leader_sees_the_draft_of_the_own_unit_and_approved_cards_of_others(app: Flask) -> None:
    leader, director = browser(app, Role.LEADER, "B1"), browser(app, Role.DIRECTOR, "OPP")
    page = leader.get(card_url("B1")).text
    assert "8,3" in page
    assert "Utkast" in page
    assert "Følg med" in page
    assert "Godkjenn kortet" not in page
    other = leader.get(card_url("B2"))
    assert other.status_code == 200
    assert "6,3" not in other.text
    assert "ikke godkjent ennå" in other.text
    assert approve(director, "B2") == 302
    assert "6,3" in leader.get(card_url("B2")).text


def test_readers_see_approved_cards_of_their_grant_only(app: Flask) -> None:
    reader, director = browser(app, Role.READER, "OPP"), browser(app, Role.DIRECTOR, "FK")
    assert "8,3" not in reader.get(card_url("B1")).text
    assert "Ikke godkjent ennå" in reader.get("/styringskort/").text
    assert reader.get(card_url("S1")).status_code == 404
    approve(director, "B1")
    approved = reader.get(card_url("B1")).text
    assert "8,3" in approved
    assert re.search(r" av Bruker \d+</p>", approved)
    with app_session(app) as session:
        record_value(session, 99, period=YEAR)
    page = reader.get(card_url("B1")).text
    assert "99" not in re.sub(r"<[^>]*>", "", page)
    assert "nyere utkast" not in page
    assert "99" not in reader.get("/styringskort/sammenlign").text
    assert "99" in re.sub(r"<[^>]*>", "", director.get(card_url("B1")).text)
    assert "8,3" in director.get(f"{card_url('B1')}?versjon=godkjent").text


def test_a_director_approves_the_cards_of_the_department_only(app: Flask) -> None:
    director = browser(app, Role.DIRECTOR, "OPP")
    assert approve(director) == 302
    assert state(app)
    seen = fingerprint(browser(app, Role.DIRECTOR, "FK").get(card_url("S1")).text)
    assert post(director, f"{card_url('S1')}/godkjenn", {"fingerprint": seen}).status_code == 404
    assert post(director, f"{card_url('B2')}/godkjenn").status_code == 422
    assert post(director, f"{card_url('B2')}/godkjenn", {"fingerprint": "0" * 64}).status_code == 409
    leader = browser(app, Role.LEADER, "B2")
    assert post(leader, f"{card_url('B2')}/godkjenn", {"fingerprint": seen}).status_code == 403
    assert not state(app, "B2")
    assert not state(app, "S1")


def test_a_whole_department_at_once(app: Flask) -> None:
    director = browser(app, Role.DIRECTOR, "OPP")
    assert "3 kort venter på din godkjenning" in director.get("/styringskort/").text
    url = f"/styringskort/godkjenn/OPP/{YEAR}"
    page = director.get(url).text
    assert "Godkjenn alle 3 kort" in page
    answer = post(director, url, {"fingerprint": fingerprint(page)}, follow_redirects=True)
    assert "3 kort er godkjent" in answer.text
    assert all(state(app, unit) for unit in ("OPP", "B1", "B2"))
    assert not state(app, "S1")
    assert "Ingen kort venter" in director.get(url).text
    assert director.get(f"/styringskort/godkjenn/HEL/{YEAR}").status_code == 404
    assert post(director, f"/styringskort/godkjenn/HEL/{YEAR}", {"fingerprint": "x"}).status_code == 404


def test_the_unit_above_stands_beside_as_far_as_one_may_see_it(app: Flask) -> None:
    leader, director = browser(app, Role.LEADER, "B1"), browser(app, Role.DIRECTOR, "FK")
    assert "Oppvekst: 7,8" in director.get(card_url("B1")).text
    assert "Oppvekst: 7,8" not in leader.get(card_url("B1")).text
    approve(director, "OPP")
    assert "Oppvekst: 7,8" in leader.get(card_url("B1")).text


def test_units_side_by_side(app: Flask) -> None:
    director = browser(app, Role.DIRECTOR, "FK")
    page = director.get("/styringskort/sammenlign").text  # the most common type first
    assert page.index("Elvebakken") < page.index("Solbakken")
    assert "Fjordgløtt" not in page
    everything = director.get("/styringskort/sammenlign?type=alle").text
    assert "Fjordgløtt" in everything
    assert "Under målet" in everything
    assert "ingen indikatorer her" in director.get("/styringskort/sammenlign?perspective=users").text
    assert director.get("/styringskort/sammenlign?perspective=x&type=y&period=z").status_code == 200
    leader = browser(app, Role.LEADER, "B1")
    assert "6,3" not in leader.get("/styringskort/sammenlign?type=alle").text


def test_a_card_says_where_its_figures_come_from(app: Flask, settings: Settings) -> None:
    with app_session(app) as session:
        release_wave(session, settings)
        make_score(session)
        report = publish_wave(session, wave_code="W1", actor=OFFICE)
    director, results = browser(app, Role.DIRECTOR, "FK"), 'href="/resultater/W1/enhet/S1"'
    page = director.get(card_url("S1", 2026)).text
    assert results in page
    assert report.release_sha256 is not None
    assert report.release_sha256 in page
    assert "18 svar" in page
    assert re.search(r"50,0.*<small[^>]*>\d+,\d til \d+,\d<", page, re.DOTALL)
    assert "Kan ikke avgjøres" in page
    seen = fingerprint(page)
    post(director, f"{card_url('S1', 2026)}/godkjenn", {"fingerprint": seen})
    reader = browser(app, Role.READER, "FK").get(card_url("S1", 2026)).text
    assert "50,0" in reader
    assert results not in reader  # who reads cards may not therefore open results


def test_a_card_tells_at_a_glance_how_each_perspective_stands(app: Flask) -> None:
    page = browser(app, Role.DIRECTOR, "FK").get(card_url("B1")).text
    tiles = re.findall(r'href="#p-(\w+)">([^<]+)<.*?</ul>', page, re.DOTALL)
    assert tiles == [("employees", "Medarbeidere")]
    assert re.search(r"<strong>1</strong> Følg med", page)


def test_templates_are_written_by_the_office(app: Flask) -> None:
    office = browser(app, Role.SCORECARD_OFFICE, "FK")
    assert "Grunnmal for alle" in office.get("/styringskort/maler").text
    assert "Indikator fravaer" in office.get("/styringskort/maler/rediger?type=barnehage").text
    fields = {
        "vision": "Lek hver dag", "lines-0-indicator": "fravaer", "lines-0-goal": "Høyt nærvær",
        "lines-0-success_factor": "Godt arbeidsmiljø", "lines-0-target": "5,5", "lines-0-place": "1",
    }  # fmt: skip
    url = "/styringskort/maler/rediger?type=barnehage"
    assert post(office, url, fields | {"lines-0-target": "mye"}).status_code == 422
    assert post(office, url, fields).status_code == 302
    page = office.get(card_url("B1")).text
    for words in ("Lek hver dag", "Høyt nærvær", "Godt arbeidsmiljø", "5,5"):
        assert words in page
    assert "Høyt nærvær" not in office.get(card_url("S1")).text
    assert 'value="5,5"' in office.get(url).text
    assert office.get("/styringskort/maler/rediger?type=romskip").status_code == 404
    part = browser(app, Role.SCORECARD_OFFICE, "OPP")
    assert post(part, url, fields).status_code == 403


def test_the_same_indicator_twice_on_a_template_is_taken_once(app: Flask) -> None:
    office = browser(app, Role.SCORECARD_OFFICE, "FK")
    fields = {
        f"lines-{n}-{name}": value
        for n in (0, 1)
        for name, value in (("indicator", "fravaer"), ("goal", "Mål"))
    }
    assert post(office, "/styringskort/maler/rediger?type=", fields).status_code == 302
    with app_session(app) as session:
        lines = session.scalars(
            select(TemplateLine).join(CardTemplate).where(CardTemplate.unit_type == "")
        ).all()
        assert [line.goal for line in lines] == ["Mål"]


def test_empty_cards_say_what_comes_next(app: Flask) -> None:
    office = browser(app, Role.SCORECARD_OFFICE, "FK")
    assert "Kortet har ingen tall" in office.get(card_url("HEL")).text
    assert "Godkjenn kortet" not in browser(app, Role.DIRECTOR, "FK").get(card_url("HEL")).text
    for bad in (card_url("X"), card_url("B1", 9), card_url("B1", 99999)):
        assert office.get(bad).status_code == 404


def test_without_indicators_the_office_is_shown_where_to_begin(settings: Settings, app: Flask) -> None:
    with app_session(app) as session:
        for table in ("indicator_value", "indicator"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 -- names of this file
    office = browser(app, Role.SCORECARD_OFFICE, "FK")
    assert "Start her" in office.get("/styringskort/").text
    assert "ingen indikatorer" in office.get(card_url("B1")).text


def test_only_years_in_which_the_unit_was_there_are_offered(app: Flask) -> None:
    with app_session(app) as session:
        record_value(session, 7.0, unit="B1", period=YEAR - 1)
        split_unit(
            session, code="B2", into=[("B7", "Nord"), ("B8", "Sør")], on=date(YEAR, 1, 1), actor=OFFICE
        )
    assert card_url("B1", YEAR - 1) in browser(app, Role.LEADER, "B1").get(card_url("B1")).text
    assert card_url("B7", YEAR - 1) not in browser(app, Role.LEADER, "B7").get(card_url("B7")).text
