"""The gate for background cuts: every cut of a wave, both measure classes, every item, links between cuts.

Runs after the gate of the tree and inside it: totals are fixed; a cell needs its unit's total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from analysis.disclosure.cuts import CutBasis, CutFrame, CutPattern, CutTable, one_minded
from analysis.disclosure.gate import GateInput, GateResult, ItemPatterns
from analysis.disclosure.rules import AnswerSet, ItemTable, each_option, ends
from analysis.disclosure.tree import Counts, Flags


@dataclass(frozen=True, eq=False)
class CutLink:
    """Two cuts together: respondents by unit and both categories, each unit with all below it.

    counts: (U, C first, C second); items: name -> the same for those who answered the item. An item left out
    is held to the pattern of all respondents only.
    """

    first: str
    second: str
    counts: Counts
    items: Mapping[str, Counts] = field(default_factory=dict)


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
        before = [(shown[link.first], link) for link in _turned(links, table.name) if link.first in shown]
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


def _turned(links: Sequence[CutLink], name: str) -> Iterator[CutLink]:
    """Links of a cut with every other one, the other first."""
    for link in links:
        if link.second == name:
            yield link
        elif link.first == name:
            items = {item: counts.swapaxes(1, 2) for item, counts in link.items.items()}
            yield CutLink(link.second, name, link.counts.swapaxes(1, 2), items)


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
        basis.protect(self._linked(item, spread, n, k) if self.before else ())
        proofs = basis.hide_forced(counts, sets, sums=not spread) if counts.ndim == 3 else ()
        return CutPattern(basis.shown, ~eligible, eligible & ~basis.shown, proofs)

    def _linked(self, item: str | None, spread: bool, n: Counts, k: int) -> list[tuple[int, int]]:
        """Step 6: cells that differ from a derivable cell of an earlier cut by 1..k-1 respondents."""
        found = np.zeros(n.shape, dtype=np.bool_)
        for earlier, link in self.before:
            if (both := link.counts if item is None else link.items.get(item)) is None:
                continue
            if item is None or item in earlier.patterns.items:
                kin = self.frame.kin(earlier.frame)
                found |= _near(earlier.known(item, spread), earlier.n(item), n, both, kin, k)
        return [(int(place), int(category)) for place, category in np.argwhere(found)]


class _Shown:
    """What a cut of higher priority lets anybody work out, worked out once for each basis."""

    def __init__(self, result: GateResult, frame: CutFrame, patterns: CutPatterns) -> None:
        """result: the totals beside the cut's patterns."""
        self.result, self.frame, self.patterns = result, frame, patterns
        self._known: dict[tuple[str | None, bool], Flags] = {}

    def n(self, item: str | None) -> Counts:
        """(U, C) respondents of a basis."""
        table = self.patterns.table
        return table.counts if item is None else table.items[item].sum(axis=2)

    def known(self, item: str | None, spread: bool) -> Flags:
        """(U, C) cells of a basis that are shown or follow."""
        key = item, spread
        if key not in self._known:
            cells: CutItemPatterns = self.patterns.everyone if item is None else self.patterns.items[item]
            totals: ItemPatterns = self.result.everyone if item is None else self.result.items[item]
            shown, whole = (
                (cells.spread.shown, totals.spread.shown) if spread else (cells.mean.shown, totals.mean.shown)
            )
            self._known[key] = CutBasis(self.frame, whole, self.n(item), shown, 1).known()
        return self._known[key]


def _near(known: Flags, n: Counts, own: Counts, both: Counts, kin: tuple[Counts, Counts], k: int) -> Flags:
    """(U, C own) cells with respondents that are 1..k-1 apart from a known cell in a unit of their kin.

    known, n: (U, C) of the earlier cut; both: (U, C, C own) respondents in a cell of each.
    """
    place, other = kin
    lower = np.maximum(place, other)  # parents stand first
    apart = n[other][:, :, None] + own[place][:, None, :] - 2 * both[lower]
    close = known[other][:, :, None] & (apart > 0) & (apart < k) & (own[place][:, None, :] > 0)
    found = np.zeros(own.shape, dtype=np.bool_)
    np.logical_or.at(found, place, close.any(axis=1))
    return found


__all__ = ["CutItemPatterns", "CutLink", "CutPatterns", "CutScalePatterns", "run_cuts"]
