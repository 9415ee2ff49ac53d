"""Step 6: what a cut shows beside the totals and every cut of higher priority, all of them as one system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.disclosure.cuts import Cell, CutBasis, CutFrame
from analysis.disclosure.proofs import Floats, sums_of
from analysis.disclosure.rules import About
from analysis.disclosure.together import PRIME, UnclearError, told_together
from analysis.disclosure.tree import Counts, Flags, Tree, nearest_published

NOTHING = -1
NO_PART = 1e-6


@dataclass(frozen=True, eq=False)
class Kinds:
    """People alike in leaf and in every background question, one line for each kind that there is.

    leaf: (P,) places; categories: cut -> (P,); n: who counts -> (P,) people of a kind, for everybody and for
    each item and scale. What is left out is held to the pattern of everybody.
    """

    leaf: Counts
    categories: Mapping[str, Counts]
    n: Mapping[About, Counts]

    def table(self, cut: str, about: About, shape: tuple[int, int]) -> Counts:
        """(U, C) people of a basis at each leaf by category of one cut."""
        at = self.leaf * shape[1] + self.categories[cut]
        return np.bincount(at, self.n[about], shape[0] * shape[1]).astype(np.int64).reshape(shape)


@dataclass(frozen=True, eq=False)
class Family:
    """Nested cells and where each kind of people lies: the smallest shown cell around it.

    around: (P,) number of that cell, -1 for none; above: (cells,) number of the next shown cell around each
    cell, -1 for none; table: (U,) or (U, C) number of the smallest shown cell around each leaf, or leaf and
    category.
    """

    around: Counts
    above: Counts
    table: Counts

    @classmethod
    def of_totals(cls, tree: Tree, shown: Flags, kinds: Kinds) -> Family:
        """Units (U,) as a whole."""
        above = nearest_published(tree, shown)
        table = np.where(shown, np.arange(len(tree)), above)
        return cls(table[kinds.leaf], above, table)

    @classmethod
    def of_cut(cls, frame: CutFrame, shown: Flags, kinds: Kinds, cut: str) -> Family:
        """Groups (U, C) of a cut, unit u in category c as number u * C + c."""
        width = shown.shape[1]
        cover = frame.cover(shown)
        places = cover[frame.anchor]
        table = np.where(places < 0, NOTHING, places * width + np.arange(width))
        parent = frame.tree.parent
        outer = np.where(parent[:, None] >= 0, cover[np.maximum(parent, 0)], NOTHING)
        above = np.where(outer < 0, NOTHING, outer * width + np.arange(width))
        return cls(table[kinds.leaf, kinds.categories[cut]], above.ravel(), table)


class Joint:
    """One basis of a cut beside the totals and the cuts before it: a kind's column has one cell of each."""

    def __init__(self, kinds: Kinds, cut: str, n: Counts, before: Sequence[Family]) -> None:
        """n: (P,) people of the basis."""
        self.some = n > 0
        self.kinds, self.cut, self.before = kinds, cut, before
        self.n = n[self.some]
        self._known: dict[tuple[bytes, bytes, int], Counts | None] = {}

    def told(self, basis: CutBasis) -> list[Cell]:
        """Cells of the cut to hide because some combination tells about fewer than k, none if none does.

        The smallest of each combination; of what hangs together, all of the lowest level where the search
        comes to no end.
        """
        mine = Family.of_cut(basis.frame, basis.shown, self.kinds, self.cut)
        found = {cell for part in self._parts(mine) for cell in self._of_part(part, basis, mine)}
        return sorted(found)

    def forced(self, basis: CutBasis, answers: Sequence[Floats], *, both: bool) -> Cell | None:
        """A cell of the cut to hide because all sums together force somebody's answers, None if none does.

        answers: what was answered at each leaf (U,), then at each leaf and category of every cut. The
        smallest of the cells the proof is made of; where none is of this cut, of those that hang together
        with who is forced.
        """
        mine = Family.of_cut(basis.frame, basis.shown, self.kinds, self.cut)
        families = (*self.before, mine)
        around = np.stack([one.around[self.some] for one in families])
        sums = sums_of(around, self.n, [one.table for one in families], answers)
        forced, why = sums.forced(both=both)
        shown = np.argwhere(basis.shown)
        if not forced.any() or not len(shown):
            return None
        width = basis.shown.shape[1]
        numbers = np.unique(mine.around[self.some][mine.around[self.some] >= 0])
        weight = np.zeros(1 + basis.shown.size)  # the last is outside all cells
        weight[numbers] = why[len(why) - len(numbers) :]
        number = shown @ [width, 1]
        part = np.abs(weight[number] - weight[mine.above[number]]) > NO_PART
        groups = sums.groups[-1][sums.near(forced)]
        near = np.isin(number, numbers[groups[groups > 0] - 1])
        for kept in (part, near):
            if kept.any():
                return self._smallest([(unit, category) for unit, category in shown[kept].tolist()], basis)
        return None

    def _smallest(self, cells: Iterable[Cell], basis: CutBasis) -> Cell:
        rank = basis.frame.tree.rank
        return min(cells, key=lambda cell: (basis.n[cell], rank[cell[0]], cell[1]))

    def _of_part(self, part: Part, basis: CutBasis, mine: Family) -> list[Cell]:
        width = basis.shown.shape[1]
        try:
            made_of = self._search(part, basis.k)
        except UnclearError:
            cells = [divmod(one, width) for one in part.mine.tolist()]
            lowest = max(basis.frame.depth[unit] for unit, _ in cells)
            return [cell for cell in cells if basis.frame.depth[cell[0]] == lowest]
        if made_of is None:
            return []
        weights = dict(zip(part.mine.tolist(), made_of[part.rows_of_mine].tolist(), strict=True))
        cells = []
        for unit, category in np.argwhere(basis.shown).tolist():
            number = unit * width + category
            if (weights.get(number, 0) - weights.get(int(mine.above[number]), 0)) % PRIME:
                cells.append((unit, category))
        return [self._smallest(cells, basis)] if cells else []

    def _search(self, part: Part, k: int) -> Counts | None:
        key = part.cells.tobytes(), np.minimum(part.n, k).tobytes(), k
        if key not in self._known:
            self._known[key] = told_together(part.cells, part.n, k)
        return self._known[key]

    def _parts(self, mine: Family) -> Iterator[Part]:
        """What hangs together through people, as far as a cell of the cut is in it."""
        around = np.stack([one.around[self.some] for one in (*self.before, mine)])
        where, n = _merged(around, self.n)
        rows = [np.unique(line[line >= 0]) for line in where]
        starts = np.cumsum([0, *(len(row) for row in rows)])
        places = (np.searchsorted(mine, line[line >= 0]) for mine, line in zip(rows, where, strict=True))
        row = np.concatenate([start + one for start, one in zip(starts[:-1], places, strict=True)])
        kind = np.nonzero(where >= 0)[1]
        size = int(starts[-1]), len(n)
        yield from _split(row, kind, n, size, (int(starts[-2]), rows[-1]))


