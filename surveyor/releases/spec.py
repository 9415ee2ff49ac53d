"""Plain frozen objects of releases: one row of the results, and what a closing reports."""

from dataclasses import dataclass
from typing import NamedTuple

from surveyor.releases.enums import CellKind, CellState


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


@dataclass(frozen=True)
class CloseReport:
    """How a closing ended: the outcome, and the hash and size of the release if there is one."""

    wave_code: str
    outcome: str
    n_cells: int = 0
    manifest_sha256: str = ""
