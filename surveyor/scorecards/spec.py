"""Cards as plain frozen objects: a line, a card, what a unit has in a year, the comparison of units."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from surveyor.errors import N_
from surveyor.indicators.enums import Band, Perspective
from surveyor.indicators.spec import is_per_cent
from surveyor.scorecards.enums import CardState

STATE_NAMES = {
    CardState.DRAFT: N_("Utkast"),
    CardState.APPROVED: N_("Godkjent"),
    CardState.REPLACED: N_("Erstattet"),
}
MAX_TEXT, MAX_VISION = 300, 500
_ALPHABET = str.maketrans(
    {"æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c", "é": "e", "è": "e", "ü": "y"}
)


def norwegian_order(text: str) -> str:
    """The sort key of a name: æ, ø and å stand last, whatever the database thinks."""
    return text.casefold().translate(_ALPHABET)


@dataclass(frozen=True)
class CardLine:
    """One indicator on one card."""

    indicator_id: UUID
    position: int
    perspective: Perspective
    goal: str
    success_factor: str
    code: str
    name: str
    measured_in: str
    target: float | None
    value: float | None
    n: int | None
    low: float | None
    high: float | None
    band: Band
    last: float | None
    source: str
    release_sha256: str | None

    @property
    def figures(self) -> tuple[object, ...]:
        """What a new value would change."""
        return self.code, self.value, self.n, self.low, self.high, self.last, self.source, self.release_sha256

    @property
    def n_decimals(self) -> int:
        """How finely the line's figures are written: alike for all of them."""
        known = [x for x in (self.value, self.low, self.high, self.target, self.last) if x is not None]
        if all(float(x).is_integer() for x in known):
            return 0
        if is_per_cent(self.measured_in):
            return 1
        largest = max(abs(x) for x in known)
        return 2 if largest < 10 else 1 if largest < 1000 else 0


@dataclass(frozen=True)
class Card:
    """One version of a unit's card for a year; a draft is what the values of this moment give."""

    unit_id: UUID
    unit: str
    unit_name: str
    period: int
    version: int
    state: CardState
    vision: str
    lines: tuple[CardLine, ...]
    approved_at: datetime | None = None
    approved_by: str | None = None

    @cached_property
    def by_perspective(self) -> Mapping[Perspective, tuple[CardLine, ...]]:
        """The lines of each of the four, in order; empty where there are none."""
        return {one: tuple(line for line in self.lines if line.perspective is one) for one in Perspective}

    @cached_property
    def by_code(self) -> Mapping[str, CardLine]:
        return {line.code: line for line in self.lines}

    @cached_property
    def n_bands(self) -> Mapping[Band, int]:
        """How many lines have each light."""
        return count_bands(self.lines)

    @cached_property
    def bands_by_perspective(self) -> Mapping[Perspective, Mapping[Band, int]]:
        """How many lines of each of the four have each light."""
        return {one: count_bands(lines) for one, lines in self.by_perspective.items()}

    @property
    def n_values(self) -> int:
        return sum(line.value is not None for line in self.lines)

    @cached_property
    def fingerprint(self) -> str:
        """Equal for equal content: who approves, approves what was on the page."""
        content = [self.unit, self.period, self.version, self.vision, [astuple(line) for line in self.lines]]
        return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class UnitCards:
    """A unit's cards of a year: the approved one, and a draft when there is something to approve."""

    draft: Card | None
    approved: Card | None

    @property
    def newest(self) -> Card:
        card = self.draft or self.approved
        if card is None:
            raise ValueError("a unit without an approved card has a draft")
        return card


@dataclass(frozen=True)
class Beside:
    """The value of the nearest unit above that has one, to read a small unit's figure against."""

    unit_name: str
    value: float


@dataclass(frozen=True)
class ComparisonColumn:
    """One indicator across units; decimals are common to the column."""

    code: str
    name: str
    perspective: Perspective
    measured_in: str
    n_decimals: int


@dataclass(frozen=True)
class Comparison:
    """Units by Norwegian name against indicators; a unit without an indicator has no line there."""

    columns: tuple[ComparisonColumn, ...]
    cards: tuple[Card, ...]


def count_bands(lines: Sequence[CardLine]) -> Mapping[Band, int]:
    """How many lines have each light."""
    counts = Counter(line.band for line in lines)
    return {one: counts[one] for one in Band}


def joint_fingerprint(cards: Sequence[Card]) -> str:
    """One fingerprint for many cards, whatever their order."""
    return hashlib.sha256(".".join(sorted(card.fingerprint for card in cards)).encode()).hexdigest()
