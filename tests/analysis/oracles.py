"""What tests hold the gate against: other ways to the same answer, and attackers of one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.auditor import Cells, Finding, audit, audit_cells, cells_of_tree
from analysis.disclosure.bounds import lp_bounds
from analysis.disclosure.cut_auditor import audit_cut, lightest_of_parts
from analysis.disclosure.joint_auditor import cuts_tell_of_few
from analysis.disclosure.network import GROUND, Network, light_cut
from analysis.disclosure.rules import AnswerSet
from analysis.disclosure.together import Known
from analysis.disclosure.tree import Counts, Flags, Tree, nearest_published, residuals
from analysis.disclosure.wave import WaveInput, WaveResult

SIDES = (AnswerSet("silent", (0,)), AnswerSet("answered", (1,)))


@dataclass(frozen=True, eq=False)
class Nested:
    """Units (U,) one release shows."""

    tree: Tree
    shown: Flags


def groups_alone(tree: Tree, shown: Flags) -> Nested:
    """The cells (U, C) of a cut as units of their own: unit u in category c stands at place u * C + c."""
    width = shown.shape[1]
    category = np.arange(width)
    codes = tuple(f"{code}#{c}" for code in tree.codes for c in range(width))
    parent = np.where(tree.parent[:, None] >= 0, tree.parent[:, None] * width + category, -1)
    return Nested(Tree(codes, parent.ravel(), np.repeat(tree.never_cell, width)), shown.ravel())


def told_by_two(before: Nested, now: Nested, people: tuple[Counts, Counts, Counts], k: int) -> bool:
    """Whether two families of nested cells tell about fewer than k, as a network; exact for two.

    people: (M,) places of leaves before and now, -1 for not there, and how many.
    """
    then, since, n = (one[people[2] > 0] for one in people)
    network = Network(
        1 + len(before.tree) + len(now.tree),
        _nodes(before, then, 1),
        _nodes(now, since, 1 + len(before.tree)),
        n,
    )
    return light_cut(network, k) is not None


def _nodes(release: Nested, places: Counts, start: int) -> Counts:
    above = nearest_published(release.tree, release.shown)
    near = np.where(release.shown, np.arange(len(release.tree)), above)
    group = np.where(places < 0, -1, near[places])
    return np.where(group < 0, GROUND, start + group)


def is_safe(tree: Tree, published: Flags, n: Counts, k: int) -> bool:
    """True when every published unit has at least k respondents and a residual of none or at least k."""
    left = residuals(tree, published, n)[published]
    return bool(np.all((left == 0) | (left >= k)) and np.all(n[published] >= k))


def lp_proved(cells: Cells, group: NDArray[np.int64], which: int, tolerance: float = 1e-7) -> bool:
    """True when everybody in the group is forced to have chosen the set."""
    n = float(group @ cells.atom_n)
    return n > 0 and lp_bounds(cells, group, which)[0] >= n - tolerance


def cells_of_cut(tree: Tree, totals: Flags, shown: Flags, counts: Counts, x: Counts | None = None) -> Cells:
    """Published totals, then published cells, over the non-empty atoms leaf x category.

    counts: (U, C) respondents; x: (U, C, S) answers in each set.
    """
    leaves = np.flatnonzero(tree.leaves)
    place, category = np.nonzero(counts[leaves])
    place = leaves[place]
    line = _ancestors(tree)[:, place]
    x = np.zeros((*counts.shape, 0), dtype=np.int64) if x is None else x
    names, rows, sums = [], [], []
    for unit in np.flatnonzero(totals).tolist():
        names.append(tree.codes[unit])
        rows.append(line[unit])
        sums.append(x[unit].sum(axis=0))
    for unit, cell in zip(*np.nonzero(shown), strict=True):
        names.append(f"{tree.codes[unit]}#{cell}")
        rows.append(line[unit] & (category == cell))
        sums.append(x[unit, cell])
    atoms = np.array(rows, dtype=np.int64).reshape(len(rows), len(place))
    return Cells(tuple(names), atoms, counts[place, category], np.array(sums).reshape(len(rows), x.shape[2]))


def _ancestors(tree: Tree) -> Flags:
    """(U, U) True where the first unit is, or lies above, the second."""
    above = np.eye(len(tree), dtype=np.bool_)
    for place, parent in enumerate(tree.parent.tolist()):
        if parent >= 0:
            above[:, place] |= above[:, parent]
    return above


def smallest_around(atoms: Counts) -> Counts:
    """(A,) row of the smallest cell around each atom, from 1; 0 where there is none. atoms: (C, A)."""
    found = np.zeros(atoms.shape[1], dtype=np.int64)
    for cell in np.argsort(-atoms.sum(axis=1), kind="stable").tolist():
        found[atoms[cell] > 0] = cell + 1
    return found


def small_group(cells: Cells, n_totals: int, k: int) -> int | None:
    """Respondents in the smallest derivable group below k; the first ``n_totals`` cells are the totals."""
    first = smallest_around(cells.atoms[:n_totals])
    second = smallest_around(cells.atoms[n_totals:])
    second = np.where(second > 0, second + n_totals, 0)
    home = np.arange(len(cells.names) + 1)
    while True:
        one, two = home[first], home[second]
        heavy = np.flatnonzero((one != two) & (_weight_of(one, two, cells.atom_n) >= k))
        if not len(heavy):
            break
        for atom in heavy.tolist():
            home[home == home[first[atom]]] = home[second[atom]]
    return lightest_of_parts(home[first], home[second], cells.atom_n, k)


def _weight_of(one: Counts, two: Counts, n: Counts) -> Counts:
    """(A,) respondents between the two nodes of each atom, all parallel atoms together."""
    low, high = np.minimum(one, two), np.maximum(one, two)
    _, place = np.unique(np.stack([low, high]), axis=1, return_inverse=True)
    return np.asarray(np.bincount(place, weights=n)[place].astype(np.int64))


def audit_wave(given: WaveInput, result: WaveResult) -> list[Finding]:
    """All holes an independent attacker finds."""
    found = audit(given.gate, result.gate)
    for patterns in result.cuts.values():
        found += audit_cut(given.gate, result.gate, patterns)
    return found + _audit_together(given, result) + _audit_rates(given, result)


def _audit_together(given: WaveInput, result: WaveResult) -> list[Finding]:
    """Totals and all cuts as one system, for every basis that all cuts hold."""
    found: list[Finding] = []
    known: Known = {}
    for about, spread in product(given.kinds.n if given.kinds and len(given.cuts) > 1 else (), (False, True)):
        assert given.kinds is not None, "there are kinds"
        totals = result.gate.shown(about, spread=spread)
        shown = {name: one.shown(about, spread=spread) for name, one in result.cuts.items()}
        cells = {name: flags for name, flags in shown.items() if flags is not None}
        k = given.gate.k_spread if spread else given.gate.k_mean
        if cuts_tell_of_few(given.gate.tree, given.kinds, about, totals, cells, k, known):
            found.append(Finding("link", " ".join((*cells, about[1])), "", 0))
    return found


def _audit_rates(given: WaveInput, result: WaveResult) -> list[Finding]:
    """Cells and groups of response rates: at least k invited, three silent, somebody who answered."""
    if result.rates is None or given.invited is None or given.answered is None:
        return []
    counts = np.stack([given.invited - given.answered, given.answered], axis=1)
    cells = cells_of_tree(given.gate.tree, result.rates.exact, counts, SIDES)
    return audit_cells(cells, given.gate.k_mean, "response rate", SIDES)
