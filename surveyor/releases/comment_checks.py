"""The attacker at the door of comments: reads the lists and theme rows that are to be stored.

What each unit would read is put together from the stored rows as a reader would, and held against the
comments themselves and the counts of the wave; nothing the gate has decided.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.disclosure.auditor import Finding, audit_cells, cells_of_tree
from analysis.disclosure.coding import coded_share
from analysis.disclosure.rules import NO_FRAME, AnswerSet
from analysis.disclosure.tree import Counts, Flags, Tree
from surveyor.campaigns.spec import OWN
from surveyor.releases.enums import CellState
from surveyor.releases.spec import Readable, ThemeRow
from surveyor.texts.spec import Coded, ThemeRule

_SIDES = (AnswerSet("touched", (0,)), AnswerSet("not touched", (1,)))
_LISTS = "comments"


@dataclass(frozen=True, eq=False)
class CommentSight:
    """What stands behind a question's lists: the wave, its comments that may be shown, and their themes.

    respondents, invited: (U,), -1 without a frame; k: comments a list needs; k_spread: respondents.
    """

    tree: Tree
    respondents: Counts
    invited: Counts
    coded: Sequence[Coded]
    rules: Sequence[ThemeRule]
    k: int
    k_spread: int

    def holes(self, made: Readable) -> list[Finding]:
        """Everything that is wrong with what is to be stored."""
        wrong = ((row, self._of_row(row)) for row in made.rows)
        found = [Finding(rule, row.theme, row.unit, row.n or 0) for row, rule in wrong if rule]
        lists = self._flags(made.rows, "")
        found += self._lists(made, lists)
        for name, counts in self._touched.items():
            shown = self._flags(made.rows, name)
            found += [
                Finding("outside the pattern", name, self.tree.codes[place], 0)
                for place in np.flatnonzero(shown & ~lists).tolist()
            ]
            found += audit_cells(cells_of_tree(self.tree, shown, counts, _SIDES), self.k, name, _SIDES)
        return found

    def _flags(self, rows: Sequence[ThemeRow], theme: str) -> Flags:
        """(U,) units that show the share of a theme; of the empty one, their comments."""
        shown = [row.unit for row in rows if row.theme == theme and row.state is CellState.SHOWN]
        flags = np.zeros(len(self.tree), dtype=np.bool_)
        flags[[self._place[unit] for unit in shown if unit in self._place]] = True
        return flags

    def _of_row(self, row: ThemeRow) -> str | None:
        """What is wrong with a row for itself, None if nothing is."""
        numbers = row.value, row.low, row.high
        if row.state is CellState.HIDDEN:
            return "a number in a hidden row" if (row.n, *numbers) != (None,) * 4 else None
        place = self._place.get(row.unit)
        if place is None or self.tree.never_cell[place]:
            return "not a unit"
        if row.theme and row.theme not in self._touched:
            return "a measure without a rule"
        if row.n != self._n[place]:
            return "not this many"
        told = coded_share(int(self._touched[row.theme][place, 0]), row.n) if row.theme and row.n else None
        wanted = (told.value, told.low, told.high) if told else (None, None, None)
        return None if numbers == wanted else "not this share"

    def _lists(self, made: Readable, shown: Flags) -> Iterator[Finding]:
        """Lists: whether they hold all of a unit's comments and no others, and what they leave over."""
        stored: list[list[str]] = [[] for _ in self.tree.codes]
        for unit, body in made.comments:
            place = self._place.get(unit, -1)
            if place < 0 or not shown[place]:
                yield Finding("outside the pattern", _LISTS, unit, 1)
            for above in self._line(place):
                stored[above].append(body)
        written: list[list[str]] = [[] for _ in self.tree.codes]
        for one, line in zip(self.coded, self._lines, strict=True):
            for above in line:
                written[above].append(one.body)
        for place in np.flatnonzero(shown).tolist():
            if sorted(stored[place]) != sorted(written[place]):
                yield Finding("not these comments", _LISTS, self.tree.codes[place], len(stored[place]))
        yield from audit_cells(cells_of_tree(self.tree, shown, self._n[:, None]), self.k, _LISTS)
        yield from self._inside(shown)

    def _inside(self, shown: Flags) -> Iterator[Finding]:
        """Lists where not enough answered, or were asked, for a distribution to be shown."""
        cells = cells_of_tree(self.tree, shown, self.respondents[:, None])
        yield from audit_cells(cells, self.k_spread, "everyone spread")
        few = (self.invited != NO_FRAME) & (self.invited < self.k_spread)
        for place in np.flatnonzero(shown & few).tolist():
            yield Finding("cell", "invited", self.tree.codes[place], int(self.invited[place]))

    def _line(self, place: int) -> Iterator[int]:
        """A place and every one above it."""
        while place >= 0:
            yield place
            place = int(self.tree.parent[place])

    @cached_property
    def _place(self) -> dict[str, int]:
        return {code: place for place, code in enumerate(self.tree.codes)}

    @cached_property
    def _lines(self) -> list[tuple[int, ...]]:
        """Where each comment is read, by what it says of itself."""
        units = [one.segment_code.removesuffix(OWN) for one in self.coded]
        return [tuple(self._line(self._place.get(unit + OWN, self._place[unit]))) for unit in units]

    @cached_property
    def _n(self) -> Counts:
        """(U,) comments of each unit and all below."""
        return self._counted(self._lines)

    @cached_property
    def _touched(self) -> dict[str, Counts]:
        """(U, 2) comments with each theme and without it."""
        found = {}
        for rule in self.rules:
            pairs = zip(self.coded, self._lines, strict=True)
            n = self._counted([line for one, line in pairs if rule.id in one.themes])
            found[rule.name] = np.stack([n, self._n - n], axis=1)
        return found

    def _counted(self, lines: Sequence[tuple[int, ...]]) -> Counts:
        found = np.zeros(len(self.tree), dtype=np.int64)
        for line in lines:
            found[list(line)] += 1
        return found
