"""What the worker does for invitations: write the mails that carry personal links."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import lock_wave
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import SEND, mail_key, open_token
from surveyor.invitations.wording import invitation
from surveyor.jobs.registry import Progress, job
from surveyor.mail.services import queue_mail

_BATCH = 200


@job(SEND)
def send_invitations(
    engine: Engine, settings: Settings, payload: Mapping[str, Any], progress: Progress
) -> None:
    """Queue an invitation for everyone with a link; who has one keeps it. Twice equals once."""
    wave_id = UUID(payload["wave_id"])
    with open_session(engine, read_only=True) as session:
        ids = session.scalars(
            select(Participation.id)
            .where(Participation.wave_id == wave_id, Participation.token_sealed.is_not(None))
            .order_by(Participation.id)
        ).all()
    for start in range(0, len(ids), _BATCH):
        progress(start, len(ids))
        with unit_of_work(engine) as session:
            _queue_batch(session, settings, wave_id, ids[start : start + _BATCH])
    progress(len(ids), len(ids))


def _queue_batch(session: Session, settings: Settings, wave_id: UUID, ids: Any) -> None:
    wave = session.get_one(Wave, wave_id)
    if lock_wave(session, wave=wave, shared=True) is not WaveState.OPEN:
        return
    people = select(Participation, SampleMember).join(SampleMember).where(Participation.id.in_(ids))
    for participation, member in session.execute(people):
        token = open_token(settings, participation=participation)
        if token is None or member.email is None:
            continue
        words = invitation(settings, wave, language=member.language, name=member.name, token=token)
        queue_mail(
            session, settings, key=mail_key("invite", participation), kind="invitation", to=member.email,
            subject=words.subject, body=words.body,
        )  # fmt: skip
