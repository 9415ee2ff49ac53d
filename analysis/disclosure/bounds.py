"""The second attacker: linear programming over published sums, for any set of cells (also several cuts)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from analysis.disclosure.auditor import Cells


def lp_bounds(cells: Cells, group: NDArray[np.int64], which: int) -> tuple[float, float]:
    """Least and most answers in set ``which`` that a group of atoms (A,) 0/1 can hold, given the cells.

    Each atom holds between none and all of its respondents. Raises ValueError when the cells contradict
    one another.
    """
    limits = [(0, int(n)) for n in cells.atom_n]
    found = []
    for sign in (1.0, -1.0):
        answer = linprog(
            sign * group,
            A_eq=cells.atoms if len(cells.names) else None,
            b_eq=cells.x[:, which] if len(cells.names) else None,
            bounds=limits,
            method="highs",
        )
        if not answer.success:
            raise ValueError("the published cells contradict one another")
        found.append(sign * float(answer.fun))
    return found[0], found[1]
