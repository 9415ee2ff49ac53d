"""Indicators in the browser."""

import re
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.config import Settings
from surveyor.indicators.models import IndicatorValue
from surveyor.indicators.queries import current_values, indicators, source_problem
from surveyor.units.queries import unit_codes
from tests.card_data import make_indicator, make_score, release_wave
from tests.case_rounds import CODE as FORM
from tests.case_rounds import GOOD, file_case, make_round
from tests.factories import app_session, make_tree, post, sign_in_as

FILE = b"code,name,perspective,source,direction,target,green_from,yellow_from,measured_in,unit_types\n"
FIELDS = {
    "code": "fravaer", "name": "Fravær", "perspective": "employees", "source": "manual", "direction": "down",
    "target": "6,5", "green_from": "7", "yellow_from": "9", "measured_in": "%", "unit_types": "",
}  # fmt: skip
YEAR = clock.today().year


@pytest.fixture
def office(app: Flask) -> FlaskClient:
    client = app.test_client()
    with app_session(app) as session:
        make_tree(session)
    sign_in_as(client, Role.SCORECARD_OFFICE, "FK")
    return client


def codes(client: FlaskClient) -> list[str]:
    with app_session(client.application) as session:
        return [one.code for one in indicators(session)]


def figures(client: FlaskClient, period: int = YEAR) -> dict[str, float]:
    with app_session(client.application) as session:
        named = unit_codes(session)
        found = current_values(session, periods=[period])
        return {named[value.unit_id]: value.value for value in found.values()}


def upload(client: FlaskClient, url: str, content: bytes) -> tuple[int, str]:
    data = {"file": (BytesIO(content), "fil.csv")}
    answer = post(client, url, data, content_type="multipart/form-data", follow_redirects=True)
    return answer.status_code, answer.text


def test_the_first_visit_says_what_to_do(office: FlaskClient) -> None:
    page = office.get("/indikatorer/").text
    assert "Det er ingen indikatorer ennå" in page
    assert "Ingen måling er avsluttet" in page


