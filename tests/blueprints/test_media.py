"""Pictures, sound and film of a questionnaire in the browser; answer options laid out as the author asked."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.installation import prepare_folder
from surveyor.instruments.queries import questionnaire_of
from surveyor.instruments.services import import_instrument
from tests.factories import app_session, browser, make_tree
from tests.media_files import archive, taken

LAID_OUT = """
| survey | | | | |
| | type | name | label | appearance | guidance_hint |
| | select_one c | plain | Vanlig | | Les mer her |
| | select_one c | two | To | columns-2 | |
| | select_multiple c | any | Noen | columns | |
| | select_one c | fast | Rask | quick | |
| | select_one c | line | Linje | likert | |
| | select_multiple c | fold | Brettet | minimal | |
| choices | | | |
| | list_name | name | label |
| | c | a | A |
| | c | b | B |
"""


@pytest.fixture
def author(app: Flask, settings: Settings) -> FlaskClient:
    prepare_folder(settings.instance)
    with app_session(app) as session:
        make_tree(session)
    return browser(app, Role.SURVEY_ADMIN, "FK")


def imported(app: Flask, content: bytes, filename: str) -> None:
    with app_session(app) as session:
        import_instrument(session, file=content, filename=filename, code="form", actor=COMMAND_LINE)


def test_a_picture_is_shown_and_kept_by_the_browser_but_can_run_nothing(
    app: Flask, author: FlaskClient
) -> None:
    imported(app, archive(), "form.zip")
    digest = taken(archive()).questionnaire.files["map.jpg"]
    page = author.get("/skjema/form/1/vis/page1/nb").text
    assert f'src="/skjema/medier/{digest}" alt="Kart over bygget"' in page
    assert "<audio" in page
    anybody = app.test_client()
    answer = anybody.get(f"/skjema/medier/{digest}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    again = anybody.get(f"/skjema/medier/{digest}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert anybody.get(f"/skjema/medier/{'0' * 64}").status_code == 404


def test_an_export_carries_the_pictures(app: Flask, author: FlaskClient) -> None:
    imported(app, archive(), "form.zip")
    answer = author.get("/skjema/form/1/eksport/md")
    assert taken(answer.data).questionnaire.files == taken(archive()).questionnaire.files
    with app_session(app) as session:
        version = import_instrument(
            session, file=answer.data, filename="form.zip", code="form", actor=COMMAND_LINE
        )
        assert questionnaire_of(version).files == taken(archive()).questionnaire.files


def test_every_layout_has_its_own_class_and_guidance_unfolds(app: Flask, author: FlaskClient) -> None:
    imported(app, LAID_OUT.encode(), "form.md")
    page = author.get("/skjema/form/1/vis/page1/nb").text
    for words in ("sv-columns sv-cols-2", "sv-columns--any", "sv-quick", "sv-oneline sv-cols-2"):
        assert page.count(words) == 1, words
    assert page.count('<div class="sv-laid') == 4
    assert "Mer hjelp" in page
    assert "<summary>Brettet</summary>" in page
