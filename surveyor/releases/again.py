"""A second release of a wave: what came late and what was withdrawn, held against what is out already."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.disclosure.auditor import Finding
from analysis.disclosure.layers import AGAIN, FIRST, Crowd, Gone, releases_tell_of_few, units_layer
from analysis.disclosure.tree import Counts
from surveyor.campaigns.models import Wave
from surveyor.cubes.queries import cube_of
from surveyor.cubes.services import count_answers
from surveyor.cubes.spec import CubeArrays
from surveyor.errors import N_, Refused
from surveyor.releases.checking import MeasureClass, RowsRead
from surveyor.releases.counted import Counted, counted_cube
from surveyor.releases.crossing import Answerers, Crossing, Judge, Out, auditor, gate
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.models import Release
from surveyor.releases.queries import cells_of, release_of


@dataclass(frozen=True, eq=False)
class Change:
    """The counts of the first release and of what came late, what the first release shows, and of whom."""

    first: Release
    before: Counted
    late: Counted
    cube: CubeArrays
    shown: RowsRead
    people: Answerers

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
    people = Answerers.of_wave(session, wave, before)
    return Change(first, before, late, count_answers(session, wave=wave), shown, people)


def leaking_cuts(change: Change, now: Counted, read: RowsRead) -> frozenset[str]:
    """Cuts that cannot be shown a second time: beside all that is out their groups would tell of a few."""
    kept: tuple[str, ...] = ()
    judge = gate()
    for cut in now.cuts:
        tried = _crossing(change, now, read, (*kept, cut.name), judge)
        if not any(True for _ in tried.holes()):
            kept = (*kept, cut.name)
    return frozenset(cut.name for cut in now.cuts) - set(kept)


def crossing_holes(
    change: Change, now: Counted, read: RowsRead, without: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """Groups under k, and answers that are forced, between the first release and the rows to be stored.

    All totals and all groups are one system; ``without``: cuts that are left out the second time.
    """
    cuts = tuple(cut.name for cut in now.cuts if cut.name not in without)
    yield from _crossing(change, now, read, cuts, auditor()).holes()
    yield from _missing_holes(change, now, read)


def _crossing(change: Change, now: Counted, read: RowsRead, cuts: tuple[str, ...], judge: Judge) -> Crossing:
    first = Out(change.shown, change.before, FIRST, tuple(cut.name for cut in change.before.cuts))
    return Crossing((first, Out(read, now, AGAIN, cuts)), change.people, judge)


def _missing_holes(change: Change, now: Counted, read: RowsRead) -> Iterator[Finding]:
    """Groups under k among those who were asked an item, where both releases tell how many do not know."""
    tree, k = now.tables.tree, read.asked.gate.k_spread
    leaves = np.flatnonzero(tree.leaves)
    judge = auditor()
    for name, table in now.tables.items.items():
        if table.missing is None:
            continue
        before, both, late = (_asked(one, name)[leaves] for one in (change.before, now, change.late))
        layers = [
            units_layer(tree, one.flags("", CellKind.ITEM, name, MeasureClass.MISSING), release)
            for release, one in ((FIRST, change.shown), (AGAIN, read))
        ]
        crowds = [
            Crowd(leaves, {}, both - late, frozenset({FIRST, AGAIN})),
            Crowd(leaves, {}, late, frozenset({AGAIN})),
            Crowd(leaves, {}, before - both + late, frozenset({FIRST})),
        ]
        if releases_tell_of_few(
            layers, crowds, Gone(np.zeros(len(tree), dtype=np.int64), {}), k, judge.search
        ):
            yield Finding("earlier release", f"{name} missing", "", 0)


def _asked(counted: Counted, name: str) -> Counts:
    """(U,) those who were asked an item."""
    table = counted.tables.items[name]
    valid = table.counts.sum(axis=1)
    return np.asarray(valid if table.missing is None else valid + table.missing)
