from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given as example
from hypothesis import settings

from analysis.disclosure.auditor import Cells, cells_of_tree, groups
from analysis.disclosure.coding import coded_response_rate, coded_share
from analysis.disclosure.gate import GateInput, ItemTable, Pattern, ScaleTable, run_gate
from analysis.disclosure.rules import each_option, ends
from analysis.disclosure.tree import Tree
from analysis.rollup import roll_up
from tests.analysis.oracles import audit, bounds, brute_force, lp_bounds, lp_proved, rank_mod_p
from tests.analysis.trees import gate_inputs, given_one_item, hidden, mixed, rolled, star, tree_of


@settings(max_examples=150)
@example(gate_inputs())
def test_the_auditor_finds_nothing(given: GateInput) -> None:
    assert audit(given, run_gate(given)) == []


@settings(max_examples=60)
@example(gate_inputs(12))
def test_brute_force_finds_nothing(given: GateInput) -> None:
    result = run_gate(given)
    for item in given.items:
        for pattern, k in ((result.items[item.name].mean, 5), (result.items[item.name].spread, 10)):
            cells = cells_of_tree(given.tree, pattern.shown, item.counts)
            assert brute_force(cells.atoms, cells.atom_n, k) is None


@settings(max_examples=60)
@example(gate_inputs(12))
def test_linear_programming_proves_nothing(given: GateInput) -> None:
    """No atom that is hidden can be shown to have chosen one option, or one end of the range, altogether."""
    result = run_gate(given)
    for item in given.items:
        patterns = result.items[item.name]
        for shown, sets in (
            (patterns.mean.shown, ends(item.scores)),
            (patterns.spread.shown, each_option(item)),
        ):
            cells = cells_of_tree(given.tree, shown, item.counts, sets)
            for atom in np.eye(cells.atoms.shape[1], dtype=np.int64):
                assert not any(lp_proved(cells, atom, which) for which in range(len(sets)))


@settings(max_examples=60)
@example(gate_inputs(12))
def test_closed_form_bounds_equal_linear_programming(given: GateInput) -> None:
    item, tree = given.items[0], given.tree
    shown = item.n >= 5
    cells = cells_of_tree(tree, shown, item.counts, each_option(item))
    left = {name: (n, x) for name, n, x in groups(cells)}
    codes = [tree.codes[p] for p in range(len(tree)) if not tree.children[p] and item.n[p]]
    for column, code in enumerate(codes):
        around = _first_shown(tree, shown, code)
        if around is None:
            continue
        n_res, x_res = left[around]
        part, n_h = np.eye(len(codes), dtype=np.int64)[column], int(cells.atom_n[column])
        for which in range(3):
            expected = lp_bounds(cells, part, which)
            assert bounds(int(x_res[which]), n_res, n_h) == pytest.approx(expected, abs=1e-6)


def _first_shown(tree: Tree, shown: np.ndarray, code: str) -> str | None:
    place = tree.codes.index(code)
    while place >= 0 and not shown[place]:
        place = int(tree.parent[place])
    return tree.codes[place] if place >= 0 else None


@settings(max_examples=60)
@example(gate_inputs(12))
def test_sums_and_option_counts_together_give_nothing_below_five(given: GateInput) -> None:
    """Means at k = 5 beside distributions at k = 10: one system, atoms x options but the last."""
    patterns, item = run_gate(given).items["a"], given.items[0]
    mean = cells_of_tree(given.tree, patterns.mean.shown, item.counts)
    spread = cells_of_tree(given.tree, patterns.spread.shown, item.counts)
    rows = np.vstack([np.kron(mean.atoms, [1 - 3, 2 - 3]), np.kron(spread.atoms, np.eye(2, dtype=np.int64))])
    full = rank_mod_p(rows)
    places = range(len(mean.atom_n))
    for size in range(1, 5):
        for some in combinations(places, size):
            if mean.atom_n[list(some)].sum() < 5:
                kept = [column for p in places if p not in some for column in (2 * p, 2 * p + 1)]
                assert rank_mod_p(rows[:, kept]) == full


