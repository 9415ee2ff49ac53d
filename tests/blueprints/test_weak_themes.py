"""A theme whose questions do not belong together has no index anywhere: one rule, seen from everywhere.

Every place is asked for two themes. The strong one is the negative control: there it has a number.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape

import numpy as np
import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import wave_by_code
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.exports.reproduction import write_package
from surveyor.exports.results import write_results
from surveyor.indicators.services import publish_wave
from surveyor.instruments.spec import Scale
from surveyor.releases.enums import CellKind
from surveyor.releases.models import MomentCell
from surveyor.releases.queries import cells_of, wave_release
from surveyor.releases.services import freeze_release, restate_release
from surveyor.scorecards.queries import card_as_json
from tests.card_data import OFFICE, UNITS, make_score
from tests.factories import app_session, make_tree, sign_in_as
from tests.released_groups import SEX, background
from tests.releases_data import add_answers, choice, code_list, make_wave, one_page

WEAK, STRONG = "weak", "strong"
ASKED = one_page(
    "themes",
    [code_list("c5", 1, 5), SEX],
    [
        background("sex", "sex"), *(choice(name, "c5", scale=STRONG) for name in ("a1", "a2", "a3")),
        *(choice(name, "c5", scale=WEAK) for name in ("b1", "b2", "b3")),
    ],
    [
        Scale(STRONG, {"nb": "Sterkt tema"}, ("a1", "a2", "a3")),
        Scale(WEAK, {"nb": "Svakt tema"}, ("b1", "b2", "b3")),
    ],
)  # fmt: skip
SIZES = {"B1": 60, "B2": 50, "S1": 70}
YEARS = {"W1": 2025, "W2": 2026}


def themes(session: Session, settings: Settings, code: str) -> Wave:
    """A released wave: three questions of one mind, and three that have nothing to do with each other."""
    chance = np.random.default_rng(YEARS[code])
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    mood = chance.integers(1, 6, len(segments))
    columns: dict[str, object] = {"sex": chance.integers(0, 2, len(segments))}
    for name in ("a1", "a2", "a3"):
        columns[name] = np.clip(mood + chance.integers(-1, 2, len(segments)), 1, 5)
    columns |= {name: chance.integers(1, 6, len(segments)) for name in ("b1", "b2", "b3")}
    wave = make_wave(session, ASKED, UNITS, code=code, closes=date(YEARS[code], 5, 31))
    add_answers(session, wave, ASKED, segments, pd.DataFrame(columns), names={"sex": ["f", "m"]})
    build_cube(session, wave=wave)
    session.flush()
    freeze_release(session, settings, wave=wave, actor=OFFICE)
    wave.state = WaveState.CLOSED
    session.flush()
    return wave


@pytest.fixture
def settled(app: Flask, settings: Settings, remember: Callable[..., None]) -> Flask:
    def fill() -> None:
        with app_session(app) as session:
            make_tree(session)
            for code in YEARS:
                themes(session, settings, code)
            for theme in (WEAK, STRONG):
                make_score(session, theme, source=f"survey:S1/scale:{theme}/index")
            for code in YEARS:
                publish_wave(session, wave_code=code, actor=OFFICE)

    remember("a weak theme and a strong one", fill)
    return app


def reader(app: Flask) -> FlaskClient:
    client = app.test_client()
    sign_in_as(client, Role.HR, "FK")
    return client


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
def test_every_place_tells_the_same(settled: Flask, place: Callable[[Flask, str], bool]) -> None:
    assert place(settled, STRONG)
    assert not place(settled, WEAK)


def test_the_manifest_and_the_method_page_name_the_theme(settled: Flask) -> None:
    with app_session(settled) as session:
        assert wave_release(session, wave_code="W2").items_only == {WEAK}
    page = reader(settled).get("/resultater/W2/slik-regner-vi").text
    assert "disse temaene ingen indeks: Svakt tema." in page
    with written(settled, "xlsx") as file:
        cover = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert any(row[0] == "Temaer uten indeks" and row[1].startswith("Svakt tema.") for row in cover)


def test_its_questions_are_shown(settled: Flask) -> None:
    with app_session(settled) as session:
        release = wave_release(session, wave_code="W2")
        rows = cells_of(
            session, release_id=release.release_id, units=["FK"], kind=CellKind.ITEM, items=["b1"]
        )
        assert next(row for row in rows if row.measure == "index").value is not None


def test_a_restated_series_has_none_either(settled: Flask) -> None:
    with app_session(settled) as session:
        waves = [wave_by_code(session, code=code) for code in YEARS]
        pairs = (("B1", "B1"), ("B2", "B2"))
        release = restate_release(session, wave=waves[0], later=waves[1], pairs=pairs, actor=COMMAND_LINE)
        rows = list(cells_of(session, release_id=release.id, kind=CellKind.SCALE))
        shown = {row.item for row in rows if row.value is not None}
        assert shown == {STRONG}
        assert release.method["items_only"] == [WEAK]
        session.rollback()
