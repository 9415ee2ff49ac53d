"""Plain frozen objects of benchmarks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from surveyor.errors import N_, Problem
from surveyor.norms.enums import NormKind

Key = tuple[NormKind, str]


@dataclass(frozen=True)
class Usual:
    """What is usual: the index 0-100 over everybody elsewhere, and the middle half of the organisations."""

    kind: NormKind
    name: str
    n: int
    n_organisations: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Benchmark:
    """All that is known of what is usual in a survey."""

    title: str
    imported_on: date
    figures: Mapping[Key, Usual] = field(default_factory=dict)


@dataclass(frozen=True)
class NormReport:
    """What an import stored."""

    n_items: int
    n_scales: int

    @property
    def lines(self) -> tuple[Problem, ...]:
        """The report in words."""
        message = N_("Sammenligningstallene er lest inn: %(n_items)s spørsmål og %(n_scales)s temaer.")
        return (Problem(message, {"n_items": self.n_items, "n_scales": self.n_scales}),)
