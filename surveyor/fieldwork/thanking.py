"""Thanks by e-mail to those who have answered: everybody's at one moment, the morning after the last day.

Nothing is written when somebody answers. One moment for all tells no time, in outbox or mail server.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import sends_thanks
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.invitations.mailing import Mailing, queue_mailing
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import THANKS, participation_of_key
from surveyor.invitations.wording import Message, thanks
from surveyor.jobs.registry import Progress, job
from surveyor.jobs.services import enqueue
from surveyor.mail.wanted import wanted_check
from surveyor.responses.models import Envelope

THANK = "fieldwork.thank"
_HOUR = time(8)


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
    answered = select(Envelope.participation_id).where(Envelope.participation_id == Participation.id)
    mailing = Mailing(THANKS, THANKS, partial(_words, settings), to=answered.exists(), send_after=_moment)
    queue_mailing(engine, settings, mailing, wave_id=wave_id, progress=progress)


def _words(settings: Settings, wave: Wave, _participation: Participation, member: SampleMember) -> Message:
    return thanks(settings, wave, language=member.language, name=member.name)


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


def _moment(wave: Wave) -> datetime:
    return datetime.combine(wave.closes + timedelta(days=1), _HOUR, clock.OSLO)
