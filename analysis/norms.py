"""What is usual elsewhere: a benchmark out of several organisations when none can be picked out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.reasons import Reason
from analysis.tables import Scored, added

LEAST_ORGANISATIONS = 5
LARGEST_SHARE = 0.4


@dataclass(frozen=True)
class Norm:
    """All answers together and the spread of the organisations' own means (each counts once)."""

    table: Scored
    n_organisations: int
    mean: float
    lowest_quarter: float
    highest_quarter: float


def norm(organisations: Sequence[Scored]) -> Norm | Reason:
    """The benchmark of at least five organisations, none with more than 40 % of the answers.

    mean: over all answers; quarters: quantiles of type 7 of the organisations' means. Organisations without
    answers do not count.
    """
    some = [table for table in organisations if table.n]
    if not some:
        return Reason.NO_ANSWERS
    whole = sum(table.n for table in some)
    if len(some) < LEAST_ORGANISATIONS or max(table.n for table in some) > LARGEST_SHARE * whole:
        return Reason.TOO_FEW
    means = sorted(table.total / (table.n * table.per) for table in some)
    together = added(some)
    return Norm(
        table=together,
        n_organisations=len(some),
        mean=together.total / (together.n * together.per),
        lowest_quarter=type7(means, 0.25),
        highest_quarter=type7(means, 0.75),
    )


def type7(ordered: Sequence[float], share: float) -> float:
    """Type 7 quantile of sorted values."""
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
