"""REL-8: a job run by two workers at the same time, and once more, leaves what one run leaves."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, inspect, select, text

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.fieldwork.launch import launch_wave
from surveyor.jobs.registry import TASKS, no_progress
from surveyor.worker import load_tasks
from tests.planned_waves import invite_people, make_planned_wave
from tests.waves import make_answered_wave

load_tasks()


def launched(engine: Engine, settings: Settings) -> dict[str, str]:
    with unit_of_work(engine) as session:
        wave = make_planned_wave(session, settings)
        invite_people(session, settings, wave, B1=12, S1=12)
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
        return {"wave_id": str(wave.id), "wave_code": wave.code, "round": "1"}


def promised_day_has_come(engine: Engine, settings: Settings) -> dict[str, str]:
    payload = launched(engine, settings)
    with unit_of_work(engine) as session:
        wave = session.scalars(select(Wave)).one()
        wave.retention_on = clock.today()
    return payload


def all_have_answered(engine: Engine, settings: Settings) -> dict[str, str]:
    wave = make_answered_wave(engine, settings, 24).wave
    return {"wave_id": str(wave.id), "wave_code": wave.code}


Prepare = Callable[[Engine, Settings], dict[str, str]]
JOBS: dict[str, Prepare] = {
    "invitations.send": launched,
    "fieldwork.remind": launched,
    "fieldwork.rates": launched,
    "waves.retention": promised_day_has_come,
    "waves.close": all_have_answered,
    "keys.destroy": all_have_answered,
}


def left(engine: Engine) -> dict[str, int]:
    """Rows of every table."""
    with engine.connect() as connection:
        tables = inspect(engine).get_table_names()
        count = "SELECT count(*) FROM "
        return {t: connection.scalar(text(f'{count}"{t}"')) or 0 for t in tables}


def run_together(kind: str, engine: Engine, settings: Settings, payload: dict[str, str]) -> None:
    start, failures = Barrier(2), []

    def work() -> None:
        start.wait()
        try:
            TASKS[kind](engine, settings, payload, no_progress)
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize("kind", JOBS)
def test_two_workers_at_once_and_once_more_leave_what_one_leaves(
    engine: Engine, settings: Settings, kind: str
) -> None:
    payload = JOBS[kind](engine, settings)
    before = left(engine)
    run_together(kind, engine, settings, payload)
    together = left(engine)
    TASKS[kind](engine, settings, payload, no_progress)
    assert left(engine) == together
    assert kind == "keys.destroy" or together != before  # the control: the job did something
    twice = {"outbox_mail": 24, "release": 1, "opening": 1, "answer_set": 24, "sample_member": 24}
    assert all(together[table] in (0, n) for table, n in twice.items())
    done = ("wave.people_erased", "wave.opened", "wave.closed", "wave.keys_destroyed")
    with unit_of_work(engine) as session:
        entries = session.execute(text("SELECT action, count(*) FROM audit_entry GROUP BY action")).all()
    assert {n for action, n in entries if action in done} <= {1}
