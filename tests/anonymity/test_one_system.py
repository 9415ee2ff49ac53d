"""ANON-7 as one linear system: every number a wave's files, pages and cards are made of, attacked together.

Unknown is how many of each kind of people (unit, and all background answers) chose each option. Every mean,
index, share, SD and difference shown is a line of the system, of units and of all groups alike; n are known.
(That pages, workbook, files and cards hold no other number is held by test_black_box.py and
test_every_number.py.)
"""

import io
import json
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.orm import Session

from analysis.disclosure.auditor import PRIME
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.exports.results import write_results
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Scale
from surveyor.releases.services import freeze_release
from tests.analysis.linear import null_space
from tests.analysis.oracles import rank_mod_p
from tests.releases_data import Units, add_answers, choice, code_list, make_wave, one_page

pytestmark = pytest.mark.either

UNITS: Units = {
    "K": None, "A": "K", "B": "K", "A1": "A", "A2": "A", "A3": "A",
    "B1": "B", "B2": "B", "B3": "B", "B4": "B", "B11": "B1", "B12": "B1",
}  # fmt: skip
SIZES = {"A1": 36, "A2": 14, "A3": 3, "B11": 30, "B12": 22, "B2": 8, "B3": 4, "B4": 4}
CUTS = {"sex": ("f", "m"), "age": ("a", "b", "c"), "job": ("p", "q")}
ITEMS, SCORES = ("q1", "q2", "q3"), (1, 2, 3, 4)


def people(seed: int) -> pd.DataFrame:
    """Everybody's answers; the job nearly follows from sex and age, and few leave a question out."""
    rng, n = np.random.default_rng(seed), sum(SIZES.values())
    frame = pd.DataFrame({"unit": np.repeat([*SIZES], [*SIZES.values()])})
    frame["sex"], frame["age"] = rng.choice(2, n, p=[0.6, 0.4]), rng.choice(3, n, p=[0.4, 0.35, 0.25])
    frame["job"] = np.where(rng.random(n) < 0.04, rng.choice(2, n), (frame["sex"] + frame["age"]) % 2)
    first = rng.choice(SCORES, n)
    for item in ITEMS:
        frame[item] = np.where(rng.random(n) < 0.6, first, rng.choice(SCORES, n))
        frame.loc[rng.random(n) < 0.03, item] = 99
    return frame


def released(session: Session, settings: Settings, frame: pd.DataFrame, code: str) -> list[dict[str, Any]]:
    """The rows of the wave's file, nothing left out."""
    lists = [code_list("c4", 1, 4, missing=True)]
    lists += [CodeList(cut, tuple(Category(c, {"nb": c}) for c in codes)) for cut, codes in CUTS.items()]
    asked = [choice(name, "c4", scale="t") for name in ITEMS]
    asked += [
        Item(cut, ItemType.SELECT_ONE, {"nb": cut}, code_list=cut, role=ItemRole.BACKGROUND) for cut in CUTS
    ]
    questionnaire = one_page("one", lists, asked, [Scale("t", {"nb": "Trivsel"}, ITEMS)])
    wave = make_wave(session, questionnaire, UNITS, code=code)
    names = {cut: list(codes) for cut, codes in CUTS.items()}
    add_answers(session, wave, questionnaire, frame["unit"].tolist(), frame.drop(columns="unit"), names=names)
    build_cube(session, wave=wave)
    session.flush()
    freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    out = io.BytesIO()
    write_results(session, wave_code=code, unit=None, format="json", out=out)
    return [row for row in json.loads(out.getvalue()) if row["state"] == "shown"]


