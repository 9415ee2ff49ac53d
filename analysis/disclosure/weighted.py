"""What weighted sums add to the unweighted ones beside them: whose answers could be told from both together.

Beside a plain sum over a group, a weighted one over the same people takes a sum over everybody *but* those
of one weight out of it (subtract the plain sum times that weight). Shown groups lie in *pieces*: people that
no published sum tells apart but by their weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_SAME = 9  # digits after the point by which weights around one are the same


def weight_classes(weights: Floats) -> Ints:
    """(N,) number of each respondent's weight among the different ones."""
    middle = float(weights.mean()) if len(weights) else 1.0
    return np.unique(np.round(weights / middle, _SAME), return_inverse=True)[1].astype(np.int64)


def least_told(pieces: Ints, classes: Ints) -> int:
    """Fewest people whose answers alone a weighted sum tells, given the plain sum of every piece.

    In each piece the largest class of equal weights can be taken out; 0: the weighted sum says nothing new.
    """
    if not len(pieces):
        return 0
    groups, n = np.unique(np.stack([pieces, classes]), axis=1, return_counts=True)
    largest = np.zeros(int(pieces.max()) + 1, dtype=np.int64)
    np.maximum.at(largest, groups[0], n)
    return int(len(pieces) - largest.sum())


def is_told(published: Floats, weighted: Floats) -> bool:
    """True when a weighted sum follows from the published ones: (M, atoms) and (atoms,) coefficients."""
    if not len(published):
        return not weighted.any()
    solution, *_ = np.linalg.lstsq(published.T, weighted, rcond=None)
    away = float(np.abs(published.T @ solution - weighted).max(initial=0.0))
    return away <= 1e-9 * float(np.abs(weighted).max(initial=1.0))
