"""Change between two waves of the same items, in index points or scores; above 0 the later one is higher."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtr

from analysis.intervals import Interval, t_quantile
from analysis.reasons import Reason
from analysis.tables import Scored


@dataclass(frozen=True)
class Change:
    """Later less earlier mean with its standard error, t, df, two-sided p and interval."""

    change: float
    se: float
    t: float
    df: float
    p: float
    interval: Interval


def change(
    before: Scored, after: Scored, *, population: tuple[int, int] | None = None, confidence: float = 0.95
) -> Change | Reason:
    """Welch's comparison of two waves; R: ``t.test(after, before)``.

    population: everybody there was each time, for statements about exactly those people (finite population
    correction under the assumption that the silent are like the rest). ValueError for n > N.
    """
    if not before.n or not after.n:
        return Reason.NO_ANSWERS
    if before.variance is None or after.variance is None:
        return Reason.TOO_FEW
    kept = _kept(before.n, after.n, population)
    v = [before.variance / before.n * kept[0], after.variance / after.n * kept[1]]
    if sum(v) == 0:
        return Reason.NO_SPREAD
    moved = after.total / (after.n * after.per) - before.total / (before.n * before.per)
    se = math.sqrt(sum(v))
    df = sum(v) ** 2 / (v[0] ** 2 / (before.n - 1) + v[1] ** 2 / (after.n - 1))
    half = t_quantile(df, confidence) * se
    p = min(1.0, 2 * float(stdtr(df, -abs(moved) / se)))
    return Change(moved, se, moved / se, df, p, Interval(moved - half, moved + half))


def _kept(n1: int, n2: int, population: tuple[int, int] | None) -> tuple[float, float]:
    """Share of the variance that sampling leaves: 1, or 1 - n / N."""
    if population is None:
        return 1.0, 1.0
    if n1 > population[0] or n2 > population[1]:
        raise ValueError("more answers than people")
    return 1 - n1 / population[0], 1 - n2 / population[1]
