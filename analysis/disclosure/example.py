"""An example of answers that add up to all that is published and leave nobody at an end: nothing is proved.

Much cheaper than a linear programme and as sure when one is found; when none is found, nothing is known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.tree import Counts, Flags

Floats = NDArray[np.float64]
ROUNDS, SWEEPS = 20, 15
_FEW = 0.02
_FLAT, _STEP = 1e-12, 2.0
_APART = 0.25  # sums are whole or half numbers: those that contradict one another are further apart


def has_example(first: Counts, second: Counts, x: Counts | Floats, n: Counts, *, both: bool) -> bool:
    """True when some answers have the published sums and leave no atom at its most (``both``: nor its least).

    first, second: (A,) group of each atom in both families, 0 for none; x: (A,) answers, n: (A,) respondents.
    An atom gets the share its two groups ask for, none where that is next to none and may be. What the sums
    are still off by can be shifted from atom to atom: less than half of any atom's distance to its ends.
    """
    keys, where = np.unique(np.stack([first, second]), axis=1, return_inverse=True)
    first, second = keys
    most = np.bincount(where.ravel(), weights=n).astype(np.float64)
    fit = _Fit(first, second, np.bincount(where.ravel(), weights=x).astype(np.float64), most)
    free = np.ones(len(most), dtype=np.bool_)
    for _ in range(ROUNDS):
        for _ in range(SWEEPS):
            fit.sweep(free)
        given = fit.given(free)
        ends = np.concatenate([[_APART], given[free], most[free] - given[free]])
        if 2.0 * fit.off(given) < ends.min():
            return True
        if not both:
            free &= given >= _FEW
    return False


class _Fit:
    """Shares by group, fitted to the sums of the groups in turn."""

    def __init__(self, first: Counts, second: Counts, x: Floats, most: Floats) -> None:
        """x: (A,) answers, of which only the sums by group are used."""
        self.families, self.most = (first, second), most
        self.size = int(max(first.max(initial=0), second.max(initial=0))) + 1
        self.wanted = [np.bincount(group, x, self.size) for group in self.families]
        self.lean = [np.zeros(self.size), np.zeros(self.size)]

    def given(self, free: Flags) -> Floats:
        """(A,) answers of each atom."""
        lean = self.lean[0][self.families[0]] + self.lean[1][self.families[1]]
        return np.asarray(np.where(free, self.most / (1.0 + np.exp(-lean)), 0.0))

    def sweep(self, free: Flags) -> None:
        """One step of every group of both families towards its sum."""
        for group, wanted, lean in zip(self.families, self.wanted, self.lean, strict=True):
            given = self.given(free)
            slope = np.bincount(group, given * (1.0 - given / self.most), self.size)
            gap = wanted - np.bincount(group, given, self.size)
            step = np.divide(gap, slope, out=np.zeros(self.size), where=slope > _FLAT)
            lean[1:] += np.clip(step, -_STEP, _STEP)[1:]

    def off(self, given: Floats) -> float:
        """What all sums together are off by."""
        pairs = zip(self.families, self.wanted, strict=True)
        return sum(
            float(np.abs(wanted - np.bincount(group, given, self.size))[1:].sum()) for group, wanted in pairs
        )
