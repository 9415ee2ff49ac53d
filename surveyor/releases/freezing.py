"""From a wave's cube to the rows of its release. Loads scipy: import where first needed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from analysis.disclosure.auditor import Finding
from analysis.disclosure.cutgate import CutLink
from analysis.disclosure.cuts import CUT_MIN_N
from analysis.disclosure.gate import GateInput, GateResult
from analysis.disclosure.wave import WaveInput, WaveResult, run_wave
from surveyor.campaigns.models import Wave
from surveyor.cubes.queries import cube_of
from surveyor.cubes.spec import CUT_LEVELS, CubeArrays
from surveyor.errors import N_, Refused
from surveyor.instruments.queries import questionnaire
from surveyor.releases.cells import CellMaker
from surveyor.releases.checking import RowsRead, holes
from surveyor.releases.cut_tables import CutTables, cut_links, cut_tables
from surveyor.releases.earlier import last_release, open_subjects, same_units, segment_counts
from surveyor.releases.group_cells import GroupCells
from surveyor.releases.last import LastWave
from surveyor.releases.spec import Row
from surveyor.releases.tables import WaveTables, wave_tables

METHOD = "2026.1"


@dataclass(frozen=True)
class Frozen:
    """Rows ready to be stored, and what the gate decided them from."""

    rows: tuple[Row, ...]
    asked: WaveInput
    result: WaveResult
    tables: WaveTables

    @property
    def given(self) -> GateInput:
        return self.asked.gate

    @property
    def gate(self) -> GateResult:
        return self.result.gate


@dataclass(frozen=True, eq=False)
class Counted:
    """What a wave's cube holds: its units, their background groups, and every two cuts together."""

    tables: WaveTables
    cuts: tuple[CutTables, ...] = ()
    links: tuple[CutLink, ...] = ()


def make_rows(session: Session, wave: Wave) -> Frozen:
    """Gate, figures and comparisons; raises Refused without a cube or when the auditor finds a hole."""
    counted = counted_wave(session, wave)
    tables = counted.tables
    given = tables.gate_input(k_mean=wave.k_mean, k_spread=wave.k_spread)
    asked = wave_input(counted, given)
    result = run_wave(asked)
    maker = CellMaker(tables, result.gate, wave.k_spread, last_wave(session, wave), result.rates)
    groups = GroupCells(maker, counted.cuts, result.cuts)
    rows = tuple(row for node in range(tables.n_units) for row in (*maker.unit(node), *groups.unit(node)))
    refuse_holes(holes(RowsRead(tables, asked, counted.cuts), rows))
    return Frozen(rows, asked, result, tables)


def wave_input(counted: Counted, given: GateInput) -> WaveInput:
    """The gate's input with cuts, those invited and answering; nobody is invited where there is no frame."""
    cuts = tuple(cut.gate_table(counted.tables) for cut in counted.cuts)
    invited = np.maximum(counted.tables.invited, 0)
    asked = WaveInput(given, cuts=cuts, links=counted.links)
    if not invited.any():
        return asked
    return replace(asked, invited=invited, answered=np.clip(counted.tables.answered, 0, invited))


def refuse_holes(findings: Sequence[Finding]) -> None:
    """Raise Refused when an independent audit finds anything; nothing is written then."""
    if findings:
        raise Refused(
            N_("Kontrollen av tallene fant %(n)s mulige lekkasjer. Ingen tall er frigitt."), n=len(findings)
        )


def tables_of(session: Session, wave: Wave) -> WaveTables:
    """The tables of a counted wave; raises Refused when there are no counts."""
    return _tables(session, wave, _cube(session, wave))


def counted_wave(session: Session, wave: Wave) -> Counted:
    """The tables of a counted wave with its background groups; raises Refused when there are no counts."""
    cube = _cube(session, wave)
    tables = _tables(session, wave, cube)
    asked = questionnaire(session, version_id=wave.instrument_version_id)
    return Counted(tables, tuple(cut_tables(asked, cube, tables)), tuple(cut_links(cube, tables)))


def _cube(session: Session, wave: Wave) -> CubeArrays:
    cube = cube_of(session, wave.id)
    if cube is None:
        raise Refused(N_("Svarene i målingen er ikke talt opp."))
    return cube


def _tables(session: Session, wave: Wave, cube: CubeArrays) -> WaveTables:
    asked = questionnaire(session, version_id=wave.instrument_version_id)
    invited, answered = segment_counts(session, wave.id)
    return wave_tables(asked, cube, invited=invited, answered=answered)


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


def method_of(wave: Wave, rows: Sequence[Row]) -> dict[str, Any]:
    """How the figures were made, for the manifest and for readers."""
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
    }


def manifest_sha256(wave_code: str, method: dict[str, Any], rows: Iterable[Row]) -> str:
    """SHA-256 over the wave's code, the method and every row in order, floats at full precision."""
    digest = hashlib.sha256(json.dumps([wave_code, method], sort_keys=True).encode())
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode())
        digest.update(b"\n")
    return digest.hexdigest()
