"""Weights that make a sample look like its population, and whether they are good enough to be used.

Raking and post-stratification are svy's (standard errors stay those of the calibrated design); trimming and
the report are here. Bad weights are refused, not repaired. Import where first needed: svy loads slowly.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl
import svy
from svy.errors import SvyError

from analysis.designs import DesignedSample, svy_design

Margins = Mapping[str, Mapping[str, float]]
TRIM = (0.3, 3.0)
MOST_DEFF = 2.0
MARGIN_TOLERANCE = 1e-6
RAKE_TOLERANCE = 1e-12
_TRIM_ROUNDS = 50
_CUT_ROUNDS = 1000
_ROUND_OFF = 1e-12
_BOUND_TOLERANCE = 1e-6


class Refusal(StrEnum):
    """Why weights may not be used."""

    NO_MARGINS = "no_margins"
    MARGIN_NOT_POSITIVE = "margin_not_positive"
    MARGINS_DISAGREE = "margins_disagree"
    CATEGORY_WITHOUT_ANSWERS = "category_without_answers"
    CATEGORY_WITHOUT_MARGIN = "category_without_margin"
    MISSING_VALUES = "missing_values"
    NOT_CONVERGED = "not_converged"
    MARGIN_OFF = "margin_off"
    DESIGN_EFFECT = "design_effect"


@dataclass(frozen=True)
class Problem:
    """A refusal with the variable and category it concerns, empty where it concerns all."""

    refusal: Refusal
    variable: str = ""
    category: str = ""


@dataclass(frozen=True)
class WeightReport:
    """Quality of weights: Kish's design effect and effective n, extremes over the mean, farthest margin.

    worst_margin: largest difference between a weighted and a wanted margin as a share of the wanted one.
    """

    n: int
    total: float
    deff: float
    n_eff: float
    least: float
    most: float
    worst_margin: float
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """False when weighted figures must not be shown."""
        return not self.problems


@dataclass(frozen=True, eq=False)
class Weighted:
    """A calibrated sample and the report on its weights; ``sample`` is None when nothing could be fitted."""

    sample: DesignedSample | None
    report: WeightReport


def kish_deff(weights: Sequence[float]) -> float:
    """Kish's design effect, n sum w**2 / (sum w)**2; ValueError for weights that are not all above zero."""
    if not weights or any(not math.isfinite(w) or w <= 0 for w in weights):
        raise ValueError("weights must be numbers above zero")
    return len(weights) * math.fsum(w * w for w in weights) / math.fsum(weights) ** 2


def effective_n(weights: Sequence[float]) -> float:
    """Answers of equal weight that would be as good, (sum w)**2 / sum w**2."""
    return len(weights) / kish_deff(weights)


def trimmed(weights: Sequence[float], lower: float, upper: float) -> list[float]:
    """Weights within lower..upper with the same sum. R: ``trimWeights(strict = TRUE)``.

    What is cut off is shared out evenly over the others, again and again until nothing lies outside; where
    that does not settle, all weigh the same. Raises ValueError when the mean itself lies outside.
    """
    found, mean = list(weights), math.fsum(weights) / len(weights)
    if not lower <= mean <= upper:
        raise ValueError("the mean weight lies outside the limits")
    low, high = lower * (1 - _ROUND_OFF), upper * (1 + _ROUND_OFF)
    for _ in range(_CUT_ROUNDS):
        inside = [low <= w <= high for w in found]
        if all(inside):
            return found
        if not any(inside):
            break
        cut = [min(upper, max(lower, w)) for w in found]
        spare = math.fsum(w - c for w, c in zip(found, cut, strict=True)) / sum(inside)
        found = [c + spare if ok else c for c, ok in zip(cut, inside, strict=True)]
    return [mean] * len(found)


def raked(sample: DesignedSample, margins: Margins, trim: tuple[float, float] | None = TRIM) -> Weighted:
    """Weights that meet every margin, none beyond ``trim`` times the mean; refused when that cannot be.

    Rake, trim strictly, rake again, until both hold. R: ``rake``; ``trim=None``: without limits.
    """
    problems = margin_problems(sample, margins)
    if problems:
        return Weighted(None, _report(sample.weights, [], problems))
    controls = {variable: dict(levels) for variable, levels in margins.items()}
    start = sample
    for _ in range(_TRIM_ROUNDS):
        try:
            inner = start.inner.weighting.rake(controls=controls, tol=RAKE_TOLERANCE, max_iter=1000)
        except SvyError:
            return Weighted(None, _report(start.weights, [], (Problem(Refusal.NOT_CONVERGED),)))
        found = DesignedSample(sample.design, inner)
        weights = found.weights
        if trim is None or _within(weights, trim):
            return _judged(found, margins)
        middle = math.fsum(weights) / len(weights)
        start = _with_weights(sample, trimmed(weights, trim[0] * middle, trim[1] * middle))
    return Weighted(None, _report(weights, [], (Problem(Refusal.NOT_CONVERGED),)))


