"""What a release holds beside its cells: figures on several answers of each person, weights, who answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import sample_design
from surveyor.campaigns.spec import SampleDesign
from surveyor.fieldwork.register_counts import UNDELIVERED
from surveyor.instruments.queries import questionnaire
from surveyor.releases.beside_checks import response_holes
from surveyor.releases.frozen import Frozen, refuse_holes, rows_sha256
from surveyor.releases.models import MomentCell, ResponseCell, WeightedCell
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.moments import make_moments
from surveyor.releases.nonresponse import CAUTION, GroupCount, Turnout, core_outcomes, response_rows
from surveyor.releases.respondents import respondents
from surveyor.releases.spec import ResponseRow, WeightedRow
from surveyor.responses.models import RegisterCount


@dataclass(frozen=True)
class Supplements:
    """Rows ready to be stored, and what the manifest says of them."""

    weighted: tuple[WeightedRow, ...] = ()
    responses: tuple[ResponseRow, ...] = ()
    moments: tuple[MomentRow, ...] = ()
    method: dict[str, Any] = field(default_factory=dict)


def make_supplements(session: Session, *, wave: Wave, frozen: Frozen) -> Supplements:
    """Weighted figures where the wave asked a sample, and rates where it was large; nothing is written.

    For a first release alone: two such figures would tell of those who came or went in between.
    """
    moments, on_moments = make_moments(wave=wave, frozen=frozen)
    method: dict[str, Any] = {"moments": on_moments} if on_moments else {}
    design = sample_design(session, wave_id=wave.id)
    weighted: Sequence[WeightedRow] = ()
    if design is not None:
        weighted, report = _weighted(session, wave, design, frozen)
        method["weights"] = report | {"n_cells": len(weighted), "sha256": rows_sha256(weighted)}
    responses, reason = _responses(session, wave, frozen)
    if responses:
        cautions = [row.measure.removeprefix(CAUTION) for row in responses if row.measure.startswith(CAUTION)]
        about = {"reason": reason, "cautions": cautions, "n_cells": len(responses)}
        method["responses"] = about | {"sha256": rows_sha256(responses)}
    return Supplements(tuple(weighted), tuple(responses), moments, method)


def store_supplements(session: Session, *, wave_id: UUID, release_id: UUID, made: Supplements) -> None:
    """Store the rows for good, and delete the counts by register groups they were made of."""
    for table, rows in (
        (WeightedCell, [row._asdict() for row in made.weighted]),
        (ResponseCell, [row._asdict() for row in made.responses]),
        (MomentCell, [row._asdict() for row in made.moments]),
    ):
        numbered = [row | {"release_id": release_id, "position": n} for n, row in enumerate(rows)]
        if numbered:
            session.execute(cast(Table, table.__table__).insert(), numbered)
    session.execute(delete(RegisterCount).where(RegisterCount.wave_id == wave_id))


def _weighted(
    session: Session, wave: Wave, design: SampleDesign, frozen: Frozen
) -> tuple[list[WeightedRow], dict[str, Any]]:
    from surveyor.releases.weighted import WeightedWave, weighted_figures  # noqa: PLC0415 -- slow import

    asked = questionnaire(session, version_id=wave.instrument_version_id)
    people = respondents(session, wave_id=wave.id, questionnaire=asked)
    return weighted_figures(
        WeightedWave(design, people, frozen.tables, frozen.gate, wave.k_spread, frozen.rows)
    )


def _responses(session: Session, wave: Wave, frozen: Frozen) -> tuple[list[ResponseRow], str]:
    rows = session.scalars(
        select(RegisterCount).where(RegisterCount.wave_id == wave.id).order_by(RegisterCount.position)
    ).all()
    if not rows:
        return [], ""
    counts = tuple(
        GroupCount(r.groups, r.n_invited, r.n_answered) for r in rows if UNDELIVERED not in r.groups
    )
    returned = next((row for row in rows if UNDELIVERED in row.groups), None)
    asked = questionnaire(session, version_id=wave.instrument_version_id)
    outcomes = core_outcomes(respondents(session, wave_id=wave.id, questionnaire=asked))
    n, answered = (returned.n_invited, returned.n_answered) if returned else (0, 0)
    exact = _exact_rates(frozen)
    roots = {frozen.tables.tree.codes[place] for place in frozen.tables.roots}
    is_exact, below = bool(roots & exact), exact - roots  # as a group the root is its own people
    turnout = Turnout(counts, n, answered, outcomes, wave.k_mean, is_exact, below)
    found, reason = response_rows(turnout)
    refuse_holes(response_holes(found, turnout))
    return found, reason


def _exact_rates(frozen: Frozen) -> frozenset[str]:
    """Units whose exact response rate is shown."""
    return frozenset(
        row.unit for row in frozen.rows if row.measure == "response_rate" and row.value is not None
    )