class Attacker:
    """Knows who is in every unit and group and who answered an item; wants to know what a few said."""

    def __init__(self, frame: pd.DataFrame, item: str) -> None:
        self.frame = frame[frame[item] != 99]

    @cached_property
    def kinds(self) -> pd.DataFrame:
        return self.frame.groupby(["unit", *CUTS]).size().rename("n").reset_index()

    def inside(self, row: dict[str, Any]) -> np.ndarray:
        """(P,) the kinds in a unit, or in a group of it."""
        found = np.array([row["unit"] in _path(unit) for unit in self.kinds["unit"]])
        if row["cut"]:
            found &= (self.kinds[row["cut"]] == CUTS[row["cut"]].index(row["category"])).to_numpy()
        return found

    def lines(self, rows: list[dict[str, Any]]) -> Iterator[np.ndarray]:
        """(P, options) coefficients of every number, times what makes them whole."""
        n = self.kinds["n"].to_numpy()
        for row in rows:
            here = self.inside(row)
            if row["compared_to"]:
                around = (
                    self.inside(row | {"cut": "", "category": ""}) if row["cut"] else np.ones(len(n), bool)
                )
                rest = around & ~here
                both = here * int(n[rest].sum()) - rest * int(n[here].sum())
                yield np.outer(both, SCORES)
            else:
                yield np.outer(here, _options(row["measure"]))

    def tells_about(self, rows: list[dict[str, Any]], k: int) -> list[int]:
        """How many people each set of kinds holds, fewer than k, about whom some combination tells."""
        table = np.array([(line[:, :-1] - line[:, -1:]).ravel() for line in self.lines(rows)]) % PRIME
        width, n = len(SCORES) - 1, self.kinds["n"].to_numpy()
        free = null_space(table).reshape(len(n), width, -1)
        small = np.flatnonzero(n < k).tolist()
        return [int(n[list(few)].sum()) for size in range(1, k) for few in combinations(small, size)
                 if n[list(few)].sum() < k and _depends(free[list(few)])]  # fmt: skip


def _depends(free: np.ndarray) -> bool:
    """Whether something on these kinds alone is at right angles to all that no number sees."""
    lines = free.reshape(free.shape[0] * free.shape[1], -1)
    return rank_mod_p(lines) < len(lines)


def _path(unit: str | None) -> Iterator[str]:
    while unit is not None:
        yield unit
        unit = UNITS[unit]


def _options(measure: str) -> np.ndarray:
    scores = np.array(SCORES)
    if measure == "sd":
        return scores**2
    if measure.startswith("share:"):
        return (scores == int(measure.removeprefix("share:"))).astype(int)
    return {"top2": (scores >= 3).astype(int), "bottom": (scores == 1).astype(int)}.get(measure, scores)


def of_item(rows: list[dict[str, Any]], item: str) -> list[dict[str, Any]]:
    """What is shown of an item; a theme's index is the mean of its items', so it is nothing more."""
    mine = [row for row in rows if row["kind"] == "item" and row["item"] == item]
    return [row for row in mine if row["measure"] != "missing_share"]


def careless(frame: pd.DataFrame, item: str) -> list[dict[str, Any]]:
    """What hiding every unit and group under five, and nothing else, would show."""
    attacker, every = Attacker(frame, item), [(unit, "", "") for unit in UNITS]
    every += [(unit, cut, c) for unit in ("K", "A", "B", "A1", "B1") for cut, cs in CUTS.items() for c in cs]
    rows = [
        {"unit": u, "cut": cut, "category": c, "measure": "mean", "compared_to": ""} for u, cut, c in every
    ]
    return [row for row in rows if attacker.kinds["n"][attacker.inside(row)].sum() >= 5]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.soak)])
def test_all_numbers_of_a_wave_together_tell_about_nobody(
    session: Session, settings: Settings, seed: int
) -> None:
    frame = people(seed)
    rows = released(session, settings, frame, f"W{seed}")
    assert {row["cut"] for row in rows} == {"", *CUTS}
    for item in ITEMS:
        attacker = Attacker(frame, item)
        assert len(of_item(rows, item)) > 80
        assert attacker.tells_about(of_item(rows, item), 5) == []
        assert attacker.tells_about(careless(frame, item), 5)  # negative control
