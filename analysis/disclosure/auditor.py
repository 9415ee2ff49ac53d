"""An attacker of our own: works from published cells alone and shares no code with the gate's search.

Everything computable from exact sums lies in the row space of the matrix cells x atoms, where an atom is the
set of respondents of one leaf. ``brute_force`` tries every small set of atoms, ``audit_cells`` uses that
nested cells split the atoms into groups by the smallest cell around them; each decides on its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.disclosure.gate import GateInput, GateResult, ItemPatterns
from analysis.disclosure.rules import AnswerSet, ItemTable, chosen, each_option, ends
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


def rank_mod_p(matrix: Counts) -> int:
    """Rank over the integers modulo a prime of 31 bits: no round-off."""
    rest = np.array(matrix, dtype=np.int64) % PRIME
    rank = 0
    for column in range(rest.shape[1]):
        pivots = np.flatnonzero(rest[rank:, column])
        if not len(pivots):
            continue
        pivot = rank + int(pivots[0])
        rest[[rank, pivot]] = rest[[pivot, rank]]
        rest[rank] = rest[rank] * pow(int(rest[rank, column]), PRIME - 2, PRIME) % PRIME
        others = np.flatnonzero(rest[:, column])
        others = others[others != rank]
        rest[others] = (rest[others] - rest[others, column][:, None] * rest[rank]) % PRIME
        rank += 1
        if rank == len(rest):
            break
    return rank


def derivable(atoms: Counts, group: Counts) -> bool:
    """True when the sum over a group of atoms (A,) 0/1 follows from the cells (C, A)."""
    return rank_mod_p(np.vstack([atoms, group])) == rank_mod_p(atoms)


def brute_force(atoms: Counts, atom_n: Counts, k: int) -> tuple[int, ...] | None:
    """A set of atoms with fewer than k respondents on which some derivable function depends alone, or None.

    Tries all sets: rank(cells without these atoms' columns) < rank(cells) means such a function exists.
    Atoms without respondents are ignored. For tests: at most about 15 atoms.
    """
    filled = np.flatnonzero(atom_n)
    full = rank_mod_p(atoms[:, filled])
    for size in range(1, len(filled) + 1):
        for group in combinations(filled.tolist(), size):
            if atom_n[list(group)].sum() < k:
                kept = [atom for atom in filled.tolist() if atom not in group]
                if rank_mod_p(atoms[:, kept]) < full:
                    return group
    return None


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


def audit(given: GateInput, result: GateResult) -> list[Finding]:
    """All holes in a result of the gate; an empty list before anything is frozen."""
    tree, everyone = given.tree, given.n[:, None]
    found = _audit_class(tree, result.everyone.mean.shown, everyone, (), given.k_mean, "everyone mean")
    found += _audit_class(tree, result.everyone.spread.shown, everyone, (), given.k_spread, "everyone spread")
    for item in given.items:
        found += _audit_item(given, result.items[item.name], item)
        found += _outside(tree, result.everyone, result.items[item.name], item.name)
    for scale in given.scales:
        patterns = result.scales[scale.name]
        spread, n = patterns.spread.shown, scale.n[:, None]
        found += _audit_class(tree, spread, n, (), given.k_spread, f"{scale.name} spread")
        for name in scale.items:
            extra = patterns.index & ~result.items[name].mean.shown
            extra |= spread & ~result.items[name].spread.shown
            found += _named("index rule", scale.name, tree, extra)
    return found


def _audit_item(given: GateInput, patterns: ItemPatterns, item: ItemTable) -> list[Finding]:
    """Both measure classes of one item."""
    mean, spread = f"{item.name} mean", f"{item.name} spread"
    found = _audit_class(given.tree, patterns.mean.shown, item.counts, ends(item.scores), given.k_mean, mean)
    return found + _audit_class(
        given.tree, patterns.spread.shown, item.counts, each_option(item), given.k_spread, spread
    )


def _audit_class(
    tree: Tree, shown: Flags, counts: Counts, sets: tuple[AnswerSet, ...], k: int, figure: str
) -> list[Finding]:
    """One pattern: pseudo-leaves stay hidden, cells and groups pass."""
    found = _named("pseudo-leaf", figure, tree, shown & tree.never_cell)
    return found + audit_cells(cells_of_tree(tree, shown, counts, sets), k, figure, sets)


def _outside(tree: Tree, everyone: ItemPatterns, patterns: ItemPatterns, figure: str) -> list[Finding]:
    """Units that show more for an item than they may show at all."""
    extra = patterns.mean.shown & ~everyone.mean.shown
    extra |= patterns.spread.shown & ~(patterns.mean.shown & everyone.spread.shown)
    return _named("outside the pattern", figure, tree, extra)


def _named(rule: str, figure: str, tree: Tree, units: Flags) -> list[Finding]:
    """One finding for each marked unit."""
    return [Finding(rule, figure, tree.codes[place], 0) for place in np.flatnonzero(units)]
