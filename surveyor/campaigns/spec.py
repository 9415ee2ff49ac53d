"""Campaigns as plain frozen objects: what a launch will do, and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from surveyor.campaigns.enums import SampleKind
from surveyor.errors import Problem

CODE = r"\w[\w.-]{0,63}"
"""What codes of waves and surveys look like."""

OWN = "/own"
"""Ends the code of a segment that holds a unit's own people, where units below have segments too."""


@dataclass(frozen=True)
class Segment:
    """A stored segment: people of these units are kept under one code, so that no smaller group is known."""

    code: str
    unit_code: str
    member_units: tuple[str, ...]
    n_invited: int


@dataclass(frozen=True)
class Merge:
    """People of a unit too small to stand alone, stored with a unit above it."""

    unit_code: str
    unit_name: str
    n_invited: int
    into_code: str
    into_name: str


@dataclass(frozen=True)
class WavePlan:
    """What the planner of a wave decides; everything else follows."""

    opens: date
    closes: date
    units: tuple[str, ...] = ()
    k_mean: int = 5
    k_spread: int = 10
    open_link: bool | None = None
    two_approvers: bool = False


@dataclass(frozen=True)
class Approver:
    """Somebody who has agreed that a wave's answers are opened."""

    account_id: UUID
    name: str
    at: datetime


@dataclass(frozen=True)
class LaunchPlan:
    """What stands in the way of a launch, what one should know, and which small units are stored together."""

    refusals: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    segments: tuple[Segment, ...] = ()
    merges: tuple[Merge, ...] = ()
    n_invited: int = 0
    n_letters: int = 0

    @property
    def may_launch(self) -> bool:
        return not self.refusals


@dataclass(frozen=True)
class LaunchReport:
    """What a launch did."""

    wave_code: str
    n_invited: int
    n_mails: int
    n_letters: int
    n_units: int
    manifest_sha256: str
    merges: tuple[Merge, ...] = ()
    warnings: tuple[Problem, ...] = field(default=())


@dataclass(frozen=True)
class SampleDesign:
    """How a sample was drawn, and what is known of its population; shares of a variable's margins make 1.

    n_by_unit: people of each stratum, or of each drawn cluster. A unit belongs to the listed unit at or above
    it. The variable UNIT_VARIABLE of the margins has unit codes for categories, every other one item codes.
    """

    kind: SampleKind
    n_population: int
    n_clusters: int | None = None
    n_by_unit: Mapping[str, int] = field(default_factory=dict)
    margins: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def promise(self) -> dict[str, Any]:
        """What the launch manifest says of it."""
        return {
            "kind": self.kind.value,
            "n_population": self.n_population,
            "n_clusters": self.n_clusters,
            "n_by_unit": dict(self.n_by_unit),
            "margins": {variable: dict(shares) for variable, shares in self.margins.items()},
        }


def group_above(unit: str, parents: Mapping[str, str | None], listed: Mapping[str, Any]) -> str | None:
    """The listed unit at or above a unit; None without one."""
    here: str | None = unit
    while here is not None and here not in listed:
        here = parents.get(here)
    return here
