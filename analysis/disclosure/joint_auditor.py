"""The attacker on everything a wave shows of one basis at once: totals, and the groups of all cuts.

Another search than the gate's (``together``): by bases, as for the lightest word of a linear code (Brouwer
and Zimmermann). Of people in disjoint bases every combination touches one in each; a light one touches few in
some base, and those few are tried. Exact modulo a prime. Where it takes too long, the gate's search is asked
with more patience, and what that leaves unclear counts as told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import comb

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.disclosure.auditor import PRIME
from analysis.disclosure.cut_auditor import anything_proved
from analysis.disclosure.links import Kinds
from analysis.disclosure.proofs import shares, sums_of
from analysis.disclosure.rules import About, AnswerSet
from analysis.disclosure.together import Known, UnclearError, told_together
from analysis.disclosure.tree import Counts, Flags, Tree

STEPS = 3000
PATIENCE = 5000


def cuts_tell_of_few(
    tree: Tree, kinds: Kinds, about: About, totals: Flags, cells: Mapping[str, Flags], k: int, known: Known
) -> bool:
    """True unless it is sure that no combination of what is shown tells about fewer than k.

    totals: (U,); cells: cut -> (U, C). ``known`` keeps what is decided, for systems that come again.
    """
    n = kinds.n[about]
    seen = np.flatnonzero(n)
    leaf = kinds.leaf[seen]
    families = [(totals[:, None], np.zeros_like(leaf))]
    families += [(shown, kinds.categories[cut][seen]) for cut, shown in cells.items()]
    around = np.array([_cells(tree, shown, leaf, category) for shown, category in families])
    return any(attack_finds_few(system, people, k, known) for system, people in _parts(around, n[seen]))


def forces_answers(
    tree: Tree,
    kinds: Kinds,
    about: About,
    totals: Flags,
    cells: Mapping[str, Flags],
    counts: Mapping[str, Counts],
    sets: Sequence[AnswerSet],
    *,
    sums: bool,
) -> list[str]:
    """Names of the sets (``sums``: the ends) that totals and all cuts prove somebody's answers to be in.

    counts: cut -> (U, C, options). Where no example shows that nothing is forced a linear programme decides.
    """
    seen = np.flatnonzero(kinds.n[about])
    leaves = np.flatnonzero(tree.leaves)
    families = [(totals[:, None], np.zeros_like(seen), next(iter(counts.values())).sum(axis=1)[:, None])]
    families += [(shown, kinds.categories[cut][seen], counts[cut]) for cut, shown in cells.items()]
    around = np.array([_cells(tree, shown, kinds.leaf[seen], own) for shown, own, _ in families])
    tables = [_cells(tree, shown, *_grid(leaves, shown.shape[1])) for shown, _, _ in families]
    found = []
    for name, asked in shares(sets, sums=sums):
        answers = [asked(table[leaves]).ravel() for _, _, table in families]
        told = sums_of(around, kinds.n[about][seen], tables, answers)
        most = told.n.astype(np.float64)
        if not told.is_open(both=sums) and anything_proved(told.cells, told.told, 0 * most, most, both=sums):
            found.append(name)
    return found


def _grid(leaves: Counts, width: int) -> tuple[Counts, Counts]:
    """Every leaf in every category."""
    return np.repeat(leaves, width), np.tile(np.arange(width), len(leaves))


def _cells(tree: Tree, shown: Flags, leaf: Counts, category: Counts) -> Counts:
    """(P,) number of the smallest cell around people, -1 for none."""
    unit = _nearest(tree, shown, leaf, category)
    return np.where(unit < 0, -1, unit * shown.shape[1] + category)


def _nearest(tree: Tree, shown: Flags, leaf: Counts, category: Counts) -> Counts:
    """(P,) the first unit from each leaf upwards that shows a category, -1 for none."""
    unit = leaf.copy()
    while (up := np.flatnonzero((unit >= 0) & ~shown[unit, category])).size:
        unit[up] = tree.parent[unit[up]]
    return unit


def _parts(around: Counts, n: Counts) -> Iterator[tuple[Counts, Counts]]:
    """Systems (R, A) with respondents (A,) that have nobody in common."""
    kinds, where = np.unique(around, axis=1, return_inverse=True)
    n = np.bincount(where.ravel(), weights=n).astype(np.int64)
    family, kind = np.nonzero(kinds >= 0)
    names, row = np.unique(np.stack([family, kinds[family, kind]]), axis=1, return_inverse=True)
    row, size = row.ravel(), names.shape[1]
    edges = coo_array((np.ones(len(row)), (row, size + kind)), shape=(size + len(n),) * 2)
    part = connected_components(edges.tocsr(), directed=False)[1]
    order = np.argsort(part[row], kind="stable")
    for one in np.split(order, np.flatnonzero(np.diff(part[row][order])) + 1):
        if len(one):
            rows, r = np.unique(row[one], return_inverse=True)
            columns, c = np.unique(kind[one], return_inverse=True)
            system = np.zeros((len(rows), len(columns)), dtype=np.int64)
            system[r.ravel(), c.ravel()] = 1
            yield system, n[columns]


def attack_finds_few(system: Counts, n: Counts, k: int, known: Known) -> bool:
    """Whether a combination of cells (R, A) tells about fewer than k of the people (A,), or may do so."""
    key = system.tobytes(), np.minimum(n, k).tobytes(), k
    if key not in known:
        try:
            known[key] = Attack().finds_few(system, n, k)
        except UnclearError:
            known[key] = _other_way(system, n, k)
    return known[key]


def _other_way(system: Counts, n: Counts, k: int) -> bool:
    """The gate's own search, with more patience; what it cannot decide either is a hole."""
    try:
        return told_together(system, n, k, PATIENCE) is not None
    except UnclearError:
        return True


