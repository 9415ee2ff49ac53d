"""The attacker at the door: reads the rows that are to be stored, and nothing the gate has decided.

What a row shows is worked out from the row alone. Whoever sees a comparison with the others knows the unit,
the whole and so the others; the rows are read that way. One finding is enough to store nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from analysis.disclosure.auditor import Finding, audit_cells, cells_of_tree
from analysis.disclosure.coding import FEW_SILENT
from analysis.disclosure.cut_auditor import CutSight
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.joint_auditor import cuts_tell_of_few, forces_answers
from analysis.disclosure.links import Kinds
from analysis.disclosure.rules import EVERYONE, About, AnswerSet, each_option, ends
from analysis.disclosure.together import Known
from analysis.disclosure.tree import Counts, Flags
from analysis.disclosure.wave import WaveInput
from surveyor.releases.cut_tables import CutTables
from surveyor.releases.enums import CellKind, CellState, ComparedTo
from surveyor.releases.figure_checks import FigureChecks
from surveyor.releases.spec import Row
from surveyor.releases.tables import WaveTables

_NUMBERS = ("n", "value", "low", "high", "difference", "p", "p_adjusted", "effect")
_SIDES = (AnswerSet("silent", (0,)), AnswerSet("answered", (1,)))


class MeasureClass(StrEnum):
    """What may be shown from how many answers on."""

    MEAN = "mean"
    SPREAD = "spread"
    MISSING = "missing"
    RATE = "rate"


Subject = tuple[str, CellKind, str, MeasureClass]  # cut or "", kind, name, class


def class_of(row: Row) -> MeasureClass | None:
    """The class a row belongs to; None for a measure there is no rule for."""
    measure = row.measure
    if row.kind is CellKind.WAVE:
        return MeasureClass.RATE if measure == "response_rate" else None
    if measure in ("mean", "index"):
        tested = row.p is not None or row.p_adjusted is not None or row.effect is not None
        bounded = bool(row.compared_to) and (row.low is not None or row.high is not None)
        return MeasureClass.SPREAD if tested or bounded else MeasureClass.MEAN
    if measure in ("sd", "top2", "bottom") or measure.startswith("share:"):
        return MeasureClass.SPREAD
    return MeasureClass.MISSING if measure == "missing_share" else None


@dataclass(frozen=True, eq=False)
class RowsRead:
    """The counts behind a release, and what its rows show of them."""

    tables: WaveTables
    asked: WaveInput
    cuts: tuple[CutTables, ...] = ()
    shown: dict[Subject, Flags] = field(default_factory=dict)
    _place: Mapping[str, int] = field(init=False)
    _cuts: Mapping[str, CutTable] = field(init=False)

    def __post_init__(self) -> None:
        """Keep at hand what is looked up for every row."""
        units = {code: n for code, n in self.tables.place.items() if not self.tables.tree.never_cell[n]}
        object.__setattr__(self, "_place", units)
        object.__setattr__(self, "_cuts", {table.name: table for table in self.asked.cuts})

    def flags(self, cut: str, kind: CellKind, name: str, of: MeasureClass) -> Flags:
        """(U,) units, or (U, C) groups of a cut, that show a class of a subject."""
        key = (cut, kind, name, of)
        if key not in self.shown:
            size = len(self.tables.tree)
            shape = (size, len(self.table(cut).categories)) if cut else (size,)
            self.shown[key] = np.zeros(shape, dtype=np.bool_)
        return self.shown[key]

    def means(self, cut: str, kind: CellKind, name: str) -> Flags:
        """Who shows a mean, or a distribution from which it follows."""
        spread = self.flags(cut, kind, name, MeasureClass.SPREAD)
        return np.asarray(self.flags(cut, kind, name, MeasureClass.MEAN) | spread)

    def any_of(self, cut: str, of: MeasureClass) -> Flags:
        """Who shows a class of any subject."""
        found = self.flags(cut, CellKind.WAVE, "", of).copy()
        for (name, _, _, kind), flags in self.shown.items():
            if name == cut and kind is of:
                found |= flags
        return found

    def table(self, cut: str) -> CutTable:
        """A cut as the gate was given it; raises KeyError for another."""
        return self._cuts[cut]

    def read(self, row: Row) -> str | None:
        """Note what a shown row shows; what is wrong with it, None if nothing is."""
        of, place = class_of(row), self._place.get(row.unit)
        if of is None:
            return "a measure without a rule"
        if place is None:
            return "not a unit"
        if not row.cut:
            self.flags("", row.kind, row.item, of)[place] = True
            if row.compared_to == ComparedTo.REST:
                self.flags("", row.kind, row.item, of)[list(self.tables.roots)] = True
            return None
        if row.cut not in self._cuts or row.category not in self.table(row.cut).categories:
            return "not a group"
        category = self.table(row.cut).categories.index(row.category)
        self.flags(row.cut, row.kind, row.item, of)[place, category] = True
        if row.compared_to:
            self.flags("", row.kind, row.item, of)[place] = True
        return None


def holes(read: RowsRead, rows: Sequence[Row]) -> list[Finding]:
    """Everything that is wrong with rows that are to be stored; an empty list before anything is."""
    figures = FigureChecks(read.tables, {cut.name: cut for cut in read.cuts})
    found: list[Finding] = []
    for row in rows:
        if row.state is CellState.HIDDEN:
            wrong = "a number in a hidden row" if _has_number(row) else None
        else:
            wrong = read.read(row) or figures.wrong(row)
        if wrong:
            found.append(Finding(wrong, f"{row.cut} {row.item} {row.measure}", row.unit, row.n or 0))
    found += figures.wrong_intervals(read.flags)
    found += _units(read)
    for table in read.asked.cuts:
        found += _cut(read, table)
    return [*found, *_together(read), *_rates(read, rows)]


def _has_number(row: Row) -> bool:
    return bool(row.verdict) or any(getattr(row, name) is not None for name in _NUMBERS)


def _units(read: RowsRead) -> Iterator[Finding]:
    """Totals: respondents, items, scales, and "don't know" among those who were asked."""
    given, tree = read.asked.gate, read.tables.tree
    limits = ((MeasureClass.MEAN, given.k_mean), (MeasureClass.SPREAD, given.k_spread))
    for of, k in limits:
        shown = read.any_of("", of) | read.any_of("", MeasureClass.SPREAD)
        yield from audit_cells(cells_of_tree(tree, shown, given.n[:, None]), k, f"everyone {of}")
    for item in given.items:
        spread = read.flags("", CellKind.ITEM, item.name, MeasureClass.SPREAD)
        mean = read.means("", CellKind.ITEM, item.name)
        sets = ends(item.scores)
        cells = cells_of_tree(tree, mean, item.counts, sets)
        yield from audit_cells(cells, given.k_mean, f"{item.name} mean", sets)
        sets = each_option(item)
        cells = cells_of_tree(tree, spread, item.counts, sets)
        yield from audit_cells(cells, given.k_spread, f"{item.name} spread", sets)
        missing = read.tables.items[item.name].missing
        if missing is not None:
            apart = read.flags("", CellKind.ITEM, item.name, MeasureClass.MISSING)
            cells = cells_of_tree(tree, apart, (item.n + missing)[:, None])
            yield from audit_cells(cells, given.k_spread, f"{item.name} missing")
            yield from _named(read, "outside the pattern", item.name, apart & ~spread)
    for scale in given.scales:
        spread = read.flags("", CellKind.SCALE, scale.name, MeasureClass.SPREAD)
        mean = read.means("", CellKind.SCALE, scale.name)
        cells = cells_of_tree(tree, spread, scale.n[:, None])
        yield from audit_cells(cells, given.k_spread, f"{scale.name} spread")
        yield from _scale(read, "", scale.name, scale.items, mean & (scale.n < given.k_mean), mean, spread)


def _scale(
    read: RowsRead, cut: str, name: str, items: Sequence[str], few: Flags, mean: Flags, spread: Flags
) -> Iterator[Finding]:
    """The index rule: nothing of a scale where not as much is shown of every item."""
    yield from _named(read, "cell", name, few)
    for item in items:
        extra = mean & ~read.means(cut, CellKind.ITEM, item)
        extra |= spread & ~read.flags(cut, CellKind.ITEM, item, MeasureClass.SPREAD)
        yield from _named(read, "index rule", name, extra)


def _named(read: RowsRead, rule: str, figure: str, units: Flags) -> Iterator[Finding]:
    for place in np.unique(np.nonzero(units)[0]).tolist():
        yield Finding(rule, figure, read.tables.tree.codes[place], 0)


# Background groups


def _cut(read: RowsRead, table: CutTable) -> Iterator[Finding]:
    """One cut beside the totals: where groups may be, respondents, items, scales."""
    given, tree, cut = read.asked.gate, read.tables.tree, table.name
    mean, spread = read.any_of(cut, MeasureClass.MEAN), read.any_of(cut, MeasureClass.SPREAD)
    depth = np.array([_depth(tree.parent, place) for place in range(len(tree))])
    barred = (depth > table.levels) | (given.n < table.min_n)
    yield from _named(
        read, "no group there", cut, (mean | spread) & (barred[:, None] | table.barred()[None, :])
    )
    totals = read.any_of("", MeasureClass.MEAN) | read.any_of("", MeasureClass.SPREAD)
    pairs = (
        (totals, mean | spread, given.k_mean),
        (read.any_of("", MeasureClass.SPREAD), spread, given.k_spread),
    )
    for whole, shown, k in pairs:
        yield from CutSight(tree, whole, shown, table.counts[:, :, None]).sizes(k, f"{cut} everyone")
    for item in given.items:
        counts = table.items[item.name]
        whole, shown = (read.means(name, CellKind.ITEM, item.name) for name in ("", cut))
        sight = CutSight(tree, whole, shown, counts)
        yield from sight.sizes(given.k_mean, f"{cut} {item.name} mean")
        if sets := ends(item.scores):
            yield from sight.content(sets, f"{cut} {item.name} mean", sums=True)
        whole, shown = (read.flags(name, CellKind.ITEM, item.name, MeasureClass.SPREAD) for name in ("", cut))
        sight = CutSight(tree, whole, shown, counts)
        yield from sight.sizes(given.k_spread, f"{cut} {item.name} spread")
        sets = each_option(item)
        yield from sight.content(sets, f"{cut} {item.name} spread", sums=False)
    for scale in given.scales:
        n = table.scales[scale.name]
        mean = read.means(cut, CellKind.SCALE, scale.name)
        whole, spread = (
            read.flags(name, CellKind.SCALE, scale.name, MeasureClass.SPREAD) for name in ("", cut)
        )
        yield from CutSight(tree, whole, spread, n[:, :, None]).sizes(
            given.k_spread, f"{cut} {scale.name} spread"
        )
        yield from _scale(read, cut, scale.name, scale.items, mean & (n < given.k_mean), mean, spread)


def _depth(parent: Counts, place: int) -> int:
    depth = 0
    while (place := int(parent[place])) >= 0:
        depth += 1
    return depth


def _together(read: RowsRead) -> Iterator[Finding]:
    """What totals and the groups of all cuts tell together: of everybody, and of each item and scale."""
    cuts, kinds = [table.name for table in read.asked.cuts], read.asked.kinds
    if len(cuts) < 2:
        return
    if kinds is None:
        yield Finding("not judged", " ".join(cuts), "", 0)
        return
    known: Known = {}
    given = read.asked.gate
    asked = [(CellKind.WAVE, ""), *((CellKind.ITEM, item.name) for item in given.items)]
    limits = ((MeasureClass.MEAN, given.k_mean), (MeasureClass.SPREAD, given.k_spread))
    bases = [(*one, *limit) for one in asked for limit in limits]
    bases += [(CellKind.SCALE, scale.name, *limits[1]) for scale in given.scales]
    for kind, name, of, k in bases:
        about = EVERYONE if kind is CellKind.WAVE else (kind.value, name)
        totals, *groups = (_shown(read, cut, kind, name, of) for cut in ("", *cuts))
        cells, figure = dict(zip(cuts, groups, strict=True)), " ".join([*cuts, *filter(None, (name, of))])
        if about not in kinds.n:
            yield Finding("not judged", figure, "", 0)
        elif cuts_tell_of_few(read.tables.tree, kinds, about, totals, cells, k, known):
            yield Finding("link", figure, "", 0)
        elif kind is CellKind.ITEM:
            yield from _answers_together(read, kinds, about, of, (totals, cells))


def _answers_together(
    read: RowsRead, kinds: Kinds, about: About, of: MeasureClass, shown: tuple[Flags, Mapping[str, Flags]]
) -> Iterator[Finding]:
    """What totals and the groups of all cuts together say of somebody's answer to an item."""
    item = next(one for one in read.asked.gate.items if one.name == about[1])
    counts = {table.name: table.items[item.name] for table in read.asked.cuts}
    sums = of is MeasureClass.MEAN
    sets = ends(item.scores) if sums else each_option(item)
    if sets:
        for name in forces_answers(read.tables.tree, kinds, about, *shown, counts, sets, sums=sums):
            yield Finding(f"G2: {name}", " ".join((*counts, item.name, of)), "", 0)


