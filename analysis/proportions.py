"""Shares and tables of counts: two shares, many groups, a trend over groups, a finite population."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, ndtri
from scipy.stats import fisher_exact, hypergeom

from analysis.intervals import Interval, wilson
from analysis.reasons import Reason

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ChiSquare:
    """Pearson's test of independence without Yates's correction; Cramer's V plain and bias-corrected."""

    chi2: float
    df: int
    p: float
    n: int
    v: float
    v_corrected: float
    least_expected: float


@dataclass(frozen=True)
class TwoShares:
    """Share of a less share of b: tests, intervals, sizes; ratios None where undefined."""

    difference: float
    z: float
    p: float
    p_yates: float
    p_exact: float
    newcombe: Interval
    wald: Interval
    cohens_h: float
    phi: float
    odds_ratio: float | None
    risk_ratio: float | None


@dataclass(frozen=True)
class ShareTrend:
    """Cochran and Armitage: do shares rise over ordered groups? chi2 with one degree of freedom."""

    chi2: float
    p: float


@dataclass(frozen=True)
class LinearByLinear:
    """Linear-by-linear association: permutation z, its p, and Mantel and Haenszel's M2 = (n - 1) r**2."""

    z: float
    p: float
    m2: float


def used(table: Ints) -> Ints:
    """The table without empty rows and columns."""
    return np.asarray(table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0])


def chi_square(table: Sequence[Sequence[int]] | Ints) -> ChiSquare | Reason:
    """Do groups (rows) and options (columns) hang together? R: ``chisq.test(t, correct = FALSE)``.

    Empty rows and columns are left out; fewer than two of either give a Reason.
    """
    if not len(table):
        return Reason.ONE_GROUP
    kept = used(np.array(table, dtype=np.int64))
    if not kept.size:
        return Reason.NO_ANSWERS
    r, c = kept.shape
    if r < 2:
        return Reason.ONE_GROUP
    if c < 2:
        return Reason.ONE_OPTION
    n = int(kept.sum())
    expected = np.outer(kept.sum(axis=1), kept.sum(axis=0)) / n
    chi2, df = float(((kept - expected) ** 2 / expected).sum()), (r - 1) * (c - 1)
    v = math.sqrt(chi2 / n / (min(r, c) - 1))
    least = float(expected.min())
    return ChiSquare(chi2, df, float(chdtrc(df, chi2)), n, v, _corrected_v(chi2, n, r, c), least)


