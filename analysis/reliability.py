"""How well items of a scale belong together, and how much answers depend on the unit.

From listwise co-moments (n, sums (m,), products (m, m)) or from unit sums; both add up over units. For
internal judgement only: leaders never see an alpha.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from analysis.intervals import Interval
from analysis.reasons import Reason, finite
from analysis.tables import Scored
from analysis.verdicts import RANKABLE, Judgement, judged

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Reliability:
    """Alpha with Feldt's interval; for each item alpha without it and its correlation with the rest."""

    raw: float
    standardised: float
    interval: Interval | None
    n: int
    if_dropped: tuple[float | None, ...]
    item_rest: tuple[float | None, ...]
    judgement: Judgement


@dataclass(frozen=True)
class Icc:
    """ICC(1): share of variance between units; ICC(2): reliability of unit means (None when not positive)."""

    icc1: float
    icc2: float
    n_units: int
    mean_size: float

    @property
    def rankable(self) -> bool:
        """False when unit means are too unreliable to put in order."""
        return self.icc2 >= RANKABLE


def covariance(n: int, sums: Ints, products: Ints) -> Floats:
    """(m, m) covariances from co-moments, exact integers until one division; ValueError for n < 2."""
    if n < 2:
        raise ValueError("a covariance needs two respondents")
    total = sums.astype(object)
    scatter = products.astype(object) * n - np.outer(total, total)
    return np.array(scatter / (n * (n - 1)), dtype=np.float64)


def turned(matrix: Floats, reverse: Sequence[bool]) -> Floats:
    """Covariances after turning reverse-keyed items: their signs change, nothing else."""
    sign = np.where(np.array(reverse, dtype=np.bool_), -1.0, 1.0)
    return np.asarray(matrix * np.outer(sign, sign))


def alpha_of(matrix: Floats) -> float:
    """``m / (m - 1) * (1 - trace / sum)`` of covariances or correlations."""
    m = len(matrix)
    return float(m / (m - 1) * (1 - np.trace(matrix) / matrix.sum()))


def reliability(matrix: Floats, n: int, confidence: float = 0.95) -> Reliability | Reason:
    """Everything about a scale from the covariances of its keyed items over n complete answers.

    R: ``psych::alpha`` on complete cases. Feldt: 1 - (1 - alpha) F at (n - 1, (n - 1)(m - 1)).
    """
    m = len(matrix)
    if m < 2:
        return Reason.ONE_GROUP
    if n < 2:
        return Reason.TOO_FEW
    if not np.all(np.isfinite(matrix)):
        return Reason.NOT_FINITE
    if np.any(np.diag(matrix) <= 0) or matrix.sum() <= 0:
        return Reason.NO_SPREAD
    sd = np.sqrt(np.diag(matrix))
    raw = alpha_of(matrix)
    rests = [_without(matrix, item) for item in range(m)]
    return Reliability(
        raw=raw,
        standardised=alpha_of(matrix / np.outer(sd, sd)),
        interval=feldt(raw, n, m, confidence),
        n=n,
        if_dropped=tuple(alpha_of(rest) if m > 2 and rest.sum() > 0 else None for rest in rests),
        item_rest=tuple(_item_rest(matrix, item, rest) for item, rest in enumerate(rests)),
        judgement=judged(raw),
    )


def feldt(raw: float, n: int, m: int, confidence: float = 0.95) -> Interval:
    """Feldt's interval of alpha for n respondents and m items."""
    tail, df = (1 - confidence) / 2, (n - 1, (n - 1) * (m - 1))
    low, high = (1 - (1 - raw) * float(f_distribution.ppf(share, *df)) for share in (1 - tail, tail))
    return Interval(low, high)


def _without(matrix: Floats, item: int) -> Floats:
    """Covariances of the other items."""
    kept = np.arange(len(matrix)) != item
    return np.asarray(matrix[np.ix_(kept, kept)])


def _item_rest(matrix: Floats, item: int, rest: Floats) -> float | None:
    """Correlation of an item with the sum of the others, None where the others do not vary."""
    if rest.sum() <= 0:
        return None
    shared = matrix[item].sum() - matrix[item, item]
    return float(shared / np.sqrt(matrix[item, item] * rest.sum()))


def icc(units: Sequence[Scored]) -> Icc | Reason:
    """Intraclass correlations from the tables of the units, by one-way analysis of variance.

    ICC(1) = (MSB - MSW) / (MSB + (n0 - 1) MSW), ICC(2) = (MSB - MSW) / MSB. R: ``multilevel::ICC1``, with
    n0 = (N - sum n**2 / N) / (k - 1) for units of unequal size. Units without answers are left out.
    """
    some = [unit for unit in units if unit.n]
    k, n = len(some), sum(unit.n for unit in some)
    if k < 2:
        return Reason.ONE_GROUP
    if n <= k:
        return Reason.TOO_FEW
    sums = [Fraction(unit.total, unit.per) for unit in some]
    between = sum(s * s / unit.n for s, unit in zip(sums, some, strict=True)) - sum(sums) ** 2 / n
    within = sum(Fraction(unit.scatter, unit.n * unit.per**2) for unit in some)
    msb, msw = between / (k - 1), within / (n - k)
    if msb == 0:
        return Reason.NO_SPREAD
    size = Fraction(n * n - sum(unit.n**2 for unit in some), n * (k - 1))
    whole = msb + (size - 1) * msw
    if whole == 0:
        return Reason.NO_SPREAD
    return Icc(float((msb - msw) / whole), float((msb - msw) / msb), k, float(size))


def icc_of_figures(units: Sequence[tuple[int, float, float]]) -> Icc | Reason:
    """The same out of n, mean and SD of each unit: whoever has these figures can work it out."""
    some = [unit for unit in units if unit[0]]
    k, n = len(some), sum(unit[0] for unit in some)
    if k < 2:
        return Reason.ONE_GROUP
    if n <= k:
        return Reason.TOO_FEW
    if not finite(x for unit in some for x in unit):
        return Reason.NOT_FINITE
    centre = math.fsum(m * mean for m, mean, _ in some) / n
    msb = math.fsum(m * (mean - centre) ** 2 for m, mean, _ in some) / (k - 1)
    msw = math.fsum((m - 1) * sd**2 for m, _, sd in some) / (n - k)
    size = (n - sum(m**2 for m, _, _ in some) / n) / (k - 1)
    whole = msb + (size - 1) * msw
    if msb <= 0 or whole <= 0:
        return Reason.NO_SPREAD
    return Icc((msb - msw) / whole, (msb - msw) / msb, k, size)
