"""One released figure of the class MOMENT."""

from typing import NamedTuple

from surveyor.releases.enums import CellState, MomentMeasure


class MomentRow(NamedTuple):
    """A figure about a scale, two scales, two items or an outcome; no number when hidden.

    reason: why there is no figure, only where the questionnaire alone says so.
    """

    unit: str
    measure: MomentMeasure
    subject: str
    other: str = ""
    state: CellState = CellState.HIDDEN
    n: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""

    @property
    def is_shown(self) -> bool:
        return self.state is CellState.SHOWN