@dataclass(frozen=True, eq=False)
class Part:
    """Cells (R, A) over kinds that hang together, people of each kind; numbers and rows of the cut's own."""

    cells: Counts
    n: Counts
    mine: Counts
    rows_of_mine: Counts = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def _merged(around: Counts, n: Counts) -> tuple[Counts, Counts]:
    """Kinds that lie in the same cells as one; (F, P) their cells, (P,) people. In no cell: left out."""
    covered = (around >= 0).any(axis=0)
    around, n = around[:, covered], n[covered]
    key = np.zeros(len(n), dtype=np.int64)
    for line in around:
        key = np.unique(key * (int(line.max(initial=0)) + 2) + line + 1, return_inverse=True)[1].ravel()
    first = np.unique(key, return_index=True)[1]
    return around[:, first], np.bincount(key, weights=n).astype(np.int64)


def _split(
    row: Counts, kind: Counts, n: Counts, size: tuple[int, int], own: tuple[int, Counts]
) -> Iterator[Part]:
    """Connected parts of the bipartite graph of cells and kinds; own: first row and numbers of the cut."""
    n_rows, n_kinds = size
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, n_rows + kind)), shape=(sum(size),) * 2)
    part = connected_components(graph.tocsr(), directed=False)[1]
    start, numbers = own
    for label in np.unique(part[start:n_rows]).tolist():
        rows, kinds = np.flatnonzero(part[:n_rows] == label), np.flatnonzero(part[n_rows:] == label)
        inside = part[row] == label
        cells = np.zeros((len(rows), len(kinds)), dtype=np.int64)
        cells[np.searchsorted(rows, row[inside]), np.searchsorted(kinds, kind[inside])] = 1
        mine = rows[rows >= start]
        yield Part(cells, n[kinds], numbers[mine - start], np.searchsorted(rows, mine))
