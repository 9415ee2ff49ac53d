"""Plain frozen objects of releases: one row of the results, what pages read of it, what a closing reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from analysis.share_intervals import score_interval
from surveyor.releases.enums import CellKind, CellState, ComparedTo, Verdict


class Row(NamedTuple):
    """One row of the results in the order of the tidy file; None and "" where a field does not apply."""

    unit: str
    kind: CellKind
    item: str
    measure: str
    state: CellState
    n: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    compared_to: str = ""
    difference: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    effect: float | None = None
    verdict: str = ""
    cut: str = ""
    category: str = ""


class WeightedRow(NamedTuple):
    """One weighted figure as it is stored; no number where it is hidden."""

    unit: str
    kind: CellKind
    item: str
    measure: str
    state: CellState = CellState.HIDDEN
    n: int | None = None
    n_eff: float | None = None
    value: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    deff: float | None = None


class ResponseRow(NamedTuple):
    """One figure about who answered; variable and category are empty for everybody invited."""

    variable: str
    category: str
    measure: str
    state: CellState = CellState.HIDDEN
    n: int | None = None
    value: float | None = None


@dataclass(frozen=True)
class ThemeRow:
    """One row of theme counts; the empty theme counts the comments themselves."""

    unit: str
    theme: str
    state: CellState
    n: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Readable:
    """What passed the gate: comments at the smallest unit that may read them, in random order; theme rows."""

    comments: tuple[tuple[str, str], ...]
    rows: tuple[ThemeRow, ...]


def items_only_of(method: Mapping[str, Any]) -> frozenset[str]:
    """Scales that have no index in a release, by what its manifest says."""
    return frozenset(method.get("items_only") or method.get("moments", {}).get("items_only", ()))


def team_key(kind: CellKind, item: str) -> str:
    """What the manifest calls an item or scale: names are their own within a kind only."""
    return f"{kind.value}:{item}"


@dataclass(frozen=True)
class CloseReport:
    """How a closing ended: the outcome, and the hash and size of the release if there is one."""

    wave_code: str
    outcome: str
    n_cells: int = 0
    manifest_sha256: str = ""


@dataclass(frozen=True)
class WaveRelease:
    """A released wave: what it was, how its figures were made, the hash of them all."""

    release_id: UUID
    wave_id: UUID
    wave_code: str
    survey_id: UUID
    survey_code: str
    title: Mapping[str, str]
    audience: str
    instrument_version_id: UUID
    opens: date
    closes: date
    closed_on: date
    frozen_on: date
    method: Mapping[str, Any]
    manifest_sha256: str
    has_open_link: bool = False
    """Anybody could answer: there is no number of invited, and so no response rate."""

    @property
    def ended_on(self) -> date:
        """The day it was closed: its last day, or earlier when somebody closed it by hand."""
        return min(self.closes, self.closed_on)

    @property
    def is_simulated(self) -> bool:
        return bool(self.method.get("simulated"))

    def holds_between_teams(self, unit: str, kind: CellKind, item: str) -> bool | None:
        """Whether a sure difference to the rest holds when units, not people, are drawn; None: not judged."""
        holds = self.method.get("teams", {}).get(unit, {}).get(team_key(kind, item))
        return None if holds is None else bool(holds)

    @property
    def items_only(self) -> frozenset[str]:
        """Scales whose items do not belong together well enough: the release holds their items, no index."""
        return items_only_of(self.method)


@dataclass(frozen=True)
class RestatedUnit:
    """A unit of a later wave, the units of this one it is put together of, and its shown indexes of all."""

    code: str
    before: tuple[str, ...]
    n_shown: int = 0
    n_indexes: int = 0


@dataclass(frozen=True)
class Restatement:
    """What has been restated for a later wave."""

    later_code: str
    frozen_on: date
    units: tuple[RestatedUnit, ...]


@dataclass(frozen=True)
class ReleasedUnit:
    """A unit of the tree the wave was launched on."""

    code: str
    name: str
    type: str
    parent: str | None


@dataclass(frozen=True)
class Change:
    """A unit against the rest of the wave, or against its own last wave; no number when hidden.

    n of the unit or group itself; difference, low and high in index points; p and effect (Cliff's delta)
    only where there was a test.
    """

    against: ComparedTo
    is_shown: bool
    verdict: Verdict | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    effect: float | None = None
    n: int | None = None


@dataclass(frozen=True)
class Share:
    """A share 0-1: exact, or a band low..high without a value, or hidden."""

    measure: str
    is_shown: bool
    n: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def code(self) -> str:
        """The answer option's code; empty for other shares."""
        return self.measure.removeprefix("share:") if self.measure.startswith("share:") else ""

    @property
    def is_band(self) -> bool:
        return self.is_shown and self.value is None

    @property
    def ends(self) -> tuple[float, float] | tuple[None, None]:
        """How sure an exact share of the answers is; a rate of all who were invited has no such interval."""
        if self.value is None or not self.n or self.measure == "response_rate":
            return None, None
        return score_interval(round(self.value * self.n), self.n)


@dataclass(frozen=True)
class Figure:
    """Everything released about one item or scale in one unit; index, low and high on 0-100."""

    unit: str
    kind: CellKind
    item: str
    is_shown: bool = False
    n: int | None = None
    index: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    sd: float | None = None
    changes: Mapping[ComparedTo, Change] = field(default_factory=dict)
    shares: tuple[Share, ...] = ()
    missing: Share | None = None
    top2: Share | None = None
    bottom: Share | None = None

    @property
    def ends(self) -> tuple[float, float] | tuple[None, None]:
        """The interval as people read it: it stops where the scale does."""
        if self.low is None or self.high is None:
            return None, None
        return max(self.low, 0.0), min(self.high, 100.0)

    @property
    def is_pooled_band(self) -> bool:
        """True when the interval is the wave's pooled band, because there are few answers."""
        return self.low is not None and self.sd is None

    @property
    def rest(self) -> Change | None:
        return self.changes.get(ComparedTo.REST)

    @property
    def last(self) -> Change | None:
        return self.changes.get(ComparedTo.LAST)


@dataclass(frozen=True)
class TrendPoint:
    """One wave in a unit's series; no number where it is hidden or the unit was not asked."""

    wave_code: str
    closes: date
    figure: Figure | None
