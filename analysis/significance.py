"""Is a difference real? Rank test from counts, effect sizes, multiplicity; the word for it: `verdicts`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.tables import Scored

_LARGE_DF = 1000  # above, the difference of log-gammas loses digits that the asymptotic series keeps


@dataclass(frozen=True)
class MannWhitney:
    """U of the first group, two-sided p and Cliff's delta (-1..1, above 0: the first group is higher)."""

    u1: float
    p: float
    cliffs_delta: float


def mann_whitney(a: Scored, b: Scored) -> MannWhitney | None:
    """Mann-Whitney test straight from counts: asymptotic, two-sided, tie and continuity corrected.

    U1 = sum a_i (B_i + b_i / 2) with B_i the answers of b below score i; its variance under the null is
    n1 n2 / 12 * (N + 1 - sum(t**3 - t) / (N (N - 1))). All tied: p = 1. None when a side has no answers.
    Equal to ``scipy.stats.mannwhitneyu(x, y, method="asymptotic")``; R: ``wilcox.test(x, y, exact = FALSE)``.
    """
    if not a.n or not b.n:
        return None
    twice_u1 = below = ties = 0
    for first, second in _aligned(a, b):
        twice_u1 += first * (2 * below + second)
        below += second
        tied = first + second
        ties += tied**3 - tied
    pairs, total = a.n * b.n, a.n + b.n
    delta = (twice_u1 - pairs) / pairs
    spread = (total + 1) * total * (total - 1) - ties
    if spread <= 0:
        return MannWhitney(twice_u1 / 2, 1.0, delta)
    sd = math.sqrt(pairs * spread / (12 * total * (total - 1)))
    z = (abs(twice_u1 - pairs) / 2 - 0.5) / sd
    return MannWhitney(twice_u1 / 2, min(1.0, math.erfc(z / math.sqrt(2))), delta)


def _aligned(a: Scored, b: Scored) -> list[tuple[int, int]]:
    """Counts of both groups score by score, ascending."""
    if a.per == b.per and a.values == b.values:
        return list(zip(a.counts, b.counts, strict=True))
    per = math.lcm(a.per, b.per)
    at: dict[int, list[int]] = {}
    for side, table in enumerate((a, b)):
        for value, count in zip(table.values, table.counts, strict=True):
            at.setdefault(value * (per // table.per), [0, 0])[side] += count
    return [(at[value][0], at[value][1]) for value in sorted(at)]


def cohens_d(a: Scored, b: Scored) -> float | None:
    """(mean(a) - mean(b)) / pooled SD, None for n < 2 on a side or no spread at all."""
    if a.variance is None or b.variance is None or a.mean is None or b.mean is None:
        return None
    pooled = ((a.n - 1) * a.variance + (b.n - 1) * b.variance) / (a.n + b.n - 2)
    return (a.mean - b.mean) / math.sqrt(pooled) if pooled > 0 else None


def hedges_g(a: Scored, b: Scored) -> float | None:
    """Cohen's d times the exact small-sample factor J. R: ``effectsize::hedges_g(a, b)``."""
    d = cohens_d(a, b)
    return None if d is None else d * small_sample_factor(a.n + b.n - 2)


def small_sample_factor(df: int) -> float:
    """J = gamma(df / 2) / (sqrt(df / 2) gamma((df - 1) / 2)); zero for df = 1, ValueError below."""
    if df < 1:
        raise ValueError("df must be positive")
    if df == 1:
        return 0.0
    if df < _LARGE_DF:
        return math.exp(math.lgamma(df / 2) - 0.5 * math.log(df / 2) - math.lgamma((df - 1) / 2))
    x = (df - 1) / 2
    series = 1 - 1 / (8 * x) + 1 / (128 * x**2) + 5 / (1024 * x**3) - 21 / (32768 * x**4)
    return math.sqrt(x / (df / 2)) * series


def adjust_bh(p_values: Sequence[float | None]) -> list[float | None]:
    """Benjamini-Hochberg over the tests really made; None stays None and does not count.

    R: ``p.adjust(p, "BH")``. Raises ValueError for a p outside 0..1 (nan included).
    """
    made = [(p, place) for place, p in enumerate(p_values) if p is not None]
    if any(not 0 <= p <= 1 for p, _ in made):
        raise ValueError("p must lie in 0..1")
    adjusted: list[float | None] = [None] * len(p_values)
    least = 1.0
    for rank, (p, place) in zip(range(len(made), 0, -1), sorted(made, reverse=True), strict=True):
        least = min(least, p * len(made) / rank)
        adjusted[place] = least
    return adjusted