def poststratified(sample: DesignedSample, variable: str, totals: Mapping[str, float]) -> Weighted:
    """Weights that meet the totals of one variable's categories. R: ``postStratify``."""
    margins = {variable: totals}
    if problems := margin_problems(sample, margins):
        return Weighted(None, _report(sample.weights, [], problems))
    inner = sample.inner.weighting.poststratify(dict(totals), cells=variable)
    return _judged(DesignedSample(sample.design, inner), margins)


def as_drawn(sample: DesignedSample) -> Weighted:
    """The weights the sample was drawn with, where nothing is known of the population; refused as others."""
    return _judged(sample, {})


def margin_problems(sample: DesignedSample, margins: Margins) -> tuple[Problem, ...]:
    """Everything that keeps margins from fitting a sample, before anything is computed.

    Raises ValueError when a variable is no column of the sample.
    """
    if not margins:
        return (Problem(Refusal.NO_MARGINS),)
    found: list[Problem] = []
    for variable, levels in margins.items():
        if variable not in sample.inner.data.columns:
            raise ValueError(f"{variable} is no column of the sample")
        values = sample.inner.data[variable]
        if values.null_count():
            found.append(Problem(Refusal.MISSING_VALUES, variable))
        seen = {str(value) for value in values.drop_nulls().unique().to_list()}
        for level, wanted in levels.items():
            if not math.isfinite(wanted) or wanted <= 0:
                found.append(Problem(Refusal.MARGIN_NOT_POSITIVE, variable, level))
            elif level not in seen:
                found.append(Problem(Refusal.CATEGORY_WITHOUT_ANSWERS, variable, level))
        found += [
            Problem(Refusal.CATEGORY_WITHOUT_MARGIN, variable, level) for level in sorted(seen - set(levels))
        ]
    totals = [math.fsum(levels.values()) for levels in margins.values()]
    if all(map(math.isfinite, totals)) and max(totals) - min(totals) > MARGIN_TOLERANCE * max(totals):
        found.append(Problem(Refusal.MARGINS_DISAGREE))
    return tuple(found)


def _within(weights: Sequence[float], trim: tuple[float, float]) -> bool:
    """True when every weight lies within the limits times the mean."""
    middle = math.fsum(weights) / len(weights)
    low, high = trim[0] * middle * (1 - _BOUND_TOLERANCE), trim[1] * middle * (1 + _BOUND_TOLERANCE)
    return all(low <= w <= high for w in weights)


def _with_weights(sample: DesignedSample, weights: Sequence[float]) -> DesignedSample:
    """The same sample with other starting weights."""
    frame = sample.inner.data.with_columns(pl.Series(sample.design.weight, weights))
    kept = [name for name in frame.columns if not name.startswith("svy_")]
    inner: Any = svy.Sample(data=frame.select(kept), design=svy_design(sample.design))
    return DesignedSample(sample.design, inner)


def _judged(sample: DesignedSample, margins: Margins) -> Weighted:
    """The sample with its report; refused for a margin that is off or a design effect above two."""
    weights, off, problems = sample.weights, [], []
    for variable, levels in margins.items():
        reached: defaultdict[str, float] = defaultdict(float)
        for value, weight in zip(sample.inner.data[variable].to_list(), weights, strict=True):
            reached[str(value)] += weight
        for level, wanted in levels.items():
            away = abs(reached[level] - wanted) / wanted
            off.append(away)
            if away > MARGIN_TOLERANCE:
                problems.append(Problem(Refusal.MARGIN_OFF, variable, level))
    if kish_deff(weights) > MOST_DEFF:
        problems.append(Problem(Refusal.DESIGN_EFFECT))
    return Weighted(sample, _report(weights, off, tuple(problems)))


def _report(weights: Sequence[float], off: Sequence[float], problems: tuple[Problem, ...]) -> WeightReport:
    """Figures about weights as they are."""
    whole = math.fsum(weights)
    middle = whole / len(weights)
    return WeightReport(
        n=len(weights),
        total=whole,
        deff=kish_deff(weights),
        n_eff=effective_n(weights),
        least=min(weights) / middle,
        most=max(weights) / middle,
        worst_margin=max(off, default=0.0),
        problems=problems,
    )
