"""Who answered a large wave, out of counts by groups of the register: rates, evenness, cautions. Pure.

Rates of groups come in steps of five per cent, and what is said of groups beside them is rounded too. A count
worked out all the same is one the gate on response rates would show. Loads scipy: import where first needed.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.disclosure.coding import FEW_SILENT
from analysis.nonresponse import Representativity, representativity
from analysis.proportions import chi_square
from analysis.rates import Dispositions, Outcome, outcome, response_rates
from analysis.reasons import Reason
from surveyor.campaigns.margins import UNIT_VARIABLE
from surveyor.releases.enums import CellState
from surveyor.releases.respondents import Respondents
from surveyor.releases.spec import ResponseRow

LEAST_IN_GROUP = 10
STEP = 0.05
CAUTION = "caution:"
HELD_BACK = "held_back"
_NEAR = 10  # how far other counts are looked for
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
    exact_units: frozenset[str] | None = None  # those whose exact rate it shows; None: no gate was asked

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
    told = told_by_variable(turnout)
    found = _representativity(turnout)
    reason = found.value if isinstance(found, Reason) else ""
    pairs = (name for name in turnout.variables if len(turnout.by_group(name)) == 2)
    if not reason and any(len(told[name]) < 2 for name in pairs):  # it and the whole would tell of two groups
        found, reason = Reason.TOO_FEW, HELD_BACK
    rows = [*_everybody(turnout), *_evenness(found)]
    for place, variable in enumerate(turnout.variables):
        rows += _variable(turnout, variable, place, found, told[variable])
    return rows, reason


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
    is_split = is_split and (are_told or is_ambiguous(turnout, counts, unknown))
    for name in ("rr1", "rr2", "rr5", "rr6"):
        if is_split and not isinstance(found, Reason):
            yield _shown(name, round(getattr(found, name), 2), n=turnout.n_invited)
        else:
            yield ResponseRow("", "", name)
    if is_split and turnout.n_answered:
        yield _shown("break_off_share", round(counts[2] / turnout.n_answered, 2), n=turnout.n_answered)
    else:
        yield ResponseRow("", "", "break_off_share")


def is_ambiguous(turnout: Turnout, counts: Sequence[int], unknown: int) -> bool:
    """Whether rounded rates leave open how many came how far, wherever that is fewer than k."""
    n, answered = turnout.n_invited, turnout.n_answered

    def rates(complete: int, partial: int) -> tuple[float, ...]:
        both = complete + partial
        shares = (complete / n, both / n, complete / (n - unknown), both / (n - unknown))
        return tuple(round(share, 2) for share in (*shares, (answered - both) / answered))

    told, near = rates(counts[0], counts[1]), range(-_NEAR, _NEAR + 1)
    others = [(counts[0] + more, counts[1] + part, counts[2] - more - part) for more in near for part in near]
    fitting = [one for one in others if min(one) >= 0 and rates(one[0], one[1]) == told]
    return all(
        len({one[place] for one in fitting}) > 1 for place, few in enumerate(counts) if 0 < few < turnout.k
    )


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
    turnout: Turnout, variable: str, place: int, found: Representativity | Reason, told: frozenset[str]
) -> Iterator[ResponseRow]:
    """Whether groups differ, rounded: at full precision a test of two groups tells their counts."""
    groups, n_all = turnout.by_group(variable), turnout.n_invited
    test = chi_square([[answered, n - answered] for n, answered in groups.values()])
    is_whole = told == groups.keys()  # else these would tell of the groups held back
    if isinstance(test, Reason) or not is_whole:
        yield ResponseRow(variable, "", "v")
    else:
        v, p = round(test.v, 2), next(step for step in P_STEPS if test.p <= step)
        for measure, value in (("chi_square", round(n_all * v**2)), ("df", test.df), ("p", p), ("v", v)):
            yield _shown(measure, value, n=n_all, of=(variable, ""))
    if not isinstance(found, Reason) and is_whole:
        yield _shown("partial", round(found.variables[place].partial, 2), n=n_all, of=(variable, ""))
    whole = round(turnout.n_answered / n_all, 2)
    for group, (n, answered) in groups.items():
        if group not in told:
            yield ResponseRow(variable, group, "rate")
            continue
        rate = round(round(answered / n / STEP) * STEP, 2)
        yield _shown("rate", rate, n=n, of=(variable, group))
        if not isinstance(found, Reason):  # the fitted mean of a group is its rate
            part = round(math.sqrt(n / n_all) * (rate - whole), 2)
            yield _shown("partial", part, n=n, of=(variable, group))


def told_by_variable(turnout: Turnout) -> dict[str, frozenset[str]]:
    """Groups whose rate may be told, of every variable.

    Of the units only those whose exact rate is shown elsewhere: small groups are exact in steps too. Groups
    of two variables that are nearly the same people, or all but the same, would tell of the difference.
    """
    barred: dict[str, set[str]] = {variable: set() for variable in turnout.variables}
    if turnout.exact_units is not None and UNIT_VARIABLE in barred:
        barred[UNIT_VARIABLE] = {one.groups[UNIT_VARIABLE] for one in turnout.counts} - turnout.exact_units
    while True:
        told = {name: told_groups(turnout.by_group(name), barred[name]) for name in barred}
        near = next(near_groups(turnout, told), None)
        if near is None:
            return told
        barred[near[0]].add(near[1])


def near_groups(turnout: Turnout, told: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """The smaller (variable, group) of every two that few people, or all but few, tell apart."""
    members = {
        (name, group): frozenset(
            place for place, one in enumerate(turnout.counts) if one.groups.get(name, "") == group
        )
        for name, groups in told.items()
        for group in sorted(groups)
    }
    size = {key: _n_invited(turnout, places) for key, places in members.items()}
    for one, other in combinations(members, 2):
        apart = _n_invited(turnout, members[one] ^ members[other])
        few = (apart, turnout.n_invited - apart)
        if one[0] != other[0] and any(0 < n < LEAST_IN_GROUP for n in few):
            yield min(one, other, key=lambda key: (size[key], key))


def _n_invited(turnout: Turnout, places: Iterable[int]) -> int:
    return sum(turnout.counts[place].n_invited for place in places)


def told_groups(groups: Mapping[str, tuple[int, int]], barred: Collection[str] = ()) -> frozenset[str]:
    """Groups whose rate may be told: ten invited, three of either kind, and as many in what is left over."""
    sizes = {
        group: n for group, (n, answered) in groups.items() if group not in barred and _is_large(n, answered)
    }
    told = sorted(sizes, key=lambda group: (-sizes[group], group))
    while told:
        left = [counts for group, counts in groups.items() if group not in told]
        if not left or _is_large(sum(n for n, _ in left), sum(answered for _, answered in left)):
            break
        told.pop()
    return frozenset(told)


def _is_large(n: int, answered: int) -> bool:
    return n >= LEAST_IN_GROUP and answered >= FEW_SILENT and n - answered >= FEW_SILENT
