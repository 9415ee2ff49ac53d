"""Which response rates may be told while a wave is open, and how coarsely. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

MIN_INVITED = 10
STEP = 5
SILENT = 3


@dataclass(frozen=True)
class Turnout:
    """Invited people and how many of them have answered."""

    n_invited: int = 0
    n_answered: int = 0

    def __add__(self, other: "Turnout") -> "Turnout":
        return Turnout(self.n_invited + other.n_invited, self.n_answered + other.n_answered)

    def __sub__(self, other: "Turnout") -> "Turnout":
        return Turnout(self.n_invited - other.n_invited, self.n_answered - other.n_answered)

    @property
    def told(self) -> int:
        """How many are told to have answered: three may always be silent."""
        return min(self.n_answered, max(self.n_invited - SILENT, 0))


def live_percents(
    parents: Mapping[str, str | None], own: Mapping[str, Turnout], *, least: int = MIN_INVITED
) -> dict[str, int]:
    """Per cent answered in steps of five, for units with at least `least` invited; parents before children.

    `parents` has the root first, a parent before its children; `own` the people stored at each unit itself. A
    unit is left out as well where its parent minus the units shown below it would tell of a smaller group.

    Every rate is counted from the smallest groups that can be told apart, the last three of each taken as
    silent. So rates never tell, alone or together, whether nobody in such a group is silent, or up to three.
    """
    totals = _totals(parents, own)
    kids = _shown_kids(parents, {unit: turnout.n_invited for unit, turnout in totals.items()}, least)
    n_told: dict[str, int] = {}
    for unit in reversed(list(kids)):
        rest = totals[unit] - sum((totals[kid] for kid in kids[unit]), Turnout())
        n_told[unit] = rest.told + sum(n_told[kid] for kid in kids[unit])
    return {unit: _coarse(n_told[unit], totals[unit].n_invited) for unit in kids}


def _shown_kids(
    parents: Mapping[str, str | None], n_invited: Mapping[str, int], least: int
) -> dict[str, list[str]]:
    """The units shown, parents before children, and right below each those that are shown too."""
    below: dict[str | None, list[str]] = {}
    for unit, parent in parents.items():
        below.setdefault(parent, []).append(unit)
    kids: dict[str, list[str]] = {}
    for unit, parent in parents.items():
        if (n_invited[unit] >= least) if parent is None else unit in kids.get(parent, ()):
            kids[unit] = _tellable(
                n_invited[unit], {kid: n_invited[kid] for kid in below.get(unit, ())}, least
            )
    return kids


def _totals(parents: Mapping[str, str | None], own: Mapping[str, Turnout]) -> dict[str, Turnout]:
    totals = {unit: own.get(unit, Turnout()) for unit in parents}
    for unit in reversed(list(parents)):
        if (parent := parents[unit]) is not None:
            totals[parent] += totals[unit]
    return totals


def _tellable(n_parent: int, n_by_kid: Mapping[str, int], least: int) -> list[str]:
    """The largest children first; the smallest give way until what is left is nobody or large enough."""
    kids = sorted((kid for kid, n in n_by_kid.items() if n >= least), key=lambda kid: (-n_by_kid[kid], kid))
    while kids and 0 < n_parent - sum(n_by_kid[kid] for kid in kids) < least:
        kids.pop()
    return kids


def _coarse(n_told: int, n_invited: int) -> int:
    """Rounded to the nearest step, half upwards."""
    return int(100 * n_told / n_invited / STEP + 0.5) * STEP
