"""ANON-7 from outside: everything each role can see and take, compared, read back and attacked.

Two installations differ only in what the gate holds back: two hidden kindergartens of equal size have changed
all their answers and comments with one another. Nothing anybody sees may differ.
"""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask import Flask
from sqlalchemy.orm import Session
from statsmodels.stats.proportion import proportion_confint

from analysis.disclosure.auditor import Cells, audit_cells
from blueprints.filters import number, percent, signed
from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.exports.results import write_results
from surveyor.indicators.services import publish_wave
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Questionnaire, Scale
from surveyor.releases.comments import freeze_comments
from surveyor.releases.services import freeze_release
from surveyor.responses.models import FreeText
from surveyor.texts.enums import ReviewState
from surveyor.texts.queries import waiting_comments
from surveyor.texts.services import add_theme, decide
from tests.analysis.oracles import brute_force, small_group
from tests.anonymity.installations import copied_app
from tests.anonymity.sight import STARTS, differing, seen
from tests.card_data import OFFICE, make_score
from tests.factories import app_session
from tests.releases_data import Units, add_answers, add_frame, choice, code_list, make_wave, one_page

pytestmark = pytest.mark.usefixtures("one_day")
UNITS: Units = {
    "K": None, "A": "K", "B": "K", "A1": "A", "A2": "A", "A3": "A",
    "B1": "B", "B2": "B", "B3": "B", "B4": "B",
}  # fmt: skip
SIZES = {"A1": 30, "A2": 14, "A3": 3, "B1": 40, "B2": 8, "B3": 4, "B4": 4}
GROUPS = ("f", "m", "")  # the last: no answer
ITEMS = ("q1", "q2", "q3")
CODES, SHARES = (1, 2, 3, 4, 5, 99), (0.1, 0.15, 0.2, 0.3, 0.2, 0.05)
ROLES = (
    (Role.HR, "K"), (Role.SURVEY_ADMIN, "K"), (Role.DIRECTOR, "B"), (Role.LEADER, "B3"), (Role.LEADER, "A1"),
    (Role.SCORECARD_OFFICE, "K"), (Role.READER, "K"),
)  # fmt: skip


def asked() -> Questionnaire:
    items = [choice(name, "c5", scale="t") for name in ITEMS]
    sex = Item("sex", ItemType.SELECT_ONE, {"nb": "Kjønn"}, code_list="sex", role=ItemRole.BACKGROUND)
    words = Item("comment", ItemType.TEXT, {"nb": "Noe mer?"}, role=ItemRole.OPEN)
    scale = Scale("t", {"nb": "Trivsel"}, ITEMS)
    sexes = CodeList("sex", (Category("f", {"nb": "Kvinne"}), Category("m", {"nb": "Mann"})))
    lists = [code_list("c5", 1, 5, missing=True), sexes]
    return one_page("trivsel", lists, [*items, sex, words], [scale])


def answers(swapped: tuple[str, str]) -> Mapping[str, pd.DataFrame]:
    """Answers of each leaf; those of two leaves exchanged."""
    chance = np.random.default_rng(7)
    found = {
        unit: pd.DataFrame(
            {
                name: chance.choice([1, 2, 3, 4, 5, 99], n, p=[0.1, 0.15, 0.2, 0.3, 0.2, 0.05])
                for name in ITEMS
            }
            | {"sex": chance.choice([0, 1, -1], n, p=[0.6, 0.3, 0.1])}
        )
        for unit, n in SIZES.items()
    }
    alike = np.random.default_rng(8)  # else the theme would be weak, and nobody would see its index
    for frame in found.values():
        same = alike.random(len(frame)) < 0.6
        for name in ITEMS[1:]:
            frame.loc[same, name] = frame.loc[same, ITEMS[0]]
    first, second = swapped
    n = min(SIZES[first], SIZES[second])
    here, there = found[first].copy(), found[second].copy()
    found[first].iloc[:n], found[second].iloc[:n] = there.iloc[:n].to_numpy(), here.iloc[:n].to_numpy()
    return found


