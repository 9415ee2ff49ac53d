"""Thanks by e-mail to those who have answered: everybody's at one moment, the morning after the last day.

Nothing is written when somebody answers. One moment for all tells no time, in outbox or mail server.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import lock_wave, sends_thanks
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import THANKS, mail_key, participation_of_key
from surveyor.invitations.wording import thanks
from surveyor.jobs.registry import Progress, job
from surveyor.jobs.services import enqueue
from surveyor.mail.services import queue_mail
from surveyor.mail.wanted import wanted_check
from surveyor.responses.models import Envelope

THANK = "fieldwork.thank"
_HOUR = time(8)
_BATCH = 200


def schedule_thanks(session: Session, *, wave: Wave) -> None:
    """Let the worker thank those who have answered when the last day is over, where the wave does so."""
    if sends_thanks(session, wave_id=wave.id):
        key = f"{THANK}:{wave.id}:{wave.closes.isoformat()}"
        enqueue(session, kind=THANK, key=key, payload={"wave_id": str(wave.id)}, run_after=_moment(wave))


@job(THANK)
def thank(engine: Engine, settings: Settings, payload: Mapping[str, Any], progress: Progress) -> None:
    """Queue a mail to everyone with a link who has answered; later if the day was moved. Twice is once."""
    wave_id = UUID(payload["wave_id"])
    with unit_of_work(engine) as session:
        wave = session.get(Wave, wave_id)
        if wave is not None and clock.now() < _moment(wave):
            schedule_thanks(session, wave=wave)
            return
    with open_session(engine, read_only=True) as session:
        answered = (
            select(Participation.id)
            .join(Envelope, Envelope.participation_id == Participation.id)
            .where(Participation.wave_id == wave_id, Participation.token_sealed.is_not(None))
            .order_by(Participation.id)
        )
        ids = session.scalars(answered).all()
    for start in range(0, len(ids), _BATCH):
        progress(0, 0)  # what a job has done is kept: how many there are would be told
        with unit_of_work(engine) as session:
            _thank_batch(session, settings, wave_id, ids[start : start + _BATCH])


@wanted_check(THANKS)
def has_answered(session: Session, key: str) -> bool:
    """Whether a mail of thanks should still go out: the answer is there, not withdrawn or opened."""
    participation_id = participation_of_key(key)
    state = (
        select(Wave.state)
        .join(Participation, Participation.wave_id == Wave.id)
        .join(Envelope, Envelope.participation_id == Participation.id)
        .where(Participation.id == participation_id)
    )
    return session.scalar(state) is WaveState.OPEN


def _thank_batch(session: Session, settings: Settings, wave_id: UUID, ids: Sequence[UUID]) -> None:
    wave = session.get_one(Wave, wave_id)
    if lock_wave(session, wave=wave, shared=True) is not WaveState.OPEN:
        return
    people = (
        select(Participation, SampleMember)
        .join(SampleMember, SampleMember.id == Participation.sample_member_id)
        .join(Envelope, Envelope.participation_id == Participation.id)
        .where(Participation.id.in_(ids), SampleMember.email.is_not(None))
    )
    for participation, member in session.execute(people):
        assert member.email is not None, "asked for above"
        words = thanks(settings, wave, language=member.language, name=member.name)
        queue_mail(
            session, settings, key=mail_key(THANKS, participation), kind=THANKS, to=member.email,
            subject=words.subject, body=words.body, send_after=_moment(wave),
        )  # fmt: skip


def _moment(wave: Wave) -> datetime:
    return datetime.combine(wave.closes + timedelta(days=1), _HOUR, clock.OSLO)
