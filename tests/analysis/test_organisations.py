"""Random organisations of real size, two cuts that overlap, through the whole gate and its auditor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.disclosure.cutgate import CutLink, CutPatterns
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.gate import GateInput, ItemTable
from analysis.disclosure.tree import Tree
from analysis.disclosure.wave import WaveInput, audit_wave, run_wave
from analysis.rollup import roll_up

N_ORGANISATIONS = 100


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
    both = roll_up(parent, np.stack([first, people - first], axis=2))
    item = ItemTable("y", (1, 2, 3, 4), counts.sum(axis=1))
    return WaveInput(
        gate=GateInput(tree=tree, n=item.n, items=(item,)),
        cuts=(
            CutTable("c", tuple("abcd"[:n_categories]), people_of(counts), {"y": counts}, min_n=0),
            CutTable("d", ("p", "q"), both.sum(axis=1), min_n=0),
        ),
        links=(CutLink("c", "d", both),),
    )


def people_of(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts.sum(axis=2))


def close_pairs(given: WaveInput, cuts: dict[str, CutPatterns]) -> int:
    """Published cells of both cuts, in one unit, that differ by one to four people."""
    first, second = (cuts[name].everyone.mean.shown for name in "cd")
    n_first, n_second = (table.counts for table in given.cuts)
    apart = n_first[:, :, None] + n_second[:, None, :] - 2 * given.links[0].counts
    return int((first[:, :, None] & second[:, None, :] & (apart > 0) & (apart < 5)).sum())


def test_the_auditor_finds_nothing_in_a_hundred_organisations() -> None:
    n_shown = 0
    for seed in range(N_ORGANISATIONS):
        given = organisation(seed)
        result = run_wave(given)
        assert audit_wave(given, result) == []
        assert close_pairs(given, result.cuts) == 0
        n_shown += int(
            result.cuts["c"].items["y"].mean.shown.sum() + result.cuts["d"].everyone.mean.shown.sum()
        )
    assert n_shown > 10 * N_ORGANISATIONS


def test_without_their_links_cuts_nearly_coincide() -> None:
    """Negative control: the same organisations, the link not told."""
    found = 0
    for seed in range(N_ORGANISATIONS):
        given = organisation(seed)
        found += close_pairs(given, run_wave(replace(given, links=())).cuts)
    assert found > 20
