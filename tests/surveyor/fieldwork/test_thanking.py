"""Thanks: one moment for all, only where chosen, only to those who have answered, no code and no time."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import Engine, func, select

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.campaigns.services import choose_thanks, move_closing
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import Refused
from surveyor.fieldwork.closing import open_wave
from surveyor.fieldwork.launch import launch_wave
from surveyor.fieldwork.thanking import THANK, has_answered, thank
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.wording import thanks
from surveyor.jobs.models import Job
from surveyor.jobs.registry import no_progress
from surveyor.mail.models import OutboxMail
from surveyor.mail.queries import outbox_page
from surveyor.responses.models import Envelope
from surveyor.responses.services import store_envelope, withdraw_envelope
from tests.planned_waves import invite_people, make_planned_wave

N_ANSWERED = 4


@pytest.fixture
def wave(engine: Engine, settings: Settings) -> Wave:
    """Launched with thanks; four of eight have answered."""
    with unit_of_work(engine) as session:
        wave = make_planned_wave(session, settings)
        invite_people(session, settings, wave, B1=8)
        choose_thanks(session, wave=wave, wanted=True, actor=COMMAND_LINE)
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
        for owner in session.scalars(select(Participation.id).limit(N_ANSWERED)):
            store_envelope(
                session, wave_id=wave.id, participation_id=owner, rev=1, submission_id=owner, sealed=b"x"
            )
    return wave


def run(engine: Engine, settings: Settings, wave: Wave, at: datetime) -> None:
    with clock.fixed_at(at):
        thank(engine, settings, {"wave_id": str(wave.id)}, no_progress)


def morning_after(wave: Wave) -> datetime:
    return datetime.combine(wave.closes + timedelta(days=1), time(8), clock.OSLO)


def thanked(engine: Engine) -> list[OutboxMail]:
    with unit_of_work(engine) as session:
        found = session.scalars(select(OutboxMail).where(OutboxMail.kind == "thanks")).all()
        session.expunge_all()
        return list(found)


def test_those_who_have_answered_are_thanked_at_one_moment(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    assert thanked(engine) == [], "nothing is written when somebody answers"
    for _ in range(2):  # twice is once
        run(engine, settings, wave, morning_after(wave) + timedelta(minutes=3))
    mails = thanked(engine)
    with unit_of_work(engine) as session:
        owners = {str(owner) for owner in session.scalars(select(Envelope.participation_id))}
        assert "thanks" not in {row.kind for row in outbox_page(session, settings).rows}
    assert {mail.key for mail in mails} == {f"thanks:{wave.id}:{owner}" for owner in owners}
    assert {mail.send_after for mail in mails} == {morning_after(wave)}
    assert len(mails) == N_ANSWERED


def test_nobody_is_thanked_before_the_last_day_is_over(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    with unit_of_work(engine) as session:
        moved = session.get_one(Wave, wave.id)
        move_closing(session, wave=moved, closes=wave.closes + timedelta(days=3), actor=COMMAND_LINE)
    run(engine, settings, wave, morning_after(wave))
    assert thanked(engine) == []
    with unit_of_work(engine) as session:
        assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == THANK)) == 2
        moved = session.get_one(Wave, wave.id)
        later = morning_after(moved)
    run(engine, settings, wave, later)
    assert len(thanked(engine)) == N_ANSWERED


def test_who_withdraws_is_not_thanked_and_the_opening_forgets_all(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    run(engine, settings, wave, morning_after(wave))
    keys = [mail.key for mail in thanked(engine)]
    with unit_of_work(engine) as session:
        assert all(has_answered(session, key) for key in keys)
        owner = session.scalars(select(Envelope.participation_id)).first()
        assert owner is not None
        withdraw_envelope(session, participation_id=owner)
        assert [key for key in keys if not has_answered(session, key)] == [f"thanks:{wave.id}:{owner}"]
    assert open_wave(engine, settings, wave_id=wave.id).is_too_few
    assert thanked(engine) == []
    run(engine, settings, wave, morning_after(wave) + timedelta(days=1))
    assert thanked(engine) == []


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_words_hold_no_link_no_code_and_no_time(
    engine: Engine, settings: Settings, wave: Wave, language: str
) -> None:
    with unit_of_work(engine) as session:
        found = session.get_one(Wave, wave.id)
        member = session.scalars(select(SampleMember)).first()
        assert member is not None
        words = thanks(settings, found, language=language, name=member.name)
    assert member.name in words.body
    assert "http" not in words.body
    assert "%(" not in words.subject + words.body
    assert str(clock.today().year) not in words.body


def test_it_is_off_unless_chosen_and_locked_by_the_launch(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave = make_planned_wave(session, settings)
        invite_people(session, settings, wave, B1=8)
        for wanted in (True, True, False):
            choose_thanks(session, wave=wave, wanted=wanted, actor=COMMAND_LINE)
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
        assert "thanks" not in (wave.launch_manifest or {})
        assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == THANK)) == 0
        with pytest.raises(Refused):
            choose_thanks(session, wave=wave, wanted=True, actor=COMMAND_LINE)


def test_the_choice_is_part_of_what_is_promised(engine: Engine, wave: Wave) -> None:
    assert (wave.launch_manifest or {})["thanks"] is True
