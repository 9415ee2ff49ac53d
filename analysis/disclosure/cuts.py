"""Background cuts: which unit may show which category beside the units' totals, for one basis at a time.

Totals are decided before and stay. The cells of a cut start as wide as they may, the network of totals and
cells is searched for groups under k, the cheapest published cell across such a cut is hidden until there is
none, and what became unnecessary is given back. Content is repaired on the same network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.content import Proof
from analysis.disclosure.network import GROUND, Network, flow, follow, forced_atoms, light_cut
from analysis.disclosure.rules import AnswerSet
from analysis.disclosure.tree import Counts, Flags, Tree, nearest_published

CUT_LEVELS = 2
"""How far down the tree, from the root at 0, a unit may show its background groups."""
CUT_MIN_N = 30
Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class CutTable:
    """One background variable: respondents and answers by unit and category, each unit with all below it.

    counts: (U, C); items: name -> (U, C, options); scales: name -> (U, C) with at least half the items;
    never_cell: (C,) True for categories that count but are never shown ("not answered"): together the
    categories hold everybody. Cells exist at depths 0..levels of the tree, for units of min_n or more.
    constant: scales -> (U, C) True where all scores of a cell are equal: their spread is never shown.
    """

    name: str
    categories: tuple[str, ...]
    counts: Counts
    items: Mapping[str, Counts] = field(default_factory=dict)
    scales: Mapping[str, Counts] = field(default_factory=dict)
    never_cell: Flags | None = None
    levels: int = CUT_LEVELS
    min_n: int = CUT_MIN_N
    constant: Mapping[str, Flags] = field(default_factory=dict)

    def barred(self) -> Flags:
        """(C,) categories that are never a cell."""
        none = np.zeros(len(self.categories), dtype=np.bool_)
        return none if self.never_cell is None else self.never_cell


@dataclass(frozen=True, eq=False)
class CutPattern:
    """Cells (U, C) one measure class may show of one basis; the rest is internal.

    primary: hidden for its own sake, by a total or by an earlier pattern; secondary: to protect others.
    """

    shown: Flags
    primary: Flags
    secondary: Flags
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, eq=False)
class CutFrame:
    """A tree as cuts see it: depth of each unit, its deepest ancestor (or itself) that may hold cells."""

    tree: Tree
    n_categories: int
    levels: int

    @cached_property
    def depth(self) -> Counts:
        """(U,) 0 for a root."""
        depth = np.zeros(len(self.tree), dtype=np.int64)
        for place, parent in enumerate(self.tree.parent.tolist()):
            depth[place] = 0 if parent < 0 else depth[parent] + 1
        return depth

    @cached_property
    def anchor(self) -> Counts:
        """(U,) place of the deepest unit at or above that may hold cells."""
        anchor = np.arange(len(self.tree))
        for place, parent in enumerate(self.tree.parent.tolist()):
            if self.depth[place] > self.levels:
                anchor[place] = anchor[parent]
        return anchor

    @cached_property
    def holders(self) -> list[int]:
        """Places of the units high enough to hold cells, parents first."""
        return np.flatnonzero(self.depth <= self.levels).tolist()

    @cached_property
    def leaves(self) -> Counts:
        """Places of the leaves."""
        return np.flatnonzero(self.tree.leaves)

    @cached_property
    def size(self) -> int:
        """Nodes of the network: the ground, every unit, every cell."""
        return 1 + len(self.tree) * (1 + self.n_categories)

    @cached_property
    def line(self) -> Flags:
        """(U, U) True where the second unit is, or lies above, the first."""
        line = np.eye(len(self.tree), dtype=np.bool_)
        for place, parent in enumerate(self.tree.parent.tolist()):
            if parent >= 0:
                line[place] |= line[parent]
        return line

    def unit_nodes(self, places: Counts) -> Counts:
        """Node of each unit's group of totals; the ground for place -1."""
        return np.where(places < 0, GROUND, 1 + self.tree.rank[places])

    def cell_nodes(self, places: Counts) -> Counts:
        """(..., C) nodes of the cells at places (..., C); the ground for place -1."""
        own = 1 + len(self.tree) + self.tree.rank[places] * self.n_categories + np.arange(self.n_categories)
        return np.where(places < 0, GROUND, own)

    def cover(self, shown: Flags) -> Counts:
        """(U, C) place of the nearest shown cell at or above each unit that may hold cells, -1 for none."""
        cover = np.full(shown.shape, -1, dtype=np.int64)
        for place in self.holders:
            parent = int(self.tree.parent[place])
            above = cover[parent] if parent >= 0 else -1
            cover[place] = np.where(shown[place], place, above)
        return cover

    def above(self, shown: Flags) -> Counts:
        """(U, C) node of the group a cell's respondents fall into when the cell itself is hidden."""
        cover = self.cover(shown)
        parent = self.tree.parent
        places = np.where(parent[:, None] >= 0, cover[np.maximum(parent, 0)], -1)
        return self.cell_nodes(places)


