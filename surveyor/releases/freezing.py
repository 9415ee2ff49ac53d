"""From a wave's cube to the rows of its release. Loads scipy: import where first needed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from analysis.disclosure.auditor import Finding
from analysis.disclosure.gate import GateInput, GateResult
from analysis.disclosure.wave import WaveInput, audit_wave, run_wave
from surveyor.campaigns.models import Wave
from surveyor.cubes.queries import cube_of
from surveyor.errors import N_, Refused
from surveyor.instruments.queries import questionnaire
from surveyor.releases.cells import CellMaker
from surveyor.releases.earlier import last_release, open_subjects, same_units, segment_counts
from surveyor.releases.last import LastWave
from surveyor.releases.spec import Row
from surveyor.releases.tables import WaveTables, wave_tables

METHOD = "2026.1"


@dataclass(frozen=True)
class Frozen:
    """Rows ready to be stored, and what the gate decided them from."""

    rows: tuple[Row, ...]
    given: GateInput
    gate: GateResult


def make_rows(session: Session, wave: Wave) -> Frozen:
    """Gate, figures and comparisons; raises Refused without a cube or when the auditor finds a hole."""
    tables = tables_of(session, wave)
    given = tables.gate_input(k_mean=wave.k_mean, k_spread=wave.k_spread)
    asked = wave_input(tables, given)
    result = run_wave(asked)
    refuse_holes(audit_wave(asked, result))
    maker = CellMaker(tables, result.gate, wave.k_spread, last_wave(session, wave), result.rates)
    return Frozen(tuple(maker.rows()), given, result.gate)


def wave_input(tables: WaveTables, given: GateInput) -> WaveInput:
    """The gate's input with those invited and answering; nobody is invited where there is no frame."""
    invited = np.maximum(tables.invited, 0)
    if not invited.any():
        return WaveInput(given)
    return WaveInput(given, invited=invited, answered=np.clip(tables.answered, 0, invited))


def refuse_holes(findings: Sequence[Finding]) -> None:
    """Raise Refused when an independent audit finds anything; nothing is written then."""
    if findings:
        raise Refused(
            N_("Kontrollen av tallene fant %(n)s mulige lekkasjer. Ingen tall er frigitt."), n=len(findings)
        )


def tables_of(session: Session, wave: Wave) -> WaveTables:
    """The tables of a counted wave; raises Refused when there are no counts."""
    cube = cube_of(session, wave.id)
    if cube is None:
        raise Refused(N_("Svarene i målingen er ikke talt opp."))
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
        "families": ["items against rest", "scales against rest", "all against last"],
        "correction": "Benjamini-Hochberg",
        "n_cells": len(rows),
        "simulated": wave.simulated,
    }


def manifest_sha256(wave_code: str, method: dict[str, Any], rows: Iterable[Row]) -> str:
    """SHA-256 over the wave's code, the method and every row in order, floats at full precision."""
    digest = hashlib.sha256(json.dumps([wave_code, method], sort_keys=True).encode())
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode())
        digest.update(b"\n")
    return digest.hexdigest()
