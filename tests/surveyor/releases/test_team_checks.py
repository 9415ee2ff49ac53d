"""A unit made of teams: what is said of it must not rest on people who answer alike."""

from collections.abc import Mapping

import numpy as np

from analysis.disclosure.tree import Tree
from surveyor.releases.enums import CellKind, CellState, Verdict
from surveyor.releases.spec import Row
from surveyor.releases.team_checks import between_teams

CODES = ("R", "A", "B", "A1", "A2", "A3", "B1", "B2", "B3", "B4")
PARENT = (-1, 0, 0, 1, 1, 1, 2, 2, 2, 2)
TREE = Tree(CODES, np.array(PARENT, dtype=np.int64), np.zeros(len(CODES), dtype=np.bool_))
BELOW = {"B1": 48.0, "B2": 52.0, "B3": 50.0, "B4": 51.0}
SCALE = CellKind.SCALE


def rows(
    teams: Mapping[str, float], verdict: Verdict = Verdict.HIGHER, difference: float = 10.0
) -> list[Row]:
    shown = [
        Row(unit, SCALE, "trust", "index", CellState.SHOWN, 20, value, value - 9, value + 9)
        for unit, value in teams.items()
    ]
    return [
        *shown,
        Row(
            "A",
            SCALE,
            "trust",
            "index",
            CellState.SHOWN,
            60,
            compared_to="rest",
            difference=difference,
            verdict=verdict,
        ),
    ]


def test_teams_that_agree_hold_and_one_team_alone_does_not() -> None:
    together = {"A1": 60.0, "A2": 62.0, "A3": 61.0} | BELOW
    alone = {"A1": 83.0, "A2": 50.0, "A3": 50.0} | BELOW  # the same mean of A
    assert between_teams(rows(together), TREE) == {"A": {"scale:trust": True}}
    assert between_teams(rows(alone), TREE) == {"A": {"scale:trust": False}}
    hidden_decide = rows(together, Verdict.LOWER, -6.0)  # those shown point the other way
    assert between_teams(hidden_decide, TREE) == {"A": {"scale:trust": False}}


def test_nothing_is_said_of_few_teams_or_of_what_is_not_sure() -> None:
    together = {"A1": 60.0, "A2": 62.0, "A3": 61.0} | BELOW
    assert between_teams(rows(together, Verdict.POSSIBLE), TREE) == {}
    assert between_teams(rows({"A1": 60.0, "A2": 62.0} | BELOW), TREE) == {}  # A3 is hidden
