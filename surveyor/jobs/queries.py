"""Reading the queue."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.jobs.enums import JobState
from surveyor.jobs.models import Job


def job_by_key(session: Session, *, key: str) -> Job | None:
    """The job under a key, with its state and progress."""
    return session.scalar(select(Job).where(Job.key == key))


def unfinished_jobs(session: Session) -> list[Job]:
    """What waits, runs or has died, oldest first."""
    statement = select(Job).where(Job.state != JobState.DONE).order_by(Job.created_at, Job.id)
    return list(session.scalars(statement))
