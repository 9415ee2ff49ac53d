"""The gate for background cuts: every cut of a wave, both measure classes, every item, links between cuts.

Runs after the gate of the tree and inside it: totals are fixed; a cell needs its unit's total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.disclosure.cuts import Cell, CutBasis, CutFrame, CutPattern, CutTable, one_minded
from analysis.disclosure.gate import GateInput, GateResult
from analysis.disclosure.links import Beside, CutLink, turned
from analysis.disclosure.rules import AnswerSet, ItemTable, each_option, ends
from analysis.disclosure.tree import Counts, Flags


@dataclass(frozen=True, eq=False)
class CutItemPatterns:
    """One basis of one cut: cells (U, C) for n, mean and index; for distribution, SD, interval and tests."""

    mean: CutPattern
    spread: CutPattern


@dataclass(frozen=True, eq=False)
class CutScalePatterns:
    """One scale: cells whose index may be shown (all items open), cells for SD, interval and tests."""

    index: Flags
    spread: CutPattern


@dataclass(frozen=True, eq=False)
class CutPatterns:
    """Everything one cut may show."""

    table: CutTable
    everyone: CutItemPatterns
    items: dict[str, CutItemPatterns]
    scales: dict[str, CutScalePatterns]


def run_cuts(
    given: GateInput, result: GateResult, cuts: Sequence[CutTable], links: Sequence[CutLink] = ()
) -> dict[str, CutPatterns]:
    """Steps 3 to 6 for each cut; the order of ``cuts`` is their priority where two nearly coincide.

    Raises ValueError when a cut's categories do not add up to the units' respondents or answers.
    """
    found: dict[str, CutPatterns] = {}
    shown: dict[str, _Shown] = {}
    for table in cuts:
        _check(given, table)
        before = [(shown[link.first], link) for link in turned(links, table.name) if link.first in shown]
        frame = CutFrame(given.tree, len(table.categories), table.levels)
        found[table.name] = _CutGate(given, result, table, frame, before).run()
        shown[table.name] = _Shown(result, frame, found[table.name])
    return found


def _check(given: GateInput, table: CutTable) -> None:
    """ValueError unless the categories hold everybody, as a whole and for every item named."""
    if not np.array_equal(table.counts.sum(axis=1), given.n):
        raise ValueError(f"{table.name}: the categories must hold every respondent")
    by_name = {item.name: item for item in given.items}
    for name, counts in table.items.items():
        if name not in by_name or not np.array_equal(counts.sum(axis=1), by_name[name].counts):
            raise ValueError(f"{table.name}, {name}: the categories must hold every answer")


class _CutGate:
    """One cut."""

    def __init__(
        self,
        given: GateInput,
        result: GateResult,
        table: CutTable,
        frame: CutFrame,
        before: Sequence[tuple[_Shown, CutLink]],
    ) -> None:
        """before: the cuts of higher priority with their links to this one."""
        self.given, self.result, self.table = given, result, table
        self.frame, self.before = frame, before

    @cached_property
    def catalogue(self) -> Flags:
        """(U, C) cells that may exist at all."""
        units = (self.frame.depth <= self.table.levels) & ~self.given.tree.never_cell
        units &= self.given.n >= self.table.min_n
        return np.asarray(units[:, None] & ~self.table.barred()[None, :])

    def run(self) -> CutPatterns:
        """Means inside the totals, spread inside the means, items inside all respondents."""
        everyone = self._everyone()
        items = {
            item.name: self._item(item, everyone)
            for item in self.given.items
            if item.name in self.table.items
        }
        scales = {scale: self._scale(scale, everyone, items) for scale in self.table.scales}
        return CutPatterns(self.table, everyone, items, scales)

    def _everyone(self) -> CutItemPatterns:
        totals = self.result.everyone
        mean = self._basis(None, False, totals.mean.shown, self.table.counts, self.catalogue)
        spread = self._basis(None, True, totals.spread.shown, self.table.counts, mean.shown)
        return CutItemPatterns(mean, spread)

    def _item(self, item: ItemTable, everyone: CutItemPatterns) -> CutItemPatterns:
        totals, counts = self.result.items[item.name], self.table.items[item.name]
        open_ = ~one_minded(counts, each_option(item))
        mean = self._basis(
            item.name, False, totals.mean.shown, counts, everyone.mean.shown & open_, ends(item.scores)
        )
        inside = everyone.spread.shown & mean.shown & open_
        spread = self._basis(item.name, True, totals.spread.shown, counts, inside, each_option(item))
        return CutItemPatterns(mean, spread)

    def _scale(
        self, name: str, everyone: CutItemPatterns, items: Mapping[str, CutItemPatterns]
    ) -> CutScalePatterns:
        """Index rule; the spread is a basis of its own inside that of all items."""
        parts = next(scale.items for scale in self.given.scales if scale.name == name)
        n = self.table.scales[name]
        index = np.all([items[part].mean.shown for part in parts], axis=0) & (n >= self.given.k_mean)
        inside = everyone.spread.shown & index & np.all([items[part].spread.shown for part in parts], axis=0)
        inside &= ~self.table.constant.get(name, np.zeros_like(inside))
        totals = self.result.scales[name].spread.shown
        return CutScalePatterns(index, self._basis(None, True, totals, n, inside))

    def _basis(
        self,
        item: str | None,
        spread: bool,
        totals: Flags,
        counts: Counts,
        inside: Flags,
        sets: tuple[AnswerSet, ...] = (),
    ) -> CutPattern:
        """Steps 3, 6 and 5 of one basis; counts (U, C) or with options (U, C, O)."""
        n = counts.sum(axis=2) if counts.ndim == 3 else counts
        k = self.given.k_spread if spread else self.given.k_mean
        eligible = inside & totals[:, None] & (n >= k)
        basis = CutBasis(self.frame, totals, n, eligible, k)
        self._protect(basis, item, spread)
        proofs = basis.hide_forced(counts, sets, sums=not spread) if counts.ndim == 3 else ()
        return CutPattern(basis.shown, ~eligible, eligible & ~basis.shown, proofs)

    def _protect(self, basis: CutBasis, item: str | None, spread: bool) -> None:
        """Step 3 and 6: nothing under k beside the totals, nor beside them and an earlier cut."""
        before = [
            (beside, both)
            for earlier, link in self.before
            if (both := link.of(item)) is not None and (beside := earlier.beside(item, spread)) is not None
        ]
        hidden: list[Cell] = []
        for beside, both in before:
            near = beside.near(self.frame, basis.n, both, basis.k)
            hidden += [(int(place), int(category)) for place, category in np.argwhere(near)]
        basis.protect(hidden)
        while told := [cell for beside, both in before for cell in beside.told(basis, both)]:
            hidden += told
            basis.protect(hidden)


class _Shown:
    """A cut that is decided, as those after it meet it: each basis worked out once."""

    def __init__(self, result: GateResult, frame: CutFrame, patterns: CutPatterns) -> None:
        """result: the totals beside the cut's patterns."""
        self.result, self.frame, self.patterns = result, frame, patterns
        self._found: dict[tuple[str | None, bool], Beside] = {}

    def beside(self, item: str | None, spread: bool) -> Beside | None:
        """A basis as it is shown; None for an item the cut does not hold."""
        table, key = self.patterns.table, (item, spread)
        if item is not None and item not in self.patterns.items:
            return None
        if key not in self._found:
            cells = self.patterns.everyone if item is None else self.patterns.items[item]
            whole = self.result.everyone if item is None else self.result.items[item]
            n = table.counts if item is None else table.items[item].sum(axis=2)
            shown = cells.spread.shown if spread else cells.mean.shown
            totals = whole.spread.shown if spread else whole.mean.shown
            self._found[key] = Beside.of(self.frame, totals, shown, n)
        return self._found[key]


__all__ = ["CutItemPatterns", "CutLink", "CutPatterns", "CutScalePatterns", "run_cuts"]
