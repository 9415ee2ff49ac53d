"""The closed vocabulary of release cells."""

from enum import StrEnum

from analysis.verdicts import Verdict as Verdict


class CellKind(StrEnum):
    """What a cell is about."""

    ITEM = "item"
    SCALE = "scale"
    WAVE = "wave"


class ComparedTo(StrEnum):
    """Against what; empty on bare rows."""

    REST = "rest"
    LAST = "last"


class CellState(StrEnum):
    """A hidden cell holds no number, whatever the reason."""

    SHOWN = "shown"
    HIDDEN = "hidden"
