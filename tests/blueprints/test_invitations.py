"""Participants, letters and reminders in the browser."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveyor.accounts.enums import Role
from surveyor.audit.services import record
from surveyor.audit.spec import WORKER
from surveyor.campaigns.queries import wave_by_code
from surveyor.config import Settings
from surveyor.invitations.letters import LetterBatch
from surveyor.invitations.queries import code_hashes, frame_size
from tests.factories import app_session, browser, post
from tests.planned_waves import CODE, make_planned_wave, people

PAGE = f"/undersokelser/{CODE}"


@pytest.fixture
def admin(app: Flask, settings: Settings) -> FlaskClient:
    with app_session(app) as session:
        make_planned_wave(session, settings)
    return browser(app, Role.SURVEY_ADMIN, "FK")


def upload(client: FlaskClient, content: bytes, name: str = "folk.csv") -> TestResponse:
    data = {"file": (BytesIO(content), name)}
    return post(client, f"{PAGE}/deltakere", data, content_type="multipart/form-data", follow_redirects=True)


def n_members(client: FlaskClient) -> int:
    with app_session(client.application) as session:
        return frame_size(session, wave_id=wave_by_code(session, code=CODE).id).n_members


def test_a_file_of_people_is_read_and_told(admin: FlaskClient) -> None:
    page = upload(admin, b"enhet;navn;epost;telefon;stilling\nB1;Kari;k@x.no;;\nB1;Ola;;99887766;\n").text
    assert "2 deltakere er lest inn: 1 får e-post og 1 får brev." in page
    assert "bare telefon" in page
    assert "stilling" in page
    assert n_members(admin) == 2


def test_a_broken_file_is_told_by_row_and_column_and_nothing_is_stored(admin: FlaskClient) -> None:
    answer = upload(admin, b"unit,name,email\nB1,A,a@x.no\nB9,B,b@x.no\nB1,<b>C</b>,<img src=x>\n")
    assert answer.status_code == 422
    assert "Rad 3, kolonne «unit»" in answer.text
    assert "Rad 4, kolonne «email»" in answer.text
    assert "<img src=x>" not in answer.text
    assert n_members(admin) == 0


def test_no_file_is_told(admin: FlaskClient) -> None:
    answer = post(admin, f"{PAGE}/deltakere", {})
    assert answer.status_code == 422
    assert "Velg en fil" in answer.text


def test_the_list_can_be_emptied_until_the_start(admin: FlaskClient) -> None:
    upload(admin, people({"B1": 6}))
    post(admin, f"{PAGE}/deltakere/tom")
    assert n_members(admin) == 0
    upload(admin, people({"B1": 6}))
    post(admin, f"{PAGE}/start")
    assert post(admin, f"{PAGE}/deltakere/tom").status_code == 409
    assert n_members(admin) == 6


def test_letters_are_a_pdf_that_is_not_kept(admin: FlaskClient) -> None:
    upload(admin, people({"B1": 6}, n_letters=2))
    assert post(admin, f"{PAGE}/brev").status_code == 409
    post(admin, f"{PAGE}/start")
    answer = post(admin, f"{PAGE}/brev")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with_forms = post(admin, f"{PAGE}/brev", {"skjema": "1"})
    assert with_forms.data.startswith(b"%PDF")
    assert len(with_forms.data) > len(answer.data)


def test_others_write_while_letters_are_typeset(admin: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(admin, people({"B1": 6}, n_letters=6))
    post(admin, f"{PAGE}/start")
    typeset = LetterBatch.pdf

    def while_another_writes(batch: LetterBatch) -> bytes:
        with app_session(admin.application) as session:
            before = code_hashes(session, wave_id=wave_by_code(session, code=CODE).id)
            record(session, actor=WORKER, action="mail.retried", subject_type="mail", subject_id="1")
        assert before == batch.former, "codes are changed only once there are letters"
        return typeset(batch)

    monkeypatch.setattr(LetterBatch, "pdf", while_another_writes)
    assert post(admin, f"{PAGE}/brev").status_code == 200


def test_a_reminder_is_queued_without_any_number(admin: FlaskClient) -> None:
    upload(admin, people({"B1": 6}))
    assert post(admin, f"{PAGE}/paaminnelse").status_code == 409
    post(admin, f"{PAGE}/start")
    assert "Påminnelsen er på vei" in post(admin, f"{PAGE}/paaminnelse", follow_redirects=True).text
    assert "alt sendt en påminnelse" in post(admin, f"{PAGE}/paaminnelse").text


def test_no_page_names_a_participant(admin: FlaskClient) -> None:
    upload(admin, people({"B1": 6}))
    post(admin, f"{PAGE}/start")
    for path in ("", "/deltakere", "/avslutning"):
        page = admin.get(PAGE + path).text
        assert "Person 1" not in page
        assert "@fjordvik.no" not in page


def test_thanks_are_chosen_before_the_start_only(admin: FlaskClient) -> None:
    upload(admin, people({"B1": 6}))
    assert "Send takk til dem som svarer" in admin.get(PAGE).text
    assert post(admin, f"{PAGE}/takk").status_code == 302
    assert "Ikke send takk" in admin.get(PAGE).text
    assert post(admin, f"{PAGE}/ingen-takk").status_code == 302
    post(admin, f"{PAGE}/start")
    assert post(admin, f"{PAGE}/takk").status_code == 409
    assert "Takk på e-post" not in admin.get(PAGE).text