class CutBasis:
    """One basis of one cut: fixed totals, changing cells, k."""

    def __init__(self, frame: CutFrame, totals: Flags, n: Counts, eligible: Flags, k: int) -> None:
        """totals: (U,) published totals; n: (U, C) respondents of the basis; eligible: (U, C)."""
        self.frame, self.n, self.k = frame, n, k
        self.eligible = eligible & (n >= k)
        self.shown = self.eligible.copy()
        self.protected: list[Cell] = []
        leaves = frame.leaves
        self.leaf, self.category = np.nonzero(n[leaves])
        self.leaf = leaves[self.leaf]
        self.atom_n = n[self.leaf, self.category]
        group = np.where(totals, np.arange(len(totals)), nearest_published(frame.tree, totals))
        self.rows = frame.unit_nodes(group)[self.leaf]
        self.own = frame.cell_nodes(np.broadcast_to(np.arange(len(n))[:, None], n.shape))
        self.anchor = frame.anchor[self.leaf]
        self._seen: tuple[bytes, Counts, Counts] | None = None

    def network(self) -> Network:
        """Totals and the cells shown now."""
        return Network(self.frame.size, self.rows, self._standing()[1], self.atom_n)

    def _standing(self) -> tuple[Counts, Counts]:
        """Nearest shown cells (U, C) and each atom's node among them (A,); kept while nothing changes."""
        shown = self.shown.tobytes()
        if self._seen is None or self._seen[0] != shown:
            cover = self.frame.cover(self.shown)
            places = cover[self.anchor, self.category]
            self._seen = shown, cover, np.where(places < 0, GROUND, self.own[places, self.category])
        return self._seen[1:]

    def protect(self, hidden: Iterable[Cell] = ()) -> None:
        """Hide until no group under k is derivable, nor a cell of ``hidden``; give back what one can."""
        self.protected = [cell for cell in hidden if self.n[cell]]
        for cell in self.protected:
            self.shown[cell] = self.eligible[cell] = False
        self._close_cuts()
        for cell in (told := self._told(self.protected)):
            while self._told([cell]) and self._hide_across(self._part(*cell), but=cell):
                pass
        if told:
            self._close_cuts()
        self._give_back()

    def _close_cuts(self) -> None:
        """Hide the cheapest cell across each cut that is too light."""
        while (side := light_cut(self.network(), self.k)) is not None:
            if not self._hide_across(side):
                self.shown[:] = False
                return

    def _hide_across(self, side: Flags, but: Cell | None = None) -> str | None:
        """Hide the cheapest shown cell with one end on either side: fewest respondents, then code order."""
        across = self.shown & (side[self.own] != side[self.frame.above(self.shown)])
        if but is not None:
            across[but] = False
        if not across.any():
            return None
        places, categories = np.nonzero(across)
        order = np.lexsort((categories, self.frame.tree.rank[places], self.n[across]))
        cell = int(places[order[0]]), int(categories[order[0]])
        self.shown[cell] = False
        return self.frame.tree.codes[cell[0]] + f"#{cell[1]}"

    def _ends(self, place: int, category: int) -> tuple[int, int, Network]:
        """Both nodes of a hidden cell, and the network as it would be with the cell shown."""
        cover, columns = self._standing()
        parent = int(self.frame.tree.parent[place])
        above = int(cover[parent, category]) if parent >= 0 else -1
        own, outer = int(self.own[place, category]), int(self.own[above, category]) if above >= 0 else GROUND
        moved = (self.category == category) & self.frame.line[self.anchor, place]
        moved &= cover[self.anchor, category] == above
        return own, outer, Network(self.frame.size, self.rows, np.where(moved, own, columns), self.atom_n)

    def derivable(self, places: Counts, categories: Counts) -> Flags:
        """(S,) whether the sums of some cells are published or follow from what is."""
        sets = (self.category[:, None] == categories) & self.frame.line[self.anchor][:, places]
        return np.asarray(self.shown[places, categories] | follow(self.network(), sets))

    def _told(self, cells: Sequence[Cell]) -> list[Cell]:
        """Those of some cells whose sums follow."""
        if not cells:
            return []
        told = self.derivable(*np.array(cells, dtype=np.int64).T)
        return [cell for cell, one in zip(cells, told.tolist(), strict=True) if one]

    def _part(self, place: int, category: int) -> Flags:
        """(size,) nodes connected with a cell's own node when it is set apart."""
        own, _, network = self._ends(place, category)
        side = np.zeros(network.size, dtype=np.bool_)
        side[own] = True
        while True:
            touched = side[network.first] | side[network.second]
            grown = side.copy()
            grown[network.first[touched]] = grown[network.second[touched]] = True
            if np.array_equal(grown, side):
                return side
            side = grown

    def _give_back(self) -> None:
        """Show hidden cells again, largest first, where no light cut comes back."""
        places, categories = np.nonzero(self.eligible & ~self.shown)
        order = np.lexsort((categories, self.frame.tree.rank[places], -self.n[places, categories]))
        for place, category in zip(places[order].tolist(), categories[order].tolist(), strict=True):
            own, above, network = self._ends(place, category)
            if 0 < flow(network, own, above, self.k) < self.k:
                continue
            self.shown[place, category] = True
            if self._told(self.protected):
                self.shown[place, category] = False

    def hide_forced(self, counts: Counts, sets: Sequence[AnswerSet], *, sums: bool) -> tuple[Proof, ...]:
        """Step 5: hide until no hidden atom is proved to be of one mind; counts (U, C, options).

        sums: the class of means, where a sum at either end of the range proves all; ``sets`` are then the
        lowest and the highest score. Otherwise every set is a sum of its own and only "all chose it" counts.
        """
        atoms = counts[self.leaf, self.category]
        chosen = [atoms[:, list(one.options)].sum(axis=1) for one in sets]
        full = np.ones(len(atoms), dtype=np.bool_)
        proofs: list[Proof] = []
        if sums and sets:
            low, high = chosen[0], chosen[1]
            self._release(low < self.atom_n, high < self.atom_n, full, "end of the range", proofs)
        elif not sums:
            for one, x in zip(sets, chosen, strict=True):
                self._release(x > 0, x < self.atom_n, x == self.atom_n, one.name, proofs)
        return tuple(proofs)

    def _release(self, fall: Flags, rise: Flags, asked: Flags, answers: str, proofs: list[Proof]) -> None:
        """Hide cells until no asked atom is forced."""
        while (found := forced_atoms(self.network(), fall, rise, asked)) is not None:
            atom = int(found.atoms[0])
            within = f"{self.frame.tree.codes[self.leaf[atom]]}#{self.category[atom]}"
            hidden = self._hide_across(found.side)
            if hidden is None:
                if not self.shown.any():
                    return
                self.shown[:] = False
                hidden = "all"
            proofs.append(Proof(hidden, within, int(self.atom_n[atom]), answers))


def one_minded(counts: Counts, sets: Sequence[AnswerSet]) -> NDArray[np.bool_]:
    """(U, C) rule H for cells: answers, and all of them in one set; counts (U, C, options)."""
    n = counts.sum(axis=2)
    same = [counts[:, :, list(one.options)].sum(axis=2) == n for one in sets]
    return np.asarray(np.any(same, axis=0) & (n > 0)) if same else np.zeros(n.shape, dtype=np.bool_)
