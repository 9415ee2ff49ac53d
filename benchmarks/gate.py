"""How long the gate takes on trees of several sizes, beside one plain pass over the same counts.

Run: python -m benchmarks.gate
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from analysis.disclosure.auditor import audit
from analysis.disclosure.cut_auditor import audit_cut
from analysis.disclosure.cutgate import run_cuts
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.gate import GateInput, ItemTable, run_gate
from analysis.disclosure.tree import Tree
from analysis.rollup import roll_up

SHAPES = ((60, 60), (500, 60), (3000, 1), (3000, 60))
SHARES = (0.05, 0.1, 0.2, 0.4, 0.25)
LEVEL_SIZES = (1, 6, 24, 116, 353)
CATEGORY_SHARES = (0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05)
N_ANSWERS = 3800
CUT_LIMIT = 20.0
TREE_LIMIT = 1.0


def wave(size: int, n_items: int) -> GateInput:
    """A random tree of about five levels, eleven answers a leaf."""
    rng = np.random.default_rng(size + n_items)
    above = [min(place - 1, int(rng.integers(0, place // 4 + 1))) for place in range(1, size)]
    parent = np.array([-1, *above])
    tree = Tree(tuple(f"u{place:05d}" for place in range(size)), parent, np.zeros(size, dtype=np.bool_))
    answers = rng.poisson(11, size) * tree.leaves
    items = tuple(
        ItemTable(f"i{number}", (1, 2, 3, 4, 5), roll_up(parent, rng.multinomial(answers, SHARES)))
        for number in range(n_items)
    )
    return GateInput(tree=tree, n=roll_up(parent, answers), items=items)


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Time of one call: wall-clock, or CPU time of this process with ``time.process_time``."""
    start = clock()
    work()
    return clock() - start


def wave_with_cut(n_items: int = 60) -> tuple[GateInput, CutTable]:
    """500 units on 5 levels, 3,800 answers, one cut of 8 categories shown at levels 0-2."""
    rng = np.random.default_rng(3)
    parent, upper = [-1], [0]
    for size in LEVEL_SIZES[1:]:
        level = list(range(len(parent), len(parent) + size))
        parent += [upper[place] if place < len(upper) else int(rng.choice(upper)) for place in range(size)]
        upper = level
    above = np.array(parent)
    tree = Tree(tuple(f"u{place:03d}" for place in range(len(above))), above, np.zeros(len(above), np.bool_))
    people = np.array([rng.multinomial(n, CATEGORY_SHARES) for n in _per_leaf(rng, tree)])
    asked = {
        f"i{number}": roll_up(above, rng.multinomial(rng.binomial(people, 0.97), SHARES))
        for number in range(n_items)
    }
    items = tuple(ItemTable(name, (1, 2, 3, 4, 5), counts.sum(axis=1)) for name, counts in asked.items())
    given = GateInput(tree=tree, n=roll_up(above, people.sum(axis=1)), items=items)
    return given, CutTable("role", tuple("abcdefgh"), roll_up(above, people), asked)


def _per_leaf(rng: np.random.Generator, tree: Tree) -> np.ndarray:
    """All answers spread over the leaves."""
    return np.asarray(rng.multinomial(N_ANSWERS, tree.leaves / tree.leaves.sum()))


def cut_times() -> None:
    """CPU time of tree gate, of one cut and of its auditor on one item; status 1 above the limits."""
    given, table = wave_with_cut()
    result = run_gate(given)
    tree = seconds(lambda: run_gate(given), time.process_time)
    cut = seconds(lambda: run_cuts(given, result, [table]), time.process_time)
    found = run_cuts(given, result, [table])[table.name]
    checked = seconds(lambda: audit_cut(given, result, found, ["i0"]), time.process_time)
    shown, most = int(found.everyone.mean.shown.sum()), int((~found.everyone.mean.primary).sum())
    sys.stdout.write(
        f"\ntree gate {tree:.3f} s (limit {TREE_LIMIT}), cut gate {cut:.2f} s (limit {CUT_LIMIT})\n"
    )
    sys.stdout.write(
        f"auditor, all respondents and one item: {checked:.2f} s; {shown} of {most} cells shown\n"
    )
    if tree > TREE_LIMIT or tree + cut > CUT_LIMIT:
        raise SystemExit(1)


def main() -> None:
    """One line a shape: gate, audit, and the gate as a multiple of adding the counts up once."""
    sys.stdout.write("units items   gate s  audit s  gate / roll-up\n")
    for size, n_items in SHAPES:
        given = wave(size, n_items)
        own = [item.counts * given.tree.leaves[:, None] for item in given.items]
        plain = seconds(lambda own=own, given=given: [roll_up(given.tree.parent, one) for one in own])
        gate = seconds(lambda given=given: run_gate(given))
        result = run_gate(given)
        checked = seconds(lambda given=given, result=result: audit(given, result))
        sys.stdout.write(f"{size:5d} {n_items:5d} {gate:8.3f} {checked:8.3f} {gate / plain:15.1f}\n")
    cut_times()


if __name__ == "__main__":
    main()
