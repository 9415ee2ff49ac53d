"""What tests hold the gate against: other ways to the same answer, and attackers of one thing at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from analysis.disclosure.auditor import PRIME, Cells, Finding, audit_cells, cells_of_tree
from analysis.disclosure.cut_auditor import CutSight, lightest_of_parts
from analysis.disclosure.cutgate import CutPatterns
from analysis.disclosure.gate import GateInput, GateResult, ItemPatterns
from analysis.disclosure.joint_auditor import cuts_tell_of_few
from analysis.disclosure.network import GROUND, Network, light_cut
from analysis.disclosure.rules import AnswerSet, ItemTable, each_option, ends
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


def lp_bounds(cells: Cells, group: NDArray[np.int64], which: int) -> tuple[float, float]:
    """Least and most answers in set ``which`` that a group of atoms (A,) 0/1 can hold, given the cells.

    Each atom holds between none and all of its respondents. Raises ValueError when the cells contradict
    one another.
    """
    limits = [(0, int(n)) for n in cells.atom_n]
    found = []
    for sign in (1.0, -1.0):
        answer = linprog(
            sign * group,
            A_eq=cells.atoms if len(cells.names) else None,
            b_eq=cells.x[:, which] if len(cells.names) else None,
            bounds=limits,
            method="highs",
        )
        if not answer.success:
            raise ValueError("the published cells contradict one another")
        found.append(sign * float(answer.fun))
    return found[0], found[1]


def bounds(x_res: int, n_res: int, n_h: int) -> tuple[int, int]:
    """Least and most of a part of n_h respondents, when x_res of the n_res around it chose a thing."""
    return max(0, x_res - (n_res - n_h)), min(n_h, x_res)


def rank_mod_p(matrix: Counts) -> int:
    """Rank over the integers modulo a prime of 31 bits: no round-off."""
    rest = np.array(matrix, dtype=np.int64) % PRIME
    rank = 0
    for column in range(rest.shape[1]):
        pivots = np.flatnonzero(rest[rank:, column])
        if not len(pivots):
            continue
        pivot = rank + int(pivots[0])
        rest[[rank, pivot]] = rest[[pivot, rank]]
        rest[rank] = rest[rank] * pow(int(rest[rank, column]), PRIME - 2, PRIME) % PRIME
        others = np.flatnonzero(rest[:, column])
        others = others[others != rank]
        rest[others] = (rest[others] - rest[others, column][:, None] * rest[rank]) % PRIME
        rank += 1
        if rank == len(rest):
            break
    return rank


def derivable(atoms: Counts, group: Counts) -> bool:
    """True when the sum over a group of atoms (A,) 0/1 follows from the cells (C, A)."""
    return rank_mod_p(np.vstack([atoms, group])) == rank_mod_p(atoms)


def brute_force(atoms: Counts, atom_n: Counts, k: int) -> tuple[int, ...] | None:
    """A set of atoms with fewer than k respondents on which some derivable function depends alone, or None.

    Tries all sets: rank(cells without these atoms' columns) < rank(cells) means such a function exists.
    Atoms without respondents are ignored. For tests: at most about 15 atoms.
    """
    filled = np.flatnonzero(atom_n)
    full = rank_mod_p(atoms[:, filled])
    for size in range(1, len(filled) + 1):
        for group in combinations(filled.tolist(), size):
            if atom_n[list(group)].sum() < k:
                kept = [atom for atom in filled.tolist() if atom not in group]
                if rank_mod_p(atoms[:, kept]) < full:
                    return group
    return None


def audit(given: GateInput, result: GateResult) -> list[Finding]:
    """All holes in a result of the gate; an empty list before anything is frozen."""
    tree, everyone = given.tree, given.n[:, None]
    found = _audit_class(tree, result.everyone.mean.shown, everyone, (), given.k_mean, "everyone mean")
    found += _audit_class(tree, result.everyone.spread.shown, everyone, (), given.k_spread, "everyone spread")
    for item in given.items:
        found += _audit_item(given, result.items[item.name], item)
        found += _outside(tree, result.everyone, result.items[item.name], item.name)
    for scale in given.scales:
        patterns = result.scales[scale.name]
        spread, n = patterns.spread.shown, scale.n[:, None]
        found += _audit_class(tree, spread, n, (), given.k_spread, f"{scale.name} spread")
        for name in scale.items:
            extra = patterns.index & ~result.items[name].mean.shown
            extra |= spread & ~result.items[name].spread.shown
            found += _named("index rule", scale.name, tree, extra)
    return found


def _audit_item(given: GateInput, patterns: ItemPatterns, item: ItemTable) -> list[Finding]:
    """Both measure classes of one item."""
    mean, spread = f"{item.name} mean", f"{item.name} spread"
    found = _audit_class(given.tree, patterns.mean.shown, item.counts, ends(item.scores), given.k_mean, mean)
    return found + _audit_class(
        given.tree, patterns.spread.shown, item.counts, each_option(item), given.k_spread, spread
    )


def _audit_class(
    tree: Tree, shown: Flags, counts: Counts, sets: tuple[AnswerSet, ...], k: int, figure: str
) -> list[Finding]:
    """One pattern: pseudo-leaves stay hidden, cells and groups pass."""
    found = _named("pseudo-leaf", figure, tree, shown & tree.never_cell)
    return found + audit_cells(cells_of_tree(tree, shown, counts, sets), k, figure, sets)


def _outside(tree: Tree, everyone: ItemPatterns, patterns: ItemPatterns, figure: str) -> list[Finding]:
    """Units that show more for an item than they may show at all."""
    extra = patterns.mean.shown & ~everyone.mean.shown
    extra |= patterns.spread.shown & ~(patterns.mean.shown & everyone.spread.shown)
    return _named("outside the pattern", figure, tree, extra)


def _named(rule: str, figure: str, tree: Tree, units: Flags) -> list[Finding]:
    """One finding for each marked unit."""
    return [Finding(rule, figure, tree.codes[place], 0) for place in np.flatnonzero(units)]


def audit_cut(
    given: GateInput, result: GateResult, patterns: CutPatterns, items: Iterable[str] | None = None
) -> list[Finding]:
    """Holes in what a cut shows beside the totals; ``items``: those to examine, all by default."""
    table, wanted = patterns.table, set(patterns.items if items is None else items)
    by_name: Mapping[str, ItemTable] = {item.name: item for item in given.items}
    found: list[Finding] = []
    for cells, totals, k, spread in (
        (patterns.everyone.mean.shown, result.everyone.mean.shown, given.k_mean, False),
        (patterns.everyone.spread.shown, result.everyone.spread.shown, given.k_spread, True),
    ):
        kind = "spread" if spread else "mean"
        found += _audit_beside(given.tree, totals, cells, table.counts[:, :, None], k, f"{table.name} {kind}")
    for name in sorted(wanted):
        item, mine, whole = by_name[name], patterns.items[name], result.items[name]
        counts, figure = table.items[name], f"{table.name} {name}"
        found += _audit_beside(
            given.tree,
            whole.mean.shown,
            mine.mean.shown,
            counts,
            given.k_mean,
            f"{figure} mean",
            ends(item.scores),
            sums=True,
        )
        found += _audit_beside(
            given.tree,
            whole.spread.shown,
            mine.spread.shown,
            counts,
            given.k_spread,
            f"{figure} spread",
            each_option(item),
        )
        extra = (mine.mean.shown & ~patterns.everyone.mean.shown) | (mine.spread.shown & ~mine.mean.shown)
        found += [
            Finding("outside the pattern", figure, given.tree.codes[u], 0) for u, _ in np.argwhere(extra)
        ]
    return found


def _audit_beside(
    tree: Tree,
    totals: Flags,
    shown: Flags,
    counts: Counts,
    k: int,
    figure: str,
    sets: Sequence[AnswerSet] = (),
    *,
    sums: bool = False,
) -> list[Finding]:
    """One pattern: cells and groups under k, then content."""
    seen = CutSight(tree, totals, shown, counts)
    found = seen.sizes(k, figure)
    if sets:
        found += seen.content(sets, figure, sums=sums)
    return found


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
