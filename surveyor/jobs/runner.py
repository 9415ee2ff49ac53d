"""Running one job: claimed under a lease, kept by a heartbeat that also writes the progress, ended once."""

import logging
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.errors import DomainError
from surveyor.jobs.queries import is_job_due
from surveyor.jobs.registry import TASKS
from surveyor.jobs.services import LEASE, ClaimedJob, claim_job, fail_job, finish_job, keep_job, release_job

log = logging.getLogger("surveyor.jobs")


class Interrupted(BaseException):
    """The worker stops or has lost its lease; no Exception, so that no task takes it for its own failure."""


@dataclass
class _Run:
    """What the heartbeat thread and the task share."""

    should_stop: Callable[[], bool]
    n_done: int = 0
    n_total: int = 0
    is_lost: bool = False
    is_over: Event = field(default_factory=Event)

    def progress(self, n_done: int, n_total: int) -> None:
        """Take note; the heartbeat writes it, because the task may be holding SQLite's only write lock."""
        self.n_done, self.n_total = n_done, n_total
        if self.is_lost or self.should_stop():
            raise Interrupted


def run_next_job(
    engine: Engine, settings: Settings, *, should_stop: Callable[[], bool] = lambda: False
) -> bool:
    """Run the job that has been due longest; False when none is due."""
    with open_session(engine, read_only=True) as session:
        if not is_job_due(session):
            return False
    with unit_of_work(engine) as session:
        job = claim_job(session)
    if job is None:
        return False
    _run(engine, settings, job, _Run(should_stop))
    return True


def _run(engine: Engine, settings: Settings, job: ClaimedJob, run: _Run) -> None:
    heartbeat = Thread(target=copy_context().run, args=(_beat, engine, job, run), daemon=True)
    heartbeat.start()
    try:
        end = _attempt(engine, settings, job, run)
    finally:
        run.is_over.set()
        heartbeat.join()
    with unit_of_work(engine) as session:
        keep_job(session, job=job, n_done=run.n_done, n_total=run.n_total)
        end(session)


def _attempt(engine: Engine, settings: Settings, job: ClaimedJob, run: _Run) -> Callable[[Session], object]:
    """Call the task; what comes back writes the end of the job."""
    if job.kind not in TASKS:
        return lambda session: fail_job(session, job=job, error="no task of this kind", is_final=True)
    try:
        TASKS[job.kind](engine, settings, job.payload, run.progress)
    except Interrupted:
        return lambda session: release_job(session, job=job)
    except DomainError as error:
        message = str(error)
        return lambda session: fail_job(session, job=job, error=message, is_final=True)
    except Exception as error:
        log.exception("job %s failed in attempt %d", job.kind, job.attempt)
        name = type(error).__name__  # never the message: it may hold what someone wrote
        return lambda session: fail_job(session, job=job, error=name)
    return lambda session: finish_job(session, job=job)


def _beat(engine: Engine, job: ClaimedJob, run: _Run) -> None:
    """Once a second write new progress, and at least three times a lease say that we are alive."""
    written, written_at = (0, 0), monotonic()
    while not run.is_over.wait(1.0):
        now = (run.n_done, run.n_total)
        if now == written and monotonic() - written_at < LEASE.total_seconds() / 3:
            continue
        try:
            with unit_of_work(engine) as session:
                run.is_lost = not keep_job(session, job=job, n_done=now[0], n_total=now[1])
        except DBAPIError:
            continue  # the task holds the write lock: nobody else can take the job meanwhile either
        written, written_at = now, monotonic()
