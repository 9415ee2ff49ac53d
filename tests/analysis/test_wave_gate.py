from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st

from analysis.disclosure.auditor import brute_force, cells_of_tree
from analysis.disclosure.classes import (
    WeightTable,
    class_pattern,
    kish_n,
    rate_pattern,
    text_pattern,
    weighted_pattern,
)
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.earlier import Crossing, Published, cut_family, same_people, second_release
from analysis.disclosure.gate import GateInput, ItemTable
from analysis.disclosure.tree import Tree, residuals
from analysis.disclosure.wave import EarlierRelease, Moment, WaveInput, audit_wave, run_wave
from analysis.rollup import roll_up
from tests.analysis.trees import given_one_item, hidden, mixed, rolled, small_trees, star


def wave(**more: object) -> WaveInput:
    tree = star("A", "B", "C")
    counts = rolled(tree, {"A": mixed(20), "B": mixed(40), "C": mixed(60)})
    return WaveInput(gate=given_one_item(tree, counts), **more)  # type: ignore[arg-type]


def test_a_wave_without_extras_is_the_gate_of_its_tree() -> None:
    result = run_wave(wave())
    assert result.gate.items["y"].mean.shown.all()
    assert (result.cuts, result.texts, result.moments) == ({}, {}, {})
    assert (result.weighted, result.rates, result.refused) == (None, None, ())


def test_every_class_runs_and_passes_the_auditor() -> None:
    tree = star("A", "B", "C")
    own = np.array([[[0] * 5] * 2, [mixed(9), mixed(11)], [mixed(20), mixed(20)], [mixed(30), mixed(30)]])
    counts = roll_up(tree.parent, own)
    item = ItemTable("y", (1, 2, 3, 4, 5), counts.sum(axis=1))
    n = item.n
    given = WaveInput(
        gate=GateInput(tree=tree, n=n, items=(item,)),
        cuts=(CutTable("c", ("f", "m"), counts.sum(axis=2), {"y": counts}),),
        texts={"why": roll_up(tree.parent, np.array([0, 4, 12, 30]))},
        moments={"alpha": Moment(roll_up(tree.parent, np.array([0, 20, 40, 60])), 30)},
        weights=WeightTable(n.astype(float), n.astype(float), np.ones(4)),
        invited=roll_up(tree.parent, np.array([0, 20, 60, 90])),
        answered=n,
    )
    result = run_wave(given)
    assert hidden(tree, result.texts["why"]) == {"A", "B"}
    assert hidden(tree, result.moments["alpha"]) == {"A", "B"}
    assert result.weighted.all()
    assert hidden(tree, result.rates.exact) == {"A", "B"}
    assert hidden(tree, ~result.rates.band) == {"A"}
    assert result.cuts["c"].everyone.mean.shown[0].all()
    assert audit_wave(given, result) == []


def test_the_auditor_of_a_wave_reports_each_class() -> None:
    """Negative control: patterns opened by force are found."""
    given = wave(
        texts={"why": np.array([40, 4, 18, 18])},
        moments={"alpha": Moment(np.array([120, 20, 40, 60]), 30)},
        invited=np.array([130, 20, 45, 65]),
        answered=np.array([120, 20, 40, 60]),
    )
    result = run_wave(given)
    assert audit_wave(given, result) == []
    everything = np.ones(4, dtype=bool)
    leaky = replace(
        result,
        texts={"why": everything},
        moments={"alpha": everything},
        rates=replace(result.rates, exact=everything),
    )
    assert {finding.figure for finding in audit_wave(given, leaky)} == {"why", "alpha", "response rate"}


def test_a_second_release_with_two_more_answers_is_refused() -> None:
    given = wave()
    tree, n = given.gate.tree, given.gate.n
    then = n - np.array([2, 2, 0, 0])
    before = Published(tree, np.ones(4, dtype=bool))
    crossing = same_people(tree, then, n - then)
    again = replace(given, earlier=(EarlierRelease(before, crossing, before),))
    result = run_wave(again)
    assert [leak.n for leak in result.refused] == [2, 2]
    assert {finding.rule for finding in audit_wave(again, result)} == {"earlier release"}
    same = replace(given, earlier=(EarlierRelease(before, same_people(tree, n, 0 * n)),))
    assert run_wave(same).refused == ()


