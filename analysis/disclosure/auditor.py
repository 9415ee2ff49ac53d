"""An attacker of our own: works from published cells alone and shares no code with the gate's search.

Everything computable from exact sums lies in the row space of the matrix cells x atoms, where an atom is the
set of respondents of one leaf. ``audit_cells`` uses that nested cells split the atoms into groups by the
smallest cell around them; tests try every small set of atoms as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.disclosure.rules import AnswerSet, chosen
from analysis.disclosure.tree import Counts, Flags, Tree

PRIME = 2147483629
_NOBODY = -1


@dataclass(frozen=True, eq=False)
class Cells:
    """Published cells as an attacker sees them.

    names: (C,); atoms: (C, A) 0/1; atom_n: (A,) respondents of each atom; x: (C, S) answers in each set.
    """

    names: tuple[str, ...]
    atoms: Counts
    atom_n: Counts
    x: Counts

    @property
    def n(self) -> Counts:
        """(C,) respondents of each cell."""
        return np.asarray(self.atoms @ self.atom_n)


@dataclass(frozen=True)
class Finding:
    """A hole: which rule, in what figure, in which cell's group, of how many respondents."""

    rule: str
    figure: str
    cell: str
    n: int


def cells_of_tree(tree: Tree, shown: Flags, counts: Counts, sets: tuple[AnswerSet, ...] = ()) -> Cells:
    """The published units of a tree as cells over its non-empty leaves; counts (U, options)."""
    n = counts.sum(axis=1, dtype=np.int64)
    leaves = [place for place in range(len(tree)) if not tree.children[place] and n[place]]
    published = np.flatnonzero(shown)
    row = {int(place): cell for cell, place in enumerate(published)}
    atoms = np.zeros((len(published), len(leaves)), dtype=np.int64)
    for column, leaf in enumerate(leaves):
        above = leaf
        while above >= 0:
            if above in row:
                atoms[row[above], column] = 1
            above = int(tree.parent[above])
    names = tuple(tree.codes[place] for place in published)
    return Cells(names, atoms, n[leaves], chosen(counts, sets)[published])


def groups(cells: Cells) -> Iterator[tuple[str, int, Counts]]:
    """The smallest derivable groups of nested cells: innermost cell, respondents, answers in each set.

    Cells are laid down from the largest to the smallest; what a cell covers last belongs to it.
    Raises ValueError when two cells overlap without one holding the other.
    """
    order = np.argsort(-cells.atoms.sum(axis=1), kind="stable")
    owner = np.full(cells.atoms.shape[1], _NOBODY, dtype=np.int64)
    left = cells.x.copy()
    for cell in order:
        covered = cells.atoms[cell] > 0
        around = np.unique(owner[covered])
        if len(around) > 1:
            raise ValueError("cells are not nested")
        if len(around) and around[0] != _NOBODY:
            left[around[0]] -= cells.x[cell]
        owner[covered] = cell
    for cell in order.tolist():
        yield cells.names[cell], int(cells.atom_n[owner == cell].sum()), left[cell]


def audit_cells(cells: Cells, k: int, figure: str, sets: tuple[AnswerSet, ...] = ()) -> list[Finding]:
    """Every hole in nested cells: cells and groups under k (G1), groups all of one mind (G2)."""
    found = [
        Finding("cell", figure, name, int(n)) for name, n in zip(cells.names, cells.n, strict=True) if n < k
    ]
    for name, n, x in groups(cells):
        if 0 < n < k:
            found.append(Finding("G1", figure, name, n))
        if n and np.any(x == n):
            found.append(Finding("G2: " + sets[int(np.argmax(x == n))].name, figure, name, n))
    return found
