from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st

from analysis.disclosure.auditor import Cells
from analysis.disclosure.cut_auditor import CutSight, anything_proved, lightest_cut
from analysis.disclosure.cutgate import CutPatterns, run_cuts
from analysis.disclosure.cuts import CutBasis, CutFrame, CutTable
from analysis.disclosure.gate import GateInput, GateResult, ItemTable, run_gate
from analysis.disclosure.network import Network, flow, light_cut
from analysis.disclosure.rules import each_option
from analysis.disclosure.tree import Tree
from analysis.rollup import roll_up
from tests.analysis.oracles import (
    audit_cut,
    brute_force,
    cells_of_cut,
    derivable,
    lp_bounds,
    lp_proved,
    rank_mod_p,
    small_group,
)
from tests.analysis.trees import small_trees, star

SCORES = (1, 2, 3)


@st.composite
def cut_waves(draw: st.DrawFn, most_atoms: int = 11) -> tuple[GateInput, CutTable]:
    """A random tree with at most some atoms leaf x category; answers often of one mind."""
    n_categories = draw(st.integers(2, 3))
    tree = draw(small_trees(7))
    while int(tree.leaves.sum()) * n_categories > most_atoms:
        tree = draw(small_trees(7))
    own = np.zeros((len(tree), n_categories, 3), dtype=np.int64)
    for place in np.flatnonzero(tree.leaves):
        for category in range(n_categories):
            if draw(st.booleans()):
                own[place, category, draw(st.integers(0, 2))] = draw(st.integers(0, 9))
            else:
                own[place, category] = [draw(st.integers(0, 5)) for _ in range(3)]
    counts = roll_up(tree.parent, own)
    never = np.arange(n_categories) == (n_categories - 1 if draw(st.booleans()) else -1)
    table = CutTable(
        "c",
        tuple("abc"[:n_categories]),
        counts.sum(axis=2),
        {"y": counts},
        never_cell=never,
        levels=draw(st.integers(0, 3)),
        min_n=draw(st.sampled_from([0, 10])),
    )
    item = ItemTable("y", SCORES, counts.sum(axis=1))
    return GateInput(tree=tree, n=item.n, items=(item,)), table


def gated(given: GateInput, table: CutTable) -> tuple[GateResult, CutPatterns]:
    result = run_gate(given)
    return result, run_cuts(given, result, [table])["c"]


def published(
    given: GateInput, table: CutTable, totals: np.ndarray, shown: np.ndarray, sets: Any = ()
) -> Any:
    counts = table.items["y"]
    x = np.stack([counts[:, :, list(s.options)].sum(axis=2) for s in sets], axis=2) if sets else None
    return cells_of_cut(given.tree, totals, shown, table.counts, x)


@settings(max_examples=150)
@example(cut_waves())
def test_nothing_below_k_follows_from_totals_and_cells(wave: tuple[GateInput, CutTable]) -> None:
    given, table = wave
    result, found = gated(given, table)
    for k, kind in ((5, "mean"), (10, "spread")):
        for totals, mine in ((result.everyone, found.everyone), (result.items["y"], found.items["y"])):
            cells = published(given, table, getattr(totals, kind).shown, getattr(mine, kind).shown)
            assert brute_force(cells.atoms, cells.atom_n, k) is None


@settings(max_examples=60)
@example(cut_waves(8))
def test_sums_and_option_counts_together_give_nothing_below_five(wave: tuple[GateInput, CutTable]) -> None:
    """Means at k = 5 beside distributions at k = 10, totals and cells, as one system."""
    given, table = wave
    result, found = gated(given, table)
    totals, mine = result.items["y"], found.items["y"]
    n = table.items["y"].sum(axis=2)
    mean = cells_of_cut(given.tree, totals.mean.shown, mine.mean.shown, n)
    spread = cells_of_cut(given.tree, totals.spread.shown, mine.spread.shown, n)
    rows = np.vstack([np.kron(mean.atoms, [1 - 3, 2 - 3]), np.kron(spread.atoms, np.eye(2, dtype=np.int64))])
    full, places = rank_mod_p(rows), range(len(mean.atom_n))
    for size in range(1, 5):
        for some in combinations(places, size):
            if mean.atom_n[list(some)].sum() < 5:
                kept = [column for p in places if p not in some for column in (2 * p, 2 * p + 1)]
                assert rank_mod_p(rows[:, kept]) == full


