"""Words of benchmarks."""

from enum import StrEnum


class NormKind(StrEnum):
    """What a benchmark figure is about."""

    ITEM = "item"
    SCALE = "scale"
