"""The queue: with the caller's transaction, each job once whoever asks, none lost with its worker."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from surveyor import clock
from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, open_session, unit_of_work
from surveyor.errors import Refused
from surveyor.jobs import registry, runner
from surveyor.jobs.enums import JobState
from surveyor.jobs.models import Job
from surveyor.jobs.queries import job_by_key, n_failing
from surveyor.jobs.registry import Progress, job
from surveyor.jobs.runner import run_next_job
from surveyor.jobs.services import LEASE, MAX_ATTEMPTS, claim_job, enqueue, finish_job, keep_job
from surveyor.worker import run_worker

Payload = Mapping[str, Any]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path)


@pytest.fixture
def tasks() -> Iterator[dict[str, registry.Task]]:
    """The registry, put back afterwards."""
    before = dict(registry.TASKS)
    yield registry.TASKS
    registry.TASKS.clear()
    registry.TASKS.update(before)


def put(engine: Engine, kind: str, key: str = "k", **payload: Any) -> bool:
    with unit_of_work(engine) as session:
        return enqueue(session, kind=kind, key=key, payload=payload)


def the_job(engine: Engine, key: str = "k") -> Job:
    with open_session(engine, read_only=True) as session:
        found = job_by_key(session, key=key)
        assert found
        return found


def test_a_job_lives_and_dies_with_the_transaction_that_caused_it(engine: Engine) -> None:
    with open_session(engine) as session:
        enqueue(session, kind="x", key="k", payload={})
        session.rollback()
        assert job_by_key(session, key="k") is None
        enqueue(session, kind="x", key="k", payload={})
        session.commit()
        assert job_by_key(session, key="k")


def test_the_same_key_is_the_same_job(engine: Engine) -> None:
    assert put(engine, "x", n=1)
    assert not put(engine, "x", n=2)
    assert the_job(engine).payload == {"n": 1}


def test_a_job_runs_once_with_its_payload_and_shows_its_progress(
    engine: Engine, settings: Settings, tasks: object
) -> None:
    seen = []

    @job("t.count")
    def count(_engine: Engine, _settings: Settings, payload: Payload, progress: Progress) -> None:
        seen.append(payload)
        progress(3, 4)

    put(engine, "t.count", n=7)
    assert run_next_job(engine, settings)
    assert not run_next_job(engine, settings)
    done = the_job(engine)
    assert (seen, done.state, done.n_done, done.n_total) == ([{"n": 7}], JobState.DONE, 3, 4)


def test_progress_is_seen_while_the_task_holds_the_write_lock(
    engine: Engine, settings: Settings, tasks: object
) -> None:
    may_end = Event()

    @job("t.slow")
    def slow(engine: Engine, _settings: Settings, _payload: Payload, progress: Progress) -> None:
        progress(1, 2)
        may_end.wait(10)
        with unit_of_work(engine) as session:
            session.execute(text("UPDATE job SET payload = payload"))
            progress(2, 2)

    put(engine, "t.slow")
    thread = Thread(target=run_next_job, args=(engine, settings))
    thread.start()
    deadline = time.monotonic() + 8
    while the_job(engine).n_done != 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (the_job(engine).n_done, the_job(engine).state) == (1, JobState.RUNNING)
    may_end.set()
    thread.join(15)
    assert (the_job(engine).n_done, the_job(engine).state) == (2, JobState.DONE)


def test_a_failure_is_tried_later_and_later_and_then_given_up(
    engine: Engine, settings: Settings, tasks: object
) -> None:
    runs = []

    @job("t.fails")
    def fails(*_: object) -> None:
        runs.append(clock.now())
        raise OSError("secret@person.no")

    put(engine, "t.fails")
    instant = clock.now()
    for _ in range(MAX_ATTEMPTS + 3):
        instant += timedelta(days=1)
        with clock.fixed_at(instant):
            run_next_job(engine, settings)
            assert not run_next_job(engine, settings)  # not again at once
    dead = the_job(engine)
    assert (len(runs), dead.state, dead.last_error) == (MAX_ATTEMPTS, JobState.DEAD, "OSError")


def test_what_was_promised_is_never_given_up(engine: Engine, settings: Settings, tasks: object) -> None:
    is_store_back = Event()

    @job("t.promise", is_promise=True)
    def promise(*_: object) -> None:
        if not is_store_back.is_set():
            raise OSError

    put(engine, "t.promise")
    instant = clock.now()
    for n_days in range(1, MAX_ATTEMPTS + 5):
        with clock.fixed_at(instant + timedelta(days=n_days)):
            run_next_job(engine, settings)
            assert not run_next_job(engine, settings)  # not again at once
        with open_session(engine, read_only=True) as session:
            assert n_failing(session, kind="t.promise") == (n_days >= MAX_ATTEMPTS)
    is_store_back.set()
    with clock.fixed_at(instant + timedelta(days=30)):
        run_next_job(engine, settings)
    assert the_job(engine).state is JobState.DONE


def test_what_a_rule_refuses_is_not_tried_again(engine: Engine, settings: Settings, tasks: object) -> None:
    @job("t.refused")
    def refused(*_: object) -> None:
        raise Refused("Målingen er ikke åpen.")

    put(engine, "t.refused")
    run_next_job(engine, settings)
    assert (the_job(engine).state, the_job(engine).last_error) == (JobState.DEAD, "Målingen er ikke åpen.")


def test_a_job_waits_for_its_time(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        enqueue(session, kind="x", key="k", payload={}, run_after=clock.now() + timedelta(hours=1))
    with unit_of_work(engine) as session:
        assert claim_job(session) is None
    with clock.fixed_at(clock.now() + timedelta(hours=1, seconds=1)), unit_of_work(engine) as session:
        assert claim_job(session)


def test_a_worker_that_lost_its_lease_can_end_nothing(engine: Engine) -> None:
    put(engine, "x")
    with unit_of_work(engine) as session:
        first = claim_job(session)
    with clock.fixed_at(clock.now() + LEASE * 2), unit_of_work(engine) as session:
        second = claim_job(session)
    assert first
    assert second
    with unit_of_work(engine) as session:
        assert not keep_job(session, job=first, n_done=9, n_total=9)
        assert not finish_job(session, job=first)
        assert finish_job(session, job=second)
    assert the_job(engine).n_done == 0


def test_a_stopping_worker_gives_its_job_back(engine: Engine, settings: Settings, tasks: object) -> None:
    stop = Event()

    @job("t.long")
    def long(engine: Engine, _settings: Settings, _payload: Payload, progress: Progress) -> None:
        with unit_of_work(engine) as session:
            session.execute(text("UPDATE job SET last_error = 'half done'"))
            stop.set()
            progress(1, 2)

    put(engine, "t.long")
    run_worker(engine, settings, stop=stop)
    back = the_job(engine)
    assert (back.state, back.lease_until, back.last_error) == (JobState.WAITING, None, None)


def _work_until_done(url: str, instance: Path) -> None:
    @job("t.tally")
    def tally(engine: Engine, _settings: Settings, payload: Payload, _progress: Progress) -> None:
        with unit_of_work(engine) as session:
            session.execute(text("INSERT INTO tally VALUES (:n)"), {"n": payload["n"]})

    engine = make_engine(url)
    run_worker(engine, load_settings(instance), stop=Event(), once=True)
    engine.dispose()


def _spawn(url: str, instance: Path) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=_work_until_done, args=(url, instance))
    process.start()
    return process


def test_three_workers_run_each_job_exactly_once(
    engine: Engine, database_url: str, tmp_path: Path, tasks: object
) -> None:
    with unit_of_work(engine) as session:
        session.execute(text("CREATE TABLE tally (n INTEGER)"))
        for n in range(60):
            enqueue(session, kind="t.tally", key=str(n), payload={"n": n})
    engine.dispose()
    workers = [_spawn(database_url, tmp_path) for _ in range(3)]
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    with open_session(engine) as session:
        counted = session.execute(text("SELECT count(*), count(DISTINCT n) FROM tally")).one()
        assert tuple(counted) == (60, 60)
        assert session.scalar(select(func.count()).where(Job.state == JobState.DONE)) == 60


def test_a_job_whose_worker_was_killed_is_run_by_the_next(
    engine: Engine, settings: Settings, database_url: str, tasks: dict[str, registry.Task]
) -> None:
    with unit_of_work(engine) as session:
        session.execute(text("CREATE TABLE tally (n INTEGER)"))
        enqueue(session, kind="t.killed", key="k", payload={})

    def kill_myself(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    tasks["t.killed"] = kill_myself
    engine.dispose()
    worker = _spawn(database_url, settings.instance)
    worker.join(30)
    assert worker.exitcode == -signal.SIGKILL
    tasks["t.killed"] = lambda *_: None
    assert not run_next_job(engine, settings)  # the lease still holds
    with clock.fixed_at(clock.now() + LEASE * 2):
        assert run_next_job(engine, settings)
    assert the_job(engine).state is JobState.DONE


def test_a_kind_has_one_task(tasks: object) -> None:
    job("t.taken")(runner.run_next_job)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two tasks"):
        job("t.taken")(run_worker)  # type: ignore[arg-type]
