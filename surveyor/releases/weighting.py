"""From a declared sample and its answers to weights, or to the reasons why there are none. Loads svy."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis import designs
from analysis.designs import DesignedSample
from analysis.reasons import Reason
from analysis.weights import Problem, Refusal, Weighted, WeightReport, as_drawn, raked
from surveyor.campaigns.enums import SampleKind
from surveyor.campaigns.margins import UNIT_VARIABLE, in_order
from surveyor.campaigns.spec import SampleDesign, group_above
from surveyor.releases.enums import WeightProblem
from surveyor.releases.respondents import Respondents

UNKNOWN = "?"
MOST_UNKNOWN = 0.10
_STRATUM = "stratum"

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, eq=False)
class Weights:
    """The calibrated sample (None when refused), and what the release says of its weights."""

    sample: DesignedSample | None
    report: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Answers with the design they were drawn by: one row each, and the population's margins to be met."""

    columns: dict[str, list[Any]]
    design: designs.SampleDesign
    margins: dict[str, dict[str, float]]


def make_weights(
    design: SampleDesign, people: Respondents, parents: Mapping[str, str | None], figures: Columns, k: int
) -> Weights:
    """Weights for the answers beside the columns figures are made of; refused with every reason.

    k: the report tells of no group of fewer answers.
    """
    groups = _groups(design, people, parents)
    problems = list(_problems(design, groups))
    base = [] if problems else _base_weights(design, groups)
    margins = _margins(design, people, parents, base or [1.0] * len(people), problems)
    report = _plain_report(design, len(people), margins, k)
    if problems:
        return Weights(None, report | {"problems": problems})
    drawn = _drawn(design, groups, base, margins)
    sample = designs.designed_sample({**drawn.columns, **figures}, drawn.design)
    if isinstance(sample, Reason):
        return Weights(None, report | {"problems": [_problem(WeightProblem.TOO_FEW)]})
    found = _weighted(sample, drawn.margins)
    is_whole = all(one["answers"] is not None for one in report["margins"])
    report |= _judged(found.report, is_whole) | {"problems": [_said(one) for one in found.report.problems]}
    if found.sample is not None:
        _note_weighted(report["margins"], margins, found.sample.weights)
    return Weights(found.sample if found.report.usable else None, report | {"usable": found.report.usable})


def _weighted(sample: DesignedSample, margins: dict[str, dict[str, float]]) -> Weighted:
    return raked(sample, margins) if margins else as_drawn(sample)


def _plain_report(design: SampleDesign, n: int, margins: Sequence["_Margin"], k: int) -> dict[str, Any]:
    """What is declared, and shares of the answers in whole per cent, as on pages; none of a few answers."""
    return {
        "kind": design.kind.value,
        "n_population": design.n_population,
        "n": n,
        "usable": False,
        "margins": [
            {"variable": m.variable, "category": c, "population": m.declared.get(c), "answers": share}
            for m in margins for c, share in m.told(k).items()
        ],
    }  # fmt: skip


def _note_weighted(
    said: list[dict[str, Any]], margins: Sequence["_Margin"], weights: Sequence[float]
) -> None:
    """Each category's share of the weights of those who are known, beside what was wanted."""
    values = {margin.variable: margin.values for margin in margins}
    for one in said:
        pairs = list(zip(values[one["variable"]], weights, strict=True))
        known = math.fsum(w for code, w in pairs if code != UNKNOWN)
        mine = math.fsum(w for code, w in pairs if code == one["category"])
        one["weighted"] = None if one["category"] == UNKNOWN or not known else round(mine / known, 3)


def _judged(report: WeightReport, is_whole: bool) -> dict[str, Any]:
    """Figures of the weights; the least and the most would tell how many are in a group held back."""
    ends = {"least": round(report.least, 2), "most": round(report.most, 2)}
    found = {"deff": round(report.deff, 2), "n_eff": round(report.n_eff)}
    return {**found, **(ends if is_whole else {}), "worst_margin": round(report.worst_margin, 9)}


def _problem(problem: WeightProblem | Refusal, variable: str = "", category: str = "") -> dict[str, str]:
    return {"problem": problem.value, "variable": variable, "category": category}


def _said(problem: Problem) -> dict[str, str]:
    variable = problem.variable.removeprefix("m:")
    return _problem(problem.refusal, variable, problem.category)


# The design


def _groups(design: SampleDesign, people: Respondents, parents: Mapping[str, str | None]) -> list[str]:
    """Each answer's stratum or cluster; empty outside them all."""
    return [group_above(unit, parents, design.n_by_unit) or "" for unit in people.units]


