"""Random organisations whose background questions nearly follow from one another, and who attacks them."""

from __future__ import annotations

import numpy as np

from analysis.disclosure.auditor import PRIME
from analysis.disclosure.cutgate import CutPatterns, run_cuts
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.gate import GateInput, GateResult, run_gate
from analysis.disclosure.tree import Flags, Tree
from analysis.rollup import roll_up
from tests.analysis.linear import null_space
from tests.analysis.trees import kinds_of

NAMES = "abc"
Answers = np.ndarray  # (U, C a, C b, C c) people counted at each unit itself


def over(table: Answers, name: str) -> np.ndarray:
    """Counts by one of the three questions."""
    return table.sum(axis=tuple(1 + at for at, other in enumerate(NAMES) if other != name))


def organisation(seed: int) -> tuple[Tree, Answers]:
    """A few units; the second and third background question mostly follow from those before."""
    rng = np.random.default_rng(seed)
    size, widths = int(rng.integers(3, 9)), rng.integers(2, 4, 3)
    parent = np.array([-1] + [int(rng.integers(max(0, place - 8), place)) for place in range(1, size)])
    tree = Tree(tuple(f"u{place}" for place in range(size)), parent, np.zeros(size, dtype=bool))
    second, third = rng.integers(0, widths[1], widths[0]), rng.integers(0, widths[2], widths[:2])
    noise, most = rng.choice([0.02, 0.05, 0.3]), rng.uniform(4, 14)
    own = np.zeros((size, *widths), dtype=np.int64)
    for unit in np.repeat(np.arange(size), np.where(tree.leaves, rng.poisson(most, size), 0)):
        a = rng.integers(widths[0])
        b = second[a] if rng.random() > noise else rng.integers(widths[1])
        c = third[a, b] if rng.random() > noise else rng.integers(widths[2])
        own[unit, a, b, c] += 1
    return tree, own


def crossed(seed: int) -> tuple[Tree, Answers]:
    """The first two questions are free, and the third nearly follows from both together."""
    rng = np.random.default_rng(10_000 + seed)
    size, widths = int(rng.integers(2, 6)), rng.integers(2, 4, 3)
    tree = random_tree(rng, size, size)
    third, noise, most = (
        rng.integers(0, widths[2], widths[:2]),
        rng.choice([0, 0.02, 0.05]),
        rng.uniform(15, 60),
    )
    own = np.zeros((size, *widths), dtype=np.int64)
    for unit in np.repeat(np.arange(size), np.where(tree.leaves, rng.poisson(most, size), 0)):
        a, b = rng.integers(widths[0]), rng.integers(widths[1])
        c = third[a, b] if rng.random() > noise else rng.integers(widths[2])
        own[unit, a, b, c] += 1
    return tree, own


def deep(seed: int) -> tuple[Tree, Answers]:
    """Units below level 2: in the first of each three nearly everybody is in one of two or three groups.

    These are groups of different questions, and next to nobody outside the unit is in them.
    """
    rng = np.random.default_rng(20_000 + seed)
    n_upper, n_cuts = int(rng.integers(1, 4)), int(rng.integers(2, 4))
    parent = [-1, 0, *([1] * n_upper), *(2 + np.repeat(np.arange(n_upper), 3))]
    size, noise, most = len(parent), rng.choice([0, 0.02, 0.05]), rng.uniform(10, 20)
    tree = Tree(tuple(f"u{place}" for place in range(size)), np.array(parent), np.zeros(size, dtype=bool))
    own = np.zeros((size, 2, 2, 2), dtype=np.int64)
    for unit in np.repeat(np.arange(size), np.where(tree.leaves, rng.poisson(most, size), 0)):
        where = np.zeros(3, dtype=np.int64)
        if (unit - n_upper - 2) % 3 == 0:
            where[rng.integers(n_cuts)] = 1
        own[unit, *np.where(rng.random(3) < noise, 1 - where, where)] += 1
    return tree, own


