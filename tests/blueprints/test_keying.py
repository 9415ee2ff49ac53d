"""Keying paper answers in the browser: who may, one sheet twice, differences, doubts, wrong codes."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from surveyor.accounts.enums import Role
from surveyor.audit.models import AuditEntry
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.invitations.credentials import new_code, show_code
from surveyor.responses.models import Envelope, Keying
from tests.factories import app_session, browser, post
from tests.paper import launch_with_letters, make_letter_wave, make_open_link_wave

PAGE = "/papirsvar/trivsel-2026"
TYPED = {
    "q-w1": "3", "q-w2": "4", "q-w3": "2", "q-again": "1", "q-goods": "1", "q-years": "3",
    "q-comment": "Alt er bra", "q-why": "",
}  # fmt: skip


@pytest.fixture
def codes(app: Flask, settings: Settings) -> list[str]:
    with app_session(app) as session:
        return make_letter_wave(session, settings)[1]


@pytest.fixture
def keyer(app: Flask, codes: list[str]) -> FlaskClient:
    return browser(app, Role.SCORECARD_OFFICE, "FK")


def begin(client: FlaskClient, code: str) -> TestResponse:
    return post(client, f"{PAGE}/ark", {"code": show_code(code).lower()})


def ticket(page: TestResponse) -> dict[str, str]:
    found = re.search(r'name="ark" value="([^"]+)"', page.text)
    assert found
    return {"ark": found[1]}


def key_once(client: FlaskClient, code: str, typed: dict[str, str]) -> TestResponse:
    sheet = begin(client, code)
    step = "andre" if "Andre tasting" in sheet.text else "forste"
    return post(client, f"{PAGE}/{step}", {**ticket(sheet), **typed})


def count(app: Flask, table: type) -> int:
    with app_session(app) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_two_equal_keyings_are_one_answer(app: Flask, keyer: FlaskClient, codes: list[str]) -> None:
    assert "trivsel-2026" in keyer.get("/papirsvar/").text
    first = key_once(keyer, codes[0], TYPED)
    assert first.status_code == 302
    assert (count(app, Keying), count(app, Envelope)) == (1, 0)
    assert "Første tasting er lagret" in keyer.get(PAGE).text
    assert key_once(keyer, codes[0], TYPED).status_code == 302
    assert (count(app, Keying), count(app, Envelope)) == (0, 1)
    used = begin(keyer, codes[0])
    assert used.status_code == 409
    assert "allerede svart" in used.text


def test_differences_stand_side_by_side_and_wait_for_a_choice(
    app: Flask, keyer: FlaskClient, codes: list[str]
) -> None:
    key_once(keyer, codes[0], TYPED)
    page = key_once(keyer, codes[0], {**TYPED, "q-w2": "5", "q-comment": "Alt er fint"})
    assert page.status_code == 200
    assert "Første tasting: 4 (" in page.text
    assert "Andre tasting: 5 (" in page.text
    assert "Alt er bra" in page.text
    given = ticket(page) | dict(re.findall(r'type="hidden" name="(q-[^"]+)" value="([^"]*)"', page.text))
    undecided = post(keyer, f"{PAGE}/send", given)
    assert undecided.status_code == 422
    assert "Se på arket og velg hva som er riktig" in undecided.text
    assert count(app, Envelope) == 0
    wrong = {"valg-w2": "annet", "valg-annet-w2": "8", "valg-comment": "andre"}
    assert post(keyer, f"{PAGE}/send", given | wrong).status_code == 422
    right = wrong | {"valg-annet-w2": "1"}
    assert post(keyer, f"{PAGE}/send", given | right).status_code == 302
    assert (count(app, Keying), count(app, Envelope)) == (0, 1)


def test_what_cannot_be_read_is_told_and_empty_answers_are_asked_about_once(
    app: Flask, keyer: FlaskClient, codes: list[str]
) -> None:
    wrong = key_once(keyer, codes[0], {**TYPED, "q-w1": "7", "q-years": "mange"})
    assert wrong.status_code == 422
    assert "«7» er ikke et av svarene" in wrong.text
    partly = {"q-w1": "3"}
    doubted = key_once(keyer, codes[0], partly)
    assert doubted.status_code == 200
    assert "Tomme spørsmål" in doubted.text
    assert count(app, Keying) == 0
    sure = post(keyer, f"{PAGE}/forste", {**ticket(doubted), **partly, "sikker": "1"})
    assert sure.status_code == 302
    assert count(app, Keying) == 1


def test_the_wrong_sheet_can_be_thrown_away(app: Flask, keyer: FlaskClient, codes: list[str]) -> None:
    key_once(keyer, codes[0], TYPED)
    post(keyer, f"{PAGE}/kast", ticket(begin(keyer, codes[0])))
    assert count(app, Keying) == 0
    assert "Første tasting" in begin(keyer, codes[0]).text


def test_wrong_codes_are_told_and_counted(keyer: FlaskClient, codes: list[str]) -> None:
    wrong = post(keyer, f"{PAGE}/ark", {"code": "ABCD"})
    assert wrong.status_code == 422 or wrong.status_code == 404
    assert "Koden er ikke riktig" in wrong.text
    answers = [begin(keyer, new_code()).status_code for _ in range(21)]
    assert answers[-1] == 429
    assert begin(keyer, codes[0]).status_code == 429


def test_right_codes_are_not_counted(keyer: FlaskClient, codes: list[str]) -> None:
    assert {begin(keyer, codes[0]).status_code for _ in range(25)} == {200}


def test_a_ticket_nobody_typed_a_code_for_is_refused(
    app: Flask, keyer: FlaskClient, codes: list[str]
) -> None:
    for forged in ("", f"trivsel-2026|{codes[0]}", f"trivsel-2026|{codes[0]}.AAAA"):
        assert post(keyer, f"{PAGE}/forste", {"ark": forged, **TYPED}).status_code == 409
    assert count(app, Keying) == 0


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [
        (Role.SURVEY_ADMIN, "FK", 200),
        (Role.SCORECARD_OFFICE, "FK", 200),
        (Role.SURVEY_ADMIN, "B1", 404),  # keys for a part of those asked only
    ],
)
def test_who_may_key(app: Flask, settings: Settings, role: Role, unit: str, status: int) -> None:
    with app_session(app) as session:
        code = launch_with_letters(session, settings)
    client = browser(app, role, unit)
    assert client.get(PAGE).status_code == status
    assert begin(client, code).status_code == status


def test_an_open_link_gives_a_sheet_a_code_of_its_own(app: Flask, settings: Settings) -> None:
    with app_session(app) as session:
        make_open_link_wave(session, settings)
    client = browser(app, Role.SURVEY_ADMIN, "FK")
    page = client.get(f"{PAGE}?ny=1").text
    found = re.search(r'name="code" value="([0-9A-Z-]{16})"', page)
    assert found
    assert page.count(found[1]) == 2
    for _ in range(2):
        assert key_once(client, found[1], TYPED).status_code == 302
    assert count(app, Envelope) == 1


def test_a_closed_wave_takes_no_paper(app: Flask, keyer: FlaskClient, codes: list[str]) -> None:
    sheet = ticket(begin(keyer, codes[0]))
    with app_session(app) as session:
        session.scalars(select(Wave)).one().state = WaveState.CLOSING
    late = begin(keyer, codes[0])
    assert late.status_code == 410
    assert post(keyer, f"{PAGE}/forste", {**sheet, **TYPED}).status_code == 410
    assert "trivsel-2026" not in keyer.get("/papirsvar/").text


def test_the_log_has_one_entry_a_day_without_sheet_or_person(
    app: Flask, keyer: FlaskClient, codes: list[str]
) -> None:
    for code in codes[:3]:
        key_once(keyer, code, TYPED)
        key_once(keyer, code, TYPED)
    with app_session(app) as session:
        entries = session.scalars(select(AuditEntry)).all()
        assert [(each.action, each.details) for each in entries] == [
            ("responses.keyed", {"code": "trivsel-2026"})
        ]


def test_forms_to_print(app: Flask, settings: Settings) -> None:
    with app_session(app) as session:
        make_open_link_wave(session, settings)
    client = browser(app, Role.SURVEY_ADMIN, "FK")
    for address in (
        "/skjema/trivsel/1/papir/nb",
        "/undersokelser/trivsel-2026/papir/en",
        "/undersokelser/trivsel-2026/papir/nb?antall=3",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.data.startswith(b"%PDF")
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/skjema/trivsel/1/papir/fr").status_code == 404
    assert client.get("/undersokelser/trivsel-2026/papir/fr").status_code == 404
    assert client.get("/undersokelser/trivsel-2026/papir/nb?antall=5000").status_code == 409
    page = client.get("/undersokelser/trivsel-2026").text
    assert "Svar på papir" in page
    assert "Færre enn 5" in page
