"""Reading what is known of responses without opening any."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor.responses.models import AnswerSet, Envelope, Keying, Opening, WaveKey


def opening_of(session: Session, *, wave_id: UUID) -> Opening | None:
    """The opening of a wave, if its envelopes have been opened (or deleted as too few)."""
    return session.scalar(select(Opening).where(Opening.wave_id == wave_id, Opening.batch_no == 1))


def wave_key(session: Session, *, wave_id: UUID) -> WaveKey | None:
    """The public half of a wave's key pair."""
    return session.get(WaveKey, wave_id)


def keying_of(session: Session, *, sheet_id: UUID) -> bytes:
    """The first keying of a sheet, sealed; empty when it has not been keyed."""
    return session.scalar(select(Keying.sealed).where(Keying.sheet_id == sheet_id)) or b""


def count_keyings(session: Session, *, wave_id: UUID) -> int:
    """How many sheets wait to be keyed again; told in coarse steps only."""
    return session.scalar(select(func.count()).select_from(Keying).where(Keying.wave_id == wave_id)) or 0


def has_envelope(session: Session, *, participation_id: UUID) -> bool:
    """Whether a sealed response lies under this id."""
    return session.get(Envelope, participation_id) is not None


def count_envelopes(session: Session, *, wave_id: UUID) -> int:
    """How many sealed responses lie unopened."""
    return session.scalar(select(func.count()).select_from(Envelope).where(Envelope.wave_id == wave_id)) or 0


def count_answer_sets(session: Session, *, wave_id: UUID) -> int:
    """How many opened responses there are."""
    return (
        session.scalar(select(func.count()).select_from(AnswerSet).where(AnswerSet.wave_id == wave_id)) or 0
    )
