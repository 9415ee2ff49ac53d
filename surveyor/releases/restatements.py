"""Reading what was restated past a reorganisation, and what would be: nothing is written here."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import Wave
from surveyor.errors import N_, Refused
from surveyor.releases.enums import CellState
from surveyor.releases.mapping import Pair, Pairs
from surveyor.releases.models import Release
from surveyor.releases.queries import released_waves
from surveyor.releases.spec import RestatedUnit, Restatement, Row, WaveRelease


def restatements_for(session: Session, wave_id: UUID, later_id: UUID) -> Sequence[Release]:
    """Every restatement of a wave for a later one."""
    wanted = select(Release).where(Release.wave_id == wave_id, Release.restated_for == later_id)
    return session.scalars(wanted).all()


def restatements(session: Session, *, wave_id: UUID) -> list[Restatement]:
    """What has been restated of a wave, the newest first."""
    rows = session.execute(
        select(Release, Wave.code)
        .join(Wave, Wave.id == Release.restated_for)
        .where(Release.wave_id == wave_id)
        .order_by(Release.number.desc())
    )
    return [
        Restatement(
            code, release.frozen_on, restated_units([Pair(*pair) for pair in release.method["mapping"]])
        )
        for release, code in rows
    ]


def restated_units(pairs: Sequence[Pair], rows: Sequence[Row] = ()) -> tuple[RestatedUnit, ...]:
    """The units of a mapping, each with what it is put together of and how many indexes it would show."""
    found = []
    for code in dict.fromkeys(pair.now for pair in pairs):
        indexes = [row for row in rows if row.unit == code and row.measure == "index"]
        n_shown = sum(row.state is CellState.SHOWN for row in indexes)
        before = tuple(pair.before for pair in pairs if pair.now == code)
        found.append(RestatedUnit(code, before, n_shown, len(indexes)))
    return tuple(found)


def later_waves(session: Session, *, wave: WaveRelease) -> list[WaveRelease]:
    """Released waves of the same survey that opened after this one, the newest first."""
    return [one for one in released_waves(session, survey_id=wave.survey_id) if one.opens > wave.opens]


def preview_restatement(
    session: Session, *, wave_id: UUID, later_code: str, pairs: Pairs
) -> tuple[RestatedUnit, ...]:
    """What a restatement would show, decided by the same gate; raises what `restate_release` would."""
    from surveyor.releases.restating import restated_rows  # noqa: PLC0415 -- slow import

    later = session.scalar(select(Wave).where(Wave.code == later_code))
    if later is None:
        raise Refused(N_("Velg en senere måling av den samme undersøkelsen."))
    found = restated_rows(session, wave=session.get_one(Wave, wave_id), later=later, pairs=pairs)
    return restated_units(found.pairs, found.rows)
