"""Descriptive figures of one table of counts, exact: everything is integers until one last division.

A table is a row of scores with the number of answers on each. Scores are kept as integers over a common
denominator (``per``), so that items (1..6, 0..10, half steps) and scale scores (sum / answered) share one
shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

Number = int | float | Fraction

_LARGEST_DENOMINATOR = 10**6


@dataclass(frozen=True)
class Scored:
    """Answers on ordered scores: score i is ``values[i] / per`` and was chosen ``counts[i]`` times.

    values strictly ascending integers, counts non-negative integers of the same length, per >= 1.
    Options nobody chose are kept: the length is that of the code list.
    """

    values: tuple[int, ...]
    counts: tuple[int, ...]
    per: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError unless values ascend, counts are not negative and lengths agree."""
        if len(self.values) != len(self.counts):
            raise ValueError("scores and counts differ in length")
        if any(b <= a for a, b in zip(self.values, self.values[1:], strict=False)):
            raise ValueError("scores must ascend strictly")
        if any(c < 0 for c in self.counts) or self.per < 1:
            raise ValueError("counts must not be negative")

    @cached_property
    def n(self) -> int:
        """Number of valid answers."""
        return sum(self.counts)

    @cached_property
    def total(self) -> int:
        """Sum of the scores times ``per``."""
        return sum(v * c for v, c in zip(self.values, self.counts, strict=True))

    @cached_property
    def squares(self) -> int:
        """Sum of the squared scores times ``per`` squared."""
        return sum(v * v * c for v, c in zip(self.values, self.counts, strict=True))

    @cached_property
    def scatter(self) -> int:
        """``n * sum(x**2) - sum(x)**2`` times ``per`` squared; zero when all scores are equal."""
        return self.n * self.squares - self.total**2

    @property
    def mean(self) -> float | None:
        """Arithmetic mean, None without answers."""
        return self.total / (self.n * self.per) if self.n else None

    @property
    def variance(self) -> float | None:
        """Variance with n - 1, None for n < 2. R: ``var(x)``."""
        if self.n < 2:
            return None
        return self.scatter / (self.n * (self.n - 1) * self.per**2)

    @property
    def sd(self) -> float | None:
        """Standard deviation with n - 1, None for n < 2. R: ``sd(x)``."""
        variance = self.variance
        return None if variance is None else math.sqrt(variance)

    @property
    def constant(self) -> bool:
        """True when there are answers and all have the same score."""
        return self.n > 0 and self.scatter == 0


def scored(scores: Sequence[Number], counts: Sequence[int]) -> Scored:
    """Table of ``counts`` on ``scores`` (any order; equal scores are added together).

    Raises ValueError for scores that are not finite, negative counts or unequal lengths.
    Example: ``scored([1, 2, 3], [4, 0, 1]).mean`` is 1.4.
    """
    if len(scores) != len(counts):
        raise ValueError("scores and counts differ in length")
    exact = [exact_score(score) for score in scores]
    per = math.lcm(*(score.denominator for score in exact)) if exact else 1
    by_value: dict[int, int] = {}
    for score, count in zip(exact, counts, strict=True):
        value = int(score * per)
        by_value[value] = by_value.get(value, 0) + int(count)
    values = tuple(sorted(by_value))
    return Scored(values, tuple(by_value[v] for v in values), per)


def exact_score(score: Number) -> Fraction:
    """The score as a fraction with a denominator of at most a million; ValueError when it is not finite."""
    if isinstance(score, float) and not math.isfinite(score):
        raise ValueError("a score must be finite")
    return Fraction(score).limit_denominator(_LARGEST_DENOMINATOR)


def added(tables: Sequence[Scored]) -> Scored:
    """The table of all answers together; the tables may have different scores."""
    per = math.lcm(*(table.per for table in tables)) if tables else 1
    by_value: dict[int, int] = {}
    for table in tables:
        for value, count in zip(table.values, table.counts, strict=True):
            common = value * (per // table.per)
            by_value[common] = by_value.get(common, 0) + count
    values = tuple(sorted(by_value))
    return Scored(values, tuple(by_value[v] for v in values), per)


def reversed_scores(table: Scored, low: Number, high: Number) -> Scored:
    """The table of ``low + high - score``: how a reverse-keyed item is turned. R: ``low + high - x``."""
    turn = exact_score(low) + exact_score(high)
    per = math.lcm(table.per, turn.denominator)
    factor, point = per // table.per, int(turn * per)
    values = tuple(point - value * factor for value in reversed(table.values))
    return Scored(values, tuple(reversed(table.counts)), per)


def to_index(value: float | None, low: Number, high: Number) -> float | None:
    """``(value - low) / (high - low) * 100``: a score on the common scale 0-100, None for None.

    Raises ValueError unless high > low (the ends of the code list, not of the data).
    """
    if not high > low:
        raise ValueError("the range of an item must have two different ends")
    return None if value is None else (value - float(low)) / (float(high) - float(low)) * 100


def quantile(table: Scored, share: float) -> float | None:
    """Quantile of type 7 (R's and numpy's default), None without answers; ``share`` in 0..1."""
    if not 0 <= share <= 1:
        raise ValueError("share must lie in 0..1")
    if not table.n:
        return None
    place = (table.n - 1) * share
    below = math.floor(place)
    low, high = _ordered(table, below), _ordered(table, min(below + 1, table.n - 1))
    return (low + (place - below) * (high - low)) / table.per


def _ordered(table: Scored, place: int) -> int:
    """The value at a place (from 0) of the sorted answers."""
    seen = 0
    for value, count in zip(table.values, table.counts, strict=True):
        seen += count
        if place < seen:
            return value
    raise ValueError("place lies outside the answers")


def median(table: Scored) -> float | None:
    """The median, None without answers."""
    return quantile(table, 0.5)


def shares(counts: Sequence[int]) -> tuple[float, ...] | None:
    """Each count over their sum, None when there are no answers."""
    n = sum(int(count) for count in counts)
    return tuple(int(count) / n for count in counts) if n else None


def top2_count(table: Scored) -> int | None:
    """Answers on the two highest scores, None when the code list has fewer than four."""
    return sum(table.counts[-2:]) if len(table.counts) >= 4 else None


def bottom_count(table: Scored) -> int | None:
    """Answers on the lowest score, None for an empty code list."""
    return table.counts[0] if table.counts else None


@dataclass(frozen=True)
class ItemSummary:
    """What one table says, turned if the item is reverse-keyed; None where it cannot be said."""

    n: int
    mean: float | None
    sd: float | None
    index: float | None
    median: float | None
    top2_share: float | None
    bottom_share: float | None


def describe(table: Scored, low: Number, high: Number, *, reverse: bool = False) -> ItemSummary:
    """Summary of an item whose code list runs from ``low`` to ``high``; ValueError unless high > low."""
    keyed = reversed_scores(table, low, high) if reverse else table
    top2, bottom = top2_count(keyed), bottom_count(keyed)
    return ItemSummary(
        n=keyed.n,
        mean=keyed.mean,
        sd=keyed.sd,
        index=to_index(keyed.mean, low, high),
        median=median(keyed),
        top2_share=top2 / keyed.n if top2 is not None and keyed.n else None,
        bottom_share=bottom / keyed.n if bottom is not None and keyed.n else None,
    )
