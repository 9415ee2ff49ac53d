"""Who answered a large wave, out of counts by groups of the register: rates, evenness, cautions. Pure.

Rates of groups come in steps of five per cent, and what is said of groups beside them is rounded too. A count
worked out all the same is one the gate on response rates would show. Loads scipy: import where first needed.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.disclosure.coding import FEW_SILENT
from analysis.nonresponse import Representativity, representativity
from analysis.proportions import chi_square
from analysis.rates import Dispositions, Outcome, outcome, response_rates
from analysis.reasons import Reason
from surveyor.releases.enums import CellState
from surveyor.releases.respondents import Respondents
from surveyor.releases.spec import ResponseRow

LEAST_IN_GROUP = 10
STEP = 0.05
CAUTION = "caution:"
P_STEPS = (0.001, 0.01, 0.05, 1.0)
OUTCOMES = (Outcome.COMPLETE, Outcome.PARTIAL, Outcome.BREAK_OFF)


@dataclass(frozen=True)
class GroupCount:
    """Invited and answered of one combination of register groups."""

    groups: Mapping[str, str]
    n_invited: int
    n_answered: int


@dataclass(frozen=True)
class Turnout:
    """Everything known of who answered: combinations of groups, what came back, how far answers went."""

    counts: tuple[GroupCount, ...]
    n_undelivered: int
    n_undelivered_answered: int
    outcomes: Mapping[Outcome, int]
    k: int
    is_exact: bool = True  # the gate on response rates shows the whole wave's exact rate

    @property
    def n_invited(self) -> int:
        return sum(one.n_invited for one in self.counts)

    @property
    def n_answered(self) -> int:
        return sum(one.n_answered for one in self.counts)

    @property
    def variables(self) -> tuple[str, ...]:
        """Register variables that divide the invited into two groups or more."""
        names = list(dict.fromkeys(name for one in self.counts for name in one.groups))
        return tuple(name for name in names if len({one.groups.get(name, "") for one in self.counts}) > 1)

    def by_group(self, variable: str) -> dict[str, tuple[int, int]]:
        """Invited and answered of each group of a variable, by name."""
        invited: Counter[str] = Counter()
        answered: Counter[str] = Counter()
        for one in self.counts:
            group = one.groups.get(variable, "")
            invited[group] += one.n_invited
            answered[group] += one.n_answered
        return {group: (invited[group], answered[group]) for group in sorted(invited)}


def core_outcomes(people: Respondents) -> dict[Outcome, int]:
    """How many answered all, some or too little of the questions everybody is asked; empty without such."""
    core = [
        item for page in people.questionnaire.pages if not page.relevant for item in page.items
        if not item.relevant and not item.repeat and item in people.questionnaire.substance_items
    ]  # fmt: skip
    if not core:
        return {}
    reached = [outcome(int(n), len(core)) for n in people.n_answered(core)]
    return {one: sum(found is one for found in reached) for one in OUTCOMES}


def response_rows(turnout: Turnout) -> tuple[list[ResponseRow], str]:
    """Every row about who answered, and why there is no indicator of evenness ("" where there is one)."""
    found = _representativity(turnout)
    rows = [*_everybody(turnout), *_evenness(found)]
    for place, variable in enumerate(turnout.variables):
        rows += _variable(turnout, variable, place, found)
    return rows, found.value if isinstance(found, Reason) else ""


def _shown(
    measure: str, value: float, *, n: int | None = None, of: tuple[str, str] = ("", "")
) -> ResponseRow:
    return ResponseRow(
        *of, measure, CellState.SHOWN, n, float(value) + 0.0
    )  # as it is read back: no minus nothing


def _everybody(turnout: Turnout) -> Iterator[ResponseRow]:
    """Counts and AAPOR's rates, as whole per cent."""
    n, answered = turnout.n_invited, turnout.n_answered
    yield _shown("invited", n, n=n)
    is_open = turnout.is_exact and answered >= FEW_SILENT and n - answered >= FEW_SILENT
    yield _shown("answered", answered, n=n) if is_open else ResponseRow("", "", "answered")
    returned = turnout.n_undelivered
    is_told = not returned or returned >= turnout.k
    yield _shown("undelivered", returned, n=n) if is_told else ResponseRow("", "", "undelivered")
    yield from _outcomes(turnout, is_open)


