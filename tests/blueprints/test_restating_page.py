"""Restating past a reorganisation in the browser: looked at first, stored by a second press, logged."""

import io
import json
import re
from collections.abc import Callable

import pytest
import xlsxwriter
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from surveyor.accounts.enums import Role
from surveyor.audit.models import AuditEntry
from surveyor.releases.models import Release, ReleaseCell
from tests.factories import app_session, browser, post
from tests.two_releases import text_of

PAGE = "/kvalitet/W1/regn-om"
MAPPING = "før;nå\nA1;N\nA2;N\n".encode()


@pytest.fixture
def controller(reorganised: Flask) -> FlaskClient:
    return browser(reorganised, Role.CONTROLLER, "K")


def n_stored(app: Flask) -> tuple[int, int]:
    with app_session(app) as session:
        tables = (Release, ReleaseCell)
        first, second = (session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
        return first, second


def preview(client: FlaskClient, content: bytes, name: str = "tre.csv", later: str = "W2") -> tuple[int, str]:
    data = {"later": later, "file": (io.BytesIO(content), name)}
    answer = post(client, f"{PAGE}/forhandsvis", data, content_type="multipart/form-data")
    return answer.status_code, answer.text


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1].replace("&#34;", '"')


def test_a_preview_stores_nothing_and_a_second_press_does(app: Flask, controller: FlaskClient) -> None:
    assert "Hvilke enheter er blitt til hvilke?" in controller.get(PAGE).text
    before = n_stored(app)
    status, page = preview(controller, MAPPING)
    assert status == 200
    assert "Dette blir regnet om" in page
    assert re.search(r"\d+ av 30", text_of(page))
    assert n_stored(app) == before
    data = {"later": hidden(page, "later"), "mapping": hidden(page, "mapping")}
    assert json.loads(data["mapping"]) == [["A1", "N"], ["A2", "N"]]
    answer = post(controller, PAGE, data, follow_redirects=True)
    assert answer.status_code == 200
    assert "Tallene er regnet om" in answer.text
    assert "Satt sammen av" in answer.text
    assert n_stored(app)[0] == before[0] + 1
    with app_session(app) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "release.restated")).one()
        assert entry.details["later"] == "W2"
        assert entry.details["n_units"] == 1
    again = post(controller, PAGE, data)
    assert again.status_code == 422
    assert "allerede regnet om" in again.text
    assert n_stored(app)[0] == before[0] + 1


def test_others_are_not_led_there(app: Flask, controller: FlaskClient) -> None:
    assert "regn-om" in controller.get("/kvalitet/W1").text
    assert "regn-om" not in browser(app, Role.HR, "K").get("/kvalitet/W1").text


def test_a_controller_of_a_part_does_not_find_it(app: Flask, controller: FlaskClient) -> None:
    client = browser(app, Role.CONTROLLER, "B")
    assert client.get(PAGE).status_code == 404
    assert preview(client, MAPPING)[0] == 404
    assert post(client, PAGE, {"later": "W2", "mapping": '[["A1","N"]]'}).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Filen er tom"),
        ("før;nå\nA1;N\nA1;N\n".encode(), r"Rad 3.*kolonne «?før»?.*«A1» står to ganger"),
        ("før;nå\nA1;Z\n".encode(), r"Rad 2.*kolonne «?nå»?.*«Z» er ikke med i den senere"),
        ("før;nå\n;N\n".encode(), r"Rad 2.*kolonne «?før»?.*Enheten mangler"),
        (b"fra\nA1\n", r"Kolonnen «nå» \(eller «now»\) mangler"),
        ("før;nå\nA1;N\nA;N\n".encode(), r"Rad 2.*under en annen enhet"),
        ("før;nå\nA1;N\n".encode(), None),
    ],
)
def test_a_wrong_file_is_told_in_its_place(
    app: Flask, controller: FlaskClient, content: bytes, words: str | None
) -> None:
    before = n_stored(app)
    status, page = preview(controller, content)
    assert status == (422 if words else 200)  # negative control: the last file is good
    if words:
        assert re.search(words, text_of(page))
    assert n_stored(app) == before


def test_the_sheet_is_told(controller: FlaskClient) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Oversikt")
        for row, cells in enumerate((("før", "nå"), ("A1", "N"), ("X9", "N"))):
            sheet.write_row(row, 0, cells)
    status, page = preview(controller, stream.getvalue(), "tre.xlsx")
    assert status == 422
    assert re.search(r"Oversikt.*rad 3.*før.*«X9» er ikke med", text_of(page), re.IGNORECASE)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda data: data | {"mapping": "["},
        lambda data: data | {"mapping": '[["A1"]]'},
        lambda data: data | {"mapping": '[["A1", 1]]'},
        lambda data: data | {"mapping": "[" * 5_000},
        lambda data: data | {"mapping": "{}"},
        lambda data: data | {"mapping": '[["A1","N"],["A1","N"]]'},
        lambda data: data | {"later": "W1"},
        lambda data: data | {"later": "nowhere"},
        lambda data: {},
    ],
)
def test_a_second_press_with_something_else_stores_nothing(
    app: Flask, controller: FlaskClient, tamper: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    before = n_stored(app)
    data = {"later": "W2", "mapping": '[["A1","N"],["A2","N"]]'}
    assert post(controller, PAGE, tamper(data)).status_code == 422
    assert n_stored(app) == before