def test_made_changed_and_deleted_by_hand(office: FlaskClient) -> None:
    page = post(office, "/indikatorer/ny", FIELDS, follow_redirects=True).text
    assert "Indikatoren er lagret" in page
    assert "6,5" in page
    assert 'value="6,5"' in office.get("/indikatorer/rediger/fravaer").text
    assert post(office, "/indikatorer/rediger/fravaer", FIELDS | {"code": "syk"}).status_code == 302
    assert codes(office) == ["syk"]
    assert post(office, "/indikatorer/slett/syk").status_code == 302
    assert codes(office) == []
    assert office.get("/indikatorer/rediger/syk").status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Skriv et navn"),
        ({"code": "a b"}, "uten mellomrom"),
        ({"target": "mye"}, "Skriv et tall"),
        ({"source": "survey:x/item:y/mean"}, "ingen undersøkelse"),
        ({"yellow_from": "5"}, "dårlige siden"),
        ({"unit_types": "romskip"}, "romskip"),
        ({"perspective": "penger"}, "Velg en av mulighetene"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_is_stored(
    office: FlaskClient, fields: dict[str, str], words: str
) -> None:
    answer = post(office, "/indikatorer/ny", FIELDS | fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert codes(office) == []


def test_definitions_from_a_file(office: FlaskClient) -> None:
    row = "budsjett,Budsjett,Økonomi,csv,ned,0,1,3,%,\n".encode()
    status, page = upload(office, "/indikatorer/les-inn", FILE + row)
    assert (status, codes(office)) == (200, ["budsjett"])
    assert "1 nye, 0 endret" in page
    status, page = upload(office, "/indikatorer/les-inn", FILE + row.replace(b"ned", b"bort"))
    assert status == 422
    assert "Rad 2, kolonne «direction»" in page
    assert post(office, "/indikatorer/les-inn").status_code == 422


def test_a_value_by_hand_and_values_from_a_file(office: FlaskClient) -> None:
    post(office, "/indikatorer/ny", FIELDS)
    value = {"unit": "B1", "period": str(YEAR), "value": "7,25"}
    page = post(office, "/indikatorer/verdier/fravaer", value, follow_redirects=True).text
    assert "Verdien er ført" in page
    assert "7,25" in page
    for bad in ({"value": ""}, {"value": "sju"}, {"unit": "X"}, {"period": "26"}):
        assert post(office, "/indikatorer/verdier/fravaer", value | bad).status_code == 422
    rows = f"indicator,unit,period,value\nfravaer,B1,{YEAR},8\nfravaer,S1,{YEAR},6\n".encode()
    assert upload(office, "/indikatorer/les-inn-verdier", rows)[0] == 200
    assert figures(office) == {"B1": 8, "S1": 6}
    status, page = upload(office, "/indikatorer/les-inn-verdier", rows.replace(b"S1", b"X"))
    assert status == 422
    assert "Rad 3, kolonne «unit»" in page


def test_a_wave_is_put_on_the_cards(office: FlaskClient, settings: Settings) -> None:
    with app_session(office.application) as session:
        release_wave(session, settings, closes=date(2025, 5, 31))
        make_score(session)
    assert "Ikke ført" in office.get("/indikatorer/").text
    page = post(office, "/indikatorer/foer-maaling/W1", follow_redirects=True).text
    assert "W1: 4 verdier på kortene til 4 enheter" in page
    assert set(figures(office, 2025)) == {
        "FK",
        "HEL",
        "OPP",
        "S1",
    }  # B2 is too small, and B1 would give it away
    assert "Ikke ført" not in office.get("/indikatorer/").text
    with app_session(office.application) as session:  # as if these were the first release's
        session.execute(update(IndicatorValue).values(release_sha256="first"))
    assert "Nye tall, ikke ført" in office.get("/indikatorer/").text
    assert post(office, "/indikatorer/foer-maaling/W9").status_code == 404


def test_forms_are_counted(office: FlaskClient, settings: Settings) -> None:
    with app_session(office.application) as session:
        _round, cases = make_round(session, settings, units=("B1",), deadline_on=clock.today())
        file_case(session, cases["B1"], GOOD)
        make_indicator(session, "avvik", source=f"form:{FORM}/open_deviations", measured_in="antall")
    answer = post(
        office, "/indikatorer/tell-skjema", {"instrument": FORM, "period": str(2026)}, follow_redirects=True
    )
    assert answer.status_code == 200
    assert figures(office, 2026)["B1"] == 0
    assert post(office, "/indikatorer/tell-skjema", {"instrument": "x", "period": "2026"}).status_code == 422


def test_an_office_of_one_department_changes_its_own_figures_only(office: FlaskClient) -> None:
    post(office, "/indikatorer/ny", FIELDS)
    part = office.application.test_client()
    sign_in_as(part, Role.SCORECARD_OFFICE, "OPP")
    assert "/indikatorer/ny" not in part.get("/indikatorer/").text
    assert post(part, "/indikatorer/ny", FIELDS | {"code": "x"}).status_code == 403
    assert post(part, "/indikatorer/rediger/fravaer", FIELDS).status_code == 403
    assert post(part, "/indikatorer/slett/fravaer").status_code == 403
    row = f"fravaer,B1,{YEAR},8\n"
    assert upload(part, "/indikatorer/les-inn", FILE)[0] == 403
    value = {"period": str(YEAR), "value": "7"}
    assert post(part, "/indikatorer/verdier/fravaer", value | {"unit": "S1"}).status_code == 422
    assert post(part, "/indikatorer/verdier/fravaer", value | {"unit": "B1"}).status_code == 302
    rows = f"indicator,unit,period,value\n{row}fravaer,S1,{YEAR},6\n".encode()
    assert upload(part, "/indikatorer/les-inn-verdier", rows)[0] == 422
    assert figures(office) == {"B1": 7}


def test_sources_are_in_words_and_known_ones_are_offered(
    app: Flask, settings: Settings, office: FlaskClient
) -> None:
    with app_session(app) as session:
        release_wave(session, settings)
        make_score(session)
        make_round(session, settings, units=("B1",), deadline_on=clock.today())
        make_indicator(session, "avvik", source=f"form:{FORM}/open_deviations", measured_in="antall")
        make_indicator(session, "hand", source="manual")
    page = office.get("/indikatorer/").text
    assert "survey:" not in page
    assert "form:" not in page
    assert ": åpne avvik" in page
    assert "(indeks)" in page
    assert "Føres for hånd" in page
    offered = re.findall(r'<option value="((?:survey|form):[^"]+)">', office.get("/indikatorer/ny").text)
    assert f"form:{FORM}/met_share" in offered
    assert any(source.startswith("survey:") and source.endswith("/index") for source in offered)
    with app_session(app) as session:
        assert [source_problem(session, text=source) for source in offered] == [None] * len(offered)
