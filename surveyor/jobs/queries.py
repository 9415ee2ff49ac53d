"""Reading the queue."""

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.jobs.enums import JobState
from surveyor.jobs.models import Job

MAX_ATTEMPTS = 6


def job_by_key(session: Session, *, key: str) -> Job | None:
    """The job under a key, with its state and progress."""
    return session.scalar(select(Job).where(Job.key == key))


def n_failing(session: Session, *, kind: str) -> int:
    """How many jobs of a kind have been tried as often as others before they are given up, and still are."""
    failing = Job.kind == kind, Job.state == JobState.WAITING, Job.n_attempts >= MAX_ATTEMPTS
    return session.scalar(select(func.count()).select_from(Job).where(*failing)) or 0


def is_job_due(session: Session) -> bool:
    """Whether a job could be run now."""
    return session.scalar(select(Job.id).where(due()).limit(1)) is not None


def due() -> ColumnElement[bool]:
    """The condition of jobs to be run: waiting and their time has come, or left by a worker that is gone."""
    now = clock.now()
    waiting = and_(Job.state == JobState.WAITING, Job.run_after <= now)
    abandoned = and_(Job.state == JobState.RUNNING, Job.lease_until < now)
    return or_(waiting, abandoned)
