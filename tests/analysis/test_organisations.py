"""Random organisations of real size, two cuts that overlap, through the whole gate and its auditor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.disclosure.cutgate import CutItemPatterns, CutPatterns
from analysis.disclosure.cuts import CutPattern, CutTable
from analysis.disclosure.gate import GateInput, ItemPatterns, ItemTable, Pattern
from analysis.disclosure.rules import EVERYONE
from analysis.disclosure.tree import Tree
from analysis.disclosure.wave import WaveInput, WaveResult, run_wave
from analysis.rollup import roll_up
from tests.analysis.oracles import audit_wave
from tests.analysis.trees import kinds_of

N_ORGANISATIONS = 40


def organisation(seed: int) -> WaveInput:
    """Five to forty units; the second cut nearly repeats the first category of the first."""
    rng = np.random.default_rng(seed)
    size, n_categories = int(rng.integers(5, 40)), int(rng.integers(2, 5))
    parent = np.array([-1] + [int(rng.integers(max(0, place - 8), place)) for place in range(1, size)])
    tree = Tree(tuple(f"u{code}" for code in rng.permutation(size)), parent, np.zeros(size, dtype=bool))
    people = np.where(tree.leaves[:, None], rng.poisson(rng.uniform(1, 8), (size, n_categories)), 0)
    answers = [[rng.multinomial(n, rng.dirichlet(np.ones(4))) for n in row] for row in people]
    counts = roll_up(parent, np.array(answers))
    first = rng.binomial(people, np.where(np.arange(n_categories) == 0, 0.97, 0.02))
    own = np.stack([first, people - first], axis=2)
    item = ItemTable("y", (1, 2, 3, 4), counts.sum(axis=1))
    return WaveInput(
        gate=GateInput(tree=tree, n=item.n, items=(item,)),
        cuts=(
            CutTable("c", tuple("abcd"[:n_categories]), people_of(counts), {"y": counts}, min_n=0),
            CutTable("d", ("p", "q"), roll_up(parent, own).sum(axis=1), min_n=0),
        ),
        kinds=kinds_of(own, "cd"),
    )


def people_of(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts.sum(axis=2))


def close_pairs(given: WaveInput, cuts: dict[str, CutPatterns]) -> int:
    """Published cells of both cuts, in one unit, that differ by one to four people."""
    first, second = (cuts[name].everyone.mean.shown for name in "cd")
    n_first, n_second = (table.counts for table in given.cuts)
    kinds, both = given.kinds, np.zeros((*n_first.shape, 2), dtype=np.int64)
    both[kinds.leaf, kinds.categories["c"], kinds.categories["d"]] = kinds.n[EVERYONE]
    apart = n_first[:, :, None] + n_second[:, None, :] - 2 * roll_up(given.gate.tree.parent, both)
    return int((first[:, :, None] & second[:, None, :] & (apart > 0) & (apart < 5)).sum())


def audited(seeds: range) -> None:
    """Nothing is found in any of them, and a good deal is shown."""
    n_shown = 0
    for seed in seeds:
        given = organisation(seed)
        result = run_wave(given)
        assert audit_wave(given, result) == []
        assert close_pairs(given, result.cuts) == 0
        cells = (result.cuts["c"].items["y"], result.cuts["d"].everyone)
        n_shown += sum(int(one.mean.shown.sum()) for one in cells)
    assert n_shown > 8 * len(seeds)


def test_the_auditor_finds_nothing_in_forty_organisations() -> None:
    audited(range(N_ORGANISATIONS))


@pytest.mark.soak
def test_the_auditor_finds_nothing_in_three_hundred_more() -> None:
    audited(range(N_ORGANISATIONS, N_ORGANISATIONS + 300))


def test_without_their_links_cuts_nearly_coincide() -> None:
    """Negative control: the same organisations, the link not told."""
    found = 0
    for seed in range(N_ORGANISATIONS):
        given = organisation(seed)
        found += close_pairs(given, run_wave(replace(given, kinds=None)).cuts)
    assert found > 8


def plain(given: WaveInput) -> WaveResult:
    """What hiding everything below five or ten would show, and nothing else hidden."""
    result, item = run_wave(given), given.gate.items[0]
    everyone = _plainly(given.gate.n), _plainly(item.n)
    gate = replace(
        result.gate,
        everyone=ItemPatterns(*(_units(shown) for shown in everyone[0])),
        items={"y": ItemPatterns(*(_units(shown) for shown in everyone[1]))},
    )
    cuts = {}
    for table in given.cuts:
        cells = CutItemPatterns(*(_cells(shown) for shown in _plainly(table.counts)))
        items = dict.fromkeys(table.items, cells)
        cuts[table.name] = replace(result.cuts[table.name], everyone=cells, items=items)
    return replace(result, gate=gate, cuts=cuts)


def _plainly(n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return n >= 5, n >= 10


def _units(shown: np.ndarray) -> Pattern:
    return Pattern(shown, ~shown, np.zeros_like(shown))


def _cells(shown: np.ndarray) -> CutPattern:
    return CutPattern(shown, ~shown, np.zeros_like(shown))


def test_hiding_only_what_is_small_is_caught_in_nearly_all_of_them() -> None:
    """Negative control: the auditor at work, on totals and on cells."""
    caught = in_cells = 0
    for seed in range(N_ORGANISATIONS):
        given = organisation(seed)
        rules = {(one.rule, one.figure[0]) for one in audit_wave(given, plain(given))}
        caught += bool(rules)
        in_cells += ("G1", "c") in rules or ("G1", "d") in rules
    assert caught > 0.9 * N_ORGANISATIONS
    assert in_cells > 0.5 * N_ORGANISATIONS