@settings(max_examples=40)
@example(cut_waves())
def test_linear_programming_proves_nothing(wave: tuple[GateInput, CutTable]) -> None:
    """No atom is forced to one option by option counts, nor to an end of the range by sums of scores."""
    given, table = wave
    result, found = gated(given, table)
    totals, mine = result.items["y"], found.items["y"]
    options = each_option(given.items[0])
    counts = published(given, table, totals.spread.shown, mine.spread.shown, options)
    sums = sums_shown(given, table, totals.mean.shown, mine.mean.shown)
    for atom in np.eye(counts.atoms.shape[1], dtype=np.int64):
        assert not any(lp_proved(counts, atom, which) for which in range(len(options)))
        least, most = lp_bounds(sums, atom, 0)
        assert least < atom @ sums.atom_n - 1e-6
        assert most > 1e-6
    assert audit_cut(given, result, found) == []


def sums_shown(given: GateInput, table: CutTable, totals: np.ndarray, shown: np.ndarray) -> Cells:
    """Published sums of score - 1; an atom of n holds between none and 2 n."""
    x = (table.items["y"] @ np.array([0, 1, 2]))[:, :, None]
    cells = cells_of_cut(given.tree, totals, shown, table.counts, x)
    return replace(cells, atom_n=cells.atom_n * 2)


@settings(max_examples=60)
@example(cut_waves())
def test_the_auditor_sees_in_one_programme_what_is_proved(wave: tuple[GateInput, CutTable]) -> None:
    """Cells of five or more without any content check: one programme says what a programme an atom says."""
    given, table = wave
    totals = given.n >= 5
    shown = (table.counts >= 5) & totals[:, None]
    sums = sums_shown(given, table, totals, shown)
    ends_ = [lp_bounds(sums, atom, 0) for atom in np.eye(sums.atoms.shape[1], dtype=np.int64)]
    proved = [low > n - 1e-7 or high < 1e-7 for (low, high), n in zip(ends_, sums.atom_n, strict=True)]
    most = sums.atom_n.astype(float)
    x = sums.x[:, 0].astype(float)
    assert anything_proved(sums.atoms, x, 0 * most, most, both=True) == any(proved)


@settings(max_examples=60)
@example(cut_waves())
def test_no_hidden_cell_could_be_given_back(wave: tuple[GateInput, CutTable]) -> None:
    """What the optimum of one basis hides to protect others is needed: each cell alone would leak."""
    given, table = wave
    result, found = gated(given, table)
    pattern, totals = found.everyone.mean, result.everyone.mean.shown
    for unit, category in np.argwhere(pattern.secondary):
        more = pattern.shown.copy()
        more[unit, category] = True
        cells = published(given, table, totals, more)
        assert brute_force(cells.atoms, cells.atom_n, 5) is not None


@settings(max_examples=60)
@example(cut_waves())
def test_cells_lie_inside_their_patterns(wave: tuple[GateInput, CutTable]) -> None:
    given, table = wave
    result, found = gated(given, table)
    base, item = found.everyone, found.items["y"]
    assert not np.any(base.mean.shown[:, table.barred()])
    for inner, outer in (
        (base.spread.shown, base.mean.shown),
        (item.mean.shown, base.mean.shown),
        (item.spread.shown, item.mean.shown & base.spread.shown),
        (base.mean.shown, np.broadcast_to(result.everyone.mean.shown[:, None], base.mean.shown.shape)),
    ):
        assert not np.any(inner & ~outer)


def test_hiding_only_small_cells_is_caught() -> None:
    """Negative control: plain n < k fails brute force and the auditor on a good part of random waves."""
    rng = np.random.default_rng(11)
    caught = 0
    for _ in range(80):
        tree = star("A", "B", "C", "D")
        own = np.where(tree.leaves[:, None], rng.integers(0, 14, (5, 2)), 0)
        counts = roll_up(tree.parent, own)
        totals, shown = counts.sum(axis=1) >= 5, counts >= 5
        cells = cells_of_cut(tree, totals, shown & totals[:, None], counts)
        leak = brute_force(cells.atoms, cells.atom_n, 5)
        small = small_group(cells, int(totals.sum()), 5)
        assert (leak is None) == (small is None)
        sizes = CutSight(tree, totals, shown & totals[:, None], counts[:, :, None]).sizes(5, "y")
        assert [one.n for one in sizes if one.rule == "G1"] == ([] if small is None else [small])
        caught += leak is not None
    assert caught > 40