def random_tree(rng: np.random.Generator, size: int, near: int) -> Tree:
    parent = np.array([-1] + [int(rng.integers(max(0, place - near), place)) for place in range(1, size)])
    return Tree(tuple(f"u{place}" for place in range(size)), parent, np.zeros(size, dtype=bool))


def gated(
    tree: Tree, own: Answers, names: str, *, linked: bool = True
) -> tuple[GateResult, dict[str, CutPatterns]]:
    """Some of the cuts through the gate, with their links or without."""
    whole = roll_up(tree.parent, own)
    given = GateInput(tree=tree, n=whole.sum(axis=(1, 2, 3)), items=())

    def over(*kept: str) -> np.ndarray:
        return whole.sum(axis=tuple(1 + place for place, name in enumerate(NAMES) if name not in kept))

    cuts = [CutTable(name, tuple("xyz"[: over(name).shape[1]]), over(name), min_n=0) for name in names]
    result = run_gate(given)
    return result, run_cuts(given, result, cuts, kinds_of(own, NAMES) if linked else None)


def seen(tree: Tree, own: Answers, totals: Flags, cuts: dict[str, Flags]) -> tuple[np.ndarray, np.ndarray]:
    """Published totals and cells over the people who are alike in everything."""
    place, *categories = np.nonzero(own)
    line = np.eye(len(tree), dtype=bool)
    for unit, parent in enumerate(tree.parent.tolist()):
        line[unit] |= line[parent] if parent >= 0 else False
    rows = [line[place, unit] for unit in np.flatnonzero(totals)]
    for name, shown in cuts.items():
        mine = categories[NAMES.index(name)]
        rows += [line[place, unit] & (mine == category) for unit, category in np.argwhere(shown)]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(place)), own[own > 0]


def least_told(cells: np.ndarray, n: np.ndarray) -> int:
    """The attacker: fewest respondents some combination tells about, as far as they lie in up to three atoms.

    What the cells span is all that is at right angles to their null space: a combination lives on some atoms
    alone exactly when the rows of these in the null space depend on one another.
    """
    rows = null_space(cells)
    found = [int(n[atom]) for atom in np.flatnonzero(~rows.any(axis=1))]
    found += _pairs(rows, n)
    for atom in np.flatnonzero(rows.any(axis=1)).tolist():
        others = np.arange(len(n)) != atom
        found += [int(n[atom]) + one for one in _pairs(_modulo(rows[others], rows[atom]), n[others])]
    return min(found, default=10**6)


def _pairs(rows: np.ndarray, n: np.ndarray) -> list[int]:
    """Respondents of each two atoms whose rows are in proportion, the fewest of each kind."""
    some = rows.any(axis=1)
    if not some.any():
        return []
    rows, n = rows[some], n[some]
    lead = rows[np.arange(len(rows)), np.argmax(rows != 0, axis=1)]
    scaled = rows * np.array([pow(int(one), -1, PRIME) for one in lead], dtype=np.int64)[:, None] % PRIME
    kinds: dict[bytes, list[int]] = {}
    for row, people in zip(scaled, n.tolist(), strict=True):
        kinds.setdefault(row.tobytes(), []).append(people)
    return [sum(sorted(people)[:2]) for people in kinds.values() if len(people) > 1]


def _modulo(rows: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Rows less what they have of one."""
    column = int(np.flatnonzero(row)[0])
    row = row * pow(int(row[column]), -1, PRIME) % PRIME
    return (rows - rows[:, [column]] * row) % PRIME


Shown = tuple[Flags, dict[str, Flags]]


def shown_of(organisation: tuple[Tree, Answers], names: str, *, linked: bool = True) -> Shown:
    """What the gate shows of everybody: totals and cuts."""
    result, found = gated(*organisation, names, linked=linked)
    return result.everyone.mean.shown, {name: found[name].everyone.mean.shown for name in names}
