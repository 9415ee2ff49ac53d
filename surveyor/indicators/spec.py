"""Plain frozen objects of indicators: a definition, a value, what a change reports."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from surveyor.errors import N_, Problem
from surveyor.indicators.enums import Direction, Perspective

PERSPECTIVE_NAMES = {
    Perspective.USERS: N_("Brukere"),
    Perspective.PROCESSES: N_("Arbeidsprosesser"),
    Perspective.EMPLOYEES: N_("Medarbeidere"),
    Perspective.ECONOMY: N_("Økonomi"),
}
DIRECTION_NAMES = {Direction.UP: N_("Høyere er bedre"), Direction.DOWN: N_("Lavere er bedre")}
FIRST_PERIOD, LAST_PERIOD = 1990, 2100
_CODE = re.compile(r"[^\s/?#%]{1,60}")
PER_CENT = frozenset({"%", "prosent", "pst", "pst.", "percent", "per cent"})


@dataclass(frozen=True)
class Definition:
    """An indicator as it is written down: in a file, in a form, in the table."""

    code: str
    name: str
    perspective: Perspective
    source: str
    direction: Direction
    target: float | None = None
    green_from: float | None = None
    yellow_from: float | None = None
    measured_in: str = ""
    unit_types: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the table, by name."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return found | {"unit_types": list(self.unit_types)}


@dataclass(frozen=True)
class NewValue:
    """A value to record, with where it came from."""

    indicator_id: UUID
    unit_id: UUID
    period: int
    value: float
    source: str
    n: int | None = None
    low: float | None = None
    high: float | None = None
    release_sha256: str | None = None

    @property
    def place(self) -> tuple[UUID, UUID, int]:
        return self.indicator_id, self.unit_id, self.period

    @property
    def content(self) -> tuple[object, ...]:
        return self.value, self.n, self.low, self.high, self.source, self.release_sha256


@dataclass(frozen=True)
class ImportReport:
    """What an import of definitions changed."""

    n_new: int
    n_changed: int
    n_same: int

    @property
    def lines(self) -> tuple[Problem, ...]:
        """The report in words."""
        message = N_("Indikatorene er lest inn: %(n_new)s nye, %(n_changed)s endret, %(n_same)s uendret.")
        return (Problem(message, {"n_new": self.n_new, "n_changed": self.n_changed, "n_same": self.n_same}),)


@dataclass(frozen=True)
class PublishReport:
    """What a publication put on the cards; it never says which units were left without a number, or why."""

    source: str
    n_values: int
    n_units: int
    n_new: int
    indicators: tuple[str, ...] = ()
    release_sha256: str | None = None

    @property
    def lines(self) -> tuple[Problem, ...]:
        """The report in words."""
        if not self.indicators:
            return (Problem(N_("Ingen indikator henter tall fra %(source)s."), {"source": self.source}),)
        numbers = {"source": self.source, "n_values": self.n_values, "n_units": self.n_units}
        message = N_("%(source)s: %(n_values)s verdier på kortene til %(n_units)s enheter.")
        fresh = Problem(N_("%(n_new)s av dem er nye."), {"n_new": self.n_new})
        names = Problem(N_("Indikatorer: %(codes)s"), {"codes": ", ".join(self.indicators)})
        return Problem(message, numbers), fresh, names


def is_per_cent(measured_in: str) -> bool:
    """Whether figures are written as per cent: shares then count from 0 to 100."""
    return measured_in.strip().casefold() in PER_CENT


def applies_to(unit_types: Collection[str], unit_type: str) -> bool:
    """Whether an indicator belongs to units of a type; without types it belongs to all."""
    return not unit_types or unit_type in unit_types


def parse_number(text: str) -> float:
    """7,3 or 1 234,50 or 7.3 % as a number; raises ValueError."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace("\N{MINUS SIGN}", "-")
    plain = plain.removesuffix("%").replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", plain):
        raise ValueError(text)
    number = float(plain)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def parse_types(text: str) -> tuple[str, ...]:
    """Unit types with semicolon or comma between, each once."""
    return tuple(dict.fromkeys(word.strip() for word in re.split(r"[;,\n]", text) if word.strip()))


def is_code(text: str) -> bool:
    """Whether a text may be a code: it stands in addresses."""
    return bool(_CODE.fullmatch(text))


def is_period(text: str) -> bool:
    """Whether a text is a year we keep figures for."""
    return text.isascii() and text.isdigit() and len(text) == 4 and FIRST_PERIOD <= int(text) <= LAST_PERIOD