def test_joining_groups_through_leaves_finds_what_the_whole_network_does() -> None:
    """The fast attacker against the plain one, on trees of three levels and many groups."""
    rng = np.random.default_rng(12)
    found = 0
    for _ in range(60):
        parent = np.array([-1, 0, 0, 1, 1, 1, 2, 2, 2])
        tree = Tree(tuple("RABcdefgh"), parent, np.zeros(9, dtype=bool))
        own = np.where(tree.leaves[:, None], rng.poisson(rng.choice([2, 6]), (9, 5)), 0)
        counts = roll_up(parent, own)
        totals = (counts.sum(axis=1) >= 10) & (rng.random(9) < 0.9)
        shown = (counts >= 10) & (rng.random(counts.shape) < 0.8) & totals[:, None]
        cells = cells_of_cut(tree, totals, shown, counts)
        small = small_group(cells, int(totals.sum()), 10)
        sizes = CutSight(tree, totals, shown, counts[:, :, None]).sizes(10, "y")
        assert [one.n for one in sizes if one.rule == "G1"] == ([] if small is None else [small])
        found += small is not None
    assert 10 < found < 50


def test_the_auditor_reports_a_pattern_that_leaks() -> None:
    tree = star("U", "V")
    counts = roll_up(tree.parent, np.array([[[0] * 3] * 2, [[4, 3, 2], [3, 0, 0]], [[3, 3, 2], [4, 3, 3]]]))
    item = ItemTable("y", SCORES, counts.sum(axis=1))
    table = CutTable("c", ("f", "m"), counts.sum(axis=2), {"y": counts}, min_n=0)
    given = GateInput(tree=tree, n=item.n, items=(item,))
    result, found = gated(given, table)
    assert audit_cut(given, result, found) == []
    found.items["y"].mean.shown[:] = table.counts >= 5
    rules = {finding.rule for finding in audit_cut(given, result, found)}
    assert {"G1", "G2: end of the range", "outside the pattern"} <= rules


def random_cells(rng: np.random.Generator) -> tuple[Tree, np.ndarray, np.ndarray, np.ndarray]:
    """A tree, respondents by category, and totals and cells shown without any care."""
    size, n_categories = int(rng.integers(3, 14)), int(rng.integers(2, 5))
    parent = np.array([-1] + [int(rng.integers(max(0, place - 5), place)) for place in range(1, size)])
    tree = Tree(tuple(f"u{place}" for place in range(size)), parent, np.zeros(size, dtype=bool))
    own = np.where(tree.leaves[:, None], rng.poisson(rng.choice([0.7, 4]), (size, n_categories)), 0)
    totals, shown = rng.random(size) < 0.8, rng.random((size, n_categories)) < rng.choice([0.3, 0.7, 0.9])
    return tree, roll_up(parent, own), totals, shown


def test_the_gate_knows_which_hidden_cells_follow() -> None:
    """All cells at once by a spanning forest, against the rank over a prime field for each."""
    rng = np.random.default_rng(21)
    n_follow = n_hidden = 0
    for _ in range(120):
        tree, n, totals, shown = random_cells(rng)
        frame = CutFrame(tree, n.shape[1], int(rng.integers(0, 4)))
        shown &= (frame.depth <= frame.levels)[:, None] & (n > 0)
        asked = np.argwhere((n > 0) & (frame.depth <= frame.levels)[:, None])
        known = CutBasis(frame, totals, n, shown, 1).derivable(*asked.T)
        leaves = np.flatnonzero(tree.leaves)
        leaf, category = np.nonzero(n[leaves])
        atoms = cells_of_cut(tree, totals, shown, n).atoms
        for (unit, cell), follows in zip(asked, known, strict=True):
            group = frame.line[leaves[leaf], unit] & (category == cell)
            assert follows == derivable(atoms, group.astype(np.int64))
            n_hidden += not shown[unit, cell]
            n_follow += follows and not shown[unit, cell]
    assert 100 < n_follow < n_hidden - 100


@settings(max_examples=200)
@example(st.data())
def test_two_searches_for_the_lightest_cut_agree(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 8))
    atoms = data.draw(
        st.lists(st.tuples(*[st.integers(0, size - 1)] * 2, st.integers(1, 6)), min_size=1, max_size=14)
    )
    one, two, n = (np.array(column) for column in zip(*atoms, strict=True))
    k = data.draw(st.integers(1, 12))
    network = Network(size, one, two, n)
    side = light_cut(network, k)
    weights = np.zeros((size, size), dtype=np.int64)
    for a, b, w in atoms:
        if a != b:
            weights[a, b] += w
            weights[b, a] += w
    least = min((lightest_cut(weights[np.ix_(p, p)])[0] for p in parts(weights) if len(p) > 1), default=k)
    assert (side is not None) == (least < k)
    if side is not None:
        assert 0 < n[side[one] != side[two]].sum() < k
    assert flow(network, 0, 1, 99) == min_cut_between(weights, 0, 1)