def _outcomes(turnout: Turnout, is_open: bool) -> Iterator[ResponseRow]:
    """How far they came: counts only where none is small; nothing where paper answers are mixed in."""
    counts = [turnout.outcomes.get(one, 0) for one in OUTCOMES]
    is_split = is_open and bool(turnout.outcomes) and sum(counts) == turnout.n_answered
    are_told = is_split and all(n == 0 or n >= turnout.k for n in counts)
    for one, n in zip(OUTCOMES, counts, strict=True):
        yield _shown(one.value, n, n=turnout.n_answered) if are_told else ResponseRow("", "", one.value)
    silent = turnout.n_invited - turnout.n_answered
    unknown = min(turnout.n_undelivered - turnout.n_undelivered_answered, silent)
    found = response_rates(
        Dispositions(counts[0], counts[1], counts[2], silent - unknown, unknown_other=unknown)
    )
    for name in ("rr1", "rr2", "rr5", "rr6"):
        if is_split and not isinstance(found, Reason):
            yield _shown(name, round(getattr(found, name), 2), n=turnout.n_invited)
        else:
            yield ResponseRow("", "", name)
    if is_split and turnout.n_answered:
        yield _shown("break_off_share", round(counts[2] / turnout.n_answered, 2), n=turnout.n_answered)
    else:
        yield ResponseRow("", "", "break_off_share")


def _representativity(turnout: Turnout) -> Representativity | Reason:
    if not turnout.variables:
        return Reason.ONE_GROUP
    names = [sorted({one.groups.get(v, "") for one in turnout.counts}) for v in turnout.variables]
    places = [
        [known.index(one.groups.get(v, "")) for v, known in zip(turnout.variables, names, strict=True)]
        for one in turnout.counts
    ]
    return representativity(
        np.array([one.n_invited for one in turnout.counts], dtype=np.int64),
        np.array([one.n_answered for one in turnout.counts], dtype=np.int64),
        np.array(places, dtype=np.int64),
    )


def _evenness(found: Representativity | Reason) -> Iterator[ResponseRow]:
    """R, CV and what must be said with them."""
    if isinstance(found, Reason):
        yield from (ResponseRow("", "", measure) for measure in ("r", "cv"))
        return
    yield _shown("r", round(found.r, 2), n=found.n)
    yield _shown("cv", round(found.cv, 2), n=found.n)
    yield from (_shown(CAUTION + one.value, 1) for one in found.cautions)


def _variable(
    turnout: Turnout, variable: str, place: int, found: Representativity | Reason
) -> Iterator[ResponseRow]:
    """Whether groups differ, rounded: at full precision a test of two groups tells their counts."""
    groups, n_all = turnout.by_group(variable), turnout.n_invited
    test = chi_square([[answered, n - answered] for n, answered in groups.values()])
    if isinstance(test, Reason):
        yield ResponseRow(variable, "", "v")
    else:
        v, p = round(test.v, 2), next(step for step in P_STEPS if test.p <= step)
        for measure, value in (("chi_square", round(n_all * v**2)), ("df", test.df), ("p", p), ("v", v)):
            yield _shown(measure, value, n=n_all, of=(variable, ""))
    if not isinstance(found, Reason):
        yield _shown("partial", round(found.variables[place].partial, 2), n=n_all, of=(variable, ""))
    told, whole = told_groups(groups), round(turnout.n_answered / n_all, 2)
    for group, (n, answered) in groups.items():
        if group not in told:
            yield ResponseRow(variable, group, "rate")
            continue
        rate = round(round(answered / n / STEP) * STEP, 2)
        yield _shown("rate", rate, n=n, of=(variable, group))
        if not isinstance(found, Reason):  # the fitted mean of a group is its rate
            part = round(math.sqrt(n / n_all) * (rate - whole), 2)
            yield _shown("partial", part, n=n, of=(variable, group))


def told_groups(groups: Mapping[str, tuple[int, int]]) -> frozenset[str]:
    """Groups whose rate may be told: ten invited, three of either kind, and as many in what is left over."""
    sizes = {group: n for group, (n, answered) in groups.items() if _is_large(n, answered)}
    told = sorted(sizes, key=lambda group: (-sizes[group], group))
    while told:
        left = [counts for group, counts in groups.items() if group not in told]
        if not left or _is_large(sum(n for n, _ in left), sum(answered for _, answered in left)):
            break
        told.pop()
    return frozenset(told)


def _is_large(n: int, answered: int) -> bool:
    return n >= LEAST_IN_GROUP and answered >= FEW_SILENT and n - answered >= FEW_SILENT
