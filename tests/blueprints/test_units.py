"""The unit tree in the browser."""

import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.units.queries import tree_as_of
from tests.factories import app_session, browser, make_tree, post, sign_in_as

UNITS = (
    b"code,name,type,parent\nFK,Fjordvik kommune,kommune,\nOPP,Oppvekst,avdeling,FK\nB3,Nes,barnehage,OPP\n"
)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    client = app.test_client()
    with app_session(app) as session:
        make_tree(session)
    sign_in_as(client, Role.ADMIN, "FK")
    return client


def codes(client: FlaskClient) -> set[str]:
    with app_session(client.application) as session:
        return set(tree_as_of(session, clock.today()).nodes)


def upload(client: FlaskClient, content: bytes) -> tuple[int, str]:
    data = {"file": (BytesIO(content), "enheter.csv"), "on": clock.today().isoformat()}
    answer = post(client, "/enheter/les-inn", data, content_type="multipart/form-data", follow_redirects=True)
    return answer.status_code, answer.text


def test_a_file_becomes_the_tree(admin: FlaskClient) -> None:
    status, page = upload(admin, UNITS)
    assert status == 200
    assert "1 nye, 4 avsluttet" in page
    assert codes(admin) == {"FK", "OPP", "B3"}


def test_a_broken_file_is_told_by_row_and_column_and_nothing_is_stored(admin: FlaskClient) -> None:
    before = codes(admin)
    status, page = upload(admin, UNITS.replace(b"barnehage,OPP", b"barnehage,XYZ"))
    assert status == 422
    assert "XYZ" in page
    assert "rad 4" in page.lower()
    assert "parent" in page
    assert codes(admin) == before


def test_no_file_is_a_message(admin: FlaskClient) -> None:
    answer = post(admin, "/enheter/les-inn")
    assert answer.status_code == 422
    assert "Velg en fil" in answer.text


@pytest.mark.parametrize(
    ("step", "data", "gone", "new"),
    [
        ("B1/flytt", {"parent": "HEL"}, set(), set()),
        ("B1/endre", {"name": "Nytt navn", "type": "barnehage"}, set(), set()),
        ("B1/slaa-sammen", {"others": ["B2"], "code": "B9", "name": "Bakken"}, {"B1", "B2"}, {"B9"}),
        ("B1/del", {"parts": "B7, Nord\nB8, Sør"}, {"B1"}, {"B7", "B8"}),
    ],
)
def test_reorganising_by_hand(
    admin: FlaskClient, step: str, data: dict, gone: set[str], new: set[str]
) -> None:
    before = codes(admin)
    answer = post(admin, f"/enheter/{step}", {**data, "on": clock.today().isoformat()}, follow_redirects=True)
    assert answer.status_code == 200
    assert codes(admin) == (before - gone) | new


def test_a_unit_shows_its_history_and_a_wrong_code_is_not_found(admin: FlaskClient) -> None:
    post(admin, "/enheter/B1/flytt", {"parent": "HEL", "on": clock.today().isoformat()})
    page = admin.get("/enheter/B1").text
    assert "flyttet" in page
    assert admin.get("/enheter/nope").status_code == 404
    assert post(admin, "/enheter/nope/flytt", {"parent": "HEL"}).status_code == 404
    assert post(admin, "/enheter/B1/flytt", {"parent": ""}).status_code == 422


def test_the_tree_of_another_day(admin: FlaskClient) -> None:
    assert "Det fantes ingen enheter" in admin.get("/enheter/?on=2019-01-01").text
    assert "Solbakken" in admin.get("/enheter/?on=2021-01-01").text


def test_readers_of_the_tree_cannot_change_it(app: Flask, admin: FlaskClient) -> None:
    hr = browser(app, Role.HR, "FK")
    page = hr.get("/enheter/B1")
    assert page.status_code == 200
    assert "/flytt" not in page.text
    assert post(hr, "/enheter/B1/flytt", {"parent": "HEL"}).status_code == 403


@pytest.mark.parametrize(
    ("step", "data", "said"),
    [
        ("del", {"parts": "B7, Nord\nB8 Sør"}, "Linjen «B8 Sør» må ha kode, komma og navn."),
        ("slaa-sammen", {"code": "B9", "name": "Bakken"}, "Velg minst én enhet."),
        ("slaa-sammen", {"others": ["B2"], "code": "HEL", "name": "Bakken"}, "HEL"),
    ],
)
def test_a_refused_step_keeps_what_was_written(admin: FlaskClient, step: str, data: dict, said: str) -> None:
    answer = post(admin, f"/enheter/B1/{step}", {**data, "on": clock.today().isoformat()})
    assert answer.status_code == 422
    assert said in answer.text
    assert '<details class="ds-details" open>' in answer.text
    assert (data.get("name") or "B8 Sør") in answer.text
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
