"""Words of the unit tree."""

from enum import StrEnum


class LineageKind(StrEnum):
    """How a unit of yesterday became a unit of today."""

    MOVE = "move"
    MERGE = "merge"
    SPLIT = "split"