def test_the_auditor_reports_what_a_naive_gate_lets_through() -> None:
    """Negative control: n < k alone leaks a residual, a unanimous group and a pattern outside its pattern."""
    tree = star("A", "B", "C")
    counts = rolled(tree, {"A": [3, 0, 0, 0, 0], "B": [4, 0, 0, 0, 0], "C": [2, 3, 2, 1, 1]})
    given = given_one_item(tree, counts)
    result = run_gate(given)
    naive = Pattern(counts.sum(axis=1) >= 5, result.everyone.mean.primary, result.everyone.mean.secondary)
    leaky = replace(result, items={"y": replace(result.items["y"], mean=naive)})
    assert {finding.rule for finding in audit(given, leaky)} == {"G2: lowest"}
    small = star("A", "B")
    given = given_one_item(small, rolled(small, {"A": mixed(20), "B": mixed(3)}))
    result = run_gate(given)
    shown = Pattern(given.n >= 5, result.everyone.mean.primary, result.everyone.mean.secondary)
    leaky = replace(result, items={"y": replace(result.items["y"], mean=shown)})
    assert {finding.rule for finding in audit(given, leaky)} == {"G1", "outside the pattern"}


def test_cells_that_overlap_are_not_a_tree() -> None:
    cells = Cells(("a", "b"), np.array([[1, 1, 0], [0, 1, 1]]), np.array([5, 5, 5]), np.zeros((2, 0), int))
    with pytest.raises(ValueError, match="nested"):
        list(groups(cells))


def test_rank_is_exact() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        matrix = rng.integers(0, 2, (7, 9))
        assert rank_mod_p(matrix) == np.linalg.matrix_rank(matrix)


def test_a_wholly_covered_sibling_goes_with_one_of_its_children_or_not_at_all() -> None:
    """Hiding a unit whose children are all shown changes nothing: the dearer sibling is the cheaper way."""
    tree = tree_of({"P": ["U", "V", "W"], "V": ["V1", "V2"]})
    leaves = {"U": [6, 0, 0, 0, 0], "V1": mixed(6), "V2": mixed(6), "W": mixed(30)}
    given = given_one_item(tree, rolled(tree, leaves))
    result = run_gate(given)
    assert hidden(tree, result.items["y"].mean.shown) == {"U", "W"}
    alone = tree_of({"P": ["U", "V"], "V": ["V1", "V2"]})
    given = given_one_item(alone, rolled(alone, {code: leaves[code] for code in ("U", "V1", "V2")}))
    result = run_gate(given)
    assert hidden(alone, result.items["y"].mean.shown) == {"U", "V", "V1"}
    assert audit(given, result) == []


def test_a_unit_with_too_few_asked_is_hidden_only_where_there_is_a_frame() -> None:
    tree = star("A", "B", "C")
    counts = rolled(tree, {"A": mixed(6), "B": mixed(7), "C": mixed(30)})
    for invited, gone in (([50, 4, 16, 30], {"A"}), ([-1, -1, -1, -1], set())):
        result = run_gate(given_one_item(tree, counts, invited=np.array(invited)))
        assert hidden(tree, result.everyone.mean.shown) == gone


def test_an_item_never_shows_more_than_the_respondents() -> None:
    tree = star("A", "B", "C")
    everyone = rolled(tree, {"A": [3], "B": [8], "C": [30]})
    asked = rolled(tree, {"A": mixed(0), "B": mixed(8), "C": mixed(30)})
    given = GateInput(tree=tree, n=everyone[:, 0], items=(ItemTable("y", (1, 2, 3, 4, 5), asked),))
    result = run_gate(given)
    assert hidden(tree, result.everyone.mean.shown) == {"A", "B"}
    assert hidden(tree, result.items["y"].mean.shown) == {"A", "B"}


def test_a_wave_too_small_shows_nothing() -> None:
    tree = star("A", "B")
    result = run_gate(given_one_item(tree, rolled(tree, {"A": [1, 1, 0, 0, 0], "B": [0, 1, 1, 0, 0]})))
    assert not result.everyone.mean.shown.any()
    assert not result.items["y"].mean.shown.any()
    empty = run_gate(given_one_item(tree, rolled(tree, {"A": mixed(0), "B": mixed(0)})))
    assert not empty.everyone.mean.shown.any()


