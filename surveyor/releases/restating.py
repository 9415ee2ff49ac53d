"""A wave's figures for the units of a later wave: only through a mapping somebody has written down.

A restated unit is several units of the wave put together. The people in it are counted twice, once in the
release that is out and once here, so both are held against each other as two releases of the same answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.disclosure.layers import NOWHERE as ABSENT
from analysis.disclosure.tree import Counts
from analysis.disclosure.wave import run_wave
from surveyor.campaigns.models import Wave
from surveyor.cubes.queries import cube_of, wave_tree
from surveyor.cubes.spec import CubeArrays, CubeTree, ItemCube, ScaleCube
from surveyor.errors import N_, Refused
from surveyor.instruments.queries import questionnaire
from surveyor.releases.cells import CellMaker
from surveyor.releases.checking import MeasureClass, RowsRead, holes
from surveyor.releases.counted import Counted, counted_cube
from surveyor.releases.crossing import Answerers, Crossing, Out, auditor, gate
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.mapping import Pair, Pairs, check_mapping
from surveyor.releases.models import Release
from surveyor.releases.queries import cells_of, release_of
from surveyor.releases.spec import Row, items_only_of
from surveyor.releases.tables import wave_tables


@dataclass(frozen=True, eq=False)
class Restated:
    """Rows for units of the later wave, ready to be stored."""

    rows: tuple[Row, ...]
    pairs: Pairs
    items_only: frozenset[str]


def restated_rows(session: Session, *, wave: Wave, later: Wave, pairs: Pairs) -> Restated:
    """A released wave's figures for units of a later wave.

    Raises InvalidInput for a mapping that does not fit the trees, Refused without counts, and where the units
    put together differ from what is out by fewer than the wave's threshold.
    """
    release, cube = release_of(session, wave.id), cube_of(session, wave.id)
    if release is None or cube is None:
        raise Refused(N_("Målingen er ikke frigitt, eller opptellingen bak tallene er slettet."))
    if later.survey_id != wave.survey_id or later.opens <= wave.opens:
        raise Refused(N_("Velg en senere måling av den samme undersøkelsen."))
    if release.number > 1 and release.method.get("replaces"):
        raise Refused(N_("Tallene fra målingen er frigitt to ganger. Da kan de ikke regnes om."))
    check_mapping(pairs, cube.tree, wave_tree(session, later.id))
    flat, places = _put_together(cube, pairs)
    asked = questionnaire(session, version_id=wave.instrument_version_id)
    counted = Counted(wave_tables(asked, flat))
    given = counted.wave_input(wave)
    weak = items_only_of(release.method)
    maker = CellMaker(counted.tables, run_wave(given).gate, wave.k_spread, weak=weak)
    rows = tuple(_without_band([row for row in maker.rows() if _is_kept(row)]))
    read = RowsRead(counted.tables, given)
    if holes(read, rows):
        raise Refused(N_("Kontrollen av tallene fant mulige lekkasjer. Ingen tall er regnet om."))
    whole = counted_cube(session, wave, cube)
    people = Answerers.of_wave(session, wave, whole)
    out = (*_out(session, wave, whole, cube), Out(read, whole, places=places))
    for judge in (gate(), auditor()):
        _refuse_leaks(Crossing(out, people, judge))
    return Restated(rows, pairs, weak)


def _without_band(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows, intervals only where the spread is shown: no new pooled SD is let out."""
    shown = {
        (row.unit, row.kind, row.item) for row in rows if row.measure == "sd" and row.state is CellState.SHOWN
    }
    for row in rows:
        is_centre = row.measure in ("mean", "index")
        keeps = not is_centre or (row.unit, row.kind, row.item) in shown
        yield row if keeps else row._replace(low=None, high=None)


def _is_kept(row: Row) -> bool:
    """Bare figures; the band of few answers and "don't know" are left to the release itself."""
    return not row.compared_to and row.kind is not CellKind.WAVE and row.measure != "missing_share"


