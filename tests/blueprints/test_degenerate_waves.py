"""Waves whose answers allow no statistic: a page says a word, or nothing, but never nan or infinity."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import SampleKind, WaveState
from surveyor.campaigns.models import WaveDesign
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.exports import recount
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Questionnaire, Scale
from surveyor.norms.services import import_norm
from surveyor.releases.queries import wave_release
from surveyor.releases.services import freeze_release
from surveyor.responses.models import RegisterCount
from tests.factories import app_session, browser
from tests.releases_data import Units, add_answers, add_frame, choice, code_list, make_wave, one_page

UNITS: Units = {"K": None, "A": "K", "B": "K", "C": "K"}
SIZES = {"A": 180, "B": 120, "C": 40}
N = sum(SIZES.values())
SEX = CodeList("sex", tuple(Category(code, {"nb": code}) for code in ("f", "m")))
SCORED = [f"{theme}{number}" for theme in "abc" for number in (1, 2)]
LONE = CodeList("lone", (Category("1", {"nb": "Ja"}, 1),))


def asked() -> Questionnaire:
    sex = Item("sex", ItemType.SELECT_ONE, {"nb": "Kjønn"}, code_list="sex", role=ItemRole.BACKGROUND)
    items = [sex, *(choice(name, "c5", scale=name[0]) for name in SCORED), choice("only", "lone")]
    scales = [Scale(theme, {"nb": f"Tema {theme}"}, (f"{theme}1", f"{theme}2")) for theme in "abc"]
    form = one_page("odd", [code_list("c5", 1, 5, missing=True), SEX, LONE], items, scales)
    return Questionnaire(
        form.code, form.title, form.languages, form.default_language, form.pages, form.code_lists,
        form.scales, settings={"outcome": "c"},
    )  # fmt: skip


def units() -> np.ndarray:
    return np.array([unit for unit, n in SIZES.items() for _ in range(n)])


def all_of(values: object) -> pd.DataFrame:
    return pd.DataFrame({name: np.broadcast_to(np.asarray(values, dtype=float), N) for name in SCORED})


def of_one(first: float, rest: float) -> pd.DataFrame:
    """One person answers otherwise, or at all."""
    return all_of(np.where(np.arange(N) == 0, first, rest))


SPLIT = np.where(np.arange(N) % 2, 1.0, 5.0)
ANSWERS: dict[str, Callable[[], pd.DataFrame]] = {
    "all the same": lambda: all_of(3),
    "all at the top": lambda: all_of(5),
    "nobody answers": lambda: all_of(np.nan),
    "nobody knows": lambda: all_of(99),
    "one answers": lambda: of_one(4, np.nan),
    "one answers otherwise": lambda: of_one(1, 5),
    "either end": lambda: all_of(SPLIT),
    "opposite questions": lambda: all_of(SPLIT).assign(a2=6 - SPLIT, b2=6 - SPLIT, c1=6 - SPLIT),
    "one mind a unit": lambda: all_of(np.select([units() == "A", units() == "B"], [1, 5], 3)),
    "one question varies": lambda: all_of(3).assign(a1=SPLIT),
    "no theme shared": lambda: all_of(SPLIT).assign(c1=np.nan, c2=np.nan),
}
RATES = {"everybody": (1.0, 1.0), "nobody of some": (1.0, 0.0), "half": (0.5, 0.5)}


def fill(app: Flask, settings: Settings, answers: pd.DataFrame, rates: tuple[float, float]) -> None:
    """A released sample wave of these answers, with benchmarks and who answered."""
    form, segments = asked(), units().tolist()
    frame = answers.assign(sex=np.arange(N) % 3 % 2, only=1)
    with app_session(app) as session:
        wave = make_wave(session, form, UNITS, closes=date(2026, 5, 31))
        add_answers(session, wave, form, segments, frame, names={"sex": ["f", "m"]})
        margins = {"sex": {"f": 0.6, "m": 0.4}}
        session.add(
            WaveDesign(
                wave_id=wave.id, kind=SampleKind.SIMPLE, n_population=5_000, n_clusters=None, n_by_unit={},
                margins=margins,
            )
        )  # fmt: skip
        for place, (sex, rate) in enumerate(zip("fm", rates, strict=True)):
            counts = {"n_invited": 200, "n_answered": int(200 * rate)}
            session.add(RegisterCount(wave_id=wave.id, position=place, groups={"gender": sex}, **counts))
        add_frame(session, wave, {unit: (n, n) for unit, n in SIZES.items()})
        session.flush()
        build_cube(session, wave=wave)
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        rows = "".join(f"Kommune {n};{item};3;10\n" for n in range(5) for item in SCORED)
        import_norm(
            session, survey_id=wave.survey_id, questionnaire=form, title="Andre",
            file=f"kommune;spørsmål;svarkode;antall\n{rows}".encode(), filename="n.csv", actor=COMMAND_LINE,
        )  # fmt: skip
        wave.state = WaveState.CLOSED


def odd_numbers(text: str) -> list[str]:
    """What a number that is none looks like in writing."""
    plain = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)
    return re.findall(r"(?<![\w-])(?:[-−]?(?i:nan|inf|infinity)|None|undefined)(?![\w-])", plain)


def pages(client: FlaskClient, app: Flask) -> dict[str, str]:
    """Every page there is of the wave, the attributes of pictures included."""
    with app_session(app) as session:
        method = wave_release(session, wave_code="W1").method
    base = "/resultater/W1"
    found = [f"{base}/enhet/{unit}" for unit in UNITS]
    found += [
        f"{base}/enhet/K{more}" for more in ("?view=rest", "?view=last", "/over-tid", "/tema/a", "/sporsmal")
    ]
    found += [f"{base}/slik-regner-vi", f"{base}/enhet/K/vektet", f"{base}/enhet/A/vektet"]
    found += [f"{base}/svar?grenser=1"] if method.get("responses") else []
    found += [f"{base}/enhet/K/grupper/{cut}" for cut in method.get("cuts", ())]
    found += [f"/kvalitet/W1?unit={unit}" for unit in "KA"] if method.get("moments") else []
    answers = {path: client.get(path) for path in found}
    assert {answer.status_code for answer in answers.values()} == {200}, {
        path: answer.status_code for path, answer in answers.items() if answer.status_code != 200
    }
    return {path: answer.text for path, answer in answers.items()}


def files(client: FlaskClient) -> list[object]:
    """Every cell of every workbook, and the text of the files of rows."""
    cells: list[object] = []
    for path in ("/resultater/W1/enhet/K/fil/xlsx", "/resultater/W1/utvalg/fil/xlsx", "/kvalitet/W1/fil"):
        answer = client.get(path)
        if answer.status_code == 404:
            continue
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        for name in book.sheet_names:
            cells += [cell for row in book.get_sheet_by_name(name).to_python() for cell in row]
    for path in ("/resultater/W1/enhet/K/fil/csv", "/resultater/W1/utvalg/fil/csv"):
        cells += re.split(r"[,\n]", client.get(path).text)
    return cells


@pytest.mark.parametrize("kind", ANSWERS)
def test_no_page_and_no_file_holds_a_number_that_is_none(
    app: Flask, settings: Settings, tmp_path: Path, kind: str
) -> None:
    fill(app, settings, ANSWERS[kind](), RATES["half"])
    client = browser(app, Role.HR, "K")
    for path, page in pages(client, app).items():
        assert odd_numbers(page) == [], path
        drawn = re.findall(r'\s(?:x|y|x1|x2|cx|cy|width|height|d|points)="([^"]*)"', page)
        assert not [one for one in drawn if re.search("nan|inf|None", one, re.IGNORECASE)], path
    assert [cell for cell in files(client) if odd_numbers(str(cell))] == []
    zipfile.ZipFile(io.BytesIO(client.get("/resultater/W1/regn-etter.zip").data)).extractall(tmp_path / "p")
    assert recount.main(tmp_path / "p") == 0  # the package is counted again without a stumble


@pytest.mark.parametrize("kind", RATES)
def test_who_answered_when_all_or_none_did(app: Flask, settings: Settings, kind: str) -> None:
    fill(app, settings, ANSWERS["either end"](), RATES[kind])
    client = browser(app, Role.HR, "K")
    page = client.get("/resultater/W1/svar?grenser=1")
    assert page.status_code == 200
    assert odd_numbers(page.text) == []


def test_the_look_finds_what_it_looks_for() -> None:
    """Negative control."""
    page = '<p>nan</p><td class="num">-inf</td><td>None</td><i>Finans</i><b>Infinity</b><s>nantes, info</s>'
    assert odd_numbers(page) == ["nan", "-inf", "None", "Infinity"]
