"""Small trees to test the gate on: by hand, out of the attack cases, and at random."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from hypothesis import strategies as st

from analysis.disclosure.gate import GateInput, ItemTable
from analysis.disclosure.links import Kinds
from analysis.disclosure.rules import EVERYONE
from analysis.disclosure.tree import Flags, Tree
from analysis.rollup import roll_up


def tree_of(children: dict[str, list[str]]) -> Tree:
    """A tree out of parent -> children; codes ending in /own are pseudo-leaves."""
    below = {child for some in children.values() for child in some}
    codes = [code for code in children if code not in below]
    for code in codes:
        codes.extend(children.get(code, []))
    above = {child: parent for parent, some in children.items() for child in some}
    parent = np.array([codes.index(above[code]) if code in above else -1 for code in codes])
    return Tree(tuple(codes), parent, np.array([code.endswith("/own") for code in codes]))


def star(*leaves: str) -> Tree:
    """P above some leaves."""
    return tree_of({"P": list(leaves)})


def rolled(tree: Tree, leaves: dict[str, Sequence[int]]) -> np.ndarray:
    """(U, options) counts from those of the leaves."""
    width = len(next(iter(leaves.values())))
    own = np.zeros((len(tree), width), dtype=np.int64)
    for code, counts in leaves.items():
        own[tree.codes.index(code)] = counts
    return roll_up(tree.parent, own)


def given_one_item(
    tree: Tree, counts: np.ndarray, scores: Sequence[int] | None = (1, 2, 3, 4, 5), **more: object
) -> GateInput:
    """Gate input with one item that everybody answered."""
    item = ItemTable("y", None if scores is None else tuple(scores), counts)
    return GateInput(tree=tree, n=item.n, items=(item,), **more)  # type: ignore[arg-type]


def mixed(n: int) -> list[int]:
    """Five options that n answers fill evenly, so that only sizes matter."""
    return [n // 5 + (option < n % 5) for option in range(5)]


def hidden(tree: Tree, shown: Flags) -> set[str]:
    """Codes of the units that are not shown."""
    return {code for code, one in zip(tree.codes, shown, strict=True) if not one}


def marked(tree: Tree, codes: Iterable[str]) -> Flags:
    """(U,) True for the named units."""
    wanted = set(codes)
    return np.array([code in wanted for code in tree.codes])


@st.composite
def small_trees(draw: st.DrawFn, most_units: int = 15) -> Tree:
    """A random tree with codes in random order."""
    size = draw(st.integers(1, most_units))
    parent = [-1] + [draw(st.integers(max(0, place - 6), place - 1)) for place in range(1, size)]
    codes = draw(st.permutations([f"u{place:02d}" for place in range(size)]))
    leaves = [place not in parent for place in range(size)]
    pseudo = [leaf and size > 1 and draw(st.integers(0, 5)) == 0 for leaf in leaves]
    return Tree(tuple(codes), np.array(parent), np.array(pseudo))


@st.composite
def tree_counts(draw: st.DrawFn, tree: Tree, options: int = 3, most: int = 12) -> np.ndarray:
    """Answers at random, rolled up; single-minded leaves are common."""
    own = np.zeros((len(tree), options), dtype=np.int64)
    for place in np.flatnonzero(tree.leaves):
        if draw(st.booleans()):
            own[place, draw(st.integers(0, options - 1))] = draw(st.integers(0, most))
        else:
            own[place] = [draw(st.integers(0, most // 2)) for _ in range(options)]
    return roll_up(tree.parent, own)


@st.composite
def gate_inputs(draw: st.DrawFn, most_units: int = 15) -> GateInput:
    """Two items with different numbers of answers; the second may be skipped."""
    tree = draw(small_trees(most_units))
    first = draw(tree_counts(tree))
    second = draw(tree_counts(tree))
    n = np.maximum(first.sum(axis=1), second.sum(axis=1))
    own = np.where(tree.leaves, n, 0)
    frame = draw(st.booleans())
    extra = np.array([draw(st.integers(0, 3)) for _ in range(len(tree))])
    invited = roll_up(tree.parent, np.where(tree.leaves, own + extra, 0)) if frame else None
    return GateInput(
        tree=tree,
        n=roll_up(tree.parent, own),
        items=(ItemTable("a", (1, 2, 3), first), ItemTable("b", None, second)),
        invited=invited,
    )


def kinds_of(own: np.ndarray, cuts: Sequence[str]) -> Kinds:
    """Kinds of people out of a table (U, C first, C second, ...) of people counted at each unit itself."""
    leaf, *categories = np.nonzero(own)
    return Kinds(leaf, dict(zip(cuts, categories, strict=True)), {EVERYONE: own[own > 0]})
