"""Indicators, values and a released wave for tests of indicators and cards."""

from datetime import date
from itertools import chain

import pandas as pd
from sqlalchemy.orm import Session

from surveyor.audit.spec import Actor
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.indicators.enums import Direction, Perspective
from surveyor.indicators.models import Indicator
from surveyor.indicators.recording import record_manual_value
from surveyor.indicators.services import save_indicator
from surveyor.indicators.spec import Definition
from surveyor.releases.services import freeze_release
from tests.factories import TREE
from tests.releases_data import add_answers, choice, code_list, make_wave, one_page

OFFICE = Actor("bms@fjordvik.test")
DIRECTOR = Actor("direktor@fjordvik.test")
ASKED = one_page("trivsel", [code_list("c5", 1, 5)], [choice("q1", "c5"), choice("q2", "c5")])
UNITS = {code: parent for code, _name, _type, parent in TREE}
# B1 has 12, B2 3, S1 18 people: B2 is hidden, and B1 with it, since OPP is their sum
ANSWERS = {"B1": [4] * 6 + [5] * 6, "B2": [1, 2, 3], "S1": [2, 3, 4] * 6}


def make_indicator(session: Session, code: str = "fravaer", **fields: object) -> Indicator:
    """An indicator written by hand, lower is better, green to 7, yellow to 9."""
    usual = {
        "name": f"Indikator {code}", "perspective": Perspective.EMPLOYEES, "source": "manual",
        "direction": Direction.DOWN, "target": 6.5, "green_from": 7.0, "yellow_from": 9.0, "measured_in": "%",
    }  # fmt: skip
    definition = Definition(code=code, **(usual | fields))  # type: ignore[arg-type]
    return save_indicator(session, definition=definition, actor=OFFICE)


def make_score(session: Session, code: str = "trivsel", **fields: object) -> Indicator:
    """An indicator out of the survey S1: the index of q1, higher is better."""
    usual = {
        "source": "survey:S1/item:q1/index", "direction": Direction.UP, "target": 75.0, "green_from": 70.0,
        "yellow_from": 50.0, "measured_in": "poeng",
    }  # fmt: skip
    return make_indicator(session, code, **(usual | fields))


def record_value(
    session: Session, value: float, *, unit: str = "B1", period: int = 2026, code: str = "fravaer"
) -> bool:
    return record_manual_value(
        session, indicator_code=code, unit_code=unit, period=period, value=value, actor=OFFICE
    )


def release_wave(
    session: Session, settings: Settings, *, code: str = "W1", closes: date = date(2026, 5, 31)
) -> Wave:
    """A wave of the survey S1 on the usual tree, counted and released."""
    wave = make_wave(session, ASKED, UNITS, code=code, closes=closes)
    values = list(chain.from_iterable(ANSWERS.values()))
    segments = [unit for unit, answers in ANSWERS.items() for _ in answers]
    add_answers(session, wave, ASKED, segments, pd.DataFrame({"q1": values, "q2": values}))
    build_cube(session, wave=wave)
    session.flush()
    freeze_release(session, settings, wave=wave, actor=OFFICE)
    return wave
