"""From a wave's cube to the rows of its release. Loads scipy: import where first needed."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from analysis.disclosure.auditor import Finding
from analysis.disclosure.cuts import CUT_LEVELS, CUT_MIN_N
from analysis.disclosure.tree import Tree
from analysis.disclosure.wave import run_wave
from surveyor.campaigns.models import Wave
from surveyor.cubes.queries import cube_of
from surveyor.cubes.services import build_kinds, build_moments
from surveyor.cubes.spec import CubeArrays
from surveyor.errors import N_, Refused
from surveyor.releases.again import Change, crossing_holes, leaking_cuts
from surveyor.releases.cells import CellMaker
from surveyor.releases.checking import RowsRead, holes
from surveyor.releases.counted import Counted, counted_cube, cube_tables
from surveyor.releases.cut_tables import kinds_of
from surveyor.releases.earlier import last_release, open_subjects, same_units
from surveyor.releases.frozen import Frozen, refuse_holes, rows_sha256
from surveyor.releases.group_cells import GroupCells
from surveyor.releases.last import LastWave
from surveyor.releases.moments import weak_scales
from surveyor.releases.spec import Row, items_only_of
from surveyor.releases.tables import WaveTables
from surveyor.releases.team_checks import between_teams

METHOD = "2026.2"


def make_rows(session: Session, wave: Wave, change: Change | None = None) -> Frozen:
    """Gate, figures and comparisons; raises Refused without a cube or when the auditor finds a hole.

    With a change, of all answers there are now beside the first release.
    """
    counted = counted_wave(session, wave) if change is None else counted_cube(session, wave, change.cube)
    tables, asked = counted.tables, counted.wave_input(wave)
    if len(counted.cuts) > 1:
        asked = replace(asked, kinds=kinds_of(build_kinds(session, wave=wave)))
    result = run_wave(asked)
    moments = build_moments(session, wave=wave) if change is None else None
    weak = items_only_of(change.first.method) if change else frozenset[str]()  # no index of these comes back
    if moments is not None:
        weak = weak_scales(moments, result.gate, tables, wave.k_spread)
    maker = CellMaker(tables, result.gate, wave.k_spread, last_wave(session, wave), result.rates, weak)
    groups = GroupCells(maker, counted.cuts, result.cuts)
    rows = tuple(row for node in range(tables.n_units) for row in (*maker.unit(node), *groups.unit(node)))
    read = RowsRead(tables, asked, counted.cuts)
    refuse_holes(holes(read, rows))
    if change is not None:
        leaking = leaking_cuts(change, counted, read)
        refuse_crossing(crossing_holes(change, counted, read, leaking), wave.k_spread)
        rows = tuple(row for row in rows if row.cut not in leaking)
    return Frozen(rows, asked, result, tables, moments, weak)


def refuse_crossing(findings: Iterable[Finding], k: int) -> None:
    """Raise Refused at the first thing both releases together would tell.

    Neither how many people it is about nor in which unit they are: that would tell where somebody withdrew.
    """
    found = next(iter(findings), None)
    if found is None:
        return
    if found.rule == "earlier release":
        raise Refused(
            N_(
                "Tallene kan ikke frigis på nytt. Sammen med tallene som er ute, ville de vist hva færre enn "
                "%(k)s har svart. Vent til flere svar er kommet til eller trukket."
            ),
            k=k,
        )
    raise Refused(
        N_(
            "Tallene kan ikke frigis på nytt. Sammen med tallene som er ute, ville de vist hva hver enkelt "
            "har svart. Vent til flere svar er kommet til eller trukket."
        )
    )


def tables_of(session: Session, wave: Wave) -> WaveTables:
    """The tables of a counted wave; raises Refused when there are no counts."""
    return cube_tables(session, wave, _cube(session, wave))


def counted_wave(session: Session, wave: Wave) -> Counted:
    """The tables of a counted wave with its background groups; raises Refused when there are no counts."""
    return counted_cube(session, wave, _cube(session, wave))


def _cube(session: Session, wave: Wave) -> CubeArrays:
    cube = cube_of(session, wave.id)
    if cube is None:
        raise Refused(N_("Svarene i målingen er ikke talt opp."))
    return cube


def last_wave(session: Session, wave: Wave) -> LastWave | None:
    """The last closed wave of the same survey, None without one or when its counts are destroyed."""
    before = last_release(session, wave)
    if before is None or cube_of(session, before.wave_id) is None:
        return None
    earlier = session.get_one(Wave, before.wave_id)
    return LastWave(
        tables_of(session, earlier),
        same_units(session, earlier, wave),
        open_subjects(session, before.id, measure="index"),
        open_subjects(session, before.id, measure="sd"),
    )


def method_of(
    wave: Wave, rows: Sequence[Row], items_only: Collection[str], tree: Tree | None = None
) -> dict[str, Any]:
    """How the figures were made, for the manifest and for readers; with a tree, what holds between teams."""
    return {
        "version": METHOD,
        "k_mean": wave.k_mean,
        "k_spread": wave.k_spread,
        "confidence": 0.95,
        "families": [
            "items against rest",
            "scales against rest",
            "all against last",
            "items of a unit's groups against its others",
            "scales of a unit's groups against its others",
        ],
        "correction": "Benjamini-Hochberg",
        "n_cells": len(rows),
        "cuts": list(dict.fromkeys(row.cut for row in rows if row.cut)),
        "cut_levels": CUT_LEVELS,
        "cut_min_n": CUT_MIN_N,
        "simulated": wave.simulated,
        "items_only": sorted(items_only),
        "teams": between_teams(rows, tree) if tree else {},
    }


def manifest_sha256(wave_code: str, method: dict[str, Any], rows: Iterable[Row]) -> str:
    """SHA-256 over the wave's code, the method and every row in order, floats at full precision."""
    return rows_sha256(rows, head=json.dumps([wave_code, method], sort_keys=True).encode())
