"""Two groups made of whole teams (sectors, private and public): teams, not people, carry the evidence.

Answers within a team resemble one another; counting people as if they were independent makes chance look like
a finding. From the tables of the teams, which add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scipy.special import stdtr

from analysis.intervals import Interval, t_quantile
from analysis.reasons import Reason
from analysis.tables import Scored

NOISE = 1e-12  # equal means are not quite so in floats


@dataclass(frozen=True)
class ClusteredDifference:
    """Mean of all answers in a less that in b; standard error, t and p with teams as the units drawn."""

    difference: float
    se: float
    t: float
    df: int
    p: float
    interval: Interval
    n_teams: tuple[int, int]


def clustered_difference(
    a: Sequence[Scored], b: Sequence[Scored], confidence: float = 0.95
) -> ClusteredDifference | Reason:
    """Compare two groups of teams; df = teams - 2. R: ``svyttest(x ~ g, svydesign(id = ~team))``.

    Each team gives (sum - mean n) / N of its group; the variance is C / (C - 1) times the sum of the squares.
    Teams without answers are left out.
    """
    return _difference([_sums(group) for group in (a, b)], confidence)


def clustered_of_figures(
    a: Sequence[tuple[int, float]], b: Sequence[tuple[int, float]], confidence: float = 0.95
) -> ClusteredDifference | Reason:
    """The same out of each team's n and mean alone, as a release shows them."""
    return _difference([[(n, mean * n) for n, mean in group if n] for group in (a, b)], confidence)


def _sums(group: Sequence[Scored]) -> list[tuple[int, Fraction]]:
    """n and sum of every team that answered."""
    return [(team.n, Fraction(team.total, team.per)) for team in group if team.n]


def _difference(
    groups: Sequence[Sequence[tuple[int, Fraction | float]]], confidence: float
) -> ClusteredDifference | Reason:
    """Teams as n and sum."""
    if not groups[0] or not groups[1]:
        return Reason.NO_ANSWERS
    n_teams = len(groups[0]), len(groups[1])
    if min(n_teams) < 2:
        return Reason.TOO_FEW
    scores: list[float] = []
    means: list[Fraction | float] = []
    for group in groups:
        whole = sum(n for n, _ in group)
        mean = sum((total for _, total in group), Fraction(0)) / whole
        means.append(mean)
        scores += [float((total - mean * n) / whole) for n, total in group]
    c = len(scores)
    se = math.sqrt(c / (c - 1) * math.fsum(score * score for score in scores))
    difference = float(means[0] - means[1])
    if se <= NOISE * max(1.0, abs(difference)):
        return Reason.NO_SPREAD
    half = t_quantile(c - 2, confidence) * se
    p = min(1.0, 2 * float(stdtr(c - 2, -abs(difference) / se)))
    ends = Interval(difference - half, difference + half)
    return ClusteredDifference(difference, se, difference / se, c - 2, p, ends, n_teams)
