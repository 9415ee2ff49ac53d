"""What linear combinations of published counts can and cannot see."""

from __future__ import annotations

import numpy as np

from analysis.disclosure.auditor import PRIME


def null_space(cells: np.ndarray) -> np.ndarray:
    """(A, A - rank) a basis of what no cell sees."""
    rest, pivots = cells % PRIME, list[int]()
    for column in range(cells.shape[1]):
        below = np.flatnonzero(rest[len(pivots) :, column]) + len(pivots)
        if not len(below):
            continue
        rank = len(pivots)
        rest[[rank, below[0]]] = rest[[below[0], rank]]
        rest[rank] = rest[rank] * pow(int(rest[rank, column]), -1, PRIME) % PRIME
        for other in np.flatnonzero(rest[:, column]).tolist():
            if other != rank:
                rest[other] = (rest[other] - rest[other, column] * rest[rank]) % PRIME
        pivots.append(column)
    free = [column for column in range(cells.shape[1]) if column not in pivots]
    basis = np.zeros((cells.shape[1], len(free)), dtype=np.int64)
    basis[free, np.arange(len(free))] = 1
    basis[pivots] = -rest[: len(pivots)][:, free] % PRIME
    return basis
