"""Estimates out of designed samples (citizens): strata, clusters, finite populations, two stages, weights.

All work is svy's, which equals R's ``survey`` (Taylor linearisation) also after calibration; here it gets our
words and says why when there is nothing to estimate. Import where first needed: svy and polars load slowly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import svy

from analysis.intervals import Interval
from analysis.reasons import Reason


@dataclass(frozen=True)
class SampleDesign:
    """Names of the columns that say how the sample was drawn; only the weight is always there.

    population: number of first-stage units in the stratum (finite population correction); population_second:
    the same of the second stage within each cluster.
    """

    weight: str
    stratum: str | None = None
    cluster: str | None = None
    second_stage: str | None = None
    population: str | None = None
    population_second: str | None = None


@dataclass(frozen=True, eq=False)
class DesignedSample:
    """A sample with its design; weights may have been calibrated since."""

    design: SampleDesign
    inner: Any

    @property
    def weights(self) -> list[float]:
        """The weights in use, one per respondent."""
        return [float(w) for w in self.inner.data[self.inner.design.wgt].to_list()]


@dataclass(frozen=True)
class Estimate:
    """An estimate with Taylor's standard error, t interval by the design's df (shares: on the logit scale).

    group: category of the ``by`` variable; level: category whose share it is; deff: variance against a simple
    sample of that size drawn without replacement, None where not asked for.
    """

    value: float
    se: float
    interval: Interval
    n: int
    df: int
    deff: float | None = None
    group: str | None = None
    level: str | None = None


@dataclass(frozen=True)
class Difference:
    """Second group less first in the design, with its t test."""

    first: str
    second: str
    difference: float
    se: float
    t: float
    df: float
    p: float
    interval: Interval


def designed_sample(columns: Mapping[str, Sequence[Any]], design: SampleDesign) -> DesignedSample | Reason:
    """A sample out of columns of equal length; missing values are None or nan.

    Raises ValueError when a column of the design is not there.
    """
    named = [name for name in vars(design).values() if name is not None]
    if missing := [name for name in named if name not in columns]:
        raise ValueError(f"the design names columns that are not there: {', '.join(missing)}")
    frame = pl.DataFrame(dict(columns), strict=False)
    floats = [name for name, kind in frame.schema.items() if kind.is_float()]
    frame = frame.with_columns(pl.col(floats).fill_nan(None))
    if frame.height < 2:
        return Reason.TOO_FEW
    weights = frame[design.weight].cast(pl.Float64)
    if weights.null_count() or not weights.is_finite().all() or (weights <= 0).any():
        return Reason.NOT_FINITE
    return DesignedSample(design, svy.Sample(data=frame, design=svy_design(design)))


def svy_design(design: SampleDesign) -> Any:
    """The design in svy's words."""
    population: Any = design.population
    if design.population and design.population_second:
        population = svy.PopSize(psu=design.population, ssu=design.population_second)
    return svy.Design(
        wgt=design.weight,
        stratum=design.stratum,
        psu=design.cluster,
        ssu=design.second_stage,
        pop_size=population,
    )


def _known(sample: DesignedSample, *names: str) -> Any:
    """Respondents without a missing value in any of the columns, as a domain (rows are never dropped)."""
    known = pl.col(names[0]).is_not_null()
    for name in names[1:]:
        known &= pl.col(name).is_not_null()
    return known


def _deff(sample: DesignedSample) -> str | None:
    """Design effects are against sampling without replacement, if the weights count a larger population."""
    return "wor" if math.fsum(sample.weights) > len(sample.weights) else None


def _values(sample: DesignedSample, name: str, *more: str) -> Any:
    """A column where all named columns are known."""
    return sample.inner.data.filter(_known(sample, name, *more))[name]


def _checked(sample: DesignedSample, name: str) -> Reason | None:
    """Why a column cannot be estimated, None when it can."""
    values = _values(sample, name)
    if not len(values):
        return Reason.NO_ANSWERS
    if len(values) < 2:
        return Reason.TOO_FEW
    return Reason.NO_SPREAD if values.n_unique() < 2 else None


