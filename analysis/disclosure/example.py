"""An example of answers that add up to all that is published and leave nobody at an end: nothing is proved.

Much cheaper than a linear programme and as sure when one is found; when none is found, nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, cg

from analysis.disclosure.tree import Counts, Flags

Floats = NDArray[np.float64]
ROUNDS, SWEEPS, STEPS = 20, 15, 400
_FEW = 0.02
_FLAT, _STEP = 1e-12, 2.0
_APART = 0.25  # sums are whole or half numbers: those that contradict one another are further apart
_EXACT, _CLEAR = 1e-8, 1e-4


def has_example(around: Counts, wanted: Sequence[Floats], n: Counts, *, both: bool) -> bool:
    """True when some answers have the published sums and leave no atom at its most (``both``: nor its least).

    around: (F, A) group of each atom in each family, 0 for none; wanted: of each family the sums by group;
    n: (A,) respondents. An atom gets the share its groups ask for, none where that is next to none and may
    be. In two families what the sums are still off by can be shifted from atom to atom: less than half of any
    atom's distance to its ends. In more it is spread over all atoms until the sums are met.
    """
    keys, where = np.unique(around, axis=1, return_inverse=True)
    most = np.bincount(where.ravel(), weights=n).astype(np.float64)
    fit = _Fit(keys, wanted, most)
    free = np.ones(len(most), dtype=np.bool_)
    for _ in range(ROUNDS):
        for _ in range(SWEEPS):
            fit.sweep(free)
        given = fit.given(free)
        ends = np.concatenate([[_APART], given[free], most[free] - given[free]])
        if 2.0 * fit.off(given) < ends.min():
            if len(around) <= 2 or fit.is_met(given, free):
                return True
        elif not both:
            free &= given >= _FEW
    return False


class _Fit:
    """Shares by group, fitted to the sums of the groups in turn."""

    def __init__(self, families: Counts, wanted: Sequence[Floats], most: Floats) -> None:
        """families: (F, A); only the sums by group are used of what was answered."""
        self.families, self.most = families, most
        self.size = int(families.max(initial=0)) + 1
        self.wanted = [np.append(sums, np.zeros(self.size))[: self.size] for sums in wanted]
        self.lean = np.zeros(len(most))

    def given(self, free: Flags) -> Floats:
        """(A,) answers of each atom."""
        return np.asarray(np.where(free, self.most / (1.0 + np.exp(-self.lean)), 0.0))

    def sweep(self, free: Flags) -> None:
        """One step of every group of every family towards its sum."""
        for group, wanted in zip(self.families, self.wanted, strict=True):
            given = self.given(free)
            slope = np.bincount(group, given * (1.0 - given / self.most), self.size)
            gap = wanted - np.bincount(group, given, self.size)
            step = np.divide(gap, slope, out=np.zeros(self.size), where=slope > _FLAT)
            step[0] = 0.0
            self.lean += np.minimum(np.maximum(step, -_STEP), _STEP)[group]

    def gaps(self, given: Floats) -> Floats:
        """What every sum is off by."""
        pairs = zip(self.families, self.wanted, strict=True)
        return np.concatenate([(sums - np.bincount(group, given, self.size))[1:] for group, sums in pairs])

    def off(self, given: Floats) -> float:
        """What all sums together are off by."""
        return float(np.abs(self.gaps(given)).sum())

    def is_met(self, given: Floats, free: Flags) -> bool:
        """Whether nobody is at an end when the sums are met: what is missing goes to who has most room."""
        family, atom = np.nonzero(self.families)
        row = family * (self.size - 1) + self.families[family, atom] - 1
        shape = len(self.families) * (self.size - 1), len(given)
        cells = csr_array((np.ones(len(row)), (row, atom)), shape=shape)
        room = given * (1.0 - given / self.most)
        own = cells @ room
        own[own == 0] = 1.0
        square = (shape[0], shape[0])
        system = LinearOperator(square, matvec=lambda y: cells @ (room * (cells.T @ y)))
        scaled = LinearOperator(square, matvec=lambda y: y / own)
        spread, _ = cg(system, self.gaps(given), rtol=0.0, atol=_EXACT, maxiter=STEPS, M=scaled)
        given = given + room * (cells.T @ spread)
        clear = np.minimum(given, self.most - given)[free]
        return bool(np.abs(self.gaps(given)).max(initial=0) < 10 * _EXACT and clear.min(initial=1.0) > _CLEAR)
