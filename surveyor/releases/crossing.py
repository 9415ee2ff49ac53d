"""Everything that is out of a wave's answers as one system: two releases, figures restated for other units.

Totals and groups of all of them are held against one another at once, for everybody, each item and each
scale. Loads scipy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from sqlalchemy.orm import Session

from analysis.disclosure import joint_auditor, together
from analysis.disclosure.auditor import Finding
from analysis.disclosure.cut_auditor import anything_proved
from analysis.disclosure.layers import (
    FIRST,
    NOWHERE,
    Crowd,
    Gone,
    Layer,
    Search,
    force_answers,
    groups_layer,
    releases_tell_of_few,
    units_layer,
)
from analysis.disclosure.links import Kinds
from analysis.disclosure.proofs import Sums, shares
from analysis.disclosure.rules import EVERYONE as EVERYBODY
from analysis.disclosure.rules import About, each_option, ends
from analysis.disclosure.tree import Counts, Flags
from surveyor.campaigns.models import Wave
from surveyor.cubes.kinds import others
from surveyor.cubes.services import build_kinds
from surveyor.releases.checking import MeasureClass, RowsRead
from surveyor.releases.counted import Counted
from surveyor.releases.cut_tables import kinds_of
from surveyor.releases.enums import CellKind

Basis = tuple[CellKind, str]  # everybody, an item or a scale
EVERYONE: Basis = (CellKind.WAVE, "")


@dataclass(frozen=True, eq=False)
class Out:
    """What one release shows, and the counts it was made from on the wave's tree.

    release: number of the counts (who is counted in both is in both); cuts: those it shows; places: (U,)
    where each unit of the wave lies in the tree of the rows, when that is another one.
    """

    read: RowsRead
    counted: Counted
    release: int = FIRST
    cuts: tuple[str, ...] = ()
    places: Counts | None = None

    def layers(self, basis: Basis, of: MeasureClass) -> Iterator[Layer]:
        """Its units, and its groups."""
        tree = self.counted.tables.tree
        shown = self._shown("", basis, of)
        if self.places is None:
            yield units_layer(tree, shown, self.release)
        else:
            kept = (self.places != NOWHERE) & shown[self.places]
            yield Layer(np.where(kept, self.places, NOWHERE), "", self.release)
        for cut in self.cuts:
            yield groups_layer(tree, self._shown(cut, basis, of), cut, self.release)

    def answers(self, name: str) -> Iterator[Counts]:
        """(U, options), then (U, C, options) of each cut: answers to an item, of leaves alone."""
        leaves = self.counted.tables.tree.leaves
        yield np.where(leaves[:, None], self.counted.tables.items[name].counts, 0)
        held = {one.name: one.items[name] for one in self.counted.cuts}
        yield from (np.where(leaves[:, None, None], held[cut], 0) for cut in self.cuts)

    def _shown(self, cut: str, basis: Basis, of: MeasureClass) -> Flags:
        """Who shows a class of a basis; whoever shows a spread shows the mean."""
        kind, name = basis
        if basis == EVERYONE:
            spread = self.read.any_of(cut, MeasureClass.SPREAD)
            return spread if of is MeasureClass.SPREAD else spread | self.read.any_of(cut, MeasureClass.MEAN)
        return (
            self.read.means(cut, kind, name)
            if of is MeasureClass.MEAN
            else self.read.flags(cut, kind, name, of)
        )


@dataclass(frozen=True, eq=False)
class Answerers:
    """Whose answers are there now, apart from those that came late; those late; what the first counts held.

    Whoever is in the first counts and is not there any more was withdrawn.
    """

    stayed: Kinds
    late: Kinds
    before: Counted

    @classmethod
    def of_wave(cls, session: Session, wave: Wave, before: Counted) -> "Answerers":
        late = build_kinds(session, wave=wave, only_late=True)
        return cls(kinds_of(others(build_kinds(session, wave=wave), late)), kinds_of(late), before)

    def crowds(self, basis: Basis, releases: frozenset[int]) -> list[Crowd]:
        """Those who are there: counted in all releases, or late and not in the first."""
        about = _about(basis)
        return [
            Crowd(one.leaf, one.categories, one.n[about], where)
            for one, where in ((self.stayed, releases), (self.late, releases - {FIRST}))
        ]

    def gone(self, basis: Basis) -> Gone:
        """Those withdrawn; raises ValueError when more are left than there were."""
        about, tree = _about(basis), self.before.tables.tree
        there = np.bincount(self.stayed.leaf, self.stayed.n[about], len(tree)).astype(np.int64)
        n = np.where(tree.leaves, n_of_basis(self.before, "", basis) - there, 0)
        groups = {}
        for cut in self.before.cuts:
            counted = n_of_basis(self.before, cut.name, basis)
            left = counted - self.stayed.table(cut.name, about, (counted.shape[0], counted.shape[1]))
            groups[cut.name] = np.where(tree.leaves[:, None], left, 0)
        if any((one < 0).any() for one in (n, *groups.values())):
            raise ValueError("the counts of the two releases contradict one another")
        return Gone(n, groups)


def _about(basis: Basis) -> About:
    kind, name = basis
    return EVERYBODY if basis == EVERYONE else (kind.value, name)


@dataclass(frozen=True, eq=False)
class Judge:
    """Who decides: a search for combinations, and what says that sums force answers; remembers systems."""

    search: Search
    proves: Callable[[Sums, bool], bool]


def gate() -> Judge:
    """The gate's own search."""
    return Judge(
        partial(together.search_finds_few, known={}), lambda sums, both: bool(sums.forced(both=both)[0].any())
    )


