"""The attacker at the door of what a release holds beside its cells: weighted figures, and who answered.

Reads the rows that are to be stored and the counts behind them; nothing the makers have decided. Loads scipy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.auditor import Finding, audit_cells, cells_of_tree
from analysis.disclosure.classes import LARGEST_WEIGHT_SHARE
from analysis.disclosure.coding import FEW_SILENT
from analysis.disclosure.tree import Flags
from analysis.disclosure.weighted import weight_classes
from surveyor.campaigns.margins import UNIT_VARIABLE
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.nonresponse import LEAST_IN_GROUP, STEP, Turnout
from surveyor.releases.spec import ResponseRow, Row, WeightedRow
from surveyor.releases.tables import WaveTables

Floats = NDArray[np.float64]
People = NDArray[np.bool_]
_DECIMALS = {"index": 1, "mean": 2}
_NUMBERS = ("n", "n_eff", "value", "se", "low", "high", "difference", "deff")
Subject = tuple[str, CellKind, str]  # unit, kind, name
Cell = tuple[str, str, str]  # unit, cut or "", category


def spread_shown(rows: Iterable[Row]) -> frozenset[Subject]:
    """The subjects whose distribution or SD some row of a unit itself shows."""
    return frozenset(
        (row.unit, row.kind, row.item) for row in rows
        if not row.cut and not row.compared_to and row.state is CellState.SHOWN
        and (row.measure == "sd" or row.measure.startswith("share:"))
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class WeightedSight:
    """What stands behind weighted rows: who is in each unit (U, N), who answered each item, their weights,
    and the group of each by background question."""

    tables: WaveTables
    inside: People
    valid: Mapping[str, People]
    groups: Mapping[str, NDArray[np.str_]]
    weights: Floats
    k: int
    plain: Sequence[Row]
    _known: dict[frozenset[Cell], NDArray[np.int64]] = field(default_factory=dict)

    def holes(self, rows: Sequence[WeightedRow]) -> list[Finding]:
        """Everything that is wrong with the rows."""
        found = [hole for row in rows if (hole := self._of_row(row)) is not None]
        for name, valid in self.valid.items():
            flags = self._flags(rows, name)
            found += audit_cells(
                cells_of_tree(self.tables.tree, flags, (self.inside & valid).sum(axis=1)[:, None]),
                self.k,
                name,
            )
            found += self._uneven(flags, valid, name)
            found += self._few_told(flags, valid, name)
        return found

    def _of_row(self, row: WeightedRow) -> Finding | None:
        numbers = [getattr(row, name) for name in _NUMBERS]
        if row.state is CellState.HIDDEN:
            told = any(number is not None for number in numbers)
            return Finding("a number in a hidden row", row.item, row.unit, 0) if told else None
        wrong = self._wrong(row)
        return Finding(wrong, row.item, row.unit, row.n or 0) if wrong else None

    def _wrong(self, row: WeightedRow) -> str | None:
        place = self.tables.place.get(row.unit)
        if place is None or self._depth(place) > 1 or self.tables.tree.never_cell[place]:
            return "not a unit"
        if not self._is_open(row):
            return "outside the pattern"
        decimals = _DECIMALS.get(row.measure, 3)
        figures = ((row.value, decimals), (row.low, decimals), (row.high, decimals), (row.se, decimals + 1))
        if any(value is not None and round(value, places) != value for value, places in figures):
            return "too many decimals"
        if row.kind is CellKind.ITEM and row.n != int((self.inside[place] & self.valid[row.item]).sum()):
            return "not this many"
        return None

    def _is_open(self, row: WeightedRow) -> bool:
        """Whether the spread of the same subject is shown without weights."""
        return (row.unit, row.kind, row.item) in self._spread

    @cached_property
    def _spread(self) -> frozenset[Subject]:
        return spread_shown(self.plain)

    def _depth(self, place: int) -> int:
        depth = 0
        while (place := int(self.tables.tree.parent[place])) >= 0:
            depth += 1
        return depth

    def _flags(self, rows: Sequence[WeightedRow], name: str) -> Flags:
        """(U,) units that show a weighted sum of an item, or of a scale that holds it."""
        holders = {
            scale.name for scale in self.tables.scales.values() if name in [item.name for item in scale.items]
        }
        flags = np.zeros(len(self.tables.tree), dtype=np.bool_)
        for row in rows:
            mine = row.item == name if row.kind is CellKind.ITEM else row.item in holders
            if mine and row.state is CellState.SHOWN and row.unit in self.tables.place:
                flags[self.tables.place[row.unit]] = True
        return flags

    def _uneven(self, flags: Flags, valid: People, name: str) -> Iterator[Finding]:
        """Units, and what the weighted ones below leave of them, where few weigh nearly everything."""
        for place in np.flatnonzero(flags).tolist():
            left = self._left(flags, place) & valid
            for group in (self.inside[place] & valid, left):
                w = np.where(group, self.weights, 0.0)
                total = float(w.sum())
                alone = group.any() and float(w.max()) > LARGEST_WEIGHT_SHARE * total
                if alone or total**2 < self.k * float((w**2).sum()) * (1 - 1e-9):
                    yield Finding("effective n", name, self.tables.tree.codes[place], int(group.sum()))

    def _left(self, flags: Flags, place: int) -> People:
        """(N,) people of a weighted unit whom no weighted unit right below it covers."""
        below = flags & (self.tables.tree.parent == place)
        return np.asarray(self.inside[place] & ~self.inside[below].any(axis=0))

    def _few_told(self, flags: Flags, valid: People, name: str) -> Iterator[Finding]:
        """Weighted sums that with the plain ones, one background question at a time, tell of fewer than k.

        People whom the same plain sums hold may be told apart by weight alone: each such sum less the plain
        one times its commonest weight leaves the others.
        """
        classes = weight_classes(self.weights)
        width = int(classes.max(initial=0)) + 1
        for cut in ("", *self.groups):
            alike = self._alike(frozenset(one for one in self._cells.get(name, ()) if one[1] in ("", cut)))
            for place in np.flatnonzero(flags).tolist():
                some = self._left(flags, place) & valid
                pairs, n = np.unique(alike[some] * width + classes[some], return_counts=True)
                commonest = np.zeros(int(alike.max(initial=0)) + 1, dtype=np.int64)
                np.maximum.at(commonest, pairs // width, n)
                told = int(n.sum() - commonest.sum())
                if 0 < told < self.k:
                    figure = " ".join(filter(None, (name, cut)))
                    yield Finding("weighted and plain", figure, self.tables.tree.codes[place], told)

    @cached_property
    def _cells(self) -> Mapping[str, set[Cell]]:
        """The units and groups with a plain figure of each item."""
        found: dict[str, set[Cell]] = {}
        for row in self.plain:
            if row.kind is CellKind.ITEM and row.state is CellState.SHOWN and not row.compared_to:
                found.setdefault(row.item, set()).add((row.unit, row.cut, row.category))
        return found

    def _alike(self, cells: frozenset[Cell]) -> NDArray[np.int64]:
        """(N,) number of each person among those whom other plain sums hold."""
        if cells not in self._known:
            sums = np.ones((1 + len(cells), self.inside.shape[1]), dtype=np.bool_)
            for sum_, (unit, cut, category) in zip(sums[1:], sorted(cells), strict=True):
                sum_[:] = self.inside[self.tables.place[unit]] & (not cut or self.groups[cut] == category)
            packed = np.packbits(sums, axis=0).T
            self._known[cells] = np.unique(packed, axis=0, return_inverse=True)[1].ravel().astype(np.int64)
        return self._known[cells]


def response_holes(rows: Sequence[ResponseRow], turnout: Turnout) -> list[Finding]:
    """Everything that is wrong with the rows about who answered."""
    found = [hole for row in rows if (hole := _of_response(row, turnout)) is not None]
    told = {
        name: frozenset(
            r.category for r in rows if (r.variable, r.measure) == (name, "rate") and _is_shown(r)
        )
        for name in turnout.variables
    }
    for name, groups in told.items():
        left = [counts for group, counts in turnout.by_group(name).items() if group not in groups]
        if groups and left and not _is_open(sum(n for n, _ in left), sum(answered for _, answered in left)):
            found.append(Finding("G1", name, "", sum(n for n, _ in left)))
        whole = any(r.variable == name and not r.category and _is_shown(r) for r in rows)
        if whole and len(groups) < len(turnout.by_group(name)):
            found.append(Finding("a test beside a hidden group", name, "", 0))
    return [*found, *_nearly_the_same(rows, turnout)]


def _nearly_the_same(rows: Sequence[ResponseRow], turnout: Turnout) -> Iterator[Finding]:
    """Two groups with rates that few people, or all but few, tell apart: worked out from what they share."""
    told = [row for row in rows if row.measure == "rate" and _is_shown(row)]
    member = np.array(
        [[one.groups.get(row.variable, "") == row.category for one in turnout.counts] for row in told],
        dtype=np.int64,
    ).reshape(len(told), len(turnout.counts))
    invited = np.array([one.n_invited for one in turnout.counts], dtype=np.int64)
    shared = (member * invited) @ member.T
    alone = np.diag(shared)
    apart = alone[:, None] + alone[None, :] - 2 * shared
    for n in (apart, invited.sum() - apart):
        for one, other in np.argwhere(np.triu((n > 0) & (n < LEAST_IN_GROUP), 1)).tolist():
            groups = " ".join((told[one].category, told[other].variable, told[other].category))
            yield Finding("link", told[one].variable, groups, int(n[one, other]))


def _of_response(row: ResponseRow, turnout: Turnout) -> Finding | None:
    wrong = None
    if not _is_shown(row):
        wrong = "a number in a hidden row" if (row.n, row.value) != (None, None) else None
    elif row.measure == "rate":
        n, answered = turnout.by_group(row.variable).get(row.category, (0, 0))
        is_unit = row.variable == UNIT_VARIABLE and turnout.exact_units is not None
        if is_unit and row.category not in (turnout.exact_units or ()):
            wrong = "outside the pattern"
        elif not _is_open(n, answered):
            wrong = "few silent"
        elif row.n != n:
            wrong = "not this many"
        elif row.value is None or abs(row.value - answered / n) > STEP / 2 + 1e-9:
            wrong = "not this share"
        elif round(round(row.value / STEP) * STEP, 2) != row.value:
            wrong = "too many decimals"
    elif row.value is not None and round(row.value, 3) != row.value:
        wrong = "too many decimals"
    elif row.measure == "answered" and not turnout.is_exact:
        wrong = "outside the pattern"
    return Finding(wrong, row.variable or row.measure, row.category, row.n or 0) if wrong else None


def _is_shown(row: ResponseRow) -> bool:
    return row.state is CellState.SHOWN


def _is_open(n: int, answered: int) -> bool:
    return n >= LEAST_IN_GROUP and min(answered, n - answered) >= FEW_SILENT
