"""A theme whose questions do not belong together has no index anywhere: one rule, seen from everywhere.

Every place is asked for two themes. The strong one is the negative control: there it has a number.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.queries import wave_by_code
from surveyor.exports.reproduction import write_package
from surveyor.exports.results import write_results
from surveyor.releases.enums import CellKind
from surveyor.releases.models import MomentCell
from surveyor.releases.queries import cells_of, wave_release
from surveyor.releases.services import restate_release
from surveyor.scorecards.queries import card_as_json
from tests.factories import app_session, browser
from tests.theme_waves import STRONG, WEAK, YEARS


def reader(app: Flask) -> FlaskClient:
    return browser(app, Role.HR, "FK")


@contextmanager
def written(app: Flask, kind: str) -> Iterator[io.BytesIO]:
    out = io.BytesIO()
    with app_session(app) as session:
        write_results(session, wave_code="W2", unit=None, format=kind, out=out)
    out.seek(0)
    yield out


def in_database(app: Flask, theme: str) -> bool:
    with app_session(app) as session:
        release = wave_release(session, wave_code="W2")
        rows = [
            row for row in cells_of(session, release_id=release.release_id, cut=None) if row.item == theme
        ]
    assert rows
    return any(one is not None for row in rows for one in (row.n, row.value, row.low, row.difference, row.p))


def in_csv(app: Flask, theme: str) -> bool:
    with written(app, "csv") as file:
        frame = pd.read_csv(file)
    mine = frame[(frame["kind"] == "scale") & (frame["item"] == theme)]
    assert len(mine)
    numbers = ["n", "value", "low", "high", "difference", "p", "p_adjusted", "effect", "verdict"]
    return bool(mine[numbers].notna().any().any() or (mine["state"] == "shown").any())


def in_json(app: Flask, theme: str) -> bool:
    with written(app, "json") as file:
        rows = [row for row in json.load(file) if row["item"] == theme]
    assert rows
    return any(isinstance(one, float) for row in rows for one in row.values())


def in_xlsx(app: Flask, theme: str) -> bool:
    with written(app, "xlsx") as file:
        book = CalamineWorkbook.from_filelike(file)
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    about = {WEAK: "Svakt tema", STRONG: "Sterkt tema"}[theme]
    rows = [row for sheet in sheets[1:] for row in sheet if about in row or theme in row]
    assert rows
    return any(isinstance(cell, float) for row in rows for cell in row)


def in_package(app: Flask, theme: str) -> bool:
    out = io.BytesIO()
    with app_session(app) as session:
        write_package(session, wave_code="W2", out=out)
    lines = zipfile.ZipFile(out).read("celler.jsonl").decode().splitlines()[1:]
    rows = [row for row in map(json.loads, lines) if row[2] == theme]
    assert rows
    return any(isinstance(cell, float) for row in rows for cell in row)


def on_overview(app: Flask, theme: str) -> bool:
    return _figure_beside(reader(app).get("/resultater/W2/enhet/FK").text, f"/tema/{theme}")


def in_series(app: Flask, theme: str) -> bool:
    name = {WEAK: "Svakt tema", STRONG: "Sterkt tema"}[theme]
    page = unescape(reader(app).get("/resultater/W2/enhet/FK/over-tid").text)
    rows = [row for row in page.split("<tr") if 'scope="row"' in row and name in row]
    assert rows
    return not all("Vises ikke" in row for row in rows)


def on_own_page(app: Flask, theme: str) -> bool:
    page = reader(app).get(f"/resultater/W2/enhet/FK/tema/{theme}").text
    return "Vises ikke" not in page.split('class="sv-big"')[1].split("</p>")[0]


def in_groups(app: Flask, theme: str) -> bool:
    """Of a weak theme the questions stand there instead."""
    page = reader(app).get(f"/resultater/W2/enhet/FK/grupper/sex/tema/{theme}").text
    name = {WEAK: "Svakt tema", STRONG: "Sterkt tema"}[theme]
    sections = [one for one in page.split("<section") if f">{name}</h2>" in one and "<table" in one]
    return any("Vises ikke" not in one for one in sections)


def _figure_beside(page: str, link: str) -> bool:
    row = next(row for row in page.split("<tr") if link in row)
    return "Vises ikke" not in row.split("</td>")[0]


def as_indicator(app: Flask, theme: str) -> bool:
    with app_session(app) as session:
        card = card_as_json(session, unit_code="B1", period=2026)
    lines = {line["code"]: line for one in card["perspectives"] for line in one["indicators"]}
    return lines[theme]["value"] is not None or lines[theme]["last"] is not None


def between_units(app: Flask, theme: str) -> bool:
    """ICC rests on the units' indexes."""
    with app_session(app) as session:
        cells = session.query(MomentCell).filter_by(subject=theme, measure="icc1").all()
        assert cells
        return any(cell.value is not None for cell in cells)


PLACES = (
    in_database, in_csv, in_json, in_xlsx, in_package, on_overview, in_series, on_own_page, in_groups,
    as_indicator, between_units,
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_every_place_tells_the_same(themed: Flask, place: Callable[[Flask, str], bool]) -> None:
    assert place(themed, STRONG)
    assert not place(themed, WEAK)


def test_the_manifest_and_the_method_page_name_the_theme(themed: Flask) -> None:
    with app_session(themed) as session:
        assert wave_release(session, wave_code="W2").items_only == {WEAK}
    page = reader(themed).get("/resultater/W2/slik-regner-vi").text
    assert "disse temaene ingen indeks: Svakt tema." in page
    with written(themed, "xlsx") as file:
        cover = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert any(row[0] == "Temaer uten indeks" and row[1].startswith("Svakt tema.") for row in cover)


def test_its_questions_are_shown(themed: Flask) -> None:
    with app_session(themed) as session:
        release = wave_release(session, wave_code="W2")
        rows = cells_of(
            session, release_id=release.release_id, units=["FK"], kind=CellKind.ITEM, items=["b1"]
        )
        assert next(row for row in rows if row.measure == "index").value is not None


def test_a_restated_series_has_none_either(themed: Flask) -> None:
    with app_session(themed) as session:
        waves = [wave_by_code(session, code=code) for code in YEARS]
        pairs = (("B1", "B1"), ("B2", "B2"))
        release = restate_release(session, wave=waves[0], later=waves[1], pairs=pairs, actor=COMMAND_LINE)
        rows = list(cells_of(session, release_id=release.id, kind=CellKind.SCALE))
        shown = {row.item for row in rows if row.value is not None}
        assert shown == {STRONG}
        assert release.method["items_only"] == [WEAK]
        session.rollback()