def fill(session: Session, settings: Settings, swapped: tuple[str, str]) -> None:
    """A released wave with comments, on a card."""
    questionnaire, given = asked(), answers(swapped)
    wave = make_wave(session, questionnaire, UNITS, code="W1", closes=date(2026, 5, 31))
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    together = pd.concat(given.values(), ignore_index=True)
    add_answers(session, wave, questionnaire, segments, together, names={"sex": GROUPS[:2]})
    add_frame(session, wave, {unit: (n + 4, n) for unit, n in SIZES.items()})
    build_cube(session, wave=wave)
    session.flush()
    freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    wave.state, wave.outcome = WaveState.CLOSED, WaveOutcome.RELEASED
    whose = dict(zip(swapped, reversed(swapped), strict=True))
    for unit, n in SIZES.items():
        writer = whose.get(unit, unit)
        for i in range(n // 3):  # few enough for one page of a list
            body = f"ord fra {writer} nummer {i}" + (" om lønn" if i % 3 == 0 else "")
            session.add(FreeText(wave_id=wave.id, segment_code=unit, item="comment", body=body))
    session.flush()
    for one in waiting_comments(session, wave_id=wave.id, item="comment", limit=1000):
        decide(session, wave=wave, item="comment", text_id=one.id, state=ReviewState.SHOWN, actor=OFFICE)
    add_theme(session, wave=wave, item="comment", name="Lønn", keywords="lønn", actor=OFFICE)
    session.flush()
    freeze_comments(session, wave=wave, item="comment", actor=OFFICE)
    make_score(session, source="survey:S1/scale:t/index", code="trivsel")
    session.flush()
    publish_wave(session, wave_code="W1", actor=OFFICE)


def installation(folder: Path, settings: Settings, swapped: tuple[str, str]) -> Flask:
    app, ours = copied_app(folder, settings)
    with app_session(app) as session:
        fill(session, ours, swapped)
    return app


@pytest.fixture
def one(tmp_path: Path, settings: Settings) -> Iterator[Flask]:
    app = installation(tmp_path / "one", settings, ("B3", "B3"))
    yield app
    app.extensions["surveyor.engine"].dispose()


def test_what_is_held_back_changes_nothing_anybody_sees(
    one: Flask, tmp_path: Path, settings: Settings
) -> None:
    hidden = installation(tmp_path / "hidden", settings, ("B3", "B4"))
    shown = installation(tmp_path / "shown", settings, ("A1", "B1"))  # negative control
    for role, unit in ROLES:
        before = seen(one, role, unit)
        assert len(before) > len(STARTS) or role is Role.READER
        assert differing(before, seen(hidden, role, unit)) == set(), role
        if role is not Role.READER and (role, unit) != (Role.LEADER, "B3"):
            assert differing(before, seen(shown, role, unit)), role
    for app in (hidden, shown):
        app.extensions["surveyor.engine"].dispose()


def rows_of(app: Flask) -> list[dict[str, Any]]:
    out = io.BytesIO()
    with app_session(app) as session:
        write_results(session, wave_code="W1", unit=None, format="json", out=out)
    found: list[dict[str, Any]] = json.loads(out.getvalue())
    return found


def test_every_number_in_a_table_is_a_released_one(one: Flask) -> None:
    """Whatever stands in a cell for numbers is a released number as our filters write it."""
    with one.test_request_context("/"):
        allowed = {text for row in rows_of(one) for text in written(row)} | {"Ikke spurt", "Vises ikke", ""}
    pages = {url: text for url, text in seen(one, Role.HR, "K").items() if url.startswith("/resultater/W1")}
    strange = defaultdict(set)
    n_checked = 0
    for url, page in pages.items():
        for cell in re.findall(r'<td class="num"[^>]*>(.*?)</td>', page, re.DOTALL):
            text = unescape(re.sub(r"<[^>]+>", "\n", cell)).strip()
            for part in filter(None, (part.strip() for part in text.split("\n"))):
                n_checked += 1
                if not set(re.split(r" til |høyst |minst ", part)) <= allowed and "kommentarer" not in url:
                    strange[url].add(part)
    assert n_checked > 100
    assert strange == {}


def written(row: Mapping[str, Any]) -> Iterator[str]:
    for name in ("n", "value", "low", "high", "difference"):
        value = row[name]
        if value is not None:
            yield from (number(value), number(value, 1), number(value, 2), signed(value), percent(value))
    if row["value"] is not None and row["measure"].startswith(("share:", "top2", "bottom", "missing_share")):
        ends = proportion_confint(round(row["value"] * row["n"]), row["n"], method="wilson")
        yield from (number(100 * end) for end in ends)  # how sure a released share of a released n is


def test_the_file_is_the_same_in_every_form_and_gives_an_attacker_nothing(one: Flask) -> None:
    rows = rows_of(one)
    files = seen(one, Role.HR, "K")
    table = list(csv.DictReader(io.StringIO(files["/resultater/W1/enhet/K/fil/csv"])))
    assert [[str(v) if v is not None else "" for v in row.values()] for row in rows] == [
        [*row.values()] for row in table
    ]
    workbook = files["/resultater/W1/enhet/K/fil/xlsx"]
    for hidden in ("B3", "B4"):
        mine = [row for row in rows if row["unit"] == hidden]
        assert not any(row["cut"] for row in mine)
        assert {row["state"] for row in mine} == {"hidden"}
        assert not any(row[name] is not None for row in mine for name in ("n", "value", "low", "high", "p"))
    assert "B3" in workbook
    for item in ITEMS:
        given = answers(("B3", "B3"))
        n = {unit: int((frame[item] != 99).sum()) for unit, frame in given.items()}
        for measure, k in (("index", 5), ("sd", 10)):
            cells = published(rows, item, measure, n)
            assert audit_cells(cells, k, item) == []
            assert brute_force(cells.atoms, cells.atom_n, k) is None
            plain = published(rows, item, measure, n, plain=k)  # negative control: hide n < k and no more
            assert brute_force(plain.atoms, plain.atom_n, k) is not None


def published(
    rows: list[dict[str, Any]], item: str, measure: str, n: Mapping[str, int], plain: int = 0
) -> Cells:
    """The units that show a measure of an item, as an attacker who knows every n sees them."""
    leaves = [unit for unit in SIZES if n[unit]]
    below = {unit: [leaf for leaf in leaves if unit in (leaf, UNITS[leaf], "K")] for unit in UNITS}
    shown = [
        row["unit"] for row in rows
        if (row["kind"], row["item"], row["measure"], row["compared_to"]) == ("item", item, measure, "")
        and not row["cut"]
        and (sum(n[leaf] for leaf in below[row["unit"]]) >= plain if plain else row["state"] == "shown")
    ]  # fmt: skip
    atoms = np.array([[int(leaf in below[unit]) for leaf in leaves] for unit in shown], dtype=np.int64)
    return Cells(
        tuple(shown), atoms, np.array([n[leaf] for leaf in leaves]), np.zeros((len(shown), 0), dtype=np.int64)
    )


def test_groups_beside_units_give_an_attacker_nothing(one: Flask) -> None:
    """Pages, workbook and JSON show the same groups; with all totals they isolate nobody."""
    rows = rows_of(one)
    groups = [row for row in rows if row["cut"] and row["state"] == "shown"]
    assert {row["unit"] for row in groups} >= {"K", "A", "B"}
    assert {row["category"] for row in groups} == {"f", "m"}
    files = seen(one, Role.HR, "K")
    assert any("/grupper/sex" in url for url in files)
    assert "Kvinne" in files["/resultater/W1/enhet/K/fil/xlsx"]
    given = answers(("B3", "B3"))
    for item in ITEMS:
        n = np.array(
            [[((f[item] != 99) & (f["sex"] == s)).sum() for s in (0, 1, -1)] for f in given.values()]
        )
        for measure, k in (("index", 5), ("sd", 10)):
            cells, n_totals = published_groups(rows, item, measure, n)
            assert len(cells.names) > n_totals
            assert small_group(cells, n_totals, k) is None
            plain, n_totals = published_groups(rows, item, measure, n, plain=k)  # negative control
            assert small_group(plain, n_totals, k) is not None


def published_groups(
    rows: list[dict[str, Any]], item: str, measure: str, n: np.ndarray, plain: int = 0
) -> tuple[Cells, int]:
    """Units, then groups, that show a measure of an item, over leaves by group; how many are units."""
    below = {unit: [unit in (leaf, UNITS[leaf], "K") for leaf in SIZES] for unit in UNITS}
    shown = {
        (row["unit"], row["category"]) for row in rows
        if (row["kind"], row["item"], row["measure"], row["compared_to"]) == ("item", item, measure, "")
        and row["state"] == "shown"
    }  # fmt: skip
    every = [(unit, group) for group in ("*", *GROUPS[:2]) for unit in UNITS]
    cells = []
    for unit, group in every:
        mask = np.outer(below[unit], [group in ("*", one) for one in GROUPS])
        is_shown = n[mask].sum() >= plain if plain else (unit, group.strip("*")) in shown
        if is_shown:
            cells.append((f"{unit}#{group}", mask.ravel()[n.ravel() > 0].astype(np.int64)))
    atoms, names = np.array([cell for _, cell in cells]), tuple(name for name, _ in cells)
    nothing = np.zeros((len(cells), 0), dtype=np.int64)
    return Cells(names, atoms, n.ravel()[n.ravel() > 0], nothing), sum("*" in name for name in names)
