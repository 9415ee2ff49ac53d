"""Reading what is known of responses without opening any."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor.responses.models import AnswerSet, Envelope, Opening, WaveKey


def opening_of(session: Session, *, wave_id: UUID) -> Opening | None:
    """The opening of a wave, if its envelopes have been opened (or deleted as too few)."""
    return session.scalar(select(Opening).where(Opening.wave_id == wave_id, Opening.batch_no == 1))


def wave_key(session: Session, *, wave_id: UUID) -> WaveKey | None:
    """The public half of a wave's key pair."""
    return session.get(WaveKey, wave_id)


def count_envelopes(session: Session, *, wave_id: UUID) -> int:
    """How many sealed responses lie unopened."""
    return session.scalar(select(func.count()).select_from(Envelope).where(Envelope.wave_id == wave_id)) or 0


def count_answer_sets(session: Session, *, wave_id: UUID) -> int:
    """How many opened responses there are."""
    return (
        session.scalar(select(func.count()).select_from(AnswerSet).where(AnswerSet.wave_id == wave_id)) or 0
    )