def parts(weights: np.ndarray) -> list[list[int]]:
    reach = (
        np.linalg.matrix_power((weights > 0).astype(np.int64) + np.eye(len(weights), dtype=np.int64), 9) > 0
    )
    return [list(map(int, row)) for row in {tuple(np.flatnonzero(row)) for row in reach}]


def min_cut_between(weights: np.ndarray, source: int, sink: int) -> int:
    """By trying every side."""
    others = [node for node in range(len(weights)) if node not in (source, sink)]
    best = []
    for choice in range(2 ** len(others)):
        side = np.zeros(len(weights), dtype=bool)
        side[source] = True
        side[[node for bit, node in enumerate(others) if choice >> bit & 1]] = True
        best.append(int(weights[np.ix_(side, ~side)].sum()))
    return min(best)


@pytest.mark.parametrize(("sums", "proved"), [([7.0], True), ([6.0], False)])
def test_one_programme_sees_whether_anything_is_proved(sums: list[float], proved: bool) -> None:
    atoms, most = np.array([[1, 1]]), np.array([3.0, 4.0])
    assert anything_proved(atoms, np.array(sums), 0 * most, most, both=False) is proved


def test_categories_that_do_not_hold_everybody_are_refused() -> None:
    tree = star("A")
    given = GateInput(tree=tree, n=np.array([9, 9]), items=())
    with pytest.raises(ValueError, match="every respondent"):
        run_cuts(given, run_gate(given), [CutTable("c", ("a", "b"), np.array([[4, 4], [4, 4]]))])


def test_a_scale_is_open_in_a_cell_only_where_all_its_items_are() -> None:
    from analysis.disclosure.gate import ScaleTable

    tree = star("A", "B")
    own = np.array([[[0] * 3] * 2, [[6, 6, 6], [7, 6, 6]], [[9, 9, 9], [5, 5, 5]]])
    counts = roll_up(tree.parent, own)
    thin = counts.copy()
    thin[:, 0] = [[2, 1, 1], [1, 1, 1], [1, 0, 0]]
    items = (ItemTable("y", SCORES, counts.sum(axis=1)), ItemTable("z", SCORES, thin.sum(axis=1)))
    n = counts.sum(axis=(1, 2))
    scale = ScaleTable("s", ("y", "z"), n, np.zeros(3, dtype=bool))
    given = GateInput(tree=tree, n=n, items=items, scales=(scale,))
    table = CutTable(
        "c", ("f", "m"), counts.sum(axis=2), {"y": counts, "z": thin}, {"s": counts.sum(axis=2)}, min_n=0
    )
    _, found = gated(given, table)
    assert found.items["y"].mean.shown.all()
    assert not found.items["z"].mean.shown.any()
    assert not found.scales["s"].index.any()
    assert not found.scales["s"].spread.shown.any()


def test_fifteen_items_by_eight_categories_take_less_than_five_seconds() -> None:
    rng = np.random.default_rng(2)
    parent = np.array([-1] + [min(p - 1, int(rng.integers(0, p // 4 + 1))) for p in range(1, 500)])
    tree = Tree(tuple(f"u{place:03d}" for place in range(500)), parent, np.zeros(500, dtype=bool))
    own = rng.poisson(3800 / tree.leaves.sum(), 500) * tree.leaves
    people = np.array([rng.multinomial(n, [0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05]) for n in own])
    tables = {}
    for number in range(15):
        given = rng.binomial(people, 0.97)
        tables[f"i{number}"] = roll_up(parent, rng.multinomial(given, [0.05, 0.1, 0.2, 0.4, 0.25]))
    items = tuple(ItemTable(name, (1, 2, 3, 4, 5), table.sum(axis=1)) for name, table in tables.items())
    wave = GateInput(tree=tree, n=roll_up(parent, own), items=items)
    table = CutTable("c", tuple("abcdefgh"), roll_up(parent, people), tables)
    start = time.process_time()
    result = run_gate(wave)
    found = run_cuts(wave, result, [table])["c"]
    assert time.process_time() - start < 5
    assert found.items["i0"].mean.shown.sum() > 20
    assert audit_cut(wave, result, found, ["i0"]) == []
