"""Long questionnaires: read in seconds, and their pages hardly dearer than those of short ones."""

import gzip
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.instruments.long_forms import import_seconds, long_form
from surveyor.accounts.enums import Role
from surveyor.instruments.export import export_file
from surveyor.instruments.routing import asked_pages, state
from tests.factories import app_session, make_tree, post, sign_in_as
from tests.surveyor.instruments.forms import imported, survey


def test_a_thousand_items_are_read_in_seconds() -> None:
    assert import_seconds(1_000) < 5


def test_conditions_are_the_same_with_and_without_the_shortcut() -> None:
    condition = "(${a} = 1 or (${a} != '2' and ${a} = 3))"
    rows = (
        "select_one agree | a | A |",
        f"select_one agree | b | B | {condition}",
        f"select_one agree | c | C | {condition} and not(false())",
    )
    asked = imported(survey(*rows, columns="type | name | label | relevant")).questionnaire
    for value, hidden in {"1": set(), "2": {"b", "c"}, "3": set(), "": {"b", "c"}}.items():
        assert state(asked, {"a": value}).hidden == hidden, value


def test_a_long_form_routes_page_by_page() -> None:
    asked = long_form(200)
    assert len(asked_pages(asked, {})) == 10
    assert len(asked_pages(asked, {"i19": "5"})) == 9


def test_a_page_of_twenty_items_is_light(app: Flask) -> None:
    client: FlaskClient = app.test_client()
    with app_session(app) as session:
        make_tree(session)
    sign_in_as(client, Role.SURVEY_ADMIN, "FK")
    name, content = export_file(long_form(40), kind="md")
    assert name == "long.md"
    data = {"file": (BytesIO(content), name), "code": ""}
    post(client, "/skjema/les-inn", data, content_type="multipart/form-data")
    page = client.get("/skjema/long/1/vis/p0/nb").data
    assert page.count(b"<fieldset") >= 20
    assert len(gzip.compress(page, 6)) < 15_000
