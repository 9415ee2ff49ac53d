"""The quality pages: released figures alone, for HR and controllers, never for leaders; others read in."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from blueprints.filters import number, percent
from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.norms.enums import NormKind
from surveyor.norms.queries import benchmark_of
from surveyor.releases.moment_queries import moment_rows
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.queries import wave_release
from surveyor.releases.services import freeze_release
from tests.factories import app_session, browser, post
from tests.releases_data import BFI_SCALES, Units, add_answers, bfi, bfi_questionnaire, make_wave
from tests.two_releases import text_of

UNITS: Units = {"K": None, "A": "K", "B": "K", "C": "K"}
SIZES = {"A": 260, "B": 120, "C": 20}


@pytest.fixture
def settled(app: Flask, settings: Settings, remember: Callable[..., None]) -> Flask:
    """Two released waves of one survey, O declared as what the others are held against."""
    remember("two releases with an outcome", lambda: release_two(app, settings))
    return app


def release_two(app: Flask, settings: Settings) -> None:
    asked = replace(bfi_questionnaire(), settings={"outcome": "E"})
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    with app_session(app) as session:
        for year in (2025, 2026):
            wave = make_wave(session, asked, UNITS, code=f"W{year}", closes=date(year, 5, 31))
            start = (year - 2025) * 500
            add_answers(session, wave, asked, segments, bfi()[0].iloc[start : start + len(segments)])
            build_cube(session, wave=wave)
            session.flush()
            freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
            wave.state = WaveState.CLOSED


def rows_of(app: Flask, code: str = "W2026") -> list[MomentRow]:
    with app_session(app) as session:
        found = wave_release(session, wave_code=code)
        return moment_rows(session, release_id=found.release_id)


def numbers_in(page: str) -> set[str]:
    cells = re.findall(r'<td class="num"[^>]*>(.*?)</td>', page, re.DOTALL)
    texts = [text_of(cell) for cell in cells]
    return {part for text in texts for part in re.split(r" til ", text) if part}


def test_every_number_in_a_table_is_a_released_one(settled: Flask) -> None:
    page = browser(settled, Role.HR, "K").get("/kvalitet/W2026").text
    with settled.test_request_context("/"):
        rows = [*rows_of(settled), *rows_of(settled, "W2025")]
        known = {number(x, 2) for row in rows for x in (row.value, row.low, row.high) if x is not None}
        known |= {number(row.n) for row in rows if row.n is not None}
        known |= {text_of(percent(row.value)) for row in rows if row.value is not None}
    assert len(numbers_in(page)) > 60
    assert numbers_in(page) - known - {"Vises ikke", "Ikke spurt"} == set()
    assert "nan" not in page.casefold().replace("finansi", "")


def test_the_page_says_it_in_words(settled: Flask) -> None:
    text = text_of(browser(settled, Role.CONTROLLER, "K").get("/kvalitet/W2026").text)
    assert "Hører spørsmålene i et tema sammen?" in text
    assert "Spørsmålene hører" in text
    assert "Ikke sett dem i rekkefølge." in text
    assert "«Faktor E»" in text
    assert "De viser ikke hva som er årsaken." in text
    assert not re.search("signifikan|p-verdi", text)


def test_units_below_the_top_have_no_ranking_and_no_others(settled: Flask) -> None:
    client = browser(settled, Role.HR, "K")
    text = text_of(client.get("/kvalitet/W2026?unit=A").text)
    assert "Kan enhetene settes opp mot hverandre?" not in text
    assert "Sammenlignet med andre" not in text
    assert client.get("/kvalitet/W2026?unit=nowhere").status_code == 404
    hidden = text_of(client.get("/kvalitet/W2026?unit=C").text)
    assert "Vises ikke" in hidden


def test_leaders_are_not_led_to_it(settled: Flask) -> None:
    for role, is_led in ((Role.LEADER, False), (Role.DIRECTOR, False), (Role.HR, True)):
        page = browser(settled, role, "K").get("/resultater/W2026/enhet/K").text
        assert ("/kvalitet/" in page) is is_led


def test_one_sees_the_units_of_ones_role_alone(settled: Flask) -> None:
    client = browser(settled, Role.HR, "A")
    assert "Enhet A" in text_of(client.get("/kvalitet/W2026").text)
    assert client.get("/kvalitet/W2026?unit=K").status_code == 404
    assert client.get("/kvalitet/nowhere").status_code == 404
    assert read_in(client, norm_file("E1", 6)).status_code == 404


def norm_file(item: str, n: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["organisation", "item", "code", "count"])
    for place in range(n):
        writer.writerow([f"Kommune {place}", item, 1 + place % 6, 50])
    return out.getvalue().encode()


def read_in(client: FlaskClient, content: bytes, title: str = "Nettverket"):  # type: ignore[no-untyped-def]
    data = {"title": title, "file": (io.BytesIO(content), "norm.csv")}
    return post(client, "/kvalitet/W2026/sammenligningstall", data)


def test_figures_of_others_are_read_in_and_shown(settled: Flask) -> None:
    client = browser(settled, Role.HR, "K")
    assert "Ingen tall fra andre" in text_of(client.get("/kvalitet/W2026").text)
    refused = read_in(client, norm_file("E1", 4))
    assert refused.status_code == 422
    assert "minst 5 organisasjoner" in text_of(refused.text)
    assert read_in(client, norm_file("E1", 6), "").status_code == 422
    assert read_in(client, norm_file("E1", 6)).status_code == 302
    page = client.get("/kvalitet/W2026").text
    assert "Sammenligningstallene er lest inn: 1 spørsmål og 0 temaer." in text_of(page)
    assert "Tallene for andre er fra Nettverket" in text_of(page)
    with app_session(settled) as session:
        survey = wave_release(session, wave_code="W2026").survey_id
        found = benchmark_of(session, survey_id=survey)
    assert found is not None
    usual = found.figures[NormKind.ITEM, "E1"]
    assert (usual.value, usual.n_organisations) == (50.0, 6)


def test_the_file_holds_released_figures_alone(settled: Flask) -> None:
    client = browser(settled, Role.HR, "K")
    read_in(client, norm_file("E1", 6))
    answer = client.get("/kvalitet/W2026/fil")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    names = ["Indre samsvar", "Spørsmål i temaene", "Sammenhenger", "Hva henger sammen", "Andre"]
    assert book.sheet_names == ["Om tallene", *names]
    lines = {name: book.get_sheet_by_name(name).to_python()[1:] for name in names}
    known = {round(x, 9) for row in rows_of(settled) for x in (row.n, row.value, row.low, row.high) if x}
    for name in names[:-1]:
        numbers = [cell for line in lines[name] for cell in line if isinstance(cell, float | int)]
        assert numbers
        assert [x for x in numbers if round(x, 9) not in known] == []
    assert [line[4:8] for line in lines["Andre"] if line[4] != ""] == [[50.0, 25.0, 75.0, 6.0]]
    below = browser(settled, Role.CONTROLLER, "A").get("/kvalitet/W2026/fil")
    one = CalamineWorkbook.from_filelike(io.BytesIO(below.data))
    assert one.sheet_names == ["Om tallene", *names[:-1]]
    assert {line[0] for line in one.get_sheet_by_name("Indre samsvar").to_python()[1:]} == {"A"}


def test_the_list_names_every_wave(settled: Flask) -> None:
    text = text_of(browser(settled, Role.SURVEY_ADMIN, "K").get("/kvalitet/").text)
    assert "W2025" in text
    assert "W2026" in text
    assert len(BFI_SCALES) == 5