def _put_together(cube: CubeArrays, pairs: Pairs) -> tuple[CubeArrays, Counts]:
    """The cube of the restated units, each for itself; (U,) where each node of the wave's tree lies in it."""
    codes = tuple(dict.fromkeys(pair.now for pair in pairs))
    now_of = {pair.before: codes.index(pair.now) for pair in pairs}
    places = np.full(len(cube.tree.codes), ABSENT, dtype=np.int64)
    for node, (code, parent) in enumerate(zip(cube.tree.codes, cube.tree.parent, strict=True)):
        places[node] = now_of.get(code, places[parent] if parent >= 0 else ABSENT)

    def together(counts: Counts) -> Counts:
        found = np.zeros((len(codes), *counts.shape[1:]), dtype=np.int64)
        np.add.at(found, places[places >= 0], counts[places >= 0])
        return found

    items = {name: ItemCube(name, one.options, together(one.counts)) for name, one in cube.items.items()}
    scales = {
        name: ScaleCube(name, one.steps, one.n_items, one.sums, one.answered, together(one.counts))
        for name, one in cube.scales.items()
    }
    tree = CubeTree(codes, (-1,) * len(codes), len(codes))
    return CubeArrays(tree, together(cube.n), items, scales), places


def _out(session: Session, wave: Wave, whole: Counted, cube: CubeArrays) -> Iterator[Out]:
    """Everything that is out: every release of the wave itself, and every earlier restatement."""
    asked = questionnaire(session, version_id=wave.instrument_version_id)
    for release in session.scalars(select(Release).where(Release.wave_id == wave.id)):
        if release.restated_for is None:
            shown = RowsRead(whole.tables, whole.wave_input(wave), whole.cuts)
            one = Out(shown, whole, cuts=tuple(cut.name for cut in whole.cuts))
        else:
            flat, places = _put_together(cube, tuple(Pair(*pair) for pair in release.method["mapping"]))
            counted = Counted(wave_tables(asked, flat))
            shown = RowsRead(counted.tables, counted.wave_input(wave))
            one = Out(shown, whole, places=places)
        for row in cells_of(session, release_id=release.id, cut=None):
            if row.state is CellState.SHOWN:
                shown.read(row)
        yield one


def _refuse_crossing(units: Sequence[str], k: int) -> NoReturn:
    if not units:  # what is out already isolates them, without a unit now restated
        raise Refused(
            N_(
                "Tallene kan ikke regnes om. Enhetene som er slått sammen, skiller seg fra tall som er ute, "
                "med færre enn %(k)s svar."
            ),
            k=k,
        )
    raise Refused(
        N_(
            "Tallene kan ikke regnes om. Enhetene som er slått sammen, skiller seg fra tall som "
            "er ute, med færre enn %(k)s svar. Det gjelder %(units)s."
        ),
        k=k,
        units=", ".join(units),
    )


def _refuse_leaks(crossing: Crossing) -> None:
    """Raise Refused where the restated rows and all that is out isolate fewer than k, or force an answer."""
    found = next(crossing.holes(), None)
    if found is None:
        return
    if found.rule != "earlier release":
        raise Refused(N_("Tallene kan ikke regnes om. Sammen med tall som er ute, viser de hva noen svarte."))
    read = crossing.out[-1].read
    given, codes = read.asked.gate, read.tables.tree.codes
    told = [code for unit, code in enumerate(codes) if _tells(crossing, unit)]
    is_out = _tells(crossing, ABSENT)
    _refuse_crossing(
        [] if is_out else told, given.k_mean if found.figure.endswith(MeasureClass.MEAN) else given.k_spread
    )


def _tells(crossing: Crossing, unit: int) -> bool:
    """Whether a single restated unit, or none, tells of a few beside all that is out."""
    *before, now = crossing.out
    places = np.full(len(now.counted.tables.tree), ABSENT, dtype=np.int64)
    if unit != ABSENT and now.places is not None:
        places[now.places == unit] = unit
    alone = replace(crossing, out=(*before, replace(now, places=places)))
    return next(alone.holes(), None) is not None
