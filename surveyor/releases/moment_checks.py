"""The attacker at the door of reliability, correlations and drivers.

Reads the rows that are to be stored, the release they stand beside and the counts behind them; nothing the
maker has decided. Loads scipy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.disclosure.auditor import Finding, audit_cells, cells_of_tree
from analysis.disclosure.classes import K_ALPHA, K_POLYCHORIC, K_REGRESSION
from analysis.disclosure.tree import Flags, Tree
from surveyor.cubes.moments import Moments
from surveyor.cubes.spec import Counts
from surveyor.releases.beside_checks import Subject, spread_shown
from surveyor.releases.enums import CellKind, MomentMeasure
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.spec import Row
from surveyor.releases.tables import WaveTables

_DRIVERS = (MomentMeasure.EXPLAINED, MomentMeasure.DRIVER, MomentMeasure.DRIVER_R)
_ICCS = (MomentMeasure.ICC1, MomentMeasure.ICC2)
_OF_ITEMS = (MomentMeasure.ALPHA_WITHOUT, MomentMeasure.ITEM_REST)
_PAIRS = (MomentMeasure.SPEARMAN, MomentMeasure.POLYCHORIC)
_THREE_DECIMALS = (MomentMeasure.EXPLAINED, MomentMeasure.DRIVER)
Key = tuple[MomentMeasure, str, str]


@dataclass(frozen=True, eq=False)
class MomentSight:
    """What stands behind moments: what was counted, the release beside them, scales it gives no index."""

    moments: Moments
    tables: WaveTables
    plain: Sequence[Row]
    items_only: frozenset[str]
    k_spread: int

    def holes(self, rows: Sequence[MomentRow]) -> list[Finding]:
        """Everything that is wrong with the rows."""
        found: list[Finding] = []
        shown: dict[Key, Flags] = {}
        for row in rows:
            if wrong := self._wrong(row):
                found.append(Finding(wrong, " ".join(_key(row)), row.unit, row.n or 0))
            elif row.is_shown:
                flags = shown.setdefault(_key(row), np.zeros(len(self._tree), dtype=np.bool_))
                flags[self._units[row.unit]] = True
        for key, flags in shown.items():
            n = self._complete(key)
            assert n is not None, "a key without people is wrong"
            cells = cells_of_tree(self._tree, flags, n[:, None])
            found += audit_cells(cells, self._least(key[0]), " ".join(key))
        return found

    @cached_property
    def _tree(self) -> Tree:
        top = self.moments.tree
        return Tree(top.codes, np.array(top.parent, dtype=np.int64), top.never_cell)

    @cached_property
    def _units(self) -> Mapping[str, int]:
        tree = self._tree
        return {code: place for place, code in enumerate(tree.codes) if not tree.never_cell[place]}

    @cached_property
    def _spread(self) -> frozenset[Subject]:
        return spread_shown(self.plain)

    @cached_property
    def _items(self) -> Mapping[str, Sequence[str]]:
        """The items of every scale."""
        return {name: [item.name for item in scale.items] for name, scale in self.tables.scales.items()}

    def _wrong(self, row: MomentRow) -> str | None:
        """What is wrong with a row for itself, None if nothing is."""
        numbers = row.value, row.low, row.high
        if not row.is_shown:
            return "a number in a hidden row" if (row.n, *numbers) != (None,) * 4 else None
        if row.unit not in self._units:
            return "not a unit"
        n = self._complete(_key(row))
        if n is None:
            return "a measure without a rule"
        if not all(self._is_open(row.unit, *subject) for subject in self._subjects(row)):
            return "outside the pattern"
        if row.n != int(n[self._units[row.unit]]):
            return "not this many"
        places = 3 if row.measure in _THREE_DECIMALS else 2
        finer = any(number is not None and round(number, places) != number for number in numbers)
        return "too many decimals" if finer else None

    def _subjects(self, row: MomentRow) -> Iterator[tuple[CellKind, str]]:
        """The scales and items a row tells of; of a regression every one that is in it."""
        names = [row.subject]
        if row.measure in _DRIVERS:
            names = list(self.moments.outcome.names) if self.moments.outcome else []
        elif row.measure in _PAIRS:
            names.append(row.other)
        are_items = row.measure is MomentMeasure.POLYCHORIC or not set(names) <= self._items.keys()
        for name in names:
            is_item = name not in self._items or (are_items and row.measure in _PAIRS)
            yield CellKind.ITEM if is_item else CellKind.SCALE, name

    def _is_open(self, unit: str, kind: CellKind, name: str) -> bool:
        """Whether the release shows the spread of an item, or of a scale and of all its items, in a unit.

        A scale without an index shows nothing of its own: there its items must do.
        """
        if kind is CellKind.ITEM:
            return (unit, kind, name) in self._spread
        is_out = name in self.items_only or (unit, kind, name) in self._spread
        return is_out and all((unit, CellKind.ITEM, item) in self._spread for item in self._items[name])

    def _least(self, measure: MomentMeasure) -> int:
        """Complete answers a figure needs."""
        if measure in _DRIVERS:
            return max(K_REGRESSION, self.k_spread)
        return max(K_POLYCHORIC if measure is MomentMeasure.POLYCHORIC else K_ALPHA, self.k_spread)

    def _complete(self, key: Key) -> Counts | None:
        """(P,) complete answers behind a figure, in each unit with what is below; None for no such figure."""
        measure, subject, other = key
        if measure in _DRIVERS:
            return self._answered_all if {subject, other} - {""} <= self._driven else None
        if measure in _ICCS:
            scale = self.tables.scales.get(subject)
            places = [self.tables.place[code] for code in self._tree.codes]
            return None if scale is None or other else np.asarray(scale.n[places])
        if measure in _PAIRS:
            scales = {} if measure is MomentMeasure.POLYCHORIC else self._of_scale_pairs
            return (self._of_items | scales).get((subject, other))
        fits = other in self._items.get(subject, ()) if measure in _OF_ITEMS else not other
        return self._of_scales.get(subject) if fits else None

    def _with_below(self, parts: Counts, weight: Counts | None = None) -> Counts:
        """(P,) people by unit, each counted where they are and in every unit above."""
        found = np.zeros(len(self._tree), dtype=np.int64)
        while len(parts):
            np.add.at(found, parts, 1 if weight is None else weight)
            above = self._tree.parent[parts]
            parts, weight = above[above >= 0], None if weight is None else weight[above >= 0]
        return found

    @cached_property
    def _of_scales(self) -> Mapping[str, Counts]:
        everywhere = np.arange(len(self._tree))
        return {name: self._with_below(everywhere, one.n) for name, one in self.moments.scales.items()}

    @cached_property
    def _of_scale_pairs(self) -> dict[tuple[str, str], Counts]:
        pairs = self.moments.scale_pairs
        return {(one.first, one.second): self._with_below(one.parts, one.counts) for one in pairs}

    @cached_property
    def _of_items(self) -> dict[tuple[str, str], Counts]:
        pairs = self.moments.item_pairs
        return {(one.first, one.second): self._with_below(one.parts, one.counts) for one in pairs}

    @cached_property
    def _driven(self) -> frozenset[str]:
        return frozenset(self.moments.outcome.names if self.moments.outcome else ())

    @cached_property
    def _answered_all(self) -> Counts:
        """(P,) who answered the outcome and everything that may explain it."""
        outcome = self.moments.outcome
        assert outcome is not None, "there are drivers"
        return self._with_below(outcome.parts[~np.isnan(outcome.rows).any(axis=1)])


def _key(row: MomentRow) -> Key:
    return row.measure, row.subject, row.other