def _corrected_v(chi2: float, n: int, r: int, c: int) -> float:
    """Bergsma's bias-corrected V; zero where the correction leaves nothing."""
    if n < 2:
        return 0.0
    phi2 = max(0.0, chi2 / n - (r - 1) * (c - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    least = min(rows, columns) - 1
    return math.sqrt(phi2 / least) if least > 0 else 0.0


def _checked(x: int, n: int) -> None:
    """ValueError unless 0 <= x <= n."""
    if not 0 <= x <= n:
        raise ValueError("x must lie in 0..n")


def newcombe(x1: int, n1: int, x2: int, n2: int, confidence: float = 0.95) -> Interval | Reason:
    """Newcombe's hybrid score interval of x1/n1 - x2/n2. R: ``PropCIs::diffscoreci``'s method 10.

    Equal to statsmodels ``confint_proportions_2indep(..., method="newcomb")``.
    """
    _checked(x1, n1)
    _checked(x2, n2)
    a, b = wilson(x1, n1, confidence), wilson(x2, n2, confidence)
    if a is None or b is None:
        return Reason.NO_ANSWERS
    p1, p2 = x1 / n1, x2 / n2
    low = p1 - p2 - math.hypot(p1 - a.low, b.high - p2)
    return Interval(low, p1 - p2 + math.hypot(a.high - p1, p2 - b.low))


def two_shares(x1: int, n1: int, x2: int, n2: int, confidence: float = 0.95) -> TwoShares | Reason:
    """Compare x1 of n1 with x2 of n2. R: ``prop.test(correct = FALSE)``, ``fisher.test``.

    Nobody or everybody in both groups leaves nothing to test: a Reason. ValueError unless 0 <= x <= n.
    """
    interval = newcombe(x1, n1, x2, n2, confidence)
    if isinstance(interval, Reason):
        return interval
    pooled = (x1 + x2) / (n1 + n2)
    if pooled in (0.0, 1.0):
        return Reason.ONE_OPTION
    p1, p2 = x1 / n1, x2 / n2
    spread = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    z = (p1 - p2) / math.sqrt(spread)
    yates = max(0.0, abs(p1 - p2) - 0.5 * (1 / n1 + 1 / n2)) / math.sqrt(spread)
    half = float(ndtri(1 - (1 - confidence) / 2)) * math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return TwoShares(
        difference=p1 - p2,
        z=z,
        p=2 * float(ndtr(-abs(z))),
        p_yates=2 * float(ndtr(-yates)),
        p_exact=float(fisher_exact([[x1, n1 - x1], [x2, n2 - x2]])[1]),
        newcombe=interval,
        wald=Interval(p1 - p2 - half, p1 - p2 + half),
        cohens_h=2 * math.asin(math.sqrt(p1)) - 2 * math.asin(math.sqrt(p2)),
        phi=z / math.sqrt(n1 + n2),
        odds_ratio=x1 * (n2 - x2) / (x2 * (n1 - x1)) if x2 and n1 - x1 else None,
        risk_ratio=p1 / p2 if x2 else None,
    )


def share_trend(x: Sequence[int], n: Sequence[int]) -> ShareTrend | Reason:
    """Do shares x/n rise or fall over groups 1, 2, 3 ...? R: ``prop.trend.test(x, n)``."""
    if any(not 0 <= a <= b for a, b in zip(x, n, strict=True)):
        raise ValueError("x must lie in 0..n")
    groups = [(score, a, b) for score, (a, b) in enumerate(zip(x, n, strict=True), start=1) if b]
    whole = sum(b for *_, b in groups)
    if not whole:
        return Reason.NO_ANSWERS
    if len(groups) < 2:
        return Reason.ONE_GROUP
    share = sum(a for _, a, _ in groups) / whole
    if share in (0.0, 1.0):
        return Reason.ONE_OPTION
    centre = sum(score * b for score, _, b in groups) / whole
    slope = math.fsum((a - b * share) * (score - centre) for score, a, b in groups)
    spread = share * (1 - share) * math.fsum(b * (score - centre) ** 2 for score, _, b in groups)
    chi2 = slope * slope / spread
    return ShareTrend(chi2, float(chdtrc(1, chi2)))


def linear_by_linear(r: float, n: int) -> LinearByLinear:
    """Association of two ordered variables from their product-moment r. R: ``coin::lbl_test``."""
    z = r * math.sqrt(n - 1)
    return LinearByLinear(z, 2 * float(ndtr(-abs(z))), z * z)


def finite_wilson(x: int, n: int, population: int, confidence: float = 0.95) -> Interval | Reason:
    """Wilson's interval for a sample of n out of a finite population, n_eff = n / (1 - n / N).

    A census is exact: both ends are x / n. ValueError unless 0 <= x <= n <= population.
    """
    _checked(x, n)
    _checked(n, population)
    if not n:
        return Reason.NO_ANSWERS
    if n == population:
        return Interval(x / n, x / n)
    z, share, size = float(ndtri(1 - (1 - confidence) / 2)), x / n, n / (1 - n / population)
    centre = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def finite_exact(x: int, n: int, population: int, confidence: float = 0.95) -> Interval | Reason:
    """Exact interval of a share in a finite population: all K of N that x of n could come from.

    Ends are the least and the most K for which neither tail of the hypergeometric distribution is below
    (1 - confidence) / 2. ValueError unless 0 <= x <= n <= population.
    """
    _checked(x, n)
    _checked(n, population)
    if not n:
        return Reason.NO_ANSWERS
    tail = (1 - confidence) / 2 * (1 - 1e-9)  # a tail of exactly that size still counts
    least = _first(x, population - n + x, lambda k: float(hypergeom.sf(x - 1, population, k, n)) >= tail)
    most = _first(0, population - n, lambda d: _below(x, population, population - n + x - d, n) >= tail)
    return Interval(least / population, (population - n + x - most) / population)


def _below(x: int, population: int, k: int, n: int) -> float:
    """P(X <= x) when k of the population hold the trait."""
    return float(hypergeom.cdf(x, population, k, n))


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first integer of low..high for which a monotone statement holds."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def share_bounds(x: int, n: int, population: int) -> Interval | Reason:
    """Whatever the silent would have said: from x / N to (x + N - n) / N. ValueError unless x <= n <= N."""
    _checked(x, n)
    _checked(n, population)
    if not population:
        return Reason.NO_ANSWERS
    return Interval(x / population, (x + population - n) / population)
