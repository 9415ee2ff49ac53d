"""The closed vocabulary of release cells."""

from enum import StrEnum


class CellKind(StrEnum):
    """What a cell is about."""

    ITEM = "item"
    SCALE = "scale"
    WAVE = "wave"


class ComparedTo(StrEnum):
    """Against what; empty on bare rows."""

    REST = "rest"
    LAST = "last"


class Verdict(StrEnum):
    """The verdict of a comparison."""

    HIGHER = "higher"
    LOWER = "lower"
    POSSIBLE = "possible"
    NONE = "none"
    TOO_FEW = "too_few"


class CellState(StrEnum):
    """A hidden cell holds no number, whatever the reason."""

    SHOWN = "shown"
    HIDDEN = "hidden"
