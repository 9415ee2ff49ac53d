"""Rows of background groups of the highest units: each group for itself, and against the others there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.disclosure.cutgate import CutPatterns
from analysis.disclosure.tree import Flags
from surveyor.releases.cell_rows import end_rows, hidden_row, option_rows
from surveyor.releases.cells import CellMaker
from surveyor.releases.comparisons import Comparison, adjusted, compare
from surveyor.releases.cut_tables import CutTables
from surveyor.releases.enums import CellKind, CellState, ComparedTo
from surveyor.releases.spec import Row
from surveyor.releases.subjects import Flagged, Subject

Compared = Mapping[tuple[int, CellKind, str], Comparison]


@dataclass(frozen=True, eq=False)
class GroupCells:
    """Makes the rows of every cut of a wave."""

    maker: CellMaker
    cuts: tuple[CutTables, ...]
    patterns: Mapping[str, CutPatterns]

    def unit(self, node: int) -> Iterator[Row]:
        """The rows of one unit's groups, cut by cut, group by group, scales before items.

        What is not shown has no row, but for the index of a hidden group beside shown ones: few groups are
        shown of all there are, and that a row is missing says no more than that it is hidden.
        """
        for cut in self.cuts:
            is_open = node in cut.holders and self.patterns[cut.name].everyone.mean.shown[node].any()
            rows = list(self._cut(cut, node)) if is_open else []
            if any(row.state is CellState.SHOWN for row in rows):
                yield from (row for row in rows if row.state is CellState.SHOWN or _stands_for_all(row))

    def _cut(self, cut: CutTables, node: int) -> Iterator[Row]:
        compared = self._compared(cut, node)
        for place, category in cut.groups:
            for row in self._group(cut, node, place, compared):
                yield row._replace(cut=cut.name, category=category)

    @property
    def _subjects(self) -> list[Subject]:
        return [*self.maker.scales, *self.maker.items.values()]

    def _flags(self, cut: CutTables, subject: Subject) -> tuple[Flags, Flags]:
        """(U, C + 1) groups that may show a subject's means, and its spread."""
        patterns = self.patterns[cut.name]
        if subject.kind is CellKind.SCALE:
            if self.maker.is_weak(subject):
                none = np.zeros_like(patterns.scales[subject.name].index)
                return none, none
            return patterns.scales[subject.name].index, patterns.scales[subject.name].spread.shown
        return patterns.items[subject.name].mean.shown, patterns.items[subject.name].spread.shown

    def _compared(self, cut: CutTables, node: int) -> Compared:
        """Each group against the others in the unit; items are one family, scales another."""
        found: list[Comparison] = []
        about: list[tuple[int, CellKind, str]] = []
        for subject in self._subjects:
            totals = self.maker.flagged(subject)
            for place, _ in cut.groups:
                found.append(self._against_others(cut, subject, totals, node, place))
                about.append((place, subject.kind, subject.name))
        return dict(zip(about, adjusted(found), strict=True))

    def _against_others(
        self, cut: CutTables, subject: Subject, totals: Flagged, node: int, place: int
    ) -> Comparison:
        mean, spread = self._flags(cut, subject)
        means = bool(mean[node, place] and totals.mean[node])
        if not means:
            return Comparison(subject, ComparedTo.REST)
        spreads = bool(spread[node, place] and totals.spread[node])
        group, others = subject.group(cut, node, place), subject.others(cut, node, place)
        return compare(subject, ComparedTo.REST, group, others, means=means, spreads=spreads)

    def _group(self, cut: CutTables, node: int, place: int, compared: Compared) -> Iterator[Row]:
        """Rows of one group, as those of a unit; of a hidden theme or question the index alone."""
        code = self.maker.tables.tree.codes[node]
        for scale in self.maker.scales:
            yield from self._centre(cut, scale, node, place)
            yield from compared[place, scale.kind, scale.name].rows(code)
        for name, tables in self.maker.tables.items.items():
            subject = self.maker.items.get(name)
            if subject:
                yield from self._centre(cut, subject, node, place)
            if self.patterns[cut.name].items[name].spread.shown[node, place]:
                yield from option_rows(code, tables, cut.items[name][node, place], True)
                if subject:
                    yield from end_rows(code, tables, subject.group(cut, node, place).table, True)
            if subject:
                yield from compared[place, subject.kind, name].rows(code)

    def _centre(self, cut: CutTables, subject: Subject, node: int, place: int) -> Iterator[Row]:
        mean, spread = self._flags(cut, subject)
        code = self.maker.tables.tree.codes[node]
        if mean[node, place]:
            side = subject.group(cut, node, place)
            yield from self.maker.centre_rows(code, subject, side, bool(spread[node, place]))
        else:
            yield hidden_row(code, subject, "index")


def _stands_for_all(row: Row) -> bool:
    """The one row a hidden group keeps for each scale and scored item."""
    return row.measure == "index" and not row.compared_to
