"""The cheapest set of hidden units such that nothing below k respondents can be worked out: exact optimum.

Published units of a tree are nested or disjoint, so everything an attacker can derive is a sum of *residual
groups*: the respondents of a published unit that no published unit below it covers. A pattern is safe when
every residual group is empty or has at least k respondents. Nothing lies above a root: respondents under a
hidden root that no published unit covers form no group.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.rollup import check_order

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]
Costs = NDArray[Any]

_INT64_COST_BITS = 60


@dataclass(frozen=True, eq=False)
class Tree:
    """Units with parents before children.

    codes: (U,) unique; parent: (U,) place of the parent, -1 for a root; never_cell: (U,) True for
    pseudo-leaves (direct reports of an inner unit): counted as respondents, never published.
    """

    codes: tuple[str, ...]
    parent: Counts
    never_cell: Flags
    children: tuple[tuple[int, ...], ...] = field(init=False)
    rank: Counts = field(init=False)

    def __post_init__(self) -> None:
        """Raise ValueError for unequal lengths, repeated codes or a child before its parent."""
        if not len(self.codes) == len(self.parent) == len(self.never_cell):
            raise ValueError("codes, parent and never_cell differ in length")
        if len(set(self.codes)) != len(self.codes):
            raise ValueError("unit codes must be unique")
        check_order(self.parent)
        order = sorted(range(len(self.codes)), key=self.codes.__getitem__)
        below: dict[int, list[int]] = defaultdict(list)
        for place in order:
            below[int(self.parent[place])].append(place)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        object.__setattr__(self, "children", tuple(tuple(below[p]) for p in range(len(self.codes))))
        object.__setattr__(self, "rank", rank)

    def __len__(self) -> int:
        """Number of units."""
        return len(self.codes)

    @property
    def leaves(self) -> Flags:
        """(U,) True for units without children."""
        return np.array([not below for below in self.children], dtype=np.bool_)


def check_additive(tree: Tree, values: Counts, what: str) -> None:
    """ValueError unless every inner unit's values are the sum of its children's."""
    from_children = np.zeros_like(values)
    inner = tree.parent >= 0
    np.add.at(from_children, tree.parent[inner], values[inner])
    if np.any(values < 0) or np.any((from_children != values)[~tree.leaves]):
        raise ValueError(f"{what}: a unit must hold the sum of the units below it")


def nearest_published(tree: Tree, published: Flags) -> Counts:
    """(U,) place of each unit's nearest published unit strictly above it, -1 where there is none."""
    above = np.full(len(tree), -1, dtype=np.int64)
    for place, parent in enumerate(tree.parent.tolist()):
        if parent >= 0:
            above[place] = parent if published[parent] else above[parent]
    return above


def residuals(tree: Tree, published: Flags, values: NDArray[Any]) -> NDArray[Any]:
    """Values (U, ...) of each published unit less the nearest published ones below it; hidden: zero."""
    shown = published.reshape(-1, *([1] * (values.ndim - 1)))
    residual = np.where(shown, values, 0)
    above = nearest_published(tree, published)
    covered = published & (above >= 0)
    np.subtract.at(residual, above[covered], values[covered])
    return residual


def best_pattern(tree: Tree, n: Counts, eligible: Flags, k: int) -> Flags:
    """(I, U) published units of each of I bases: the optimum by dynamic programming.

    n: (I, U) respondents including all below; eligible: (I, U) False for units that must be hidden; units
    with n < k are never published. Least cost = fewest eligible units hidden, then fewest respondents in
    them, then the smallest sum of their places in code order. O(U k**2) for each basis.
    State r of a unit: respondents under it that no published unit covers, capped at k.
    """
    if k < 1:
        raise ValueError("k must be at least 1")
    eligible = eligible & (n >= k) & ~tree.never_cell
    cost, beyond = _costs(tree, n, eligible)
    return _Optimum(tree, np.minimum(n, k), eligible, k, cost, beyond).solve()


def _costs(tree: Tree, n: Counts, eligible: Flags) -> tuple[Costs, int]:
    """(I, U) cost of hiding, (units, respondents, place) packed in one integer; a value beyond all sums."""
    rank_bits = int(tree.rank.sum()).bit_length()
    n_bits = int(n.sum(axis=1).max(initial=0)).bit_length()
    bits = rank_bits + n_bits + len(tree).bit_length()
    kind = np.int64 if bits <= _INT64_COST_BITS else np.object_
    one, weight = 1 << (rank_bits + n_bits), 1 << rank_bits
    cost = one + n.astype(kind) * weight + tree.rank.astype(kind)
    return np.where(eligible, cost, kind(0) if kind is np.int64 else 0).astype(kind), 1 << (bits + 1)


