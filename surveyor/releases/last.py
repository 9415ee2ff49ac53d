"""The last wave of the same survey, as far as this one may be compared with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from surveyor.releases.comparisons import Comparison, compare
from surveyor.releases.enums import CellKind, ComparedTo
from surveyor.releases.subjects import ItemSubject, ScaleSubject, Subject, item_subjects, scale_subjects
from surveyor.releases.tables import ItemTables, WaveTables

Shown = frozenset[tuple[str, CellKind, str]]  # unit, kind, item


@dataclass(frozen=True, eq=False)
class LastWave:
    """Tables of the last wave, the units that are still the same, and what its release shows."""

    tables: WaveTables
    units: frozenset[str]
    means: Shown
    spreads: Shown

    def comparable(self, subjects: Sequence[Subject], unit: str) -> Iterator[Subject]:
        """The subjects that were asked in the same way last time, for a unit that is still the same."""
        if unit not in self.units:
            return
        for subject in subjects:
            before = self._subjects.get((subject.kind, subject.name))
            if before is not None and _same(subject, before):
                yield subject

    def compare(self, subject: Subject, unit: str, node: int, means: bool, spreads: bool) -> Comparison:
        """A unit now against the same unit then; hidden unless both are shown."""
        key = (unit, subject.kind, subject.name)
        if not means or key not in self.means:
            return Comparison(subject, ComparedTo.LAST)
        before = self._subjects[subject.kind, subject.name].of(self.tables.place[unit])
        both = spreads and key in self.spreads
        return compare(subject, ComparedTo.LAST, subject.of(node), before, means=True, spreads=both)

    @cached_property
    def _subjects(self) -> dict[tuple[CellKind, str], Subject]:
        found: list[Subject] = [*scale_subjects(self.tables), *item_subjects(self.tables).values()]
        return {(subject.kind, subject.name): subject for subject in found}


def _same(now: Subject, before: Subject) -> bool:
    """True for items of the same scored codes, and scales of the same such items."""
    if isinstance(now, ItemSubject) and isinstance(before, ItemSubject):
        return _codes(now.tables) == _codes(before.tables)
    if isinstance(now, ScaleSubject) and isinstance(before, ScaleSubject):
        return {item.name: _codes(item) for item in now.tables.items} == {
            item.name: _codes(item) for item in before.tables.items
        }
    return False


def _codes(item: ItemTables) -> tuple[object, bool]:
    """Code -> score, and which way the item points."""
    return dict(zip(item.options, item.scores or (), strict=True)), item.item.reverse