def auditor() -> Judge:
    """The attacker's."""
    return Judge(partial(joint_auditor.attack_finds_few, known={}), _is_proved)


def _is_proved(sums: Sums, both: bool) -> bool:
    if sums.is_open(both=both):
        return False
    most = sums.n.astype(np.float64)
    return anything_proved(sums.cells, sums.told, 0 * most, most, both=both)


@dataclass(frozen=True, eq=False)
class Crossing:
    """All releases, the last of them in question, and their people."""

    out: tuple[Out, ...]
    people: Answerers
    judge: Judge

    def holes(self) -> Iterator[Finding]:
        """Groups under k, and answers that are forced."""
        tables, given = self.people.before.tables, self.out[-1].read.asked.gate
        limits = (MeasureClass.MEAN, given.k_mean), (MeasureClass.SPREAD, given.k_spread)
        for of, k in limits:
            yield from self._few(EVERYONE, of, k)
        for name in tables.items:
            for of, k in limits:
                yield from self._few((CellKind.ITEM, name), of, k)
                yield from self._forced(name, of)
        for name in tables.scales:  # an index is the mean of its items' and tells nothing more
            yield from self._few((CellKind.SCALE, name), *limits[1])

    def _people(self, basis: Basis) -> tuple[list[Crowd], Gone]:
        releases = frozenset(one.release for one in self.out)
        return self.people.crowds(basis, releases), self.people.gone(basis)

    def _layers(self, basis: Basis, of: MeasureClass) -> list[Layer]:
        return [layer for one in self.out for layer in one.layers(basis, of)]

    def _few(self, basis: Basis, of: MeasureClass, k: int) -> Iterator[Finding]:
        if releases_tell_of_few(self._layers(basis, of), *self._people(basis), k, self.judge.search):
            yield Finding("earlier release", f"{basis[1]} {of}", "", 0)

    def _forced(self, name: str, of: MeasureClass) -> Iterator[Finding]:
        item = next(one for one in self.out[-1].read.asked.gate.items if one.name == name)
        sums = of is MeasureClass.MEAN
        basis = CellKind.ITEM, name
        layers, people = self._layers(basis, of), self._people(basis)
        counts = [table for one in self.out for table in one.answers(name)]
        for answers, asked in shares(ends(item.scores) if sums else each_option(item), sums=sums):
            tables = [asked(table) for table in counts]
            if force_answers(layers, *people, tables, lambda told: self.judge.proves(told, sums)):
                yield Finding(f"G2: {answers}", f"{name} {of}", "", 0)


def n_of_basis(counted: Counted, cut: str, basis: Basis) -> Counts:
    """Respondents of a basis: (U,), or (U, C) for a cut."""
    kind, name = basis
    tables = counted.tables
    if not cut:
        if basis == EVERYONE:
            return tables.n
        if kind is CellKind.SCALE:
            return tables.scales[name].n
        return np.asarray(tables.items[name].counts.sum(axis=1))
    groups = next(one for one in counted.cuts if one.name == cut)
    if basis == EVERYONE:
        return groups.n
    if kind is CellKind.SCALE:
        return np.asarray(groups.scales[name][..., tables.scales[name].counted].sum(axis=2))
    return np.asarray(groups.items[name].sum(axis=2))
