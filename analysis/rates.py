"""Response rates by the definitions of AAPOR (Standard Definitions, 10th edition)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analysis.reasons import Reason

COMPLETE_SHARE, PARTIAL_SHARE = 0.8, 0.5


class Outcome(StrEnum):
    """How far a respondent came with the core questions."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    BREAK_OFF = "break_off"


@dataclass(frozen=True)
class Dispositions:
    """What became of everybody asked; documented ineligibles are left out before.

    complete I, partial P, refused R (break-offs too), not_reached NC, other O: eligible for certain;
    unknown_household UH, unknown_other UO: eligibility not known (none for a list of employees).
    """

    complete: int
    partial: int = 0
    refused: int = 0
    not_reached: int = 0
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for negative numbers."""
        if min(vars(self).values()) < 0:
            raise ValueError("dispositions are numbers of people")

    @property
    def eligible(self) -> int:
        """Everybody whose eligibility is known."""
        return self.complete + self.partial + self.refused + self.not_reached + self.other

    @property
    def unknown(self) -> int:
        """Everybody whose eligibility is not known."""
        return self.unknown_household + self.unknown_other


@dataclass(frozen=True)
class ResponseRates:
    """RR1 to RR6, shares 0..1: odd ones count complete answers only, even ones partial answers too."""

    rr1: float
    rr2: float
    rr3: float
    rr4: float
    rr5: float
    rr6: float


def outcome(answered: int, asked: int) -> Outcome | Reason:
    """Complete from 80 % of the core questions, partial from 50 %, else a break-off.

    Raises ValueError unless 0 <= answered <= asked.
    """
    if not 0 <= answered <= asked:
        raise ValueError("answered must lie in 0..asked")
    if not asked:
        return Reason.NO_ANSWERS
    if answered >= COMPLETE_SHARE * asked:
        return Outcome.COMPLETE
    return Outcome.PARTIAL if answered >= PARTIAL_SHARE * asked else Outcome.BREAK_OFF


def response_rates(found: Dispositions, e: float = 1.0) -> ResponseRates | Reason:
    """All six rates; ``e``: share of the unknown thought to be eligible (RR3, RR4). ValueError unless 0..1.

    RR1 = I / (I + P + R + NC + O + UH + UO); RR3 counts e of the unknown, RR5 none of them.
    """
    if not 0 <= e <= 1:
        raise ValueError("e must lie in 0..1")
    if not found.eligible:
        return Reason.NO_ANSWERS
    some, both = found.complete, found.complete + found.partial
    all_, part, none = found.eligible + found.unknown, found.eligible + e * found.unknown, found.eligible
    return ResponseRates(some / all_, both / all_, some / part, both / part, some / none, both / none)