def test_a_wave_without_items_has_only_its_base() -> None:
    tree = star("A", "B")
    n = rolled(tree, {"A": [9], "B": [9]})[:, 0]
    result = run_gate(GateInput(tree=tree, n=n, items=()))
    assert result.everyone.mean.shown.all()
    assert result.items == {}


def test_a_scale_whose_scores_are_all_equal_shows_an_index_and_no_spread() -> None:
    tree = star("A", "B", "C")
    counts = rolled(tree, {code: mixed(20) for code in "ABC"})
    n = counts.sum(axis=1)
    scale = ScaleTable("s", ("y",), n, np.array([False, True, False, False]))
    given = GateInput(tree=tree, n=n, items=(ItemTable("y", (1, 2, 3, 4, 5), counts),), scales=(scale,))
    result = run_gate(given)
    assert result.scales["s"].index.all()
    assert hidden(tree, result.scales["s"].spread.shown) == {"A"}


@pytest.mark.parametrize("thresholds", [{"k_mean": 4}, {"k_spread": 9}, {"k_mean": 12, "k_spread": 10}])
def test_thresholds_below_the_floors_are_refused(thresholds: dict[str, int]) -> None:
    tree = star("A", "B")
    with pytest.raises(ValueError, match="floors"):
        given_one_item(tree, rolled(tree, {"A": mixed(9), "B": mixed(9)}), **thresholds)


def test_a_scale_of_unknown_items_is_refused() -> None:
    tree = star("A")
    scale = ScaleTable("s", ("z",), np.array([9, 9]), np.zeros(2, dtype=bool))
    with pytest.raises(ValueError, match="not there"):
        GateInput(tree=tree, n=np.array([9, 9]), items=(), scales=(scale,))


def test_two_options_at_the_lowest_score_count_as_one_mind() -> None:
    tree = star("A", "B", "C")
    counts = rolled(tree, {"A": [3, 4, 0], "B": [3, 5, 9], "C": [9, 9, 9]})
    result = run_gate(given_one_item(tree, counts, scores=(1, 1, 2)))
    assert not result.items["y"].mean.shown[tree.codes.index("A")]


@pytest.mark.parametrize(
    ("x", "n", "expected"),
    [
        (19, 19, (None, 0.9, 1.0)),
        (18, 19, (None, 0.9, 1.0)),
        (9, 10, (0.9, None, None)),
        (1, 10, (0.1, None, None)),
        (0, 12, (None, 0.0, 0.1)),
        (20, 20, (1.0, None, None)),
        (7, 14, (0.5, None, None)),
    ],
)
def test_extreme_shares_of_few_are_bands(x: int, n: int, expected: tuple[float | None, ...]) -> None:
    coded = coded_share(x, n)
    assert (coded.value, coded.low, coded.high) == expected


@pytest.mark.parametrize("invited", range(5, 60))
def test_a_response_rate_band_is_true_and_hides_the_last_two(invited: int) -> None:
    for answered in range(invited + 1):
        coded = coded_response_rate(invited, answered)
        if invited - answered >= 3:
            assert coded.value == answered / invited
        else:
            assert coded.value is None
            assert coded.low <= answered / invited <= coded.high


def test_sixty_items_and_five_hundred_units_take_less_than_a_second() -> None:
    rng = np.random.default_rng(5)
    size = 500
    parent = np.array(
        [-1] + [min(place - 1, int(rng.integers(0, place // 4 + 1))) for place in range(1, size)]
    )
    tree = Tree(tuple(f"u{place:03d}" for place in range(size)), parent, np.zeros(size, dtype=bool))
    items = []
    for number in range(60):
        own = rng.multinomial(rng.poisson(11, size), [0.05, 0.1, 0.2, 0.4, 0.25]) * tree.leaves[:, None]
        items.append(ItemTable(f"i{number}", (1, 2, 3, 4, 5), roll_up(parent, own)))
    n = roll_up(parent, np.where(tree.leaves, np.max([item.n for item in items], axis=0), 0))
    given = GateInput(tree=tree, n=n, items=tuple(items))
    start = time.process_time()
    result = run_gate(given)
    assert time.process_time() - start < 1.0
    assert result.items["i0"].mean.shown.sum() > 100
