"""The attack cases that need more than one tree of means: cuts, links, late answers, weights, rates."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from analysis.disclosure import together
from analysis.disclosure.classes import WeightTable, kish_n, rate_pattern, weighted_pattern
from analysis.disclosure.cutgate import CutPatterns, run_cuts
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.gate import GateInput, GateResult, ItemTable, run_gate
from analysis.disclosure.layers import AGAIN, FIRST, Crowd, Gone, Layer, releases_tell_of_few, units_layer
from analysis.disclosure.tree import Tree
from analysis.rollup import roll_up
from tests.analysis.golden import golden
from tests.analysis.oracles import audit_cut, brute_force, cells_of_cut, derivable, small_group
from tests.analysis.trees import hidden, kinds_of, mixed, star, tree_of

CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in golden("sdc_attacks")["cases"]}
SCORES = (1, 2, 3, 4, 5)


def cut_of(tree: Tree, leaves: dict[str, list[int]], min_n: int = 30) -> CutTable:
    """A cut called c from respondents of the leaves by category."""
    own = np.zeros((len(tree), len(next(iter(leaves.values())))), dtype=np.int64)
    for code, counts in leaves.items():
        own[tree.codes.index(code)] = counts
    counts = roll_up(tree.parent, own)
    items = {"y": roll_up(tree.parent, np.array([[mixed(int(n)) for n in row] for row in own]))}
    return CutTable("c", tuple(f"c{place}" for place in range(own.shape[1])), counts, items, min_n=min_n)


def gated(tree: Tree, table: CutTable) -> tuple[GateInput, GateResult, CutPatterns]:
    """Tree and cut through the gate."""
    items = tuple(ItemTable(name, SCORES, counts.sum(axis=1)) for name, counts in table.items.items())
    given = GateInput(tree=tree, n=table.counts.sum(axis=1), items=items)
    result = run_gate(given)
    return given, result, run_cuts(given, result, [table])[table.name]


def cells(tree: Tree, shown: np.ndarray, names: list[str]) -> set[str]:
    """unit/category of the marked cells."""
    return {f"{tree.codes[unit]}/{names[category]}" for unit, category in np.argwhere(shown)}


@pytest.mark.parametrize("name", ["C1", "C2", "C3"])
def test_cut_cases_hide_exactly_the_expected_cells(name: str) -> None:
    case = CASES[name]
    tree = tree_of(case["children"])
    leaves = {code: [case["n"][f"{code}/{c}"] for c in "fm"] for code in case["children"]["P"]}
    table = cut_of(tree, leaves)
    given, result, found = gated(tree, table)
    for pattern in (found.everyone.mean, found.items["y"].mean):
        shown = cells(tree, pattern.shown, case["categories"])
        totals = {f"{code}/*" for code in tree.codes} - {f"{c}/*" for c in hidden(tree, given.n >= 5)}
        assert shown | totals == set(case["expected_published"])
        assert cells(tree, ~pattern.shown, case["categories"]) == set(case["expected_hidden"])
    assert audit_cut(given, result, found) == []


@pytest.mark.parametrize("name", ["C1", "C3"])
def test_cut_cases_leak_when_only_the_naive_set_is_hidden(name: str) -> None:
    case = CASES[name]
    tree = tree_of(case["children"])
    leaves = {code: [case["n"][f"{code}/{c}"] for c in "fm"] for code in case["children"]["P"]}
    table = cut_of(tree, leaves)
    shown = np.array([[f"{code}/{c}" in case["naive_published"] for c in "fm"] for code in tree.codes])
    naive = cells_of_cut(tree, np.ones(len(tree), dtype=bool), shown, table.counts)
    leak = brute_force(naive.atoms, naive.atom_n, 5)
    assert leak is not None
    assert naive.atom_n[list(leak)].sum() <= case["naive_leak"]["n"]
    assert small_group(naive, len(tree), 5) is not None
    atoms = [f"{code}/{c}" for code in case["children"]["P"] for c in "fm"]
    assert derivable(
        naive.atoms, np.array([atom in case["naive_leak"]["atoms"] for atom in atoms], dtype=int)
    )


def test_h1_holds_with_a_cut_of_one_category() -> None:
    case = CASES["H1"]
    tree = star("A", "B", "C")
    own = {"A": [3, 0, 0, 0, 0], "B": [4, 0, 0, 0, 0], "C": [2, 3, 2, 1, 1]}
    counts = roll_up(tree.parent, np.array([own.get(code, [0] * 5) for code in tree.codes]))
    table = CutTable("c", ("x",), counts.sum(axis=1)[:, None], {"y": counts[:, None, :]}, min_n=0)
    given, result, found = gated(tree, table)
    assert cells(tree, ~found.everyone.mean.shown, ["x"]) == {"A/x", "B/x"}
    assert cells(tree, ~found.items["y"].mean.shown, ["x"]) == {
        cell for cell in case["expected_hidden_for_item"] if cell.endswith("/x")
    }
    assert audit_cut(given, result, found) == []


def test_l1_of_two_cuts_that_nearly_coincide_only_the_first_is_shown() -> None:
    case = CASES["L1"]
    tree = Tree(("P",), np.array([-1]), np.array([False]))
    n, women, part_time, both = (case[key] for key in ("unit_n", "women", "part_time", "both"))
    gender = CutTable("gender", ("f", "m"), np.array([[women, n - women]]))
    hours = CutTable("hours", ("part", "full"), np.array([[part_time, n - part_time]]))
    table = np.array([[[both, women - both], [part_time - both, n - women - part_time + both]]])
    given = GateInput(tree=tree, n=np.array([n]), items=())
    result = run_gate(given)
    kinds = kinds_of(table, ("gender", "hours"))
    found = run_cuts(given, result, [gender, hours], kinds)
    assert found["gender"].everyone.mean.shown.all()
    assert not found["hours"].everyone.mean.shown.any()
    turned = run_cuts(given, result, [hours, gender], kinds)
    assert turned["hours"].everyone.mean.shown.all()
    assert not turned["gender"].everyone.mean.shown.any()
    apart = kinds_of(np.array([[[1, 5], [5, 19]]]), ("gender", "hours"))
    assert run_cuts(given, result, [gender, hours], apart)["hours"].everyone.mean.shown.all()


def test_a_linked_cell_is_hidden_so_that_it_cannot_be_derived_either() -> None:
    """Part-time in U nearly equals women in U: hiding it in U alone leaves the whole less the others."""
    tree = star("U", "V", "W")
    gender = CutTable(
        "c", ("f", "m"), roll_up(tree.parent, np.array([[0, 0], [10, 25], [20, 20], [20, 20]])), min_n=0
    )
    hours = CutTable("h", ("part", "full"), gender.counts.copy(), min_n=0)
    both = np.array([[[0, 0], [0, 0]], [[9, 1], [1, 24]], [[9, 11], [11, 9]], [[9, 11], [11, 9]]])
    given = GateInput(tree=tree, n=gender.counts.sum(axis=1), items=())
    found = run_cuts(given, run_gate(given), [gender, hours], kinds_of(both, "ch"))
    shown = found["h"].everyone.mean.shown
    joint = cells_of_cut(tree, np.ones(4, dtype=bool), shown, hours.counts)
    assert not derivable(joint.atoms, np.array([1, 0, 0, 0, 0, 0]))
    assert not derivable(joint.atoms, np.array([0, 1, 0, 0, 0, 0]))
    assert shown.any()


def told(layers: list[Layer], *crowds: tuple[list[int], list[int], set[int]]) -> bool:
    """Whether what is out tells of fewer than five; crowds: leaves, people, releases they are counted in."""
    people = [Crowd(np.array(leaf), {}, np.array(n), frozenset(releases)) for leaf, n, releases in crowds]
    nobody = Gone(np.zeros(len(layers[0].around), dtype=np.int64), {})
    return releases_tell_of_few(layers, people, nobody, 5, partial(together.search_finds_few, known={}))


def test_c4_late_answers_wait_until_they_are_five() -> None:
    case = CASES["C4"]
    assert (case["k"], case["derivable_n"]) == (5, 2)
    tree = Tree(("U",), np.array([-1]), np.array([False]))
    both = [units_layer(tree, np.array([True]), release) for release in (FIRST, AGAIN)]
    for late in range(1, 8):
        stayed = [0], [case["first_release_n"]], {FIRST, AGAIN}
        assert told(both, stayed, ([0], [late], {AGAIN})) == (late < case["k"])


def test_c4_a_withdrawn_answer_leaks_as_a_late_one_does() -> None:
    tree = Tree(("U",), np.array([-1]), np.array([False]))
    people = ([0], [13], {FIRST, AGAIN}), ([0], [1], {FIRST}), ([0], [1], {AGAIN})
    for shown in (True, False):
        layers = units_layer(tree, np.array([True])), units_layer(tree, np.array([shown]), AGAIN)
        assert told(list(layers), *people) == shown


def test_l3_a_reorganisation_is_refused_when_old_and_new_differ_by_one() -> None:
    case = CASES["L3"]
    moved = case["old_unit"] - case["new_unit_same_answers"]
    old, new, whole = np.array([1, 1, 2]), np.array([1, 2, 2]), np.array([0, 0, 0])
    people = [0, 1, 2], [10 - moved, moved, 20], {FIRST}
    assert told([Layer(old), Layer(new)], people)
    assert not told([Layer(old), Layer(old), Layer(whole)], people)


def test_w1_weights_that_dominate_hide_weighted_figures_only() -> None:
    case = CASES["W1"]
    tree = Tree(("U",), np.array([-1]), np.array([False]))
    w = np.array(case["weights"], dtype=float)
    weights = WeightTable(np.array([w.sum()]), np.array([(w**2).sum()]), np.array([w.max()]))
    assert kish_n(weights)[0] == pytest.approx(case["kish_neff"], rel=1e-15)
    assert w.max() / w.sum() == pytest.approx(case["largest_share"], rel=1e-15)
    n, inside = np.array([6]), np.array([True])
    assert not weighted_pattern(tree, weights, n, inside, 5).any()
    even = WeightTable(np.array([6.0]), np.array([6.0]), np.array([1.0]))
    assert weighted_pattern(tree, even, n, inside, 5).all()


def test_w1_holds_for_what_the_units_leave_over() -> None:
    tree = star("A", "B", "C")
    n = roll_up(tree.parent, np.array([0, 10, 3, 4]))
    total = np.array([0.0, 10, 3, 40])
    squares = np.array([0.0, 10, 3, 400 * 1.0])
    weights = WeightTable(
        np.array([53.0, *total[1:]]), np.array([413.0, *squares[1:]]), np.array([10.0, 1, 1, 10])
    )
    inside = np.ones(4, dtype=bool)
    assert hidden(tree, weighted_pattern(tree, weights, n, inside, 5)) == {"A", "B", "C"}


def test_n1_everybody_answered_is_no_exact_rate_and_cannot_be_derived() -> None:
    case = CASES["N1"]
    tree = star("A", "B", "C")
    invited = roll_up(tree.parent, np.array([0, case["invited"], 20, 30]))
    answered = roll_up(tree.parent, np.array([0, case["responded"], 12, 17]))
    found = rate_pattern(tree, invited, answered, 5)
    assert hidden(tree, found.band) == {"P", "B", "C"}
    assert hidden(tree, found.exact) == {"A", "B"}


def test_the_silence_of_a_hidden_group_cannot_be_derived() -> None:
    """A and B are hidden; what P leaves over C has nobody who answered: C's rate goes too."""
    tree = star("A", "B", "C")
    invited = roll_up(tree.parent, np.array([0, 3, 3, 30]))
    answered = roll_up(tree.parent, np.array([0, 0, 0, 20]))
    found = rate_pattern(tree, invited, answered, 5)
    assert hidden(tree, found.exact) == {"A", "B", "C"}
