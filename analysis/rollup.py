"""From values of leaves to values of every unit above them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def roll_up(parent: NDArray[np.int64], own: NDArray[np.int64]) -> NDArray[np.int64]:
    """Values of every unit including all below it, in one pass.

    parent: (U,), the place of each unit's parent, -1 for a root, parents before children.
    own: (U, ...), what was counted directly at each unit (zero for units without own answers).
    Raises ValueError when a parent does not come before its child or the lengths differ.
    """
    check_order(parent)
    if len(own) != len(parent):
        raise ValueError("one row per unit is needed")
    total = np.array(own, dtype=np.int64, copy=True)
    for place in range(len(parent) - 1, 0, -1):
        above = parent[place]
        if above >= 0:
            total[above] += total[place]
    return total


def check_order(parent: NDArray[np.int64]) -> None:
    """ValueError unless every parent stands before its children (-1: none)."""
    places = np.arange(len(parent))
    if np.any(parent >= places) or np.any(parent < -1):
        raise ValueError("units must come parents first")
