"""What a release needs from before: the survey's last wave, units still the same, who was asked."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave, WaveUnit
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.models import Release, ReleaseCell
from surveyor.releases.queries import IS_NEWEST
from surveyor.responses.models import SegmentCount
from surveyor.units.models import UnitVersion
from surveyor.units.queries import reorganised_between


def last_release(session: Session, wave: Wave) -> Release | None:
    """The release of the latest closed wave of the same survey that closes no later than this one."""
    return session.scalar(
        select(Release)
        .join(Wave, Wave.id == Release.wave_id)
        .where(
            Wave.survey_id == wave.survey_id,
            Wave.id != wave.id,
            Wave.state == WaveState.CLOSED,
            Wave.closes <= wave.closes,
            IS_NEWEST,
        )
        .order_by(Wave.closes.desc(), Wave.closed_at.desc())
        .limit(1)
    )


def open_subjects(
    session: Session, release_id: UUID, *, measure: str
) -> frozenset[tuple[str, CellKind, str]]:
    """(unit, kind, item) of every shown bare row of a measure."""
    rows = session.execute(
        select(ReleaseCell.unit, ReleaseCell.kind, ReleaseCell.item).where(
            ReleaseCell.release_id == release_id,
            ReleaseCell.measure == measure,
            ReleaseCell.compared_to == "",
            ReleaseCell.cut == "",
            ReleaseCell.state == CellState.SHOWN,
        )
    )
    return frozenset((row[0], row[1], row[2]) for row in rows)


def segment_counts(session: Session, wave_id: UUID) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Invited and answered by stored segment, only where there was a sampling frame."""
    rows = session.scalars(select(SegmentCount).where(SegmentCount.wave_id == wave_id)).all()
    framed = [row for row in rows if row.n_invited is not None]
    return (
        {row.segment_code: row.n_invited or 0 for row in framed},
        {row.segment_code: row.n_answered or 0 for row in framed},
    )


def same_units(session: Session, before: Wave, now: Wave) -> frozenset[str]:
    """Codes of the units in both waves that were not moved, merged or split in between."""
    units_before, units_now = _units(session, before.id), _units(session, now.id)
    changed = reorganised_between(session, before.opens, now.opens)
    parents_before, parents_now = _parents(session, before), _parents(session, now)
    return frozenset(
        code
        for code, unit in units_now.items()
        if units_before.get(code) == unit
        and unit not in changed
        and parents_before.get(unit) == parents_now.get(unit)
    )


def _units(session: Session, wave_id: UUID) -> dict[str, UUID]:
    rows = session.execute(select(WaveUnit.code, WaveUnit.unit_id).where(WaveUnit.wave_id == wave_id))
    return {row[0]: row[1] for row in rows}


def _parents(session: Session, wave: Wave) -> dict[UUID, UUID | None]:
    rows = session.execute(
        select(UnitVersion.unit_id, UnitVersion.parent_id).where(
            UnitVersion.valid_from <= wave.opens,
            or_(UnitVersion.valid_to.is_(None), UnitVersion.valid_to > wave.opens),
        )
    )
    return {row[0]: row[1] for row in rows}
