"""The attacker on totals and one cut together: published cells only, no code shared with the gate's search.

Groups by the lightest cut (Stoer and Wagner), content by an example or linear programming; tests decide the
same for small cases by rank over a prime field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

from analysis.disclosure.auditor import Finding
from analysis.disclosure.example import has_example
from analysis.disclosure.rules import AnswerSet
from analysis.disclosure.tree import Counts, Flags, Tree

Floats = NDArray[np.float64]
SLACK = 1e-6


def lightest_cut(weights: Counts) -> tuple[int, list[int]]:
    """Stoer and Wagner: weight and one side of the lightest cut of a connected graph, weights (V, V)."""
    rest = weights.copy()
    np.fill_diagonal(rest, 0)
    sides = [[node] for node in range(len(rest))]
    alive = list(range(len(rest)))
    best: tuple[int, list[int]] = (int(weights.sum()) + 1, [])
    while len(alive) > 1:
        reach = rest[alive[0]].astype(np.int64)
        left = alive[1:]
        before = alive[0]
        while len(left) > 1:
            nearest = left.pop(int(np.argmax(reach[left])))
            reach = reach + rest[nearest]
            before = nearest
        last = left[0]
        if reach[last] < best[0]:
            best = int(reach[last]), list(sides[last])
        rest[before] += rest[last]
        rest[:, before] += rest[:, last]
        rest[before, before] = 0
        sides[before] += sides[last]
        alive.remove(last)
    return best


def lightest_of_parts(one: Counts, two: Counts, n: Counts, k: int) -> int | None:
    """Lightest cut over all connected parts, None when none is below k."""
    nodes = np.unique(np.concatenate([one, two]))
    place = {int(node): index for index, node in enumerate(nodes)}
    weights = np.zeros((len(nodes), len(nodes)), dtype=np.int64)
    for a, b, w in zip(one.tolist(), two.tolist(), n.tolist(), strict=True):
        if a != b:
            weights[place[a], place[b]] += w
            weights[place[b], place[a]] += w
    found = [lightest_cut(weights[np.ix_(part, part)])[0] for part in _parts(weights) if len(part) > 1]
    return min((weight for weight in found if weight < k), default=None)


def _parts(weights: Counts) -> list[list[int]]:
    """Connected parts of a graph."""
    left, parts = set(range(len(weights))), []
    while left:
        waiting, part = [left.pop()], []
        while waiting:
            node = waiting.pop()
            part.append(node)
            near = set(np.flatnonzero(weights[node]).tolist()) & left
            left -= near
            waiting.extend(near)
        parts.append(sorted(part))
    return parts


def anything_proved(atoms: Counts, sums: Floats, least: Floats, most: Floats, *, both: bool) -> bool:
    """True when the sums force some atom to its most (``both``: or to its least).

    One linear programme: if for each atom some solution stays away from its end, their average stays away
    from all ends, so the widest common margin is positive. Raises ValueError for contradictory sums.
    """
    n_cells, n_atoms = atoms.shape
    if not n_atoms or not n_cells:
        return False
    one = np.ones((n_atoms, 1))
    away = [hstack([eye_array(n_atoms), one])]
    limits = [most]
    if both:
        away.append(hstack([-eye_array(n_atoms), one]))
        limits.append(-least)
    answer = linprog(
        np.append(np.zeros(n_atoms), -1.0),
        A_ub=vstack(away).tocsr(),
        b_ub=np.concatenate(limits),
        A_eq=hstack([csr_array(atoms), np.zeros((n_cells, 1))]).tocsr(),
        b_eq=sums,
        bounds=[*zip(least, most, strict=True), (0, 1)],
        method="highs",
    )
    if not answer.success:
        raise ValueError("the published cells contradict one another")
    return bool(-answer.fun < SLACK)


@dataclass(frozen=True, eq=False)
class CutSight:
    """What totals (U,) and cells (U, C) of one cut let an attacker see; counts (U, C, options).

    An atom is a leaf in a category. Around it lie the smallest published total and the smallest published
    cell; the sums of both, less what is published inside them, are all there is to know.
    """

    tree: Tree
    totals: Flags
    shown: Flags
    counts: Counts

    @cached_property
    def n(self) -> Counts:
        """(U, C) respondents."""
        return np.asarray(self.counts.sum(axis=2))

    @cached_property
    def atoms(self) -> tuple[Counts, Counts]:
        """Leaf and category of each atom that has respondents."""
        leaves = np.flatnonzero(self.tree.leaves)
        place, category = np.nonzero(self.n[leaves])
        return leaves[place], category

    @cached_property
    def around(self) -> tuple[Counts, Counts]:
        """Numbers of the smallest published total and cell around each atom, 0 for none."""
        total = np.zeros(self.totals.shape, dtype=np.int64)
        cell = np.zeros(self.shown.shape, dtype=np.int64)
        own = 1 + len(total) + np.arange(self.shown.size).reshape(self.shown.shape)
        for place, parent in enumerate(self.tree.parent.tolist()):
            above = (total[parent], cell[parent]) if parent >= 0 else (0, 0)
            total[place] = 1 + place if self.totals[place] else above[0]
            cell[place] = np.where(self.shown[place], own[place], above[1])
        leaf, category = self.atoms
        return total[leaf], cell[leaf, category]

    def sizes(self, k: int, figure: str) -> list[Finding]:
        """Cells under k, cells whose unit is hidden, the smallest group under k."""
        codes = self.tree.codes
        few = np.argwhere(self.shown & (self.n < k))
        found = [Finding("cell", figure, f"{codes[u]}#{c}", int(self.n[u, c])) for u, c in few]
        units = np.flatnonzero(self.totals & (self.n.sum(axis=1) < k))
        found += [Finding("cell", figure, codes[u], int(self.n[u].sum())) for u in units]
        bare = np.argwhere(self.shown & ~self.totals[:, None])
        found += [Finding("unit total hidden", figure, codes[u], 0) for u, _ in bare]
        leaf, category = self.atoms
        small = lightest_group(*self.around, leaf, self.n[leaf, category], k)
        return found if small is None else [*found, Finding("G1", figure, "", small)]

    def content(self, sets: Sequence[AnswerSet], figure: str, *, sums: bool) -> list[Finding]:
        """Atoms whose answers the published sums force: to either end (sums), or all into one set.

        Where no example shows that nothing is forced a linear programme decides.
        """
        leaf, category = self.atoms
        first, second = self.around
        known = np.unique(np.concatenate([first, second]))
        known = known[known > 0]
        if not len(known):
            return []
        mine, n = self.counts[leaf, category], self.n[leaf, category]
        chosen = [mine[:, list(one.options)].sum(axis=1) for one in sets]
        # What sums force depends only on who stands at an end: lowest counts 0, highest 1, others a half.
        asked = [("end of the range", (n - chosen[0] + chosen[1]) / 2.0)] if sums else []
        asked += [] if sums else [(one.name, x) for one, x in zip(sets, chosen, strict=True)]
        found = []
        for name, x in asked:
            groups = np.stack([first, second])
            if has_example(
                groups, [np.bincount(line, x).astype(np.float64) for line in groups], n, both=sums
            ):
                continue
            rows = ((known[:, None] == first) | (known[:, None] == second)).astype(np.int64)
            most = n.astype(np.float64)
            if anything_proved(rows, (rows @ x).astype(np.float64), 0 * most, most, both=sums):
                found.append(Finding(f"G2: {name}", figure, "", 0))
        return found


def lightest_group(first: Counts, second: Counts, leaf: Counts, n: Counts, k: int) -> int | None:
    """Respondents in the smallest derivable group below k, None when there is none.

    Atoms are edges between the groups around them; a derivable group is a cut. Groups that k respondents
    join, directly or through the leaves two groups share, are never parted by a lighter cut.
    """
    home = np.arange(1 + int(max(first.max(initial=0), second.max(initial=0))))
    while True:
        one, two = home[first], home[second]
        heavy = [_pairs(one, two, n, k), _through_leaves(one, two, leaf, n, k)]
        joined = np.concatenate(heavy)
        if not len(joined):
            return lightest_of_parts(one, two, n, k) if len(n) else None
        size = len(home)
        graph = csr_array((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), shape=(size, size))
        home = connected_components(graph, directed=False)[1][home]


def _pairs(one: Counts, two: Counts, n: Counts, k: int) -> Counts:
    """(P, 2) different nodes with k or more between them, all parallel edges together."""
    apart = one != two
    ends = np.sort(np.stack([one[apart], two[apart]], axis=1), axis=1)
    if not len(ends):
        return np.zeros((0, 2), dtype=np.int64)
    pairs, place = np.unique(ends, axis=0, return_inverse=True)
    return np.asarray(pairs[np.bincount(place.ravel(), weights=n[apart]) >= k])


def _through_leaves(one: Counts, two: Counts, leaf: Counts, n: Counts, k: int) -> Counts:
    """(P, 2) groups of cells joined through leaves: a leaf in two groups joins them by the smaller part."""
    apart = one != two
    parts, place = np.unique(np.stack([leaf[apart], two[apart]], axis=1), axis=0, return_inverse=True)
    n = np.bincount(place.ravel(), weights=n[apart], minlength=len(parts))
    leaf, two = parts[:, 0], parts[:, 1]
    left, right, weight = [], [], []
    for step in range(1, int(np.bincount(leaf).max(initial=0))):
        same = leaf[step:] == leaf[:-step]  # the parts of a leaf stand together
        left.append(two[step:][same])
        right.append(two[:-step][same])
        weight.append(np.minimum(n[step:], n[:-step])[same])
    if not left:
        return np.zeros((0, 2), dtype=np.int64)
    return _pairs(np.concatenate(left), np.concatenate(right), np.concatenate(weight), k)
