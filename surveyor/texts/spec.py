"""Plain frozen objects of free text."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from surveyor.errors import N_
from surveyor.texts.enums import MarkKind

K_TEXT = 10
"""Comments are shown, and themes counted, from this many on."""
MAX_THEMES, MAX_NAME, MAX_KEYWORDS = 30, 60, 40

MASKS: Mapping[MarkKind, str] = {
    MarkKind.NATIONAL_ID: N_("[fødselsnummer]"),
    MarkKind.EMAIL: N_("[e-post]"),
    MarkKind.PHONE: N_("[telefon]"),
    MarkKind.ADDRESS: N_("[adresse]"),
    MarkKind.NAME: N_("[navn]"),
    MarkKind.WORD: N_("[skjult]"),
}


@dataclass(frozen=True)
class Mark:
    """A place in a comment that may tell who somebody is: text[start:end]."""

    kind: MarkKind
    start: int
    end: int

    @property
    def key(self) -> str:
        """How a form names the place."""
        return f"{self.start}-{self.end}"


@dataclass(frozen=True)
class Comment:
    """One comment as a moderator sees it: without unit, without anything else its writer answered."""

    id: UUID
    body: str


@dataclass(frozen=True)
class OpenItem:
    """How far the moderation of one free-text question has come."""

    wave_code: str
    item: str
    label: Mapping[str, str]
    n: int
    n_shown: int
    n_withheld: int
    is_frozen: bool

    @property
    def n_waiting(self) -> int:
        return self.n - self.n_shown - self.n_withheld

    @property
    def has_enough(self) -> bool:
        """Whether there are enough comments for anybody to read them."""
        return self.n >= K_TEXT


@dataclass(frozen=True)
class ThemeRule:
    """A theme and the keywords that find it."""

    id: UUID
    name: str
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Coded:
    """A comment to be shown with its themes: by rule, and as they stand after the moderator's own marks."""

    id: UUID
    segment_code: str
    body: str
    by_rule: frozenset[UUID]
    themes: frozenset[UUID]
