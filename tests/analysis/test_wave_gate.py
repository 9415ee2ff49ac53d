from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st

from analysis.disclosure.auditor import cells_of_tree
from analysis.disclosure.classes import WeightTable, class_pattern, kish_n, rate_pattern, weighted_pattern
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.gate import GateInput, ItemTable
from analysis.disclosure.tree import Tree, residuals
from analysis.disclosure.wave import WaveInput, run_wave
from analysis.rollup import roll_up
from tests.analysis.oracles import audit_wave, brute_force
from tests.analysis.trees import given_one_item, hidden, mixed, rolled, small_trees, star


def wave(**more: object) -> WaveInput:
    tree = star("A", "B", "C")
    counts = rolled(tree, {"A": mixed(20), "B": mixed(40), "C": mixed(60)})
    return WaveInput(gate=given_one_item(tree, counts), **more)  # type: ignore[arg-type]


def test_a_wave_without_extras_is_the_gate_of_its_tree() -> None:
    result = run_wave(wave())
    assert result.gate.items["y"].mean.shown.all()
    assert (result.cuts, result.rates) == ({}, None)


def test_every_class_runs_and_passes_the_auditor() -> None:
    tree = star("A", "B", "C")
    own = np.array([[[0] * 5] * 2, [mixed(9), mixed(11)], [mixed(20), mixed(20)], [mixed(30), mixed(30)]])
    counts = roll_up(tree.parent, own)
    item = ItemTable("y", (1, 2, 3, 4, 5), counts.sum(axis=1))
    n = item.n
    given = WaveInput(
        gate=GateInput(tree=tree, n=n, items=(item,)),
        cuts=(CutTable("c", ("f", "m"), counts.sum(axis=2), {"y": counts}),),
        invited=roll_up(tree.parent, np.array([0, 20, 60, 90])),
        answered=n,
    )
    result = run_wave(given)
    complete = roll_up(tree.parent, np.array([0, 20, 40, 60]))
    inside = result.gate.everyone.spread.shown
    assert hidden(tree, class_pattern(tree, complete, inside, 30)) == {"A", "B"}
    weights = WeightTable(n.astype(float), n.astype(float), np.ones(4))
    assert weighted_pattern(tree, weights, n, inside, 5).all()
    assert hidden(tree, result.rates.exact) == {"A", "B"}
    assert hidden(tree, ~result.rates.band) == {"A"}
    assert result.cuts["c"].everyone.mean.shown[0].all()
    assert audit_wave(given, result) == []


def test_the_auditor_of_a_wave_reports_each_class() -> None:
    """Negative control: patterns opened by force are found."""
    given = wave(invited=np.array([130, 20, 45, 65]), answered=np.array([120, 20, 40, 60]))
    result = run_wave(given)
    assert audit_wave(given, result) == []
    everything = np.ones(4, dtype=bool)
    leaky = replace(result, rates=replace(result.rates, exact=everything))
    assert {finding.figure for finding in audit_wave(given, leaky)} == {"response rate"}


@settings(max_examples=80)
@example(small_trees(9), st.data())
def test_rates_and_counts_hold_for_what_units_leave_over(tree: Tree, data: st.DataObject) -> None:
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
    shown = class_pattern(tree, invited, np.ones(len(tree), dtype=bool), 10)
    cells = cells_of_tree(tree, shown, invited[:, None])
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