def mean(
    sample: DesignedSample, name: str, *, by: str | None = None, confidence: float = 0.95
) -> list[Estimate] | Reason:
    """Mean of a numeric column, for everybody or for each category of ``by``. R: ``svymean``, ``svyby``."""
    if reason := _checked(sample, name):
        return reason
    names = (name,) if by is None else (name, by)
    found = sample.inner.estimation.mean(
        name, by=by, where=_known(sample, *names), deff=_deff(sample), alpha=1 - confidence
    )
    return _estimates(found)


def total(sample: DesignedSample, name: str, *, confidence: float = 0.95) -> list[Estimate] | Reason:
    """Total of a numeric column in the population. R: ``svytotal``."""
    if reason := _checked(sample, name):
        return reason
    found = sample.inner.estimation.total(
        name, where=_known(sample, name), deff=_deff(sample), alpha=1 - confidence
    )
    return _estimates(found)


def share(
    sample: DesignedSample, name: str, *, by: str | None = None, confidence: float = 0.95
) -> list[Estimate] | Reason:
    """Share of every category of a column, intervals on the logit scale. R: ``svyciprop(.., "xlogit")``."""
    reason = _checked(sample, name)
    if reason is Reason.NO_SPREAD:
        return Reason.ONE_OPTION
    if reason:
        return reason
    names = (name,) if by is None else (name, by)
    found = sample.inner.estimation.prop(name, by=by, where=_known(sample, *names), alpha=1 - confidence)
    return _estimates(found)


def ratio(
    sample: DesignedSample, above: str, below: str, *, confidence: float = 0.95
) -> list[Estimate] | Reason:
    """Ratio of two totals. R: ``svyratio``."""
    for name in (above, below):
        if (reason := _checked(sample, name)) not in (None, Reason.NO_SPREAD):
            return reason or Reason.NO_ANSWERS
    if not _values(sample, below, above).sum():
        return Reason.NO_SPREAD
    found = sample.inner.estimation.ratio(
        above, below, where=_known(sample, above, below), alpha=1 - confidence
    )
    return _estimates(found)


def difference(
    sample: DesignedSample, name: str, group: str, *, confidence: float = 0.95
) -> Difference | Reason:
    """Means of the two categories of ``group`` compared. R: ``svyttest``."""
    if reason := _checked(sample, name):
        return reason
    levels = sorted(_values(sample, group, name).unique().to_list())
    if len(levels) != 2:
        return Reason.ONE_GROUP
    known = _known(sample, name, group)
    found = sample.inner.categorical.ttest(name, group=group, where=known, alpha=1 - confidence)
    gap, test = found.diff[0], found.stats
    if not gap.se or not math.isfinite(test.t):
        return Reason.NO_SPREAD
    ends = Interval(float(gap.lci), float(gap.uci))
    return Difference(
        str(levels[0]),
        str(levels[1]),
        float(gap.diff),
        float(gap.se),
        float(test.t),
        float(test.df),
        float(test.p_value),
        ends,
    )


def _estimates(found: Any) -> list[Estimate] | Reason:
    """svy's estimates as ours; a Reason when one is not a number."""
    kept = []
    for one in found.estimates:
        numbers = [one.est, one.se, one.lci, one.uci]
        if any(value is None or not math.isfinite(value) for value in numbers):
            return Reason.NO_SPREAD
        deff = float(one.deff) if one.deff is not None and math.isfinite(one.deff) else None
        group = str(one.by_level[0]) if one.by_level else None
        level = None if one.y_level is None else str(one.y_level)
        ends = Interval(float(one.lci), float(one.uci))
        kept.append(
            Estimate(float(one.est), float(one.se), ends, int(one.n), int(one.df), deff, group, level)
        )
    return kept
