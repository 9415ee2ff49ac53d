"""Rank tests straight from counts: closed forms over the options, ties and all; else a Reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, stdtr

from analysis.intervals import t_quantile
from analysis.multiplicity import adjust_holm
from analysis.reasons import Reason
from analysis.tables import Scored

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Kruskal:
    """Kruskal and Wallis's H corrected for ties, with two sizes of effect."""

    h: float
    df: int
    p: float
    epsilon2: float
    eta2: float


@dataclass(frozen=True)
class RankPair:
    """Dunn's comparison of groups ``a`` and ``b``: z > 0 when a ranks higher."""

    a: int
    b: int
    z: float
    p: float
    p_holm: float


@dataclass(frozen=True)
class Jonckheere:
    """Trend over ordered groups: J, its mean and variance without a trend; z has no continuity correction."""

    j: float
    expected: float
    variance: float
    z: float
    p: float


@dataclass(frozen=True)
class BrunnerMunzel:
    """``superiority`` = P(a < b) + P(a = b) / 2 with its interval; statistic, df and two-sided p."""

    superiority: float
    statistic: float
    df: float
    p: float
    low: float
    high: float


def aligned(groups: Sequence[Scored]) -> tuple[list[int], Ints, int]:
    """All scores that occur, ascending over a common denominator, and counts (groups, scores)."""
    per = math.lcm(*(group.per for group in groups)) if groups else 1
    rows: list[dict[int, int]] = []
    for group in groups:
        row: dict[int, int] = {}
        for value, count in zip(group.values, group.counts, strict=True):
            if count:
                row[value * (per // group.per)] = count
        rows.append(row)
    values = sorted({value for row in rows for value in row})
    table = np.array([[row.get(value, 0) for value in values] for row in rows], dtype=np.int64)
    return values, table.reshape(len(groups), len(values)), per


def mid_ranks(totals: Ints) -> Floats:
    """(M,) mean rank of the answers on each score. R: ``rank(x)``."""
    return np.asarray(np.cumsum(totals) - (totals - 1) / 2)


def _ties(totals: Ints) -> int:
    """sum(t**3 - t) in exact integers."""
    return sum(t**3 - t for t in totals.tolist())


def _usable(table: Ints) -> Reason | None:
    """Why ranks cannot be compared, None when they can."""
    if len(table) < 2:
        return Reason.ONE_GROUP
    if table.size == 0 or np.any(table.sum(axis=1) == 0):
        return Reason.NO_ANSWERS
    return Reason.NO_SPREAD if table.shape[1] < 2 else None


def kruskal(groups: Sequence[Scored]) -> Kruskal | Reason:
    """Do the groups lie at one place? R: ``kruskal.test``; scipy.stats.kruskal."""
    _, table, _ = aligned(groups)
    if reason := _usable(table):
        return reason
    n, k, sums = int(table.sum()), len(table), table @ mid_ranks(table.sum(axis=0))
    if n <= k:
        return Reason.TOO_FEW
    spread = 12 / (n * (n + 1)) * math.fsum(s * s / m for s, m in zip(sums, table.sum(axis=1), strict=True))
    h = (spread - 3 * (n + 1)) / (1 - _ties(table.sum(axis=0)) / (n**3 - n))
    h = max(0.0, h)
    return Kruskal(h, k - 1, float(chdtrc(k - 1, h)), h / (n - 1), (h - k + 1) / (n - k))


def dunn(groups: Sequence[Scored]) -> list[RankPair] | Reason:
    """Every pair of groups after Kruskal and Wallis, with Holm over the pairs. R: ``FSA::dunnTest``."""
    _, table, _ = aligned(groups)
    if reason := _usable(table):
        return reason
    sizes, totals = table.sum(axis=1), table.sum(axis=0)
    n = int(sizes.sum())
    means = table @ mid_ranks(totals) / sizes
    variance = n * (n + 1) / 12 - _ties(totals) / (12 * (n - 1))
    found = []
    for a, b in combinations(range(len(table)), 2):
        z = float((means[a] - means[b]) / math.sqrt(variance * (1 / sizes[a] + 1 / sizes[b])))
        found.append((a, b, z, 2 * float(ndtr(-abs(z)))))
    adjusted = adjust_holm([p for *_, p in found])
    return [RankPair(a, b, z, p, q or 0.0) for (a, b, z, p), q in zip(found, adjusted, strict=True)]


def jonckheere(groups: Sequence[Scored]) -> Jonckheere | Reason:
    """Do answers rise from group to group? z is that of Kendall's S. R: ``PMCMRplus::jonckheereTest``."""
    _, table, _ = aligned(groups)
    if reason := _usable(table):
        return reason
    twice = 0
    for a, b in combinations(range(len(table)), 2):
        below = np.concatenate([[0], np.cumsum(table[a])[:-1]])
        twice += int((table[b] * (2 * below + table[a])).sum())
    sizes, totals = table.sum(axis=1).tolist(), table.sum(axis=0).tolist()
    n = sum(sizes)
    expected = (n * n - sum(m * m for m in sizes)) / 4
    variance = kendall_variance(sizes, totals) / 4
    z = (twice / 2 - expected) / math.sqrt(variance)
    return Jonckheere(twice / 2, expected, variance, z, 2 * float(ndtr(-abs(z))))


def kendall_variance(rows: Sequence[int], columns: Sequence[int]) -> float:
    """Variance of Kendall's S = concordant - discordant, ties on both sides."""
    n = sum(rows)
    one = [sum(t * (t - 1) * (2 * t + 5) for t in side) for side in (rows, columns)]
    two = [sum(t * (t - 1) for t in side) for side in (rows, columns)]
    three = [sum(t * (t - 1) * (t - 2) for t in side) for side in (rows, columns)]
    variance = (n * (n - 1) * (2 * n + 5) - one[0] - one[1]) / 18 + two[0] * two[1] / (2 * n * (n - 1))
    return variance + (three[0] * three[1] / (9 * n * (n - 1) * (n - 2)) if n > 2 else 0.0)


def brunner_munzel(a: Scored, b: Scored, confidence: float = 0.95) -> BrunnerMunzel | Reason:
    """Does b tend to be higher than a, whatever the spreads? R: ``lawstat::brunner.munzel.test``.

    Needs both tables and nothing else; two groups wholly apart have no interval.
    """
    _, table, _ = aligned((a, b))
    if reason := _usable(table):
        return reason
    sizes = table.sum(axis=1)
    if sizes.min() < 2:
        return Reason.TOO_FEW
    ranks = mid_ranks(table.sum(axis=0))
    means = table @ ranks / sizes
    spread = []
    for group in range(2):
        inner = ranks - mid_ranks(table[group]) - means[group] + (sizes[group] + 1) / 2
        spread.append(float(table[group] @ inner**2) / (int(sizes[group]) - 1))
    n1, n2 = (int(size) for size in sizes)
    weight = n1 * spread[0] + n2 * spread[1]
    if weight <= 0:
        return Reason.SEPARATED
    statistic = n1 * n2 * float(means[1] - means[0]) / ((n1 + n2) * math.sqrt(weight))
    df = weight**2 / ((n1 * spread[0]) ** 2 / (n1 - 1) + (n2 * spread[1]) ** 2 / (n2 - 1))
    superiority = float(means[1] - (n2 + 1) / 2) / n1
    half = t_quantile(df, confidence) * math.sqrt(spread[0] / (n1 * n2**2) + spread[1] / (n2 * n1**2))
    p = min(1.0, 2 * float(stdtr(df, -abs(statistic))))
    return BrunnerMunzel(superiority, statistic, df, p, superiority - half, superiority + half)


def largest_gap(a: Scored, b: Scored) -> float | Reason:
    """Kolmogorov and Smirnov's D: the largest distance of the cumulated shares. R: ``ks.test(a, b)``."""
    if not a.n or not b.n:
        return Reason.NO_ANSWERS
    _, table, _ = aligned((a, b))
    shares = np.cumsum(table, axis=1) / table.sum(axis=1, keepdims=True)
    return float(np.max(np.abs(shares[0] - shares[1])))
