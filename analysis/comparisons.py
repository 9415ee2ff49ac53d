"""Means of two or more groups out of their tables of counts: tests, pairs, sizes and equality.

Every function takes tables (``tables.Scored``) and gives either its figures or a ``Reason``, never nan.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, fdtrc, ndtr, ndtri, stdtr
from scipy.stats import studentized_range

from analysis.intervals import Interval, t_quantile, welch
from analysis.reasons import Reason
from analysis.significance import cohens_d, small_sample_factor
from analysis.tables import Scored, quantile


@dataclass(frozen=True)
class FTest:
    """An F test with its degrees of freedom."""

    f: float
    df1: float
    df2: float
    p: float


@dataclass(frozen=True)
class Anova:
    """Classical analysis of variance with shares of variance explained."""

    f: float
    df1: int
    df2: int
    p: float
    eta2: float
    omega2: float
    epsilon2: float


@dataclass(frozen=True)
class MeanPair:
    """Games-Howell for groups ``a`` and ``b`` (places from 0): mean of a less mean of b."""

    a: int
    b: int
    difference: float
    se: float
    t: float
    df: float
    p: float


@dataclass(frozen=True)
class PooledT:
    """Student's t test with one variance for both groups, interval of a - b."""

    t: float
    df: int
    p: float
    low: float
    high: float


@dataclass(frozen=True)
class Sizes:
    """Standardised differences of two groups with their intervals (non-central t; normal)."""

    d: float
    g: float
    d_interval: Interval
    g_interval: Interval
    d_se: float
    d_normal: Interval
    d_average: float
    glass_delta: float


@dataclass(frozen=True)
class Equality:
    """Two one-sided tests: p that the difference lies beyond the margin; its 90 % interval."""

    p: float
    low: float
    high: float
    equal: bool


def _usable(groups: Sequence[Scored], least: int = 2) -> Reason | None:
    """Why these groups cannot be compared by their means, None when they can."""
    if len(groups) < 2:
        return Reason.ONE_GROUP
    if any(group.n == 0 for group in groups):
        return Reason.NO_ANSWERS
    if any(group.n < least for group in groups):
        return Reason.TOO_FEW
    return None


def _mean(group: Scored) -> float:
    """Mean of a group that has answers."""
    return group.total / (group.n * group.per)


def _variance(group: Scored) -> float:
    """Variance of a group of two or more."""
    return group.scatter / (group.n * (group.n - 1) * group.per**2)


def welch_anova(groups: Sequence[Scored]) -> FTest | Reason:
    """Are the means equal, whatever the variances? R: ``oneway.test(x ~ g)``."""
    if reason := _usable(groups):
        return reason
    if any(group.constant for group in groups):
        return Reason.NO_SPREAD
    k = len(groups)
    w = [group.n / _variance(group) for group in groups]
    total = math.fsum(w)
    centre = math.fsum(wi * _mean(group) for wi, group in zip(w, groups, strict=True)) / total
    between = math.fsum(wi * (_mean(group) - centre) ** 2 for wi, group in zip(w, groups, strict=True)) / (
        k - 1
    )
    lack = math.fsum((1 - wi / total) ** 2 / (group.n - 1) for wi, group in zip(w, groups, strict=True))
    f = between / (1 + 2 * (k - 2) / (k**2 - 1) * lack)
    df2 = (k**2 - 1) / (3 * lack)
    return FTest(f, k - 1, df2, float(fdtrc(k - 1, df2, f)))


def _sums_of_squares(groups: Sequence[Scored]) -> tuple[float, float]:
    """Between and within groups, exact until the division."""
    n, total = sum(group.n for group in groups), sum(Fraction(group.total, group.per) for group in groups)
    between = sum(Fraction(group.total, group.per) ** 2 / group.n for group in groups) - total**2 / n
    within = sum(Fraction(group.scatter, group.n * group.per**2) for group in groups)
    return float(between), float(within)


def anova(groups: Sequence[Scored]) -> Anova | Reason:
    """Are the means equal, with equal variances? R: ``anova(lm(x ~ factor(g)))``."""
    if reason := _usable(groups, least=1):
        return reason
    k, n = len(groups), sum(group.n for group in groups)
    if n <= k:
        return Reason.TOO_FEW
    between, within = _sums_of_squares(groups)
    if within == 0:
        return Reason.NO_SPREAD
    error = within / (n - k)
    f = between / (k - 1) / error
    whole = between + within
    return Anova(
        f=f,
        df1=k - 1,
        df2=n - k,
        p=float(fdtrc(k - 1, n - k, f)),
        eta2=between / whole,
        omega2=(between - (k - 1) * error) / (whole + error),
        epsilon2=(between - (k - 1) * error) / whole,
    )


def levene(groups: Sequence[Scored]) -> FTest | Reason:
    """Are the spreads equal? Brown and Forsythe's form, about the medians. R: ``car::leveneTest``."""
    if reason := _usable(groups):
        return reason
    distances = []
    for group in groups:
        centre = quantile(group, 0.5) or 0.0
        scores = [abs(value / group.per - centre) for value in group.values]
        total = math.fsum(s * c for s, c in zip(scores, group.counts, strict=True))
        squares = math.fsum(s * s * c for s, c in zip(scores, group.counts, strict=True))
        distances.append((group.n, total, squares))
    n, k = sum(group.n for group in groups), len(groups)
    centre = math.fsum(total for _, total, _ in distances) / n
    between = math.fsum(m * (total / m - centre) ** 2 for m, total, _ in distances)
    within = math.fsum(squares - total**2 / m for m, total, squares in distances)
    if within <= 0:
        return Reason.NO_SPREAD
    f = between / (k - 1) / (within / (n - k))
    return FTest(f, k - 1, n - k, float(fdtrc(k - 1, n - k, f)))


