from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure.auditor import audit_cells, cells_of_tree
from analysis.disclosure.tree import Tree, best_pattern, check_additive, residuals
from analysis.rollup import roll_up
from tests.analysis.oracles import brute_force, is_safe
from tests.analysis.trees import small_trees, star, tree_of


def _cost(tree: Tree, n: np.ndarray, eligible: np.ndarray, shown: np.ndarray) -> tuple[int, int, int]:
    gone = eligible & ~shown
    return int(gone.sum()), int(n[gone].sum()), int(tree.rank[gone].sum())


def _cheapest(tree: Tree, n: np.ndarray, eligible: np.ndarray, k: int) -> tuple[int, int, int]:
    places = np.flatnonzero(eligible).tolist()
    patterns = (
        np.isin(np.arange(len(tree)), some)
        for size in range(len(places) + 1)
        for some in combinations(places, size)
    )
    return min(_cost(tree, n, eligible, shown) for shown in patterns if is_safe(tree, shown, n, k))


@settings(max_examples=150)
@given(small_trees(9), st.integers(2, 7), st.data())
def test_pattern_costs_what_the_best_of_all_patterns_costs(tree: Tree, k: int, data: st.DataObject) -> None:
    own = np.array([data.draw(st.integers(0, 9)) if leaf else 0 for leaf in tree.leaves])
    n = roll_up(tree.parent, own)
    allowed = np.array([data.draw(st.integers(0, 7)) > 0 for _ in range(len(tree))])
    shown = best_pattern(tree, n[None], allowed[None], k)[0]
    eligible = allowed & (n >= k) & ~tree.never_cell
    assert not np.any(shown & ~eligible)
    assert is_safe(tree, shown, n, k)
    assert _cost(tree, n, eligible, shown) == _cheapest(tree, n, eligible, k)


@settings(max_examples=150)
@given(small_trees(14), st.integers(2, 8), st.data())
def test_nothing_below_k_follows_from_a_pattern(tree: Tree, k: int, data: st.DataObject) -> None:
    own = np.array([data.draw(st.integers(0, 9)) if leaf else 0 for leaf in tree.leaves])
    n = roll_up(tree.parent, own)
    shown = best_pattern(tree, n[None], np.ones((1, len(tree)), dtype=bool), k)[0]
    cells = cells_of_tree(tree, shown, n[:, None])
    assert brute_force(cells.atoms, cells.atom_n, k) is None


def test_hiding_only_the_small_is_caught() -> None:
    """Negative control: plain n < k fails both attackers on a good part of random trees."""
    rng = np.random.default_rng(7)
    caught = 0
    for _ in range(60):
        size = int(rng.integers(3, 11))
        parent = np.array([-1] + [int(rng.integers(0, place)) for place in range(1, size)])
        tree = Tree(tuple(f"u{place}" for place in range(size)), parent, np.zeros(size, dtype=bool))
        n = roll_up(parent, np.where(tree.leaves, rng.integers(1, 12, size), 0))
        cells = cells_of_tree(tree, n >= 5, n[:, None])
        leak = brute_force(cells.atoms, cells.atom_n, 5)
        found = [finding for finding in audit_cells(cells, 5, "n") if finding.rule == "G1"]
        assert (leak is not None) == bool(found)
        caught += leak is not None
    assert caught > 20


@given(small_trees(10), st.data())
def test_order_of_units_does_not_matter(tree: Tree, data: st.DataObject) -> None:
    own = np.array([data.draw(st.integers(0, 6)) if leaf else 0 for leaf in tree.leaves])
    order = _other_order(tree, data)
    place_of = {old: new for new, old in enumerate(order)}
    parent = np.array([place_of[p] if (p := int(tree.parent[old])) >= 0 else -1 for old in order])
    other = Tree(tuple(tree.codes[old] for old in order), parent, tree.never_cell[order])
    everything = np.ones((1, len(tree)), dtype=bool)
    first = best_pattern(tree, roll_up(tree.parent, own)[None], everything, 5)[0]
    second = best_pattern(other, roll_up(parent, own[order])[None], everything, 5)[0]
    assert second.tolist() == first[order].tolist()


def _other_order(tree: Tree, data: st.DataObject) -> list[int]:
    """A random order with parents before children."""
    order: list[int] = []
    ready = [place for place in range(len(tree)) if tree.parent[place] < 0]
    while ready:
        place = ready.pop(data.draw(st.integers(0, len(ready) - 1)))
        order.append(place)
        ready.extend(tree.children[place])
    return order


def test_ties_go_to_the_first_unit_by_code() -> None:
    tree = star("C", "A", "D", "B")
    n = roll_up(tree.parent, np.array([0, 7, 7, 3, 7]))
    shown = best_pattern(tree, n[None], np.ones((1, 5), dtype=bool), 5)[0]
    assert {code for code, one in zip(tree.codes, shown, strict=True) if not one} == {"A", "D"}


def test_costs_too_long_for_machine_integers_give_the_same_pattern() -> None:
    tree = star("A", "B", "C")
    n = roll_up(tree.parent, np.array([0, 3, 2**59, 2**58]))
    shown = best_pattern(tree, n[None], np.ones((1, 4), dtype=bool), 5)[0]
    assert shown.tolist() == [True, False, True, False]


def test_above_a_hidden_root_there_is_nothing_to_subtract_from() -> None:
    tree = tree_of({"R": ["A", "B"]})
    n = roll_up(tree.parent, np.array([0, 9, 3]))
    shown = best_pattern(tree, n[None], np.array([[False, True, True]]), 5)[0]
    assert shown.tolist() == [False, True, False]


def test_residual_is_what_no_published_unit_covers() -> None:
    tree = tree_of({"R": ["X", "Y"], "X": ["X1", "X2"]})
    n = rolled_by_code(tree, {"X1": 12, "X2": 4, "Y": 7})
    shown = np.array([code in {"R", "X1"} for code in tree.codes])
    left = dict(zip(tree.codes, residuals(tree, shown, n).tolist(), strict=True))
    assert left == {"R": 11, "X": 0, "Y": 0, "X1": 12, "X2": 0}


def rolled_by_code(tree: Tree, own: dict[str, int]) -> np.ndarray:
    return roll_up(tree.parent, np.array([own.get(code, 0) for code in tree.codes]))


def test_figures_that_do_not_add_up_are_refused() -> None:
    tree = star("A", "B")
    with pytest.raises(ValueError, match="below it"):
        check_additive(tree, np.array([9, 4, 4]), "n")


@pytest.mark.parametrize(
    ("codes", "parent", "never"),
    [
        (("A", "A"), [-1, 0], [False, False]),
        (("A", "B"), [1, -1], [False, False]),
        (("A",), [-1, 0], [False]),
    ],
)
def test_impossible_trees_are_refused(codes: tuple[str, ...], parent: list[int], never: list[bool]) -> None:
    with pytest.raises(ValueError, match="unique|first|length"):
        Tree(codes, np.array(parent), np.array(never))
