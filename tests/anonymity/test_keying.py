"""Answers on paper leave no more than answers on the web: nothing in clear, no code, no sign of the paper."""

import logging
import re
from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select

from surveyor.accounts.enums import Role
from surveyor.audit.models import AuditEntry
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.fieldwork.closing import open_wave
from surveyor.invitations.credentials import show_code
from surveyor.responses.models import AnswerSet, Keying
from tests.anonymity.crowd import respond
from tests.anonymity.written_down import config_strings, database_strings
from tests.factories import browser, post
from tests.paper import make_letter_wave
from tests.waves import OpenWave, invite

N, N_WEB = 6, 6


@pytest.fixture
def paper(both_app: Flask, both_settings: Settings, db: Engine) -> tuple[OpenWave, list[str]]:
    """Six with a letter each, and six more who answer on the web."""
    with unit_of_work(db) as session:
        wave, codes = make_letter_wave(session, both_settings, n=N)
        wave.people += [invite(session, wave.wave, "B1") for _ in range(N_WEB)]
    return wave, codes


@pytest.fixture
def keyer(both_app: Flask, paper: object) -> FlaskClient:
    return browser(both_app, Role.SURVEY_ADMIN, "FK")


def key(client: FlaskClient, code: str, step: str, answers: Mapping[str, str]) -> None:
    page = post(client, "/papirsvar/trivsel-2026/ark", {"code": show_code(code)}).text
    ticket = re.search(r'name="ark" value="([^"]+)"', page)
    assert ticket
    given = {"ark": ticket[1], "sikker": "1", **answers}
    assert post(client, f"/papirsvar/trivsel-2026/{step}", given).status_code == 302


def said(number: int) -> dict[str, str]:
    return {
        "q-w1": str(number % 5 + 1),
        "q-again": "1",
        "q-comment": f"HEMMELIG-{number}" + "x" * 150 * number,
    }


def leaks(words: list[bytes], codes: list[str]) -> list[bytes]:
    """What was keyed, or a code, in anything that is kept."""
    marks = [b"HEMMELIG", *(code.encode() for code in codes), *(show_code(code).encode() for code in codes)]
    return [mark for mark in marks if any(mark in word for word in words)]


def test_between_the_keyings_nothing_can_be_read(
    both_settings: Settings, db: Engine, keyer: FlaskClient, paper: tuple[OpenWave, list[str]],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    _, codes = paper
    with caplog.at_level(logging.DEBUG):
        for number, code in enumerate(codes):
            key(keyer, code, "forste", said(number))
    kept = [*database_strings(db), *config_strings(both_settings), caplog.text.encode()]
    kept += [path.read_bytes() for path in both_settings.instance.rglob("surveyor.sqlite*")]
    assert leaks(kept, codes) == []
    assert leaks([*kept, b"HEMMELIG"], codes)  # the control
    with unit_of_work(db) as session:
        assert {len(sealed) for sealed in session.scalars(select(Keying.sealed))} == {
            session.scalar(select(func.max(func.length(Keying.sealed))))
        }


def test_after_the_opening_paper_and_web_look_alike(
    both_app: Flask, both_settings: Settings, db: Engine, keyer: FlaskClient,
    paper: tuple[OpenWave, list[str]],
) -> None:  # fmt: skip
    wave, codes = paper
    both_app.config["WTF_CSRF_ENABLED"] = False
    for person in wave.people[N:]:
        respond(both_app, person, {"w1": "3", "again": "yes"})
    both_app.config["WTF_CSRF_ENABLED"] = True
    for number, code in enumerate(codes):
        for step in ("forste", "andre"):
            key(keyer, code, step, said(number))
    open_wave(db, both_settings, wave_id=wave.id)
    with unit_of_work(db) as session:
        receipts = list(session.scalars(select(AnswerSet.receipt_hash)))
        assert len(receipts) == N + N_WEB
        assert all(receipts)
        assert session.scalars(select(Keying)).all() == []
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "responses.keyed")).all()
        assert len(entries) == 1, "one entry a day, none for a sheet"
    assert leaks(list(database_strings(db)), codes) == [b"HEMMELIG"]  # opened comments, and no code
