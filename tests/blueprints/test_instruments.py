"""Questionnaires in the browser: read in, looked over in every language, frozen."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyor.accounts.enums import Role
from surveyor.instruments import queries
from surveyor.instruments.enums import VersionState
from surveyor.instruments.xlsform import read_xlsform
from tests.factories import app_session, make_tree, post, sign_in_as
from tests.surveyor.instruments.forms import TRIAL, WHOLE, whole

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def author(app: Flask) -> FlaskClient:
    client = app.test_client()
    with app_session(app) as session:
        make_tree(session)
    sign_in_as(client, Role.SURVEY_ADMIN, "FK")
    return client


def upload(client: FlaskClient, content: bytes, name: str = "trial.md", code: str = "") -> tuple[int, str]:
    data = {"file": (BytesIO(content), name), "code": code}
    answer = post(client, "/skjema/les-inn", data, content_type="multipart/form-data", follow_redirects=True)
    return answer.status_code, answer.text


def codes(client: FlaskClient) -> list[str]:
    with app_session(client.application) as session:
        return [version.instrument.code for version in queries.newest_versions(session)]


def test_an_empty_list_offers_the_catalogue(author: FlaskClient) -> None:
    page = author.get("/skjema/").text
    assert "Medarbeiderundersøkelse" in page
    assert "IT-sikkerhet" in page


def test_taking_from_the_catalogue(author: FlaskClient) -> None:
    answer = post(author, "/skjema/katalog/employee", follow_redirects=True)
    assert answer.status_code == 200
    assert "Utkast" in answer.text
    assert codes(author) == ["employee"]
    assert post(author, "/skjema/katalog/nothing").status_code == 404


def test_from_file_to_frozen_to_a_new_draft(author: FlaskClient) -> None:
    status, page = upload(author, TRIAL.encode())
    assert status == 200
    assert "Prøve" in page
    assert "Trivsel" in page
    assert "Låst" in post(author, "/skjema/trial/1/laas", follow_redirects=True).text
    answer = post(author, "/skjema/trial/1/nytt-utkast", follow_redirects=True)
    assert answer.request.path == "/skjema/trial/2"
    assert post(author, "/skjema/trial/1/nytt-utkast").status_code == 409
    with app_session(author.application) as session:
        assert [v.state for v in queries.versions(session, code="trial")] == [
            VersionState.DRAFT,
            VersionState.FROZEN,
        ]


def test_another_code(author: FlaskClient) -> None:
    assert upload(author, TRIAL.encode(), code="pulse")[0] == 200
    assert codes(author) == ["pulse"]
    status, page = upload(author, TRIAL.encode(), code="no such/code")
    assert status == 422
    assert "bindestrek" in page


def test_a_broken_file_is_told_by_sheet_row_and_column_and_nothing_is_stored(author: FlaskClient) -> None:
    status, page = upload(author, TRIAL.replace("${plan} = 'no'", "${nobody} = 1").encode())
    assert status == 422
    assert "Ark «survey», rad 9, kolonne «relevant»" in page
    assert "nobody" in page
    assert codes(author) == []


@pytest.mark.parametrize(
    ("content", "name"), [(b"", "a.xlsx"), (b"PK\x03\x04", "a.xlsx"), (b"\xff\xfe", "a.md")]
)
def test_what_is_no_questionnaire_is_refused(author: FlaskClient, content: bytes, name: str) -> None:
    assert upload(author, content, name)[0] == 422


def test_no_file_is_a_message(author: FlaskClient) -> None:
    answer = post(author, "/skjema/les-inn")
    assert answer.status_code == 422
    assert "Velg en fil" in answer.text


def test_preview_shows_every_page_in_every_language(author: FlaskClient) -> None:
    upload(author, TRIAL.encode())
    page = author.get("/skjema/trial/1/vis/work/nb").text
    assert "Jeg trives." in page
    assert "Hva mangler?" in page, "conditional questions are shown to the author"
    assert "I like it." in author.get("/skjema/trial/1/vis/work/en").text
    assert author.get("/skjema/trial/1/vis/work/pl").status_code == 404
    assert author.get("/skjema/trial/1/vis/nowhere/nb").status_code == 404
    assert author.get("/skjema/trial/7/vis/work/nb").status_code == 404


def test_the_file_comes_back_as_it_was(author: FlaskClient) -> None:
    upload(author, TRIAL.encode())
    answer = author.get("/skjema/trial/1/fil")
    assert answer.data == TRIAL.encode()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_what_was_left_out_is_listed(author: FlaskClient) -> None:
    page = upload(author, TRIAL.replace("| note | thanks |", "| geotrace | thanks |").encode())[1]
    assert "Ark «survey», rad 19" in page


def test_words_from_a_file_are_never_markup(author: FlaskClient) -> None:
    evil = (
        TRIAL.replace("Jeg trives.", EVIL)
        .replace("Prøve", EVIL)
        .replace("Trivsel", EVIL)
        .replace("| Arbeidet |", f"| {EVIL} |")
    )
    assert upload(author, evil.encode())[0] == 200
    shown = [author.get(path).text for path in ("/skjema/", "/skjema/trial/1", "/skjema/trial/1/vis/work/nb")]
    wrong = upload(author, TRIAL.replace("| text | words |", f"| {EVIL} | words |").encode())[1]
    for page in (*shown, wrong):
        assert "<img src=x" not in page
        assert "&lt;img" in page


def test_every_kind_of_question_is_drawn_and_exported(author: FlaskClient) -> None:
    status, page = upload(author, WHOLE.encode(), name="whole.md")
    assert status == 200
    assert "Se over dette før skjemaet brukes" in page
    questions = author.get("/skjema/whole/1/vis/place/nb").text
    assert 'name="q-ranked"' in questions
    assert "Mer hjelp" in questions
    children = author.get("/skjema/whole/1/vis/page1/nb").text
    assert "Barn – nummer 1" in children
    assert 'value="add child"' in children
    assert children.index('value="neste"') < children.index('name="turn"'), (
        "Enter goes on, it removes nothing"
    )
    assert 'type="datetime-local"' in author.get("/skjema/whole/1/vis/last/nb").text
    for kind in ("xlsx", "md"):
        file = author.get(f"/skjema/whole/1/eksport/{kind}").data
        assert read_xlsform(file, filename=f"whole.{kind}").questionnaire.hash == whole().hash
