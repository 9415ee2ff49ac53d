"""Scores of a scale by the at-least-half rule, out of an integer histogram that adds up over units.

Every answered item adds ``(score - low) * steps / (high - low)`` whole steps (reverse items turned first),
where ``steps`` is the same for all items of the scale. A respondent with ``sum`` steps on ``answered`` items
has the scale score ``sum / (answered * steps)`` in 0..1, that is 0-100 as an index. Items of equal range may
also be read in score units. The histogram counts respondents by (sum, answered): tables of units add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.tables import Number, Scored, exact_score, scored

NOT_ANSWERED = -1


@dataclass(frozen=True)
class ItemRange:
    """The ends of an item's code list and whether the item is reverse-keyed."""

    low: Number
    high: Number
    reverse: bool = False


@dataclass(frozen=True, eq=False)
class ScaleHistogram:
    """Respondents of each unit by (sum of steps, answered items).

    sums, answered: (B,) integers, the bins; counts: (U, B) int64; steps: from an item's low to its high.
    """

    sums: NDArray[np.int64]
    answered: NDArray[np.int64]
    counts: NDArray[np.int64]
    n_items: int
    steps: int


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha, raw and standardised, over the n respondents who answered every item."""

    raw: float
    standardised: float
    n: int


def common_steps(ranges: Sequence[ItemRange]) -> int:
    """The least number of steps that divides every item's range; ValueError unless each high > low."""
    widths = [exact_score(item.high) - exact_score(item.low) for item in ranges]
    if not widths or any(width <= 0 for width in widths):
        raise ValueError("a scale needs items with two different ends")
    whole = math.lcm(*(width.denominator for width in widths))
    return math.lcm(*(int(width * whole) for width in widths))


def item_steps(item: ItemRange, score: Number, steps: int) -> int:
    """Steps one answer adds, 0..steps, reverse items turned; ValueError for a score between steps."""
    low, high, value = exact_score(item.low), exact_score(item.high), exact_score(score)
    share = (high - value if item.reverse else value - low) / (high - low)
    exact = share * steps
    if exact.denominator != 1 or not 0 <= exact <= steps:
        raise ValueError("the score does not fit the steps of the scale")
    return int(exact)


def steps_for(ranges: Sequence[ItemRange], score_lists: Sequence[Sequence[Number]]) -> int:
    """The least number of steps on which every score of every item falls."""
    steps = common_steps(ranges)
    for item, scores in zip(ranges, score_lists, strict=True):
        width = exact_score(item.high) - exact_score(item.low)
        shares = [(exact_score(score) - exact_score(item.low)) / width for score in scores]
        steps = math.lcm(steps, *(share.denominator for share in shares))
    return steps


def scale_histogram(
    unit: NDArray[np.int64], contributions: NDArray[np.int64], n_units: int, steps: int
) -> ScaleHistogram:
    """Histogram of respondents: unit (N,) places, contributions (N, items) steps, -1 where not answered.

    Respondents without any answer are left out. Raises ValueError when a contribution exceeds ``steps``.
    """
    if contributions.size and (contributions.max() > steps or contributions.min() < NOT_ANSWERED):
        raise ValueError("contributions must lie in 0..steps, -1 for no answer")
    n_items = contributions.shape[1]
    given = contributions >= 0
    answered = given.sum(axis=1, dtype=np.int64)
    sums = np.where(given, contributions, 0).sum(axis=1, dtype=np.int64)
    some = answered > 0
    stride = n_items * steps + 1
    keys, bins = np.unique(answered[some] * stride + sums[some], return_inverse=True)
    flat = np.bincount(unit[some] * len(keys) + bins, minlength=n_units * len(keys))
    counts = flat.astype(np.int64).reshape(n_units, len(keys))
    return ScaleHistogram(keys % stride, keys // stride, counts, n_items, steps)


def half_answered(histogram: ScaleHistogram) -> NDArray[np.bool_]:
    """(B,) True for the bins of respondents who answered at least half the items."""
    return np.asarray(histogram.answered * 2 >= histogram.n_items)


def scale_n(histogram: ScaleHistogram) -> NDArray[np.int64]:
    """(U,) respondents of each unit who answered at least half the items."""
    return np.asarray(histogram.counts[:, half_answered(histogram)].sum(axis=1, dtype=np.int64))


def scale_scores(
    histogram: ScaleHistogram, row: NDArray[np.int64], low: Number = 0, high: Number = 100
) -> Scored:
    """At-least-half scores of one row of counts (a unit, or a sum of units), on the range low..high.

    Default: index 0-100. With the items' common range it equals R's
    ``rowMeans(keyed, na.rm = TRUE)[rowSums(!is.na(keyed)) >= m / 2]``.
    """
    start, width = exact_score(low), exact_score(high) - exact_score(low)
    kept = np.flatnonzero(half_answered(histogram) & (row > 0))
    shares: list[Number] = []
    whole = math.lcm(*range(1, histogram.n_items + 1)) * histogram.steps
    for place in kept:
        answered = int(histogram.answered[place]) * histogram.steps
        shares.append(int(histogram.sums[place]) * whole // answered)
    table = scored(shares, [int(row[place]) for place in kept])
    return _stretched(table, whole, start.numerator, start.denominator, width.numerator, width.denominator)


def _stretched(table: Scored, whole: int, a: int, b: int, c: int, d: int) -> Scored:
    """Values v (of ``whole``) as a/b + v/whole * c/d, reduced to the least common denominator."""
    per = b * d * whole
    values = [a * d * whole + v * b * c for v in table.values]
    shrink = math.gcd(per, *values)
    return Scored(tuple(v // shrink for v in values), table.counts, per // shrink)


def index_of_scale(item_indexes: Sequence[float | None]) -> float | None:
    """Unweighted mean of the items' 0-100 indexes, None unless every item has one."""
    known = [index for index in item_indexes if index is not None]
    if not known or len(known) < len(item_indexes):
        return None
    return math.fsum(known) / len(known)


def alpha(n: int, sums: NDArray[np.int64], products: NDArray[np.int64]) -> Alpha | None:
    """Cronbach's alpha from listwise co-moments: sums (m,) of x, products (m, m) of x x'.

    ``m / (m - 1) * (1 - trace(C) / sum(C))``; standardised: the same on correlations. R: ``psych::alpha`` on
    complete cases. None for fewer than two items or respondents or an item without spread.
    """
    m = len(sums)
    if m < 2 or n < 2:
        return None
    scatter = products.astype(object) * n - np.outer(sums.astype(object), sums.astype(object))
    covariance = np.array(scatter, dtype=np.float64) / (n * (n - 1))
    sd = np.sqrt(np.diag(covariance))
    if np.any(sd == 0) or covariance.sum() <= 0:
        return None
    correlation = covariance / np.outer(sd, sd)
    raw, standardised = (m / (m - 1) * (1 - np.trace(c) / c.sum()) for c in (covariance, correlation))
    return Alpha(float(raw), float(standardised), n)
