"""The gate for background cuts: every cut of a wave, both measure classes, every item, links between cuts.

Runs after the gate of the tree and inside it: totals are fixed; a cell needs its unit's total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.disclosure.content import Proof
from analysis.disclosure.cuts import Cell, CutBasis, CutFrame, CutPattern, CutTable, one_minded
from analysis.disclosure.gate import GateInput, GateResult
from analysis.disclosure.links import Family, Joint, Kinds
from analysis.disclosure.proofs import shares
from analysis.disclosure.rules import EVERYONE, About, AnswerSet, ItemTable, each_option, ends
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

    def shown(self, about: About, *, spread: bool) -> Flags | None:
        """(U, C) what is shown of a basis, of a scale its spread; None for what the cut does not hold."""
        kind, name = about
        if kind == "scale":
            scale = self.scales.get(name)
            return None if scale is None else scale.spread.shown
        if kind == "item" and name not in self.items:
            return None
        one = self.items[name] if kind == "item" else self.everyone
        return one.spread.shown if spread else one.mean.shown


def run_cuts(
    given: GateInput, result: GateResult, cuts: Sequence[CutTable], kinds: Kinds | None = None
) -> dict[str, CutPatterns]:
    """Steps 3 to 6 for each cut; the order of ``cuts`` is their priority where several nearly coincide.

    Raises ValueError when a cut's categories, or the kinds of people, do not add up to the units' respondents
    or answers.
    """
    found: dict[str, CutPatterns] = {}
    before: list[_Shown] = []
    for table in cuts:
        _check(given, table)
        frame = CutFrame(given.tree, len(table.categories), table.levels)
        if kinds is not None:
            _check_kinds(given, table, kinds)
        beside = None if kinds is None or not before else _Beside(result, kinds, tuple(before))
        found[table.name] = _CutGate(given, result, table, frame, beside).run()
        before.append(_Shown(frame, found[table.name]))
    return found


def _check(given: GateInput, table: CutTable) -> None:
    """ValueError unless the categories hold everybody, as a whole and for every item named."""
    if not np.array_equal(table.counts.sum(axis=1), given.n):
        raise ValueError(f"{table.name}: the categories must hold every respondent")
    by_name = {item.name: item for item in given.items}
    for name, counts in table.items.items():
        if name not in by_name or not np.array_equal(counts.sum(axis=1), by_name[name].counts):
            raise ValueError(f"{table.name}, {name}: the categories must hold every answer")


def _check_kinds(given: GateInput, table: CutTable, kinds: Kinds) -> None:
    """ValueError unless the kinds of people are those the cut counts."""
    leaves = given.tree.leaves
    for about in kinds.n:
        counted = _n_of(table, about)
        if counted is None:
            continue
        told = kinds.table(table.name, about, counted.shape)
        if not np.array_equal(told[leaves], counted[leaves]) or told[~leaves].any():
            raise ValueError(f"{table.name}, {about[1]}: the kinds must hold everybody")


def _n_of(table: CutTable, about: About) -> Counts | None:
    """(U, C) respondents of a basis; None for what the cut does not hold."""
    kind, name = about
    if about == EVERYONE:
        return table.counts
    if kind == "scale":
        return table.scales.get(name)
    return table.items[name].sum(axis=2) if name in table.items else None


class _CutGate:
    """One cut."""

    def __init__(
        self, given: GateInput, result: GateResult, table: CutTable, frame: CutFrame, beside: _Beside | None
    ) -> None:
        """beside: the cuts of higher priority, None when there are none."""
        self.given, self.result, self.table = given, result, table
        self.frame, self.beside = frame, beside

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
        mean = self._basis(EVERYONE, False, totals.mean.shown, self.table.counts, self.catalogue)
        spread = self._basis(EVERYONE, True, totals.spread.shown, self.table.counts, mean.shown)
        return CutItemPatterns(mean, spread)

    def _item(self, item: ItemTable, everyone: CutItemPatterns) -> CutItemPatterns:
        totals, counts = self.result.items[item.name], self.table.items[item.name]
        about = "item", item.name
        open_ = ~one_minded(counts, each_option(item))
        mean = self._basis(
            about, False, totals.mean.shown, counts, everyone.mean.shown & open_, ends(item.scores)
        )
        inside = everyone.spread.shown & mean.shown & open_
        spread = self._basis(about, True, totals.spread.shown, counts, inside, each_option(item))
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
        return CutScalePatterns(index, self._basis(("scale", name), True, totals, n, inside))

    def _basis(
        self,
        about: About,
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
        joint = self.beside.joint(self.table.name, about, spread, totals) if self.beside else None
        self._protect(basis, joint)
        proofs = basis.hide_forced(counts, sets, sums=not spread) if counts.ndim == 3 else ()
        if joint and self.beside and sets:
            tables = (counts.sum(axis=1), *self.beside.tables(about), counts)
            proofs += _hide_told_together(basis, joint, tables, sets, sums=not spread)
        return CutPattern(basis.shown, ~eligible, eligible & ~basis.shown, proofs)

    def _protect(self, basis: CutBasis, joint: Joint | None) -> None:
        """Step 3 and 6: nothing under k beside the totals, nor beside them and all earlier cuts."""
        basis.protect()
        hidden: list[Cell] = []
        while joint and (told := joint.told(basis)):
            hidden += told
            basis.protect(hidden)


def _hide_told_together(
    basis: CutBasis, joint: Joint, tables: Sequence[Counts], sets: Sequence[AnswerSet], *, sums: bool
) -> tuple[Proof, ...]:
    """Step 5 for all cuts so far: hide until totals and groups together force nobody's answers."""
    proofs: list[Proof] = []
    leaves = basis.frame.tree.leaves
    for name, asked in shares(sets, sums=sums):
        answers = [asked(np.where(leaves.reshape(-1, *[1] * (one.ndim - 1)), one, 0)) for one in tables]
        while cell := joint.forced(basis, answers, both=sums):
            basis.shown[cell] = False
            code = f"{basis.frame.tree.codes[cell[0]]}#{cell[1]}"
            proofs.append(Proof(code, "", int(basis.n[cell]), name))
    return tuple(proofs)


@dataclass(frozen=True, eq=False)
class _Shown:
    """A cut that is decided."""

    frame: CutFrame
    patterns: CutPatterns


@dataclass(frozen=True, eq=False)
class _Beside:
    """Everything that is decided before a cut."""

    result: GateResult
    kinds: Kinds
    cuts: tuple[_Shown, ...]

    def joint(self, cut: str, about: About, spread: bool, totals: Flags) -> Joint | None:
        """The system of one basis; None where its people are not told, or no other cut holds it."""
        shown = [
            (one, cells)
            for one in self.cuts
            if (cells := one.patterns.shown(about, spread=spread)) is not None
        ]
        if not shown or about not in self.kinds.n:
            return None
        families = [
            Family.of_cut(one.frame, cells, self.kinds, one.patterns.table.name) for one, cells in shown
        ]
        whole = Family.of_totals(shown[0][0].frame.tree, totals, self.kinds)
        return Joint(self.kinds, cut, self.kinds.n[about], (whole, *families))

    def tables(self, about: About) -> list[Counts]:
        """(U, C, options) answers to an item by group of each cut that holds it."""
        held = [one.patterns.table.items for one in self.cuts]
        return [items[about[1]] for items in held if about[1] in items]


__all__ = ["CutItemPatterns", "CutPatterns", "CutScalePatterns", "Kinds", "run_cuts"]
