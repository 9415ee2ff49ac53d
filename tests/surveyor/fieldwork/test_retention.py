"""The list of people goes on the day the wave's page promises: not a moment before, and whole."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import wave_by_code
from surveyor.campaigns.services import RETENTION, delete_wave, move_closing
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import Refused
from surveyor.fieldwork import retention
from surveyor.fieldwork.asking import remind
from surveyor.fieldwork.launch import launch_wave
from surveyor.fieldwork.retention import erase_people
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.tasks import send_invitations
from surveyor.jobs.models import Job
from surveyor.jobs.registry import no_progress
from surveyor.mail.models import OutboxMail
from surveyor.mail.services import queue_mail
from surveyor.responses.models import Draft
from surveyor.responses.services import save_draft
from tests.planned_waves import CODE, invite_people, make_planned_wave, work_at

HOLD_PEOPLE = (SampleMember, Participation, Draft, OutboxMail)


@pytest.fixture
def wave(engine: Engine, settings: Settings) -> Wave:
    """Launched, invited, reminded, one draft begun; and one mail that has nothing to do with it."""
    with unit_of_work(engine) as session:
        wave = make_planned_wave(session, settings)
        invite_people(session, settings, wave, B1=6)
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
        queue_mail(session, settings, key="other", kind="account_link", to="a@b.no", subject="s", body="b")
        owner = session.scalars(select(Participation.id)).first()
        assert owner is not None
        save_draft(session, wave_id=wave.id, participation_id=owner, rev=1, sealed=b"draft")
    payload = {"wave_id": str(wave.id), "round": "1"}
    send_invitations(engine, settings, payload, no_progress)
    remind(engine, settings, payload, no_progress)
    return wave


def counts(engine: Engine) -> list[int]:
    with unit_of_work(engine) as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in HOLD_PEOPLE]


PRESENT, GONE = [6, 6, 1, 13], [0, 0, 0, 1]


def erase(engine: Engine, settings: Settings, wave: Wave) -> None:
    erase_people(engine, settings, {"wave_id": str(wave.id)}, no_progress)


def test_the_worker_deletes_at_the_promised_midnight_and_not_a_second_before(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    midnight = datetime.combine(wave.retention_on, time(), clock.OSLO)
    work_at(engine, settings, midnight - timedelta(seconds=1))
    assert counts(engine) == PRESENT
    work_at(engine, settings, midnight)
    assert counts(engine) == GONE


def test_twice_is_once(engine: Engine, settings: Settings, wave: Wave) -> None:
    with clock.fixed_at(datetime.combine(wave.retention_on, time(3), clock.OSLO)):
        for _ in range(2):
            erase(engine, settings, wave)
    assert counts(engine) == GONE
    with unit_of_work(engine) as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "wave.people_erased"))
        assert (entry.actor, entry.details) == ("worker", {"code": CODE, "n_people": 6})


class Killed(BaseException):
    """What a kill -9 looks like from inside."""


@pytest.mark.parametrize("step", ["forget_links", "record", "wipe_deleted"])
def test_killed_anywhere_and_run_again_ends_the_same(
    engine: Engine, settings: Settings, wave: Wave, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object, **_options: object) -> None:
        raise Killed

    with clock.fixed_at(datetime.combine(wave.retention_on, time(3), clock.OSLO)):
        with monkeypatch.context() as patch:
            patch.setattr(retention, step, die)
            with pytest.raises(Killed):
                erase(engine, settings, wave)
        assert counts(engine) in (PRESENT, GONE)  # whole or not at all
        erase(engine, settings, wave)
    assert counts(engine) == GONE


def test_a_moved_date_is_followed(engine: Engine, settings: Settings, wave: Wave) -> None:
    before = wave.retention_on
    with unit_of_work(engine) as session:
        found = wave_by_code(session, code=CODE)
        move_closing(session, wave=found, closes=found.closes + timedelta(days=10), actor=COMMAND_LINE)
    work_at(engine, settings, datetime.combine(before, time(12), clock.OSLO))
    assert counts(engine) == PRESENT
    work_at(engine, settings, datetime.combine(before + timedelta(days=10), time(12), clock.OSLO))
    assert counts(engine) == GONE


def test_a_wave_that_was_never_started_loses_its_list_too(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave = make_planned_wave(session, settings)
        invite_people(session, settings, wave, B1=6)
    work_at(engine, settings, datetime.combine(wave.retention_on, time(12), clock.OSLO))
    assert counts(engine)[0] == 0
    with unit_of_work(engine) as session, clock.fixed_at(
        datetime.combine(wave.retention_on, time(12), clock.OSLO)
    ), pytest.raises(Refused):  # fmt: skip
        invite_people(session, settings, wave_by_code(session, code=CODE), B1=6)


def test_a_deleted_wave_needs_nothing(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave = make_planned_wave(session, settings)
        delete_wave(session, wave=wave, actor=COMMAND_LINE)
    before = counts(engine)
    erase(engine, settings, wave)
    assert counts(engine) == before


def test_a_wave_of_the_past_keeps_its_list_for_a_year_from_today(
    session: Session, settings: Settings
) -> None:
    long_ago = clock.today() - timedelta(days=900)
    wave = make_planned_wave(session, settings, opens=long_ago, closes=long_ago + timedelta(days=14))
    assert wave.retention_on > clock.today() + timedelta(days=360)
    [job] = session.scalars(select(Job).where(Job.kind == RETENTION))
    assert job.run_after.astimezone(clock.OSLO).date() == wave.retention_on
