"""Why a figure is not there: said instead of a number that would mean nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum


class Reason(StrEnum):
    """The first thing that stands in the way of a statistic."""

    NO_ANSWERS = "no_answers"
    TOO_FEW = "too_few"
    ONE_GROUP = "one_group"
    NO_SPREAD = "no_spread"
    ONE_OPTION = "one_option"
    SEPARATED = "separated"
    NOT_FINITE = "not_finite"
    DEPENDENT = "dependent"


def finite(values: Iterable[float]) -> bool:
    """True when every value is a number: neither nan nor infinite."""
    return all(math.isfinite(value) for value in values)