def _shown(read: RowsRead, cut: str, kind: CellKind, name: str, of: MeasureClass) -> Flags:
    """Who shows a class of a subject, of anything for the wave; whoever shows a spread shows the mean."""
    if kind is CellKind.WAVE:
        return np.asarray(read.any_of(cut, of) | read.any_of(cut, MeasureClass.SPREAD))
    spread = read.flags(cut, kind, name, MeasureClass.SPREAD)
    return spread if of is MeasureClass.SPREAD else read.means(cut, kind, name)


# Who was asked


def _rates(read: RowsRead, rows: Sequence[Row]) -> Iterator[Finding]:
    """Response rates: k invited, and where exact at least three silent and somebody who answered."""
    invited, answered = read.asked.invited, read.asked.answered
    shown = [row for row in rows if row.measure == "response_rate" and row.state is CellState.SHOWN]
    if invited is None or answered is None:
        yield from (Finding("nobody was invited", "response rate", row.unit, 0) for row in shown)
        return
    exact = np.zeros(len(invited), dtype=np.bool_)
    for row in shown:
        place = read.tables.place[row.unit]
        exact[place] = row.value is not None
        if invited[place] < read.asked.gate.k_mean:
            yield Finding("cell", "response rate", row.unit, int(invited[place]))
        if row.value is not None and invited[place] - answered[place] < FEW_SILENT:
            yield Finding("few silent", "response rate", row.unit, int(invited[place]))
    counts = np.stack([invited - answered, answered], axis=1)
    cells = cells_of_tree(read.tables.tree, exact, counts, _SIDES)
    yield from audit_cells(cells, read.asked.gate.k_mean, "response rate", _SIDES)
