"""The log page: newest first, filters, pages, nothing that runs."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.audit_words import KEYS
from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.audit.actions import ACTIONS
from surveyor.audit.services import record
from surveyor.audit.spec import COMMAND_LINE, Actor
from tests.factories import app_session, browser, make_tree


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    with app_session(app) as session:
        make_tree(session)
    return browser(app, Role.ADMIN, "FK")


def add(app: Flask, n: int = 1, *, actor: Actor = COMMAND_LINE, subject: str = "ola@fjordvik.test") -> None:
    with app_session(app) as session:
        for _ in range(n):
            record(session, actor=actor, action="account.created", subject_type="account", subject_id=subject,
                   role="hr", unit="FK")  # fmt: skip


def test_an_empty_log_says_so(client: FlaskClient) -> None:
    assert "Ingen hendelser ennå" in client.get("/logg/").text


def test_filters_narrow_and_keep_what_was_asked(app: Flask, client: FlaskClient) -> None:
    add(app, actor=Actor("kari@fjordvik.test"), subject="per@fjordvik.test")
    with clock.fixed_at(clock.now() - timedelta(days=40)):
        add(app)
    today = clock.today().isoformat()
    assert "2 hendelser" in client.get("/logg/").text
    for query in ("actor=Kari", f"from_on={today}", "subject=per"):
        page = client.get(f"/logg/?{query}").text
        assert "1 hendelse" in page
        assert "per@fjordvik.test" in page
    assert "1 hendelse" in client.get(f"/logg/?to_on={(clock.today() - timedelta(days=20)).isoformat()}").text
    assert "Ingen hendelser passer" in client.get("/logg/?action=account.disabled").text
    assert client.get("/logg/?from_on=rubbish").status_code == 422


def test_pages_of_fifty(app: Flask, client: FlaskClient) -> None:
    add(app, 51)
    first, second = client.get("/logg/?actor=command").text, client.get("/logg/?actor=command&page=2").text
    assert first.count("<tr>") == 51
    assert second.count("<tr>") == 2
    assert "actor=command" in first.split('rel="next"')[0]


def test_what_stands_in_the_log_is_text(app: Flask, client: FlaskClient) -> None:
    add(app, subject="<img src=x onerror=alert(1)>")
    assert "<img src=x" not in client.get("/logg/").text


def test_details_are_in_words_and_every_declared_key_has_one(app: Flask, client: FlaskClient) -> None:
    add(app)
    page = client.get("/logg/").text
    assert "rolle: HR, enhet: Fjordvik kommune" in page
    assert "Kommandolinjen" in page
    kept_back = {"purpose", "action_id", "item"}
    assert {key for action in ACTIONS.values() for key in action.keys} <= set(KEYS) | kept_back


def test_days_units_and_kinds_are_in_words(app: Flask, client: FlaskClient) -> None:
    with app_session(app) as session:
        record(session, actor=COMMAND_LINE, action="cases.sent", subject_type="case_round",
               subject_id="1b7f3a9b-41b6-43b8-b2d4-af6fdc5f3faf", kind="internal_control",
               title="Internkontroll 2026", period=2026, deadline_on="2026-11-18", n_cases=3)  # fmt: skip
        record(session, actor=COMMAND_LINE, action="indicator.edited", subject_type="indicator",
               subject_id="sykefravaer", fields=["green_from", "unit_types"])  # fmt: skip
        record(session, actor=COMMAND_LINE, action="scorecard.approved", subject_type="unit", subject_id="FK",
               period=2026, version=1)  # fmt: skip
    page = client.get("/logg/").text
    assert "type: internkontroll, tittel: Internkontroll 2026, år: 2026, frist: 18.11.2026, skjema: 3" in page
    assert "felt: grønt fra, enhetstyper" in page
    assert "Fjordvik kommune" in page
    assert "1b7f3a9b-" not in page