class _Optimum:
    """One run of the dynamic programme over all bases at once."""

    def __init__(self, tree: Tree, capped: Counts, eligible: Flags, k: int, cost: Costs, beyond: int) -> None:
        """capped: (I, U) min(n, k)."""
        self.tree, self.capped, self.eligible, self.k = tree, capped, eligible, k
        self.cost, self.beyond = cost, beyond
        states = np.arange(k + 1)
        pairs = np.minimum(states[:, None] + states[None, :], k).ravel()
        order = np.argsort(pairs, kind="stable")
        self.first, self.second = np.divmod(order, k + 1)
        self.target = pairs[order]
        self.starts = np.searchsorted(self.target, states)
        self.rows = np.arange(len(capped))
        self.prefixes: dict[int, list[Costs]] = {}

    def solve(self) -> Flags:
        """Costs from the leaves up, then choices from the roots down."""
        size = len(self.tree)
        states: list[Costs] = [self._nothing()] * size
        opened: list[Costs] = [self._nothing()] * size
        for place in range(size - 1, -1, -1):
            opened[place] = self._before_choice(place, states)
            states[place] = self._after_choice(place, opened[place])
        published = np.zeros_like(self.eligible)
        wanted: list[Counts] = [self.rows] * size
        for place in range(size):
            if self.tree.parent[place] < 0:
                wanted[place] = np.argmin(states[place], axis=1)
            inside = self._choose(place, wanted[place], opened[place], published)
            self._share_out(place, inside, states, wanted)
        return published

    def _nothing(self) -> Costs:
        """State 0 at no cost, every other state out of reach."""
        start = np.full((len(self.rows), self.k + 1), self.beyond, dtype=self.cost.dtype)
        start[:, 0] = 0
        return start

    def _before_choice(self, place: int, states: list[Costs]) -> Costs:
        """Cost by uncovered respondents below a unit, before it is itself published or hidden."""
        below = self.tree.children[place]
        if not below:
            leaf = np.full((len(self.rows), self.k + 1), self.beyond, dtype=self.cost.dtype)
            leaf[self.rows, self.capped[:, place]] = 0
            return leaf
        prefix = [self._nothing()]
        for child in below:
            sums = np.minimum(self._sums(prefix[-1], states[child]), self.beyond)
            prefix.append(np.minimum.reduceat(sums, self.starts, axis=1))
        self.prefixes[place] = prefix[:-1]
        return prefix[-1]

    def _sums(self, left: Costs, right: Costs) -> Costs:
        """(I, pairs) cost of every pair of states, ordered by the state they make together."""
        sums: Costs = left[:, self.first] + right[:, self.second]
        return sums

    def _after_choice(self, place: int, opened: Costs) -> Costs:
        """Hidden: the state stays and the unit costs. Published (from 0 or k only): all are covered."""
        state: Costs = np.minimum(opened + self.cost[:, place, None], self.beyond)
        shown = np.minimum(np.minimum(opened[:, 0], opened[:, self.k]), state[:, 0])
        state[:, 0] = np.where(self.eligible[:, place], shown, state[:, 0])
        return state

    def _choose(self, place: int, wanted: Counts, opened: Costs, published: Flags) -> Counts:
        """Publish where nothing may stay uncovered (never dearer than hiding); the state wanted below."""
        full = opened[:, self.k] < opened[:, 0]
        publish = self.eligible[:, place] & (wanted == 0)
        published[:, place] = publish
        return np.where(publish, np.where(full, self.k, 0), wanted)

    def _share_out(self, place: int, inside: Counts, states: list[Costs], wanted: list[Counts]) -> None:
        """Which states of the children make the wanted one, last child first, the first fitting pair."""
        for child, left in zip(
            reversed(self.tree.children[place]), reversed(self.prefixes.get(place, [])), strict=True
        ):
            sums = np.minimum(self._sums(left, states[child]), self.beyond)
            fits = self.target[None, :] == inside[:, None]
            best = np.argmin(np.where(fits, sums, 2 * self.beyond), axis=1)
            wanted[child], inside = self.second[best], self.first[best]
