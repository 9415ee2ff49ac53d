"""A released wave of five units, some too small to show, with answers drawn by seed."""

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Questionnaire, Scale
from surveyor.releases.models import Release
from surveyor.releases.queries import cells_of
from surveyor.releases.services import freeze_release
from surveyor.releases.spec import Row
from tests.releases_data import Units, add_answers, add_frame, choice, code_list, make_wave, one_page

# A has 12, B 30, C 7, D 3 people; E has none; two report straight to the root
SIZES = {"A": 12, "B": 30, "C": 7, "D": 3, "R/own": 2}
UNITS: Units = {"R": None, "A": "R", "B": "R", "C": "R", "D": "R", "E": "R"}
COLOURS = CodeList("colour", tuple(Category(name, {"nb": name}) for name in ("red", "green", "blue")))
ASKED = one_page(
    "small",
    [code_list("c5", 1, 5, missing=True), code_list("c10", 0, 10), COLOURS],
    [
        choice("q1", "c5", scale="s"),
        choice("q2", "c5", scale="s", reverse=True),
        choice("q3", "c10", scale="t"),
        choice("q4", "c5", scale="t"),
        Item("hue", ItemType.SELECT_ONE, {"nb": "Farge"}, code_list="colour"),
    ],
    [Scale("s", {"nb": "Trivsel"}, ("q1", "q2")), Scale("t", {"nb": "Ledelse"}, ("q3", "q4"))],
)
AGREEING = 0.8


def answers(seed: int, sizes: dict[str, int] = SIZES) -> tuple[list[str], pd.DataFrame]:
    """Answers drawn by seed; the two last options of a code list of nominal answers are coded by number."""
    rng = np.random.default_rng(seed)
    segments = [unit for unit, n in sizes.items() for _ in range(n)]
    n = len(segments)
    frame = pd.DataFrame(
        {
            "q1": rng.choice([1, 2, 3, 4, 5, 99, np.nan], n, p=[0.1, 0.1, 0.2, 0.3, 0.2, 0.05, 0.05]),
            "q2": rng.choice([1, 2, 3, 4, 5], n),
            "q3": rng.integers(0, 11, n),
            "q4": rng.choice([1, 2, 3, 4, 5, 99], n),
        }
    )
    agreeing = rng.random(n) < AGREEING  # else the themes would be weak and have no index
    known = agreeing & frame["q1"].between(1, 5)
    frame.loc[known, "q2"] = (6 - frame["q1"][known]).astype(int)
    frame.loc[agreeing, "q4"] = 1 + np.minimum(frame["q3"][agreeing] // 2, 4)
    return segments, frame.assign(hue=np.nan)


def released(
    session: Session, settings: Settings, seed: int = 1, asked: Questionnaire = ASKED, code: str = "W1"
) -> tuple[Wave, Release]:
    wave = make_wave(session, asked, UNITS, code=code)
    add_answers(session, wave, asked, *answers(seed))
    add_frame(session, wave, {"A": (12, 12), "B": (40, 30), "C": (9, 7), "D": (4, 3), "R/own": (5, 2)})
    build_cube(session, wave=wave)
    session.flush()
    return wave, freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)


def rows_of(session: Session, release: Release) -> list[Row]:
    return list(cells_of(session, release_id=release.id))


def find(rows: list[Row], unit: str, item: str, measure: str, against: str = "") -> Row:
    return next(
        r for r in rows if (r.unit, r.item, r.measure, r.compared_to) == (unit, item, measure, against)
    )
