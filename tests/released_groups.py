"""Waves with two background questions: their form, their answers, counted; and answers that come late."""

import numpy as np
import pandas as pd
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import Wave
from surveyor.cubes.services import build_cube
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Scale
from surveyor.releases.spec import Row
from surveyor.responses.models import AnswerSet, LateAnswer
from tests.releases_data import Units, add_answers, choice, code_list, make_wave, one_page

UNITS: Units = {
    "R": None, "A": "R", "B": "R", "C": "R",
    "A1": "A", "A2": "A", "B1": "B", "B2": "B", "B11": "B1", "B12": "B1",
}  # fmt: skip
SIZES = {"A1": 60, "A2": 34, "B11": 30, "B12": 25, "B2": 40, "C": 24}
SEX = CodeList(
    "sex",
    (
        Category("f", {"nb": "Kvinne"}),
        Category("m", {"nb": "Mann"}),
        Category("x", {"nb": "Vil ikke si"}, missing=True),
    ),
)
AGE = CodeList("age", tuple(Category(code, {"nb": code}) for code in ("a20", "a40", "a60")))


def background(name: str, code_list: str) -> Item:
    return Item(name, ItemType.SELECT_ONE, {"nb": name}, code_list=code_list, role=ItemRole.BACKGROUND)


ASKED = one_page(
    "groups",
    [code_list("c5", 1, 5, missing=True), SEX, AGE],
    [
        background("sex", "sex"), choice("q1", "c5", scale="s"), choice("q2", "c5", scale="s", reverse=True),
        choice("q3", "c5"), background("age", "age"),
    ],
    [Scale("s", {"nb": "Trivsel"}, ("q1", "q2"))],
)  # fmt: skip
NAMES = {"sex": [c.code for c in SEX.categories], "age": [c.code for c in AGE.categories]}


def answers(seed: int = 3) -> tuple[list[str], pd.DataFrame]:
    """Women answer higher on q1; a few do not say; those of 60 and older are few."""
    chance = np.random.default_rng(seed)
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    n = len(segments)
    sex = chance.choice([0, 1, 2, -1], n, p=[0.6, 0.3, 0.05, 0.05])
    high = [0.05, 0.05, 0.15, 0.4, 0.35]
    low = [0.2, 0.3, 0.3, 0.15, 0.05]
    frame = pd.DataFrame(
        {
            "sex": sex,
            "q1": [chance.choice([1, 2, 3, 4, 5], p=high if one == 0 else low) for one in sex],
            "q2": chance.choice([1, 2, 3, 4, 5, 99], n, p=[0.2, 0.2, 0.2, 0.2, 0.15, 0.05]),
            "q3": chance.integers(1, 6, n),
            "age": chance.choice([0, 1, 2], n, p=[0.5, 0.42, 0.08]),
        }
    )
    alike = np.random.default_rng(seed).random(n) < 0.7  # else the theme would be weak and have no index
    frame.loc[alike, "q2"] = 6 - frame.loc[alike, "q1"]
    return segments, frame


def counted(session: Session, code: str = "W1", seed: int = 3) -> Wave:
    wave = make_wave(session, ASKED, UNITS, code=code)
    segments, frame = answers(seed)
    add_answers(session, wave, ASKED, segments, frame, names=NAMES)
    build_cube(session, wave=wave)
    session.flush()
    return wave


def find(rows: tuple[Row, ...], unit: str, category: str, item: str, measure: str, against: str = "") -> Row:
    wanted = (unit, category, item, measure, against)
    return next(r for r in rows if (r.unit, r.category, r.item, r.measure, r.compared_to) == wanted)


def add_late(session: Session, wave: Wave, unit: str, n: int, **fixed: int) -> None:
    """n more answers of a unit, drawn as the first were; some answers the same for all."""
    known = set(session.scalars(select(AnswerSet.id)))
    frame = answers(seed=9)[1].sample(n, replace=True, random_state=n).reset_index(drop=True).assign(**fixed)
    add_answers(session, wave, ASKED, [unit] * n, frame, names=NAMES)
    session.flush()
    new = [one for one in session.scalars(select(AnswerSet.id)) if one not in known]
    session.execute(insert(LateAnswer), [{"answer_set_id": one, "wave_id": wave.id} for one in new])
