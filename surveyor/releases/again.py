"""A second release of a wave: what came late and what was withdrawn, held against what is out already."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.disclosure.auditor import Finding
from analysis.disclosure.earlier import Crossing, Published, cut_family, second_release
from analysis.disclosure.earlier_auditor import crossing_counts, proved_between
from analysis.disclosure.rules import each_option, ends
from analysis.disclosure.tree import Counts, Flags
from surveyor.campaigns.models import Wave
from surveyor.cubes.queries import cube_of
from surveyor.cubes.services import count_answers
from surveyor.cubes.spec import CubeArrays
from surveyor.errors import N_, Refused
from surveyor.releases.checking import MeasureClass, RowsRead
from surveyor.releases.counted import Counted, counted_cube
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.models import Release
from surveyor.releases.queries import cells_of, release_of

Basis = tuple[CellKind, str]  # everybody, an item or a scale
EVERYONE: Basis = (CellKind.WAVE, "")


@dataclass(frozen=True, eq=False)
class Change:
    """The counts of the first release and of what came late, and what the first release shows."""

    first: Release
    before: Counted
    late: Counted
    cube: CubeArrays
    shown: RowsRead

    @property
    def n_late(self) -> int:
        return int(self.late.tables.n[list(self.late.tables.roots)].sum())

    @property
    def n_withdrawn(self) -> int:
        roots = list(self.before.tables.roots)
        return int(self.before.tables.n[roots].sum()) + self.n_late - int(self.cube.n.sum())


def change_of(session: Session, wave: Wave) -> Change:
    """What has changed since a wave's release.

    Raises Refused before it is released, after a second release, and when the first one's counts are gone.
    """
    first, cube = release_of(session, wave.id), cube_of(session, wave.id)
    if first is None:
        raise Refused(N_("Tallene fra målingen er ikke frigitt ennå."))
    if first.number > 1:
        raise Refused(N_("Tallene er allerede frigitt to ganger. De kan ikke frigis på nytt."))
    if session.scalar(select(Release.id).where(Release.wave_id == wave.id, Release.id != first.id).limit(1)):
        raise Refused(N_("Tallene er regnet om for en senere måling. De kan ikke frigis på nytt."))
    if cube is None:
        raise Refused(N_("Opptellingen bak tallene er slettet. Da kan de ikke frigis på nytt."))
    before = counted_cube(session, wave, cube)
    shown = RowsRead(before.tables, before.wave_input(wave), before.cuts)
    for row in cells_of(session, release_id=first.id, cut=None):
        if row.state is CellState.SHOWN:
            shown.read(row)
    late = counted_cube(session, wave, count_answers(session, wave=wave, only_late=True))
    return Change(first, before, late, count_answers(session, wave=wave), shown)


def crossing_holes(change: Change, now: Counted, read: RowsRead, cut: str = "") -> Iterator[Finding]:
    """Groups under k, and answers that are forced, between the first release and the rows to be stored.

    Of units as a whole, or of the groups of one cut.
    """
    for basis in (EVERYONE, *((CellKind.ITEM, name) for name in now.tables.items), *_scales(now)):
        pair = _Pair(change, now, read, cut, basis)
        yield from pair.sizes()
        if not cut and basis[0] is CellKind.ITEM:
            yield from pair.content()


def leaking_cuts(change: Change, now: Counted, read: RowsRead) -> frozenset[str]:
    """Cuts that cannot be shown a second time: beside the first release their groups would tell of a few."""
    return frozenset(
        cut.name for cut in now.cuts if any(True for _ in crossing_holes(change, now, read, cut.name))
    )


def _scales(counted: Counted) -> list[Basis]:
    return [(CellKind.SCALE, name) for name in counted.tables.scales]


@dataclass(frozen=True, eq=False)
class _Pair:
    """One basis of both releases, for units or for the groups of one cut."""

    change: Change
    now: Counted
    read: RowsRead
    cut: str
    basis: Basis

    @cached_property
    def _limits(self) -> tuple[tuple[MeasureClass, int], ...]:
        given = self.read.asked.gate
        return (MeasureClass.MEAN, given.k_mean), (MeasureClass.SPREAD, given.k_spread)

    def sizes(self) -> Iterator[Finding]:
        """Groups that both releases together isolate."""
        counts = (
            n_of_basis(one, self.cut, self.basis) for one in (self.change.before, self.now, self.change.late)
        )
        tree = self.now.tables.tree
        places_before, places_now, n = crossing_counts(tree, *counts)
        if self.cut:
            width = n.shape[1]
            places_before, places_now = (_spread(places, width) for places in (places_before, places_now))
        crossing = Crossing(places_before, places_now, n.ravel())
        for of, k in self._limits:
            before, now = (self._published(read, of) for read in (self.change.shown, self.read))
            if leak := second_release(before, now, crossing, k):
                yield Finding(
                    "earlier release", f"{self.cut} {self.basis[1]} {of}", ",".join(leak.now), leak.n
                )

    def content(self) -> Iterator[Finding]:
        """Answers of one item that both releases together force."""
        name, tree = self.basis[1], self.now.tables.tree
        item = next(one for one in self.read.asked.gate.items if one.name == name)
        counted = (self.change.before, self.now, self.change.late)
        tables = (one.tables.items[name].counts for one in counted)
        places_before, places_now, counts = crossing_counts(tree, *tables)
        for of, sets in ((MeasureClass.MEAN, ends(item.scores)), (MeasureClass.SPREAD, each_option(item))):
            before, now = (self._published(read, of) for read in (self.change.shown, self.read))
            sums = of is MeasureClass.MEAN
            if sets:
                found = proved_between(before, now, (places_before, places_now), counts, sets, sums=sums)
                yield from (Finding(f"G2: {one}", f"{name} {of}", "", 0) for one in found)

    def _published(self, read: RowsRead, of: MeasureClass) -> Published:
        flags = flags_of_basis(read, self.cut, self.basis, of)
        tree = self.now.tables.tree
        return cut_family(tree, flags) if self.cut else Published(tree, flags)


def _spread(places: Counts, width: int) -> Counts:
    """Places of leaves as places of a cut's cells, category by category."""
    cells = places[:, None] * width + np.arange(width)
    return np.where(places[:, None] < 0, -1, cells).ravel()


def flags_of_basis(read: RowsRead, cut: str, basis: Basis, of: MeasureClass) -> Flags:
    """Who shows a class of a basis; whoever shows a spread shows the mean."""
    kind, name = basis
    if basis == EVERYONE:
        spread = read.any_of(cut, MeasureClass.SPREAD)
        return spread if of is MeasureClass.SPREAD else spread | read.any_of(cut, MeasureClass.MEAN)
    return read.flags(cut, kind, name, of) if of is MeasureClass.SPREAD else read.means(cut, kind, name)


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
