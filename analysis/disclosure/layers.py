"""What several releases of a wave's answers tell together: totals and groups of all of them as one system.

Each release shows nested cells: units, and the groups of every cut. People are alike when the same cells
lie around them; who came late is in the later release alone, who was withdrawn in the first alone. Of those
withdrawn the answers are gone, and only how many were in each leaf and group of one cut is known: where that
leaves open who they were, nothing is taken for safe that depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.disclosure.proofs import Floats, Sums, sums_of
from analysis.disclosure.together import PRIME
from analysis.disclosure.tree import Counts, Flags, Tree

NOWHERE = -1
FIRST, AGAIN = 0, 1
Search = Callable[[Counts, Counts, int], bool]
"""Whether some combination of cells (R, A) tells about fewer than k of the respondents (A,)."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Nested cells of one release: the number of the smallest one around each leaf, -1 for none.

    around: (U,) for units, (U, C) for the groups of a cut; only leaves are looked up.
    """

    around: Counts
    cut: str = ""
    release: int = FIRST


def units_layer(tree: Tree, shown: Flags, release: int = FIRST) -> Layer:
    """Units shown (U,) as a whole."""
    return Layer(_around(tree, shown[:, None])[:, 0], "", release)


def groups_layer(tree: Tree, shown: Flags, cut: str, release: int = FIRST) -> Layer:
    """Groups shown (U, C) of a cut; unit u in category c is cell u * C + c."""
    unit, width = _around(tree, shown), shown.shape[1]
    return Layer(np.where(unit < 0, NOWHERE, unit * width + np.arange(width)), cut, release)


def _around(tree: Tree, shown: Flags) -> Counts:
    """(U, C) place of the nearest shown cell at or above each unit."""
    around = np.full(shown.shape, NOWHERE, dtype=np.int64)
    for place, parent in enumerate(tree.parent.tolist()):
        around[place] = np.where(shown[place], place, around[parent] if parent >= 0 else NOWHERE)
    return around


@dataclass(frozen=True, eq=False)
class Crowd:
    """People alike in leaf and groups: leaf, each category, n (P,); the releases they are counted in."""

    leaf: Counts
    categories: Mapping[str, Counts]
    n: Counts
    releases: frozenset[int]

    def in_cells(self, layers: Sequence[Layer]) -> Counts:
        """(F, P) the cell of each layer around them."""
        found = [
            layer.around[(self.leaf, self.categories[layer.cut]) if layer.cut else self.leaf]
            if layer.release in self.releases
            else np.full(len(self.leaf), NOWHERE)
            for layer in layers
        ]
        return np.array(found, dtype=np.int64).reshape(len(layers), len(self.leaf))


@dataclass(frozen=True, eq=False)
class Gone:
    """People whose answers are deleted: how many at each leaf (U,), and in each group of one cut (U, C)."""

    n: Counts
    groups: Mapping[str, Counts]
    releases: frozenset[int] = frozenset({FIRST})

    def seen(self, layers: Sequence[Layer]) -> tuple[Crowd, list[Unsure]]:
        """Those whose groups follow from the counts, and leaves of which it is not known who was in what."""
        sure, unsure = list[tuple[int, tuple[int, ...], int]](), list[Unsure]()
        for leaf in np.flatnonzero(self.n).tolist():
            sides = [self._sides(cut, leaf, layers) for cut in self.groups]
            if sum(len(side) > 1 for side in sides) > 1:
                unsure.append(Unsure(leaf, tuple(sides), self))
                continue
            for one in product(*(side.items() for side in sides)):
                n = min((n for _, n in one), default=int(self.n[leaf]))
                sure.append((leaf, tuple(category for category, _ in one), n))
        return self._crowd(sure), unsure

    def _sides(self, cut: str, leaf: int, layers: Sequence[Layer]) -> dict[int, int]:
        """People of a leaf by category, categories in the same cells as one: the first of them."""
        first: dict[tuple[int, ...], int] = {}
        found: dict[int, int] = {}
        mine = [layer.around for layer in layers if layer.cut == cut and layer.release in self.releases]
        for category in np.flatnonzero(self.groups[cut][leaf]).tolist():
            as_one = first.setdefault(tuple(int(around[leaf, category]) for around in mine), category)
            found[as_one] = found.get(as_one, 0) + int(self.groups[cut][leaf, category])
        return found

    def _crowd(self, people: Sequence[tuple[int, tuple[int, ...], int]]) -> Crowd:
        categories = {
            cut: np.array([one[1][place] for one in people], dtype=np.int64)
            for place, cut in enumerate(self.groups)
        }
        leaf, n = (np.array([one[place] for one in people], dtype=np.int64) for place in (0, 2))
        return Crowd(leaf, categories, n, self.releases)


@dataclass(frozen=True, eq=False)
class Unsure:
    """People of a leaf who were in two groups or more of two cuts or more: by cut, how many in each group."""

    leaf: int
    sides: tuple[Mapping[int, int], ...]
    gone: Gone

    @cached_property
    def kinds(self) -> list[tuple[int, ...]]:
        """All categories they may have had."""
        return list(product(*self.sides))

    @property
    def crowd(self) -> Crowd:
        """All who may have been there, none of them counted."""
        return self.gone._crowd([(self.leaf, kind, 0) for kind in self.kinds])

    def grouped(self, values: Counts) -> tuple[Counts, Counts] | None:
        """Values (R, kinds) as columns of people that are counted: all as one, or the groups of one cut.

        None where the values depend on two cuts: then it is not known for how many they are not zero.
        """
        if (values == values[:, :1]).all():
            return values[:, :1], np.array([sum(self.sides[0].values())])
        for place, side in enumerate(self.sides):
            alike = [[kind[place] == one for kind in self.kinds] for one in side]
            columns = [values[:, mine] for mine in alike]
            if all((column == column[:, :1]).all() for column in columns):
                return np.hstack([column[:, :1] for column in columns]), np.array(list(side.values()))
        return None


def releases_tell_of_few(
    layers: Sequence[Layer], crowds: Sequence[Crowd], gone: Gone, k: int, search: Search
) -> bool:
    """True unless it is sure that no combination of what all layers show tells about fewer than k.

    Combinations that are not zero for somebody known are searched on the known people alone: others only
    add to those they tell about. The rest tells of nobody but those it is not known of who they were.
    """
    sure, unsure = gone.seen(layers)
    people = [*crowds, sure, *(one.crowd for one in unsure)]
    around = np.hstack([one.in_cells(layers) for one in people])
    n = np.concatenate([one.n for one in people])
    which = np.repeat(np.arange(len(people)) - len(crowds), [len(one.n) for one in people])
    cells, n, which = _merged(around, n, np.maximum(which, 0))
    for rows, columns in parts(cells):
        known = columns[which[columns] == 0]
        if len(known) and search(_matrix(cells, rows, known), n[known], k):
            return True
    return bool(unsure) and _tells_of_unsure((cells, n, which), unsure, layers, k, search)


def _merged(around: Counts, n: Counts, which: Counts) -> tuple[Counts, Counts, Counts]:
    """People in the same cells as one, those of different sorts apart: (F, A), (A,) people, (A,) sort."""
    some = (around != NOWHERE).any(axis=0) & ((n > 0) | (which > 0))
    keys, where = np.unique(np.vstack([around, which])[:, some], axis=1, return_inverse=True)
    n = np.bincount(where.ravel(), weights=n[some], minlength=keys.shape[1]).astype(np.int64)
    return keys[:-1], n, keys[-1]


def parts(cells: Counts) -> Iterator[tuple[Counts, Counts]]:
    """What hangs together through people: rows (2, R), family and number of each cell; columns."""
    family, column = np.nonzero(cells != NOWHERE)
    rows, row = np.unique(np.stack([family, cells[family, column]]), axis=1, return_inverse=True)
    size = rows.shape[1]
    edges = coo_array(
        (np.ones(len(family)), (row.ravel(), size + column)), shape=(size + cells.shape[1],) * 2
    )
    label = connected_components(edges.tocsr(), directed=False)[1]
    for one in np.unique(label[:size]).tolist():
        yield rows[:, label[:size] == one], np.flatnonzero(label[size:] == one)


def _matrix(cells: Counts, rows: Counts, columns: Counts) -> Counts:
    """(R, A) 0 and 1 of some cells over some people."""
    family, number = rows
    return np.asarray(cells[:, columns][family] == number[:, None], dtype=np.int64)


def _tells_of_unsure(
    people: tuple[Counts, Counts, Counts],
    unsure: Sequence[Unsure],
    layers: Sequence[Layer],
    k: int,
    search: Search,
) -> bool:
    """Whether something that is zero for everybody known may tell about fewer than k of the others."""
    cells, _, which = people
    mine = [(rows, columns) for rows, columns in parts(cells) if which[columns].any()]
    if not mine:
        return False
    rows = np.hstack([one for one, _ in mine])
    columns = np.concatenate([one for _, one in mine])
    known = columns[which[columns] == 0]
    others = [_matrix(one.crowd.in_cells(layers), rows, np.arange(len(one.kinds))) for one in unsure]
    left = _without(np.hstack([_matrix(cells, rows, known), *others]), len(known))
    ends = np.cumsum([len(one.kinds) for one in unsure])
    found = [one.grouped(part) for one, part in zip(unsure, np.split(left, ends[:-1], axis=1), strict=True)]
    told = [one for one in found if one is not None]
    if len(told) < len(found):
        return True
    table, n = np.hstack([one for one, _ in told]), np.concatenate([one for _, one in told])
    return bool(table.any()) and search(table, n, k)


def _without(rows: Counts, n_columns: int) -> Counts:
    """Combinations that are zero in the first columns; their other columns, modulo the prime."""
    rows = rows % PRIME
    for column in range(n_columns):
        filled = np.flatnonzero(rows[:, column])
        if len(filled):
            last, others = rows[filled[-1]], filled[:-1]
            last = last * pow(int(last[column]), -1, PRIME) % PRIME
            rows[others] = (rows[others] - rows[others, column][:, None] * last) % PRIME
            rows = np.delete(rows, filled[-1], axis=0)
    return rows[:, n_columns:]


def force_answers(
    layers: Sequence[Layer],
    crowds: Sequence[Crowd],
    gone: Gone,
    answers: Sequence[Floats],
    proves: Callable[[Sums], bool],
) -> bool:
    """True where what all layers show forces somebody's answers.

    answers: of each layer what was answered at each leaf, or leaf and category, and nothing at other units.
    Where it is not known in what groups those withdrawn were, the cuts of their release are judged one by
    one.
    """
    sure, unsure = gone.seen(layers)
    if unsure:
        for cut in gone.groups:
            kept = [
                at
                for at, one in enumerate(layers)
                if one.cut in ("", cut) or one.release not in gone.releases
            ]
            if force_answers([layers[at] for at in kept], crowds, gone, [answers[at] for at in kept], proves):
                return True
        return False
    people = [*crowds, sure]
    around = np.hstack([one.in_cells(layers) for one in people])
    n = np.concatenate([one.n for one in people])
    return proves(sums_of(around, n, [one.around for one in layers], answers))
