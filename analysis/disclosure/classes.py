"""Further measure classes on the tree: moments of several items, weighted figures, response rates.

Each runs the gate once more with its own threshold, inside the pattern of the class before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.coding import FEW_SILENT
from analysis.disclosure.tree import Counts, Flags, Tree, best_pattern, check_additive, residuals

K_ALPHA = 30
K_REGRESSION = 100
K_POLYCHORIC = 200
LARGEST_WEIGHT_SHARE = 0.5

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WeightTable:
    """Weights of each unit's respondents, all below included: sums (U,) of w and w squared, the largest w."""

    total: Floats
    squares: Floats
    largest: Floats


@dataclass(frozen=True, eq=False)
class RatePattern:
    """Response rates: units whose exact rate may be shown, units that may show only a band, the rest none."""

    exact: Flags
    band: Flags


def class_pattern(tree: Tree, n: Counts, inside: Flags, k: int) -> Flags:
    """(U,) units that may show a class of threshold k, inside an earlier pattern.

    n: (U,) those the figure rests on (complete cases for moments). Raises ValueError for
    k < 1 and for figures that do not add up.
    """
    check_additive(tree, n, "respondents")
    return np.asarray(best_pattern(tree, n[None], (inside & (n >= k))[None], k)[0])


def kish_n(weights: WeightTable) -> Floats:
    """(U,) effective number of respondents, (sum w)**2 / sum w**2; 0 without answers."""
    some = weights.squares > 0
    return np.asarray(np.divide(weights.total**2, weights.squares, out=np.zeros(len(some)), where=some))


def weighted_pattern(tree: Tree, weights: WeightTable, n: Counts, inside: Flags, k: int) -> Flags:
    """(U,) units that may show weighted figures: Kish n of at least k and nobody above half the weight.

    The rest that published units leave over must have a Kish n of k as well.
    """
    alone = weights.largest > LARGEST_WEIGHT_SHARE * weights.total
    shown = class_pattern(tree, n, inside & ~alone & (kish_n(weights) >= k), k)
    values = np.stack([weights.total, weights.squares], axis=1)

    def holds(left: Floats, _: int) -> bool:
        return bool(left[0] ** 2 >= k * left[1])

    return widened(tree, shown, values, n, holds)


def rate_pattern(tree: Tree, invited: Counts, answered: Counts, k: int) -> RatePattern:
    """Response rates, the gate on those invited: nobody's silence or answer can be worked out.

    Exact rates only where three or more are silent and not all are, also in whatever the exact ones leave
    over; a unit of k or more with fewer than three silent may show a band. invited: (U,) 0 without a frame.
    """
    silent = invited - answered
    check_additive(tree, invited, "invited")
    open_ = class_pattern(tree, invited, ~tree.never_cell, k)
    plain = open_ & (silent >= FEW_SILENT) & (answered > 0)
    exact = class_pattern(tree, invited, plain, k)
    values = np.stack([silent, answered], axis=1).astype(np.float64)

    def holds(left: Floats, n: int) -> bool:
        return n == 0 or bool(left[0] >= FEW_SILENT and left[1] > 0)

    exact = widened(tree, exact, values, invited, holds)
    return RatePattern(exact, open_ & (silent < FEW_SILENT) & ~exact)


def widened(
    tree: Tree, shown: Flags, values: Floats, n: Counts, holds: Callable[[Floats, int], bool]
) -> Flags:
    """The pattern with more units hidden until ``holds(values, n)`` is true of each non-empty residual group.

    Hides the smallest published unit next below; where there is none, the unit itself. values: (U, S).
    """
    shown = shown.copy()
    left_n, left = residuals(tree, shown, n), residuals(tree, shown, values)
    waiting = deque(np.flatnonzero(shown).tolist())
    while waiting:
        place = waiting.popleft()
        if not shown[place] or not left_n[place] or holds(left[place], int(left_n[place])):
            continue
        hidden = min(_next_below(tree, shown, place), key=lambda u: (n[u], tree.codes[u]), default=place)
        shown[hidden] = False
        left_n, left = residuals(tree, shown, n), residuals(tree, shown, values)
        above = place if hidden != place else _next_above(tree, shown, place)
        if above >= 0:
            waiting.append(above)
    return shown


def _next_below(tree: Tree, shown: Flags, place: int) -> list[int]:
    """The nearest published units below a unit."""
    found: list[int] = []
    waiting = list(tree.children[place])
    while waiting:
        unit = waiting.pop()
        if shown[unit]:
            found.append(unit)
        else:
            waiting.extend(tree.children[unit])
    return found


def _next_above(tree: Tree, shown: Flags, place: int) -> int:
    """The nearest published unit above, -1 for none."""
    above = int(tree.parent[place])
    while above >= 0 and not shown[above]:
        above = int(tree.parent[above])
    return above
