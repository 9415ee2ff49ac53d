"""Every row of a release. Which rows there are depends on instrument and tree, never on the answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from analysis.disclosure.classes import RatePattern
from analysis.disclosure.coding import coded_response_rate
from analysis.disclosure.gate import GateResult
from analysis.disclosure.tree import Flags, best_pattern
from analysis.intervals import PooledSd, half_width
from surveyor.releases.cell_rows import centre_row, end_rows, hidden_row, option_rows, share_row
from surveyor.releases.comparisons import Comparison, adjusted, against_rest
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.last import LastWave
from surveyor.releases.spec import Row
from surveyor.releases.subjects import (
    Flagged,
    ItemSubject,
    ScaleSubject,
    Side,
    Subject,
    flags_of,
    item_subjects,
    scale_subjects,
)
from surveyor.releases.tables import ItemTables, WaveTables


@dataclass(frozen=True, eq=False)
class CellMaker:
    """Makes the rows of one wave."""

    tables: WaveTables
    gate: GateResult
    k_spread: int
    last: LastWave | None = None
    rates: RatePattern | None = None
    weak: frozenset[str] = frozenset()
    """Scales without an index: their items do not belong together well enough."""
    _flags: dict[tuple[CellKind, str], Flagged] = field(default_factory=dict)
    _pooled: dict[tuple[CellKind, str], PooledSd | None] = field(default_factory=dict)
    _missing: dict[str, Flags] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Units in tree order: response rate, scales, items; bare rows before comparisons."""
        for node in range(self.tables.n_units):
            yield from self.unit(node)

    def unit(self, node: int) -> Iterator[Row]:
        """Every row of one unit."""
        code = self.tables.tree.codes[node]
        yield self._response_rate(node)
        compared = self._compared(node)
        for scale in self.scales:
            yield from self._centre_rows(scale, node)
            yield from self._comparison_rows(compared, scale, code)
        for name, tables in self.tables.items.items():
            subject = self.items.get(name)
            if subject:
                yield from self._centre_rows(subject, node)
            yield from self._distribution(tables, node)
            if subject:
                yield from self._comparison_rows(compared, subject, code)

    @cached_property
    def scales(self) -> list[ScaleSubject]:
        return scale_subjects(self.tables)

    @cached_property
    def items(self) -> Mapping[str, ItemSubject]:
        return item_subjects(self.tables)

    def flagged(self, subject: Subject) -> Flagged:
        """Which units may show a subject: what the gate says, and nothing of a weak scale."""
        key = (subject.kind, subject.name)
        if key not in self._flags:
            found = flags_of(self.gate, subject)
            self._flags[key] = found.none if self.is_weak(subject) else found
        return self._flags[key]

    def is_weak(self, subject: Subject) -> bool:
        """True for a scale whose items are reported instead of it."""
        return subject.kind is CellKind.SCALE and subject.name in self.weak

    def _band(self, subject: Subject) -> PooledSd | None:
        """The wave's pooled SD, where the whole wave's spread is shown."""
        key = (subject.kind, subject.name)
        if key not in self._pooled:
            flags = self.flagged(subject)
            open_ = all(flags.spread[root] for root in self.tables.roots)
            self._pooled[key] = subject.pooled(self.tables.tree, flags.mean) if open_ else None
        return self._pooled[key]

    def _compared(self, node: int) -> dict[tuple[CellKind, str], list[Comparison]]:
        """Every comparison of a unit, adjusted within its families."""
        subjects: list[Subject] = [*self.scales, *self.items.values()]
        found: list[Comparison] = []
        if not self.tables.holds_all[node]:
            found += [against_rest(s, self.flagged(s), self.tables.roots, node) for s in subjects]
        if self.last:
            code = self.tables.tree.codes[node]
            for subject in self.last.comparable(subjects, code):
                flags = self.flagged(subject)
                shows = bool(flags.mean[node]), bool(flags.spread[node])
                found.append(self.last.compare(subject, code, node, *shows))
        by_subject: dict[tuple[CellKind, str], list[Comparison]] = {}
        for one in adjusted(found):
            by_subject.setdefault((one.subject.kind, one.subject.name), []).append(one)
        return by_subject

    def _comparison_rows(
        self, compared: Mapping[tuple[CellKind, str], list[Comparison]], subject: Subject, code: str
    ) -> Iterator[Row]:
        for one in compared.get((subject.kind, subject.name), ()):
            yield from one.rows(code)

    def _centre_rows(self, subject: Subject, node: int) -> Iterator[Row]:
        """mean, index and sd of a subject."""
        flags, code = self.flagged(subject), self.tables.tree.codes[node]
        side = subject.of(node) if flags.mean[node] else None
        yield from self.centre_rows(code, subject, side, bool(flags.spread[node]))

    def centre_rows(self, code: str, subject: Subject, side: Side | None, spread: bool) -> Iterator[Row]:
        """mean, index and sd of one side, which is None when its mean is hidden."""
        for measure, factor in subject.factors.items():
            if side is None:
                yield hidden_row(code, subject, measure)
            else:
                half = self._half_width(subject, side, spread)
                yield centre_row(code, subject, side, measure, None if half is None else half * factor)
        if side is None or not spread or side.table.sd is None:
            yield hidden_row(code, subject, "sd")
        else:
            sd = side.table.sd * subject.sd_factor
            yield Row(code, subject.kind, subject.name, "sd", CellState.SHOWN, side.table.n, sd)

    def _half_width(self, subject: Subject, side: Side, spread: bool) -> float | None:
        """Half the interval in the table's units: own where the spread is shown, else the pooled band."""
        n, sd = side.table.n, side.table.sd
        if spread and sd:
            return half_width(n, sd)
        pooled = self._band(subject)
        if spread or pooled is None or not n:
            return None
        return half_width(n, pooled.sd, pooled.df)

    def _distribution(self, item: ItemTables, node: int) -> Iterator[Row]:
        """Shares of the options, of "don't know" and of both ends."""
        code, shown = self.tables.tree.codes[node], bool(self.gate.items[item.name].spread.shown[node])
        counts = item.counts[node]
        yield from option_rows(code, item, counts, shown)
        if item.missing is not None:
            asked = int(counts.sum() + item.missing[node])
            open_ = shown and bool(self._missing_shown(item)[node])
            yield share_row(code, item.name, "missing_share", int(item.missing[node]), asked, open_)
        if item.scores is not None:
            yield from end_rows(code, item, item.of(node), shown)

    def _missing_shown(self, item: ItemTables) -> Flags:
        """Where "don't know" may be counted: inside the item's spread, and safe among all who were asked."""
        if item.name not in self._missing:
            if item.missing is None:
                raise ValueError(f"nothing is missing: {item.name}")
            valid = item.counts.sum(axis=1, dtype=np.int64)
            asked = valid + item.missing
            inside = self.gate.items[item.name].spread.shown & (valid > 0)
            shown = best_pattern(self.tables.tree, asked[None], inside[None], self.k_spread)[0]
            self._missing[item.name] = shown
        return self._missing[item.name]

    def _response_rate(self, node: int) -> Row:
        """Exact, or a band, or hidden: through the gate on those invited, inside what may be shown at all."""
        code, invited = self.tables.tree.codes[node], int(self.tables.invited[node])
        open_ = self.rates is not None and bool(self.rates.exact[node] or self.rates.band[node])
        if invited <= 0 or not open_ or not self.gate.everyone.mean.shown[node]:
            return Row(code, CellKind.WAVE, "", "response_rate", CellState.HIDDEN)
        rate = coded_response_rate(invited, min(int(self.tables.answered[node]), invited))
        shown = CellState.SHOWN
        return Row(code, CellKind.WAVE, "", "response_rate", shown, invited, rate.value, rate.low, rate.high)
