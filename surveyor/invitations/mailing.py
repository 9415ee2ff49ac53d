"""One mail to many people of a wave, written by the worker: invitations, reminders and thanks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, select, true
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import lock_wave
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import mail_key, open_token
from surveyor.invitations.wording import Message
from surveyor.jobs.registry import Progress
from surveyor.mail.services import queue_mail

_BATCH = 200
Words = Callable[[Wave, Participation, SampleMember], Message | None]


@dataclass(frozen=True)
class Mailing:
    """What is sent to whom; its key and round keep anybody from getting it twice."""

    kind: str
    key: str
    words: Words
    round_name: str = ""
    to: ColumnElement[bool] = true()
    send_after: Callable[[Wave], datetime] = lambda _wave: clock.now()
    is_counted: bool = False
    """What a job has done is kept: only of an invitation may it be told how many there are."""


def with_link(settings: Settings, write: Callable[..., Message]) -> Words:
    """Words that hold the person's own link; none once it is forgotten."""

    def words(wave: Wave, participation: Participation, member: SampleMember) -> Message | None:
        token = open_token(settings, participation=participation)
        if token is None:
            return None
        return write(settings, wave, language=member.language, name=member.name, token=token)

    return words


def queue_mailing(
    engine: Engine, settings: Settings, mailing: Mailing, *, wave_id: UUID, progress: Progress
) -> None:
    """Queue the mail for everyone it is to with a link and e-mail, while the wave is open. Twice is once."""
    with open_session(engine, read_only=True) as session:
        ids = session.scalars(
            select(Participation.id)
            .where(Participation.wave_id == wave_id, Participation.token_sealed.is_not(None), mailing.to)
            .order_by(Participation.id)
        ).all()
    n_told = len(ids) if mailing.is_counted else 0
    for start in range(0, len(ids), _BATCH):
        progress(min(start, n_told), n_told)
        with unit_of_work(engine) as session:
            _queue_batch(session, settings, mailing, wave_id, ids[start : start + _BATCH])
    progress(n_told, n_told)


def _queue_batch(
    session: Session, settings: Settings, mailing: Mailing, wave_id: UUID, ids: Sequence[UUID]
) -> None:
    wave = session.get_one(Wave, wave_id)
    if lock_wave(session, wave=wave, shared=True) is not WaveState.OPEN:
        return
    people = (
        select(Participation, SampleMember)
        .join(SampleMember, SampleMember.id == Participation.sample_member_id)
        .where(Participation.id.in_(ids), mailing.to)
    )
    for participation, member in session.execute(people):
        if member.email is None or (message := mailing.words(wave, participation, member)) is None:
            continue
        key = mail_key(mailing.key, participation, mailing.round_name)
        queue_mail(
            session, settings, key=key, kind=mailing.kind,
            to=member.email, subject=message.subject, body=message.body, send_after=mailing.send_after(wave),
        )  # fmt: skip
