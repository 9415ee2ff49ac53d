"""What tests hold the gate against: other ways to the same answer, and attackers of one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.disclosure.network import GROUND, Network, light_cut
from analysis.disclosure.tree import Counts, Flags, Tree, nearest_published


@dataclass(frozen=True, eq=False)
class Nested:
    """Units (U,) one release shows."""

    tree: Tree
    shown: Flags


def groups_alone(tree: Tree, shown: Flags) -> Nested:
    """The cells (U, C) of a cut as units of their own: unit u in category c stands at place u * C + c."""
    width = shown.shape[1]
    category = np.arange(width)
    codes = tuple(f"{code}#{c}" for code in tree.codes for c in range(width))
    parent = np.where(tree.parent[:, None] >= 0, tree.parent[:, None] * width + category, -1)
    return Nested(Tree(codes, parent.ravel(), np.repeat(tree.never_cell, width)), shown.ravel())


def told_by_two(before: Nested, now: Nested, people: tuple[Counts, Counts, Counts], k: int) -> bool:
    """Whether two families of nested cells tell about fewer than k, as a network; exact for two.

    people: (M,) places of leaves before and now, -1 for not there, and how many.
    """
    then, since, n = (one[people[2] > 0] for one in people)
    network = Network(
        1 + len(before.tree) + len(now.tree),
        _nodes(before, then, 1),
        _nodes(now, since, 1 + len(before.tree)),
        n,
    )
    return light_cut(network, k) is not None


def _nodes(release: Nested, places: Counts, start: int) -> Counts:
    above = nearest_published(release.tree, release.shown)
    near = np.where(release.shown, np.arange(len(release.tree)), above)
    group = np.where(places < 0, -1, near[places])
    return np.where(group < 0, GROUND, start + group)
