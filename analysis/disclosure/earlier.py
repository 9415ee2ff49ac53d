"""Answers that are already out: a second release beside an earlier one, in the same tree or another.

Both releases are families of nested cells over the same people; whoever was in only one of them counts too
(late answers, withdrawn answers). What has been published cannot be hidden: the new release passes or is
refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.disclosure.network import GROUND, Network, light_cut
from analysis.disclosure.tree import Counts, Flags, Tree, nearest_published

ABSENT = -1


@dataclass(frozen=True, eq=False)
class Published:
    """One release of one basis: its tree and the units (U,) shown."""

    tree: Tree
    shown: Flags


@dataclass(frozen=True, eq=False)
class Crossing:
    """People by where they were counted: before, now (M,) places of leaves, -1 for not at all; n (M,)."""

    before: Counts
    now: Counts
    n: Counts


@dataclass(frozen=True)
class Leak:
    """A group of n < k respondents that both releases together would reveal, and units it touches."""

    n: int
    before: tuple[str, ...]
    now: tuple[str, ...]


def second_release(before: Published, now: Published, crossing: Crossing, k: int) -> Leak | None:
    """A group under k that follows from both releases, None when the new one may be published.

    Exact: each person lies in one group of each release. Example: 14 answers shown, 16 now in the same unit:
    the two late ones leak; from 19 on nothing does.
    """
    first = _groups(before, crossing.before, 1)
    second = _groups(now, crossing.now, 1 + len(before.tree))
    some = crossing.n > 0
    network = Network(
        1 + len(before.tree) + len(now.tree), first[some], second[some], crossing.n[some].astype(np.int64)
    )
    side = light_cut(network, k)
    if side is None:
        return None
    across = side[network.first] != side[network.second]
    codes_before = _codes(before.tree, crossing.before[some][across])
    codes_now = _codes(now.tree, crossing.now[some][across])
    return Leak(int(network.n[across].sum()), codes_before, codes_now)


def same_people(tree: Tree, n: Counts, n_late: Counts) -> Crossing:
    """Crossing of two releases on one tree when answers only came in: n (U,) then, n_late (U,) since."""
    leaves = np.flatnonzero(tree.leaves)
    none = np.full(len(leaves), ABSENT)
    return Crossing(
        np.concatenate([leaves, none]),
        np.concatenate([leaves, leaves]),
        np.concatenate([n[leaves], n_late[leaves]]),
    )


def cut_family(tree: Tree, shown: Flags) -> Published:
    """The cells (U, C) of a cut as a family of their own: unit u in category c stands at place u * C + c."""
    n_categories = shown.shape[1]
    category = np.arange(n_categories)
    codes = tuple(f"{code}#{c}" for code in tree.codes for c in range(n_categories))
    parent = np.where(tree.parent[:, None] >= 0, tree.parent[:, None] * n_categories + category, -1)
    forest = Tree(codes, parent.ravel(), np.repeat(tree.never_cell, n_categories))
    return Published(forest, shown.ravel())


def _groups(release: Published, places: Counts, start: int) -> Counts:
    """(M,) node of the smallest published unit around each leaf, the ground for none."""
    near = np.where(
        release.shown, np.arange(len(release.tree)), nearest_published(release.tree, release.shown)
    )
    group = np.where(places == ABSENT, -1, near[np.maximum(places, 0)])
    return np.where(group < 0, GROUND, start + group)


def _codes(tree: Tree, places: Counts) -> tuple[str, ...]:
    """Codes of leaves, each once."""
    return tuple(sorted({tree.codes[place] for place in places.tolist() if place != ABSENT}))
