"""Every attack case that concerns one tree, with the exact set of hidden units."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from analysis.disclosure.auditor import cells_of_tree
from analysis.disclosure.coding import coded_response_rate
from analysis.disclosure.gate import GateInput, ItemTable, ScaleTable, run_gate
from analysis.disclosure.rules import unanimous
from analysis.scales import index_of_scale
from analysis.tables import scored, to_index
from tests.analysis.golden import golden
from tests.analysis.oracles import audit, brute_force, derivable
from tests.analysis.trees import given_one_item, hidden, marked, mixed, rolled, star, tree_of

CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in golden("sdc_attacks")["cases"]}
TREES = [f"T{number}" for number in range(1, 9)]


@pytest.mark.parametrize("name", TREES)
def test_tree_cases_hide_exactly_the_expected_units(name: str) -> None:
    case = CASES[name]
    tree = tree_of(case["children"])
    leaves = {code: mixed(case["n"][code]) for code in tree.codes if code not in case["children"]}
    given = given_one_item(tree, rolled(tree, leaves))
    result = run_gate(given)
    empty = {code for code in tree.codes if case["n"][code] == 0}
    for shown in (result.everyone.mean.shown, result.items["y"].mean.shown):
        assert hidden(tree, shown) - empty == set(case["expected_hidden"])
        assert hidden(tree, ~shown) == set(case["expected_published"])
    assert audit(given, result) == []


@pytest.mark.parametrize("name", [name for name in TREES if "naive_leaks" in CASES[name]])
def test_tree_cases_leak_when_only_the_naive_set_is_hidden(name: str) -> None:
    case = CASES[name]
    tree = tree_of(case["children"])
    leaves = {code: [case["n"][code]] for code in tree.codes if code not in case["children"]}
    naive = ~marked(tree, case["naive_hidden"]) & (rolled(tree, leaves)[:, 0] > 0)
    cells = cells_of_tree(tree, naive, rolled(tree, leaves))
    leak = brute_force(cells.atoms, cells.atom_n, 5)
    assert leak is not None
    assert cells.atom_n[list(leak)].sum() in case["naive_leaks"].values()


def test_h1_a_unanimous_rest_takes_a_sibling_with_it() -> None:
    case = CASES["H1"]
    tree = star("A", "B", "C")
    counts = rolled(tree, {"A": [3, 0, 0, 0, 0], "B": [4, 0, 0, 0, 0], "C": [2, 3, 2, 1, 1]})
    given = given_one_item(tree, counts)
    result = run_gate(given)
    expected = {cell.removesuffix("/*") for cell in case["expected_hidden_for_item"] if cell.endswith("/*")}
    assert hidden(tree, result.everyone.mean.shown) == {"A", "B"}
    assert hidden(tree, result.items["y"].mean.shown) == expected
    (proof,) = result.items["y"].mean.proofs
    assert (proof.hidden, proof.within, proof.n, proof.answers) == ("C", "P", 7, "lowest")
    assert audit(given, result) == []


def test_h2_a_unanimous_unit_is_hidden_for_the_item_only() -> None:
    case = CASES["H2"]
    tree = star("U", "V", "W")
    counts = rolled(tree, {"U": [0, 0, 6, 0, 0], "V": mixed(14), "W": mixed(20)})
    result = run_gate(given_one_item(tree, counts))
    assert unanimous(ItemTable("y", (1, 2, 3, 4, 5), np.array([case["counts"]]))).tolist() == [True]
    assert hidden(tree, result.everyone.mean.shown) == set()
    assert hidden(tree, result.items["y"].mean.shown) == {"U"}


def test_h3_a_unanimous_unit_of_six_takes_the_smallest_sibling() -> None:
    case = CASES["H3"]
    tree = star("U", "V", "W")
    counts = rolled(tree, {"U": [6, 0, 0, 0, 0], "V": [3, 3, 3, 3, 2], "W": [4, 4, 4, 4, 4]})
    assert counts[0, 0] == case["bottom_box"]["P"]
    given = given_one_item(tree, counts)
    result = run_gate(given)
    assert hidden(tree, result.items["y"].mean.shown) == set(case["expected_hidden_for_item"])
    assert [proof.hidden for proof in result.items["y"].mean.proofs] == ["V"]
    assert audit(given, result) == []


def test_s1_the_spread_has_its_own_run() -> None:
    case = CASES["S1"]
    tree = star("A", "B", "C")
    counts = rolled(tree, {code: mixed(case["n"][code]) for code in "ABC"})
    given = given_one_item(tree, counts)
    result = run_gate(given)
    assert hidden(tree, ~result.items["y"].mean.shown) == set(case["expected"]["mean shown"])
    assert hidden(tree, result.items["y"].spread.shown) == set(case["expected"]["distribution hidden"])
    assert audit(given, result) == []


def test_m1_five_answers_show_a_mean_and_no_spread() -> None:
    case = CASES["M1"]
    fitting = [
        list(counts)
        for counts in product(range(6), repeat=5)
        if sum(counts) == 5
        and scored(range(1, 6), counts).mean == case["mean"]
        and scored(range(1, 6), counts).sd == pytest.approx(case["sd"])
    ]
    assert fitting == case["count_vectors"]
    tree = star("A", "B")
    result = run_gate(given_one_item(tree, rolled(tree, {"A": fitting[0], "B": mixed(30)})))
    assert result.items["y"].mean.shown[tree.codes.index("A")]
    assert not result.items["y"].spread.shown[tree.codes.index("A")]


def test_m2_the_index_is_made_of_the_published_item_means_alone() -> None:
    case = CASES["M2"]
    means = [total / n for total, n in zip(case["item_sums"], case["item_n"], strict=True)]
    index = index_of_scale([to_index(mean, 1, 5) for mean in means])
    by_hand = sum((mean - 1) / 4 * 100 for mean in means) / len(means)
    assert index == pytest.approx(by_hand, rel=1e-15)
    complete = case["complete_case_total"] / case["complete_case_n"] / len(means)
    assert index != pytest.approx((complete - 1) / 4 * 100, rel=1e-6)
    assert sum(case["item_sums"]) - case["complete_case_total"] == 5


def test_m2_an_index_is_closed_when_one_of_its_items_is() -> None:
    tree = star("A", "B", "C")
    full = rolled(tree, {"A": mixed(8), "B": mixed(14), "C": mixed(20)})
    thin = rolled(tree, {"A": [1, 1, 1, 1, 0], "B": mixed(14), "C": mixed(20)})
    items = (ItemTable("a", (1, 2, 3, 4, 5), full), ItemTable("b", (1, 2, 3, 4, 5), thin))
    n = full.sum(axis=1)
    scale = ScaleTable("s", ("a", "b"), n, np.zeros(4, dtype=bool))
    given = GateInput(tree=tree, n=n, items=items, scales=(scale,))
    result = run_gate(given)
    assert hidden(tree, result.items["a"].mean.shown) == set()
    assert hidden(tree, result.items["b"].mean.shown) == {"A", "B"}
    assert hidden(tree, result.scales["s"].index) == {"A", "B"}
    assert audit(given, result) == []


def test_l2_the_rest_beside_a_hidden_unit_would_give_it_away() -> None:
    case = CASES["L2"]
    tree = star("U", "Q")
    counts = rolled(tree, {"U": [case["hidden_unit"]], "Q": [case["rest"]]})
    assert counts[0, 0] == case["P"]
    result = run_gate(given_one_item(tree, rolled(tree, {"U": mixed(3), "Q": mixed(17)})))
    assert hidden(tree, result.items["y"].mean.shown) == {"U", "Q"}
    cells = cells_of_tree(tree, result.items["y"].mean.shown, counts)
    unit = np.array([1, 0])
    assert not derivable(cells.atoms, unit)
    assert derivable(np.vstack([cells.atoms, [0, 1]]), unit)


def test_l3_the_same_answers_in_two_trees_differ_by_one_person() -> None:
    case = CASES["L3"]
    atom_n = np.array([case["new_unit_same_answers"], 1])
    old_and_new = np.array([[1, 1], [1, 0]])
    assert brute_force(old_and_new, atom_n, 5) == (1,)
    assert brute_force(old_and_new[:1], atom_n, 5) is None


def test_n1_a_full_response_is_a_band() -> None:
    case = CASES["N1"]
    rate = coded_response_rate(case["invited"], case["responded"])
    assert (rate.value, rate.low, rate.high) == (None, 0.9, 1.0)