class Attack:
    """One search."""

    def __init__(self, steps: int = STEPS) -> None:
        """steps: subsets to be tried before it is given up."""
        self.left = steps

    def finds_few(self, system: Counts, n: Counts, k: int) -> bool:
        """Whether a combination that is not zero is so only for fewer than k. Raises UnclearError."""
        rows, n = _zero_where(system, n, k)
        rows, pivots = _echelon(rows, n)
        return self._light(rows[: len(pivots)], n, k)

    def _light(self, rows: Counts, n: Counts, budget: int) -> bool:
        """Whether coefficients, not all zero, give what is not zero for fewer people than the budget only."""
        if budget <= 0 or not len(rows):
            return False
        rows, pivots = _echelon(rows, n)
        if len(pivots) < len(rows):
            return True
        rows, n, bases = _narrowed(rows, n, pivots, budget)
        if not len(rows) or len(bases) >= budget:
            return False
        solved = [(_solved(rows, base), base) for base in bases]
        if any(bool(((one != 0) @ n < budget).any()) for one, _ in solved):
            return True
        few = min((budget - 1) // len(bases), len(rows))
        self.left -= len(bases) * sum(comb(len(rows), size) for size in range(2, few + 1))
        if self.left < 0:
            raise UnclearError
        return any(self._within(*one, n, budget, few) for one in solved)

    def _within(self, rows: Counts, pivots: Counts, n: Counts, budget: int, few: int) -> bool:
        """A light combination of two to ``few`` rows of a base: what one alone has stays."""
        filled = rows != 0
        for size in range(2, few + 1):
            for chosen in combinations(range(len(rows)), size):
                mine = np.array(chosen)
                if int(n[filled[mine].sum(axis=0) == 1].sum()) >= budget:
                    continue
                spent = int(n[pivots[mine]].sum())
                rest = np.delete(np.arange(len(n)), pivots[mine])
                if self._light(rows[mine][:, rest], n[rest], budget - spent):
                    return True
        return False


def _zero_where(rows: Counts, n: Counts, k: int) -> tuple[Counts, Counts]:
    """Combinations that are zero on every column of k or more; the other columns."""
    rows = rows % PRIME
    for column in np.flatnonzero(n >= k).tolist():
        filled = np.flatnonzero(rows[:, column])
        if len(filled):
            last, others = rows[filled[-1]], filled[:-1]
            last = last * pow(int(last[column]), PRIME - 2, PRIME) % PRIME
            rows[others] = (rows[others] - rows[others, column][:, None] * last) % PRIME
            rows = np.delete(rows, filled[-1], axis=0)
    return rows[:, n < k], n[n < k]


def _narrowed(rows: Counts, n: Counts, pivots: Counts, budget: int) -> tuple[Counts, Counts, list[Counts]]:
    """Rows, people and disjoint bases left when all is zero that would touch the budget or more."""
    while True:
        rows = rows[n[pivots] < budget]  # heaviest pivots first: a combination has its coefficients there
        rows, n = _alike(rows, n)
        bases, least = _bases(rows, n, budget)
        heavy = np.flatnonzero(least >= budget)
        if not len(rows) or not len(heavy):
            return rows, n, bases
        weight = n.copy()
        weight[heavy] = budget
        rows, pivots = _echelon(rows, weight)
        n = weight


def _alike(rows: Counts, n: Counts) -> tuple[Counts, Counts]:
    """Columns in proportion as one, those of nobody's left out."""
    some = np.flatnonzero(rows.any(axis=0))
    lead = rows[(rows[:, some] != 0).argmax(axis=0), some] if len(some) else some
    scale = np.array([pow(one, PRIME - 2, PRIME) for one in lead.tolist()], dtype=np.int64)
    columns, where = np.unique(rows[:, some] * scale % PRIME, axis=1, return_inverse=True)
    return columns, np.bincount(where.ravel(), weights=n[some]).astype(np.int64)


def _bases(rows: Counts, n: Counts, most: int) -> tuple[list[Counts], Counts]:
    """Up to ``most`` bases, no person in two, and (A,) people touched at least where a column is not zero.

    When those left are no base any more, what spans a column still has to be touched somewhere with it.
    """
    left, least, bases = n.copy(), n.copy(), list[Counts]()
    for _ in range(most):
        columns = np.flatnonzero(left)
        if not len(columns) or least.min() >= most:
            break
        _, pivots = _echelon(rows[:, columns], left[columns])
        pivots = columns[pivots]
        if len(pivots) == len(rows):
            bases.append(pivots)
        spanned = (left > 0) | (len(pivots) == len(rows))
        spanned[pivots] = False
        least[spanned] += 1
        left[pivots] -= 1
    return bases, least


def _solved(rows: Counts, pivots: Counts) -> Counts:
    """The rows, each with a single 1 at its pivot."""
    first = np.concatenate([pivots, np.setdiff1d(np.arange(rows.shape[1]), pivots)])
    solved, _ = _echelon(rows[:, first], np.arange(len(first))[::-1])
    return np.asarray(solved[:, np.argsort(first)])


def _echelon(rows: Counts, n: Counts) -> tuple[Counts, Counts]:
    """Rows reduced, heaviest columns first, in the order of their pivots; the pivots."""
    rows, pivots = rows % PRIME, list[int]()
    for column in np.argsort(-n, kind="stable").tolist():
        rank = len(pivots)
        if rank == len(rows):
            break
        filled = np.flatnonzero(rows[:, column])
        below = filled[filled >= rank]
        if not len(below):
            continue
        rows[[rank, below[0]]] = rows[[below[0], rank]]
        rows[rank] = rows[rank] * pow(int(rows[rank, column]), PRIME - 2, PRIME) % PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != rank]
        rows[others] = (rows[others] - rows[others, column][:, None] * rows[rank]) % PRIME
        pivots.append(column)
    return rows, np.array(pivots, dtype=np.int64)
