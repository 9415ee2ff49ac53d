"""The day a wave's list of people goes, as its page has promised: people, links, drafts and mails."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import WORKER
from surveyor.campaigns.models import Wave
from surveyor.campaigns.services import RETENTION, schedule_retention
from surveyor.config import Settings
from surveyor.db import unit_of_work, wipe_deleted
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import forget_links
from surveyor.jobs.registry import Progress, job
from surveyor.mail.models import OutboxMail
from surveyor.responses.models import Draft, Keying, RegisterCount


@job(RETENTION, is_promise=True)
def erase_people(
    engine: Engine, _settings: Settings, payload: Mapping[str, Any], _progress: Progress
) -> None:
    """Delete everything about whom a wave asked once its day has come; twice is as once.

    Raises RuntimeError where others are too busy in the database for wiping: then it is tried again.
    """
    with unit_of_work(engine) as session:
        wave = session.scalar(
            select(Wave).where(Wave.id == UUID(payload["wave_id"])).with_for_update(of=Wave)
        )
        if wave is None:
            return
        if clock.today() < wave.retention_on:  # the date has been moved since this was queued
            schedule_retention(session, wave=wave)
            return
        if n_people := _erase(session, wave.id):
            record(
                session, actor=WORKER, action="wave.people_erased", subject_type="wave", subject_id=wave.id,
                code=wave.code, n_people=n_people,
            )  # fmt: skip
    if not wipe_deleted(engine, SampleMember, Participation, Draft, Keying, OutboxMail):
        raise RuntimeError("the database is busy")


def _erase(session: Session, wave_id: UUID) -> int:
    """How many people were on the list. Answers not yet opened stay: they no longer name anybody."""
    forget_links(session, wave_id=wave_id)
    for table in (Draft, Keying, Participation, RegisterCount):
        session.execute(delete(table).where(table.wave_id == wave_id))
    people = delete(SampleMember).where(SampleMember.wave_id == wave_id).returning(SampleMember.id)
    return len(session.scalars(people).all())
