"""How long the gate takes on trees of several sizes, beside one plain pass over the same counts.

Run: python -m benchmarks.gate
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from analysis.disclosure.auditor import audit
from analysis.disclosure.gate import GateInput, ItemTable, run_gate
from analysis.disclosure.tree import Tree
from analysis.rollup import roll_up

SHAPES = ((60, 60), (500, 60), (3000, 1), (3000, 60))
SHARES = (0.05, 0.1, 0.2, 0.4, 0.25)


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


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


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


if __name__ == "__main__":
    main()