def bartlett(groups: Sequence[Scored]) -> float | Reason:
    """p of equal variances under normality. R: ``bartlett.test``."""
    if reason := _usable(groups):
        return reason
    if any(group.constant for group in groups):
        return Reason.NO_SPREAD
    df = [group.n - 1 for group in groups]
    whole, k = sum(df), len(groups)
    pooled = math.fsum(d * _variance(group) for d, group in zip(df, groups, strict=True)) / whole
    spread = whole * math.log(pooled) - math.fsum(
        d * math.log(_variance(group)) for d, group in zip(df, groups, strict=True)
    )
    correction = 1 + (math.fsum(1 / d for d in df) - 1 / whole) / (3 * (k - 1))
    return float(chdtrc(k - 1, max(0.0, spread / correction)))


def games_howell(groups: Sequence[Scored]) -> list[MeanPair] | Reason:
    """Every pair of groups, whatever the variances, held together at one level. R: ``PMCMRplus``.

    p of the studentised range at ``|t| sqrt(2)`` with Welch's degrees of freedom.
    """
    if reason := _usable(groups):
        return reason
    found = []
    for a, b in combinations(range(len(groups)), 2):
        pair = welch(groups[a], groups[b])
        if pair is None:
            return Reason.NO_SPREAD
        p = float(studentized_range.sf(abs(pair.t) * math.sqrt(2), len(groups), pair.df))
        found.append(MeanPair(a, b, pair.difference, pair.se, pair.t, pair.df, min(1.0, max(0.0, p))))
    return found


def pooled_t(a: Scored, b: Scored, confidence: float = 0.95) -> PooledT | Reason:
    """Student's t test. R: ``t.test(a, b, var.equal = TRUE)``."""
    if reason := _usable((a, b)):
        return reason
    df = a.n + b.n - 2
    variance = ((a.n - 1) * _variance(a) + (b.n - 1) * _variance(b)) / df
    if variance == 0:
        return Reason.NO_SPREAD
    difference, se = _mean(a) - _mean(b), math.sqrt(variance * (1 / a.n + 1 / b.n))
    half = t_quantile(df, confidence) * se
    p = min(1.0, 2 * float(stdtr(df, -abs(difference) / se)))
    return PooledT(difference / se, df, p, difference - half, difference + half)


def sizes(a: Scored, b: Scored, confidence: float = 0.95) -> Sizes | Reason:
    """Cohen's d, Hedges' g and their kin. R: ``effectsize::cohens_d``, ``hedges_g``."""
    if reason := _usable((a, b)):
        return reason
    d = cohens_d(a, b)
    if d is None or b.constant:
        return Reason.NO_SPREAD
    j = small_sample_factor(a.n + b.n - 2)
    found = _noncentral(d, a.n, b.n, confidence)
    se = math.sqrt((a.n + b.n) / (a.n * b.n) + d * d / (2 * (a.n + b.n)))
    half = float(ndtri(1 - (1 - confidence) / 2)) * se
    difference = _mean(a) - _mean(b)
    return Sizes(
        d=d,
        g=d * j,
        d_interval=found,
        g_interval=Interval(found.low * j, found.high * j),
        d_se=se,
        d_normal=Interval(d - half, d + half),
        d_average=difference / math.sqrt((_variance(a) + _variance(b)) / 2),
        glass_delta=difference / math.sqrt(_variance(b)),
    )


def _noncentral(d: float, n1: int, n2: int, confidence: float) -> Interval:
    """Interval of d: the non-centralities under which its t lies at either tail."""
    scale = math.sqrt(n1 * n2 / (n1 + n2))
    t, df, tail = d * scale, n1 + n2 - 2, (1 - confidence) / 2

    def end(share: float) -> float:
        reach = 8.0 + abs(t)
        return float(brentq(lambda c: noncentral_t(t, df, c) - share, t - reach, t + reach, xtol=1e-13))

    return Interval(end(1 - tail) / scale, end(tail) / scale)


def noncentral_t(t: float, df: float, centre: float) -> float:
    """P(T <= t) of the non-central t: the mean of Phi(t s - centre) over s = sqrt(chi2 / df).

    Gauss-Legendre where the density of s lies; scipy's ``nct.cdf`` gives nan in the tails for large df.
    """
    low, high = (math.sqrt(float(chdtri(df, tail)) / df) for tail in (1 - 1e-16, 1e-18))
    nodes, weights = np.polynomial.legendre.leggauss(160)
    s = (high - low) / 2 * nodes + (high + low) / 2
    log = (
        math.log(2) + df / 2 * math.log(df / 2) - math.lgamma(df / 2) + (df - 1) * np.log(s) - df * s * s / 2
    )
    return float((high - low) / 2 * (weights * np.exp(log)) @ ndtr(t * s - centre))


def equality(a: Scored, b: Scored, margin: float, alpha: float = 0.05) -> Equality | Reason:
    """Are the means as good as equal? Two one-sided Welch tests within ``margin`` (score units).

    Equal when the whole ``1 - 2 alpha`` interval lies within the margin. R: ``TOSTER::tsum_TOST``. Raises
    ValueError for a margin that is not positive.
    """
    if not margin > 0 or not math.isfinite(margin):
        raise ValueError("the margin must be positive")
    if reason := _usable((a, b)):
        return reason
    found = welch(a, b, 1 - 2 * alpha)
    if found is None:
        return Reason.NO_SPREAD
    low = float(stdtr(found.df, -(found.difference + margin) / found.se))
    high = float(stdtr(found.df, (found.difference - margin) / found.se))
    p = max(low, high)
    return Equality(p, found.low, found.high, p < alpha)
