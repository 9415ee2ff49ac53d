"""Which response rates may be told while a wave is open, and how coarsely. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

MIN_INVITED = 10
STEP = 5


@dataclass(frozen=True)
class Turnout:
    """Invited people and how many of them have answered."""

    n_invited: int = 0
    n_answered: int = 0

    def __add__(self, other: "Turnout") -> "Turnout":
        return Turnout(self.n_invited + other.n_invited, self.n_answered + other.n_answered)


def live_percents(
    parents: Mapping[str, str | None], own: Mapping[str, Turnout], *, least: int = MIN_INVITED
) -> dict[str, int]:
    """Per cent answered in steps of five, for units with at least `least` invited; parents before children.

    `parents` has the root first, a parent before its children; `own` the people stored at each unit itself. A
    unit is left out as well where its parent minus the units shown below it would tell of a smaller group.
    """
    totals = _totals(parents, own)
    kids_of: dict[str | None, list[str]] = {}
    for unit, parent in parents.items():
        kids_of.setdefault(parent, []).append(unit)
    shown: dict[str, int] = {}
    for unit, parent in parents.items():
        if parent is None and totals[unit].n_invited >= least:
            shown[unit] = _coarse(totals[unit])
        if unit in shown:
            n_by_kid = {kid: totals[kid].n_invited for kid in kids_of.get(unit, ())}
            for kid in _tellable(totals[unit].n_invited, n_by_kid, least):
                shown[kid] = _coarse(totals[kid])
    return {unit: shown[unit] for unit in parents if unit in shown}


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


def _coarse(turnout: Turnout) -> int:
    """Rounded to the nearest step, half upwards."""
    return int(100 * turnout.n_answered / turnout.n_invited / STEP + 0.5) * STEP
