"""Totals and cuts together: whether any combination of published sums tells about fewer than k.

Three families of nested cells or more are no network, so the combinations themselves are searched: a vector
over atoms, people alike in all families, in the space the published cells span, that is zero but for atoms
of fewer than k respondents. What holds k or more must be zero in it, as must what is zero whenever that is;
this alone decides nearly all. For each atom left it is zero, or its respondents are spent; either makes the
rest smaller. Exact in whole numbers modulo a prime.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.disclosure.tree import Counts

PRIME = 2147483629
PATIENCE = 200
Known = dict[tuple[bytes, bytes, int], bool]


class UnclearError(Exception):
    """The search was given up: whether something is told is not known."""


def told_together(cells: Counts, n: Counts, k: int, patience: int = PATIENCE) -> Counts | None:
    """(R,) a combination of the cells that tells about fewer than k respondents, None when there is none.

    cells: (R, A) over atoms, mostly 0 and 1; n: (A,) respondents of each atom, all above 0. Raises
    UnclearError after ``patience`` steps.
    """
    if not len(cells):
        return None
    packed = np.packbits(cells > 0, axis=0) if cells.max() <= 1 else cells
    _, first, where = np.unique(packed, axis=1, return_index=True, return_inverse=True)
    n = np.bincount(where.ravel(), weights=n).astype(np.int64)
    order = np.argsort(-n, kind="stable")
    lines = np.hstack([cells[:, first[order]], np.eye(len(cells), dtype=np.int64)])
    return _Search(len(cells), k, patience).run(_independent(lines, n[order], k))


def search_finds_few(cells: Counts, n: Counts, k: int, known: Known) -> bool:
    """Whether a combination tells about fewer than k, or may do so; ``known`` keeps what is decided."""
    key = cells.tobytes(), np.minimum(n, k).tobytes(), k
    if key not in known:
        try:
            known[key] = told_together(cells, n, k) is not None
        except UnclearError:
            known[key] = True
    return known[key]


@dataclass(frozen=True, eq=False)
class _Space:
    """Combinations that may still be light: rows over atoms, what is spent, and the cells they are made of.

    n: respondents of the first columns, the atoms that are not decided; spent: a column follows them, of an
    atom that must not be zero.
    """

    lines: Counts
    n: Counts
    spent: bool

    @property
    def atoms(self) -> Counts:
        """(r, A) the undecided columns."""
        return self.lines[:, : len(self.n)]


class _Search:
    """Depth first: an atom is zero, or it is spent."""

    def __init__(self, n_cells: int, k: int, patience: int) -> None:
        """n_cells: columns at the end that say which cells a row is made of."""
        self.n_cells, self.k, self.left = n_cells, k, patience

    def run(self, space: _Space) -> Counts | None:
        """(R,) coefficients of a light combination."""
        return self._go(space, self.k)

    def _go(self, space: _Space, budget: int) -> Counts | None:
        """A combination whose undecided atoms hold fewer than the budget."""
        self.left -= 1
        if self.left < 0:
            raise UnclearError
        space = _settled(space, self.n_cells, budget)
        if not len(space.lines) or (space.spent and not space.lines[:, len(space.n)].any()):
            return None
        if not len(space.n):
            row = int(np.flatnonzero(space.lines[:, 0])[0])
            return space.lines[row, -self.n_cells :]
        atom = int(np.argmax(space.n))
        zero = _Space(_without(space.lines, atom), space.n, space.spent)
        found = self._go(zero, budget)
        return self._go(_spend(space, atom), budget - int(space.n[atom])) if found is None else found


def _spend(space: _Space, atom: int) -> _Space:
    """The atom may be anything; the first one spent must not be zero."""
    others = np.delete(np.arange(len(space.n)), atom)
    tail = space.lines[:, len(space.n) :]
    first = [] if space.spent else [space.lines[:, [atom]]]
    return _Space(np.hstack([space.lines[:, others], *first, tail]), space.n[others], True)


def _settled(space: _Space, n_cells: int, budget: int) -> _Space:
    """The space with all that must be zero made zero, and atoms that are zero together made one."""
    while True:
        space = _merged(_around(space))
        heavy = np.flatnonzero(space.n >= budget)
        if not len(heavy) and len(space.lines) > 1:
            heavy = np.flatnonzero(_least(space, budget) >= budget)
        if not len(heavy) or not len(space.lines):
            return space
        lines = space.lines
        for atom in heavy.tolist():
            lines = _without(lines, atom)
        space = _Space(lines, space.n, space.spent)


def _around(space: _Space) -> _Space:
    """The part that hangs together with what is spent: a light combination may as well be zero elsewhere."""
    if not space.spent:
        return space
    filled = space.lines[:, : len(space.n) + 1] != 0
    rows = filled[:, -1]
    while True:
        grown = filled[:, filled[rows].any(axis=0)].any(axis=1)
        if np.array_equal(grown, rows):
            return _Space(space.lines[rows], space.n, True)
        rows = grown


def _merged(space: _Space) -> _Space:
    """Undecided atoms that are zero anyway left out, those in proportion to one another as one."""
    atoms = space.atoms
    some = atoms.any(axis=0)
    atoms, n = atoms[:, some], space.n[some]
    if not len(n):
        return _Space(space.lines[:, len(space.n) :], n, space.spent)
    lead = atoms[np.argmax(atoms != 0, axis=0), np.arange(len(n))]
    inverse = {value: pow(value, -1, PRIME) for value in set(lead.tolist())}
    alike = atoms * np.array([inverse[value] for value in lead.tolist()]) % PRIME
    seen: dict[bytes, int] = {}
    where = [seen.setdefault(column.tobytes(), len(seen)) for column in np.ascontiguousarray(alike.T)]
    first = np.unique(where, return_index=True)[1]
    merged = np.bincount(where, weights=n).astype(np.int64)
    return _Space(np.hstack([atoms[:, first], space.lines[:, len(space.n) :]]), merged, space.spent)


def _without(lines: Counts, column: int) -> Counts:
    """The combinations of some rows that are zero in a column."""
    rows = lines[:, column].nonzero()[0]
    if not len(rows):
        return lines
    pivot = lines[rows[0]]
    kept = np.arange(len(lines)) != rows[0]
    if len(rows) > 1:
        pivot = pivot * pow(int(pivot[column]), -1, PRIME) % PRIME
        lines = lines.copy()
        lines[rows[1:]] = (lines[rows[1:]] - lines[rows[1:], column][:, None] * pivot) % PRIME
    return np.asarray(lines[kept])


def _independent(lines: Counts, n: Counts, k: int) -> _Space:
    """Combinations that are zero on atoms of k or more; of the rest as many as differ."""
    heavy = int(np.searchsorted(-n, -k, side="right"))
    for atom in range(heavy):
        lines = _without(lines, atom)
    lines, pivots = _reduced(lines, range(heavy, len(n)))
    return _Space(lines[: len(pivots), heavy:], n[heavy:], False)


def _reduced(lines: Counts, columns: Iterable[int]) -> tuple[Counts, list[int]]:
    """Rows made so that each of the first independent columns holds a single 1; those columns."""
    lines, pivots = lines.copy(), list[int]()
    for column in columns:
        rank = len(pivots)
        if rank == len(lines):
            break
        rows = rank + lines[rank:, column].nonzero()[0]
        if not len(rows):
            continue
        lines[[rank, rows[0]]] = lines[[rows[0], rank]]
        lines[rank] = lines[rank] * pow(int(lines[rank, column]), -1, PRIME) % PRIME
        others = lines[:, column].nonzero()[0]
        others = others[others != rank]
        lines[others] = (lines[others] - lines[others, column][:, None] * lines[rank]) % PRIME
        pivots.append(column)
    return lines, pivots


def _spanning(lines: Counts) -> list[int]:
    """The first columns that are independent and span all others."""
    lines, found = lines.copy(), list[int]()
    for column in range(lines.shape[1]):
        rows = lines[:, column].nonzero()[0]
        if len(rows):
            found.append(column)
            lines = _without(lines, column)
            if not len(lines):
                break
    return found


def _least(space: _Space, budget: int) -> Counts:
    """(A,) respondents that a combination tells about at least when it is not zero at an atom.

    Independent atoms that span the others are taken out again and again, each as often as it has
    respondents: whenever an atom is spanned by others, one of those is not zero either.
    """
    atoms, left, least = space.atoms, space.n.copy(), space.n.copy()
    for _ in range(budget - 1):
        some = np.flatnonzero(left)
        if not len(some) or least.min() >= budget:
            break
        some = some[np.argsort(-left[some], kind="stable")]
        taken = some[_spanning(atoms[:, some])]
        left[taken] -= 1
        spanned = left > 0
        spanned[taken] = False
        least[spanned] += 1
    return least