def test_cells_of_an_earlier_cut_are_out_as_well() -> None:
    """Women of U shown before; one woman more since, and again shown."""
    tree = Tree(("U",), np.array([-1]), np.array([False]))
    shown = np.array([[True, False]])
    family = cut_family(tree, shown)
    assert family.tree.codes == ("U#0", "U#1")
    late = Crossing(np.array([0, 1, -1]), np.array([0, 1, 0]), np.array([20, 20, 1]))
    assert second_release(family, family, late, 5).n == 1
    counts = np.array([[21, 20]])
    given = WaveInput(
        gate=GateInput(tree=tree, n=np.array([41]), items=()),
        cuts=(CutTable("c", ("f", "m"), counts),),
        earlier=(
            EarlierRelease(
                Published(tree, np.array([False])),
                Crossing(*np.zeros((3, 0), int)),
                cuts=(("c", family, late),),
            ),
        ),
    )
    assert [leak.n for leak in run_wave(given).refused] == [1]


@settings(max_examples=100)
@example(st.data())
def test_two_releases_pass_exactly_when_brute_force_finds_nothing(data: st.DataObject) -> None:
    trees = [data.draw(small_trees(6)) for _ in range(2)]
    shown = [np.array([data.draw(st.booleans()) for _ in range(len(tree))]) for tree in trees]
    leaves = [[-1, *np.flatnonzero(tree.leaves).tolist()] for tree in trees]
    people = [
        (
            data.draw(st.sampled_from(leaves[0])),
            data.draw(st.sampled_from(leaves[1])),
            data.draw(st.integers(1, 6)),
        )
        for _ in range(data.draw(st.integers(1, 9)))
    ]
    before, now, n = (np.array(column) for column in zip(*people, strict=True))
    leak = second_release(
        Published(trees[0], shown[0]), Published(trees[1], shown[1]), Crossing(before, now, n), 5
    )
    rows = [
        [at >= 0 and unit in line(tree, at) for at in places]
        for tree, some, places in zip(trees, shown, (before, now), strict=True)
        for unit in np.flatnonzero(some)
    ]
    cells = np.array(rows, dtype=np.int64).reshape(len(rows), len(n))
    assert (leak is None) == (brute_force(cells, n, 5) is None)


def line(tree: Tree, place: int) -> list[int]:
    found = [int(place)]
    while tree.parent[found[-1]] >= 0:
        found.append(int(tree.parent[found[-1]]))
    return found


@settings(max_examples=80)
@example(small_trees(9), st.data())
def test_rates_text_and_weights_hold_for_what_units_leave_over(tree: Tree, data: st.DataObject) -> None:
    own = np.array(
        [
            [data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))] if leaf else [0, 0]
            for leaf in tree.leaves
        ]
    )
    silent, answered = roll_up(tree.parent, own).T
    invited = silent + answered
    rates = rate_pattern(tree, invited, answered, 5)
    left = residuals(tree, rates.exact, np.stack([invited, silent, answered], axis=1))
    some = left[:, 0] > 0
    assert np.all(left[some, 0] >= 5)
    assert np.all(left[some, 1] >= 3)
    assert np.all(left[some, 2] >= 1)
    assert not np.any(rates.band & (silent >= 3))
    text = text_pattern(tree, invited, np.ones(len(tree), dtype=bool), 3)
    cells = cells_of_tree(tree, text, invited[:, None])
    assert brute_force(cells.atoms, cells.atom_n, 10) is None


def test_weights_of_nobody_count_for_nobody() -> None:
    weights = WeightTable(np.zeros(2), np.zeros(2), np.zeros(2))
    assert kish_n(weights).tolist() == [0.0, 0.0]
    tree = star("A")
    assert not weighted_pattern(tree, weights, np.zeros(2, dtype=np.int64), np.ones(2, dtype=bool), 5).any()


def test_figures_that_do_not_add_up_are_refused() -> None:
    tree = star("A", "B")
    with pytest.raises(ValueError, match="below it"):
        class_pattern(tree, np.array([9, 9, 9]), np.ones(3, dtype=bool), 5)
