"""What the sums of several families of nested cells prove about people: whose answers they force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, vstack

from analysis.disclosure.example import has_example
from analysis.disclosure.rules import AnswerSet
from analysis.disclosure.tree import Counts, Flags

Floats = NDArray[np.float64]
ROOM, NO_ROOM = 1e-3, 1e-5


@dataclass(frozen=True, eq=False)
class Sums:
    """Atoms in the groups of some families, numbered from 1, 0 for none; respondents; sums by group.

    groups: (F, A); n: (A,); wanted: of each family one sum for each number, none for 0.
    """

    groups: Counts
    n: Counts
    wanted: tuple[Floats, ...]

    @property
    def told(self) -> Floats:
        """(R,) the sums of ``cells``."""
        return np.concatenate([sums[1:] for sums in self.wanted])

    @property
    def cells(self) -> csr_array:
        """(R, A) 0 and 1: every group of every family."""
        starts = np.cumsum([0, *(len(sums) - 1 for sums in self.wanted)])
        family, atom = np.nonzero(self.groups)
        row = starts[family] + self.groups[family, atom] - 1
        return csr_array((np.ones(len(row)), (row, atom)), shape=(int(starts[-1]), len(self.n)))

    def near(self, atoms: Flags) -> Flags:
        """(A,) everybody who hangs together with some atoms through groups."""
        cells = self.cells > 0
        while True:
            rows = cells @ atoms
            grown = atoms | (cells.T @ rows)
            if np.array_equal(grown, atoms):
                return np.asarray(atoms)
            atoms = grown

    def is_open(self, *, both: bool) -> bool:
        """True when an example shows that nobody's answers are forced."""
        return has_example(self.groups, self.wanted, self.n, both=both)

    def forced(self, *, both: bool) -> tuple[Flags, Floats]:
        """(A,) atoms that are at their most (``both``: or at their least) whatever else is true; (R,) why.

        The second says how much each of the sums has to do with it. One linear programme gives every atom a
        little room as far as it can have any: that of an average of solutions, one for each atom. Raises
        ValueError for contradictory sums.
        """
        size, most = len(self.n), self.n.astype(np.float64)
        if self.is_open(both=both) or not size:
            return np.zeros(size, dtype=np.bool_), np.zeros(len(self.told))
        one = eye_array(size)
        above = hstack([one, one])
        below = hstack([-one, one])
        cells = self.cells
        answer = linprog(
            np.concatenate([np.zeros(size), -np.ones(size)]),
            A_ub=vstack([above, below] if both else [above]).tocsr(),
            b_ub=np.concatenate([most, np.zeros(size)]) if both else most,
            A_eq=hstack([cells, csr_array(cells.shape)]).tocsr(),
            b_eq=self.told,
            bounds=[*((0.0, n) for n in most), *[(0.0, ROOM)] * size],
            method="highs",
        )
        if not answer.success:
            raise ValueError("the published cells contradict one another")
        return np.asarray(answer.x[size:] < NO_ROOM), np.asarray(answer.eqlin.marginals)


def sums_of(around: Counts, n: Counts, tables: Sequence[Counts], answers: Sequence[Floats]) -> Sums:
    """People in cells as atoms in groups: around (F, P) cells, -1 for none, n (P,).

    tables: of each family the cell around each leaf, or leaf and category; answers: what was answered there.
    """
    some = (around >= 0).any(axis=0) & (n > 0)
    keys, where = np.unique(around[:, some], axis=1, return_inverse=True)
    groups, wanted = [], []
    for line, table, given in zip(keys, tables, answers, strict=True):
        numbers = np.unique(line[line >= 0])
        groups.append(np.where(line >= 0, 1 + np.searchsorted(numbers, line), 0))
        mine = np.isin(table, numbers)
        at = 1 + np.searchsorted(numbers, table[mine])
        wanted.append(np.bincount(at, weights=given[mine], minlength=len(numbers) + 1).astype(np.float64))
    atoms = np.bincount(where.ravel(), weights=n[some], minlength=keys.shape[1]).astype(np.int64)
    return Sums(np.array(groups, dtype=np.int64).reshape(keys.shape), atoms, tuple(wanted))


def shares(sets: Sequence[AnswerSet], *, sums: bool) -> list[tuple[str, Callable[[Counts], Floats]]]:
    """What is asked of counts (..., options): who is in each set; of sums who stands at which end.

    What sums force depends only on that: the lowest count 0, the highest 1, others a half.
    """

    def chosen(counts: Counts, one: AnswerSet) -> Floats:
        return np.asarray(counts[..., list(one.options)].sum(axis=-1), dtype=np.float64)

    def between(counts: Counts) -> Floats:
        return np.asarray((counts.sum(axis=-1) - chosen(counts, sets[0]) + chosen(counts, sets[1])) / 2.0)

    if sums and sets:
        return [("end of the range", between)]
    return [(one.name, partial(chosen, one=one)) for one in sets]
