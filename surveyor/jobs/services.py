"""Writing jobs: put in the queue by the change that causes them, claimed, kept and ended by the worker."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, CursorResult, Update, and_, select, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.db import Connected, insert_new
from surveyor.jobs.enums import JobState
from surveyor.jobs.models import Job
from surveyor.jobs.queries import MAX_ATTEMPTS, due
from surveyor.jobs.registry import PROMISES

LEASE = timedelta(seconds=90)
_FIRST_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True)
class ClaimedJob:
    """A job as its worker holds it; the attempt number tells who has the lease from who lost it."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempt: int


def enqueue(
    session: Connected,
    *,
    kind: str,
    key: str,
    payload: dict[str, Any],
    run_after: datetime | None = None,
    asked_at: datetime | None = None,
) -> bool:
    """Put a job in the queue with the caller's transaction; False when the key is there already.

    Where the moment of asking would tell of a person, another is given to be kept.
    """
    now = asked_at or clock.now()
    return insert_new(
        session,
        Job,
        unique="key",
        id=uuid4(),
        kind=kind,
        key=key,
        payload=payload,
        state=JobState.WAITING,
        run_after=run_after or now,
        created_at=now,
        n_attempts=0,
        n_done=0,
        n_total=0,
    )


def claim_job(session: Session) -> ClaimedJob | None:
    """Lease the job that has been due longest, be it one whose worker is gone; None when nothing is due."""
    statement = select(Job).where(due()).order_by(Job.run_after, Job.id).limit(1)
    job = session.scalar(statement.with_for_update(skip_locked=True))
    if job is None:
        return None
    job.state, job.lease_until = JobState.RUNNING, clock.now() + LEASE
    job.n_attempts += 1
    return ClaimedJob(job.id, job.kind, job.payload, job.n_attempts)


def keep_job(session: Session, *, job: ClaimedJob, n_done: int, n_total: int) -> bool:
    """Heartbeat: a longer lease and the progress so far; False when the lease went to another worker."""
    values = {"lease_until": clock.now() + LEASE, "n_done": n_done, "n_total": n_total}
    return _write(session, update(Job).where(_held(job)).values(values))


def finish_job(session: Session, *, job: ClaimedJob) -> bool:
    """The job is done; False when the lease went to another worker."""
    values = {"state": JobState.DONE, "finished_at": clock.now(), "lease_until": None, "last_error": None}
    return _write(session, update(Job).where(_held(job)).values(values))


def release_job(session: Session, *, job: ClaimedJob) -> bool:
    """Give a job back untouched: the worker stops before it could end it."""
    values = {"state": JobState.WAITING, "lease_until": None}
    return _write(session, update(Job).where(_held(job)).values(values))


def fail_job(session: Session, *, job: ClaimedJob, error: str, is_final: bool = False) -> bool:
    """Try again later and later; dead after MAX_ATTEMPTS, or at once when the error is final.

    What was promised is never given up.
    """
    values: dict[str, Any] = {"last_error": error, "lease_until": None}
    if (is_final or job.attempt >= MAX_ATTEMPTS) and job.kind not in PROMISES:
        values |= {"state": JobState.DEAD, "finished_at": clock.now()}
    else:
        pause = _FIRST_PAUSE * 4 ** (min(job.attempt, MAX_ATTEMPTS) - 1)
        values |= {"state": JobState.WAITING, "run_after": clock.now() + pause}
    return _write(session, update(Job).where(_held(job)).values(values))


def _held(job: ClaimedJob) -> ColumnElement[bool]:
    return and_(Job.id == job.id, Job.state == JobState.RUNNING, Job.n_attempts == job.attempt)


def _write(session: Session, statement: Update) -> bool:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1