def _problems(design: SampleDesign, groups: Sequence[str]) -> Iterator[dict[str, str]]:
    if len(groups) > design.n_population:
        yield _problem(WeightProblem.MORE_ANSWERS_THAN_PEOPLE)
    if len(groups) < 2:
        yield _problem(WeightProblem.TOO_FEW)
    if design.kind is SampleKind.SIMPLE:
        return
    n_by_group = Counter(groups)
    if "" in n_by_group:
        yield _problem(WeightProblem.OUTSIDE_THE_SAMPLE)
    for code, size in design.n_by_unit.items():
        if n_by_group[code] > size:
            yield _problem(WeightProblem.MORE_ANSWERS_THAN_PEOPLE, UNIT_VARIABLE, code)
        elif n_by_group[code] < 2:
            yield _problem(WeightProblem.UNIT_WITHOUT_ANSWERS, UNIT_VARIABLE, code)


def _base_weights(design: SampleDesign, groups: Sequence[str]) -> list[float]:
    """How many people each answer stands for as drawn: everybody answering in a group stands for it alike."""
    if design.kind is SampleKind.SIMPLE:
        return [design.n_population / len(groups)] * len(groups)
    n_by_group = Counter(groups)
    whole = 1.0
    if design.kind is SampleKind.CLUSTER:
        whole = (design.n_clusters or len(design.n_by_unit)) / len(design.n_by_unit)
    return [whole * design.n_by_unit[group] / n_by_group[group] for group in groups]


def _drawn(
    design: SampleDesign, groups: Sequence[str], base: Sequence[float], margins: Sequence["_Margin"]
) -> Drawn:
    columns: dict[str, list[Any]] = {f"m:{margin.variable}": margin.values for margin in margins}
    wanted = {f"m:{m.variable}": {c: s * design.n_population for c, s in m.wanted.items()} for m in margins}
    columns["weight"] = list(base)
    if design.kind is SampleKind.SIMPLE:
        columns["population"] = [design.n_population] * len(base)
        return Drawn(columns, designs.SampleDesign("weight", population="population"), wanted)
    columns |= {"group": list(groups), "population": [design.n_by_unit[group] for group in groups]}
    if design.kind is SampleKind.STRATIFIED:
        if wanted and f"m:{UNIT_VARIABLE}" not in wanted:
            columns[f"m:{_STRATUM}"] = list(groups)
            wanted[f"m:{_STRATUM}"] = {code: float(size) for code, size in design.n_by_unit.items()}
        return Drawn(columns, designs.SampleDesign("weight", "group", population="population"), wanted)
    columns |= {"person": list(range(len(base))), "clusters": [design.n_clusters] * len(base)}
    two_stage = designs.SampleDesign(
        "weight", cluster="group", second_stage="person", population="clusters",
        population_second="population",
    )  # fmt: skip
    return Drawn(columns, two_stage, wanted)


# The margins


@dataclass(frozen=True, eq=False)
class _Margin:
    """One variable: each answer's category, the shares declared, and those wanted of all of the answers."""

    variable: str
    values: list[str]
    wanted: dict[str, float]
    declared: dict[str, float]

    def told(self, k: int) -> dict[str, float | None]:
        """Each category's share of the answers that are known, and of all for the rest; None if held back.

        A category is told with nobody in it or at least k, and so is everything that is not told together.
        """
        counts = Counter(self.values)
        categories = [*self.declared, *([UNKNOWN] if UNKNOWN in counts else [])]
        told = [one for one in categories if not 0 < counts[one] < k]
        while 0 < sum(counts[one] for one in categories if one not in told) < k:
            some = [one for one in told if counts[one]]
            if not some:
                break
            told.remove(min(some, key=lambda one: (counts[one], one)))
        known = max(1, len(self.values) - counts[UNKNOWN])
        whole = {UNKNOWN: max(1, len(self.values))}
        return {
            one: round(counts[one] / whole.get(one, known), 2) if one in told else None for one in categories
        }


def _margins(
    design: SampleDesign,
    people: Respondents,
    parents: Mapping[str, str | None],
    base: Sequence[float],
    problems: list[dict[str, str]],
) -> list[_Margin]:
    """Every variable with its unknown answers as a group of the size it has: nobody is left out."""
    found = []
    asked = people.questionnaire
    known = {item.name: [c.code for c in asked.categories(item)] for item in asked.background_items}
    for variable, shares in in_order(design.margins, {**known, UNIT_VARIABLE: list(parents)}).items():
        values = _values(variable, shares, people, parents)
        mass = math.fsum(w for w, value in zip(base, values, strict=True) if value == UNKNOWN)
        unknown = mass / math.fsum(base) if base else 0.0
        wanted = {code: share * (1 - unknown) for code, share in shares.items()}
        if unknown:
            wanted[UNKNOWN] = unknown
        if unknown > MOST_UNKNOWN:
            problems.append(_problem(WeightProblem.TOO_MANY_UNKNOWN, variable))
        found.append(_Margin(variable, values, wanted, {code: round(s, 3) for code, s in shares.items()}))
    return found


def _values(
    variable: str, shares: Mapping[str, float], people: Respondents, parents: Mapping[str, str | None]
) -> list[str]:
    if variable == UNIT_VARIABLE:
        return [group_above(unit, parents, shares) or UNKNOWN for unit in people.units]
    given = people.options(people.questionnaire.item(variable))
    return [code if code is not None and code in shares else UNKNOWN for code in given]
