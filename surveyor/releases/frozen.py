"""What is about to be stored of a wave, the refusal of it, and the hash of rows. Loads scipy."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.disclosure.auditor import Finding
from analysis.disclosure.gate import GateInput, GateResult
from analysis.disclosure.wave import WaveInput, WaveResult
from surveyor.cubes.moments import Moments
from surveyor.errors import N_, Refused
from surveyor.releases.spec import Row
from surveyor.releases.tables import WaveTables

_AS_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True)
class Frozen:
    """Rows ready to be stored, and what the gate decided them from."""

    rows: tuple[Row, ...]
    asked: WaveInput
    result: WaveResult
    tables: WaveTables
    moments: Moments | None = None
    """Counted for a first release only."""
    items_only: frozenset[str] = frozenset()
    """Scales without an index: their items do not belong together well enough."""

    @property
    def given(self) -> GateInput:
        return self.asked.gate

    @property
    def gate(self) -> GateResult:
        return self.result.gate


def refuse_holes(findings: Sequence[Finding]) -> None:
    """Raise Refused when an independent audit finds anything; nothing is written then."""
    if findings:
        raise Refused(
            N_("Kontrollen av tallene fant %(n)s mulige lekkasjer. Ingen tall er frigitt."), n=len(findings)
        )


def rows_sha256(rows: Iterable[tuple[Any, ...]], *, head: bytes = b"") -> str:
    """SHA-256 over a head and rows in order, each as one line of JSON."""
    digest = hashlib.sha256(head)
    for row in rows:
        digest.update(_AS_LINE(row).encode() + b"\n")
    return digest.hexdigest()
