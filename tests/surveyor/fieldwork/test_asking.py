"""Invitations and reminders: once each, never to one who has answered; rates too coarse to tell of anyone."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import wave_by_code
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.errors import Refused
from surveyor.fieldwork.asking import (
    count_rates,
    is_still_asked,
    live_rates,
    queue_reminders,
    refresh_rates,
    remind,
)
from surveyor.fieldwork.launch import launch_wave
from surveyor.fieldwork.rates import Turnout, live_percents
from surveyor.invitations.credentials import hash_token
from surveyor.invitations.models import Participation
from surveyor.invitations.services import forget_links
from surveyor.invitations.tasks import send_invitations
from surveyor.jobs.models import Job
from surveyor.jobs.registry import no_progress
from surveyor.mail.models import OutboxMail
from surveyor.mail.sealing import open_content
from surveyor.responses.models import Envelope
from tests.planned_waves import CODE, invite_people, make_planned_wave


@pytest.fixture
def wave(engine: Engine, settings: Settings) -> Wave:
    with unit_of_work(engine) as session:
        wave = make_planned_wave(session, settings)
        invite_people(session, settings, wave, B1=12, B2=6, S1=20)
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    return wave


def payload(wave: Wave, **more: str) -> dict[str, str]:
    return {"wave_id": str(wave.id), **more}


def answered(engine: Engine, wave: Wave, segment: str, n: int) -> list[UUID]:
    with unit_of_work(engine) as session:
        ids = session.scalars(
            select(Participation.id).where(Participation.segment_code == segment).order_by(Participation.id)
        ).all()[:n]
        rows = [
            {"participation_id": i, "wave_id": wave.id, "rev": 1, "submission_id": uuid4(), "sealed": b"x"}
            for i in ids
        ]
        session.execute(insert(Envelope), rows)
    return list(ids)


def outbox(engine: Engine, settings: Settings, kind: str) -> dict[str, str]:
    with open_session(engine, read_only=True) as session:
        mails = session.scalars(select(OutboxMail).where(OutboxMail.kind == kind)).all()
        return {mail.key: open_content(settings, mail.content or b"", key=mail.key).body for mail in mails}


def link_of(body: str) -> str:
    return next(line for line in body.splitlines() if "/medarbeider/s/" in line)


def test_everybody_is_invited_once_with_a_link_that_works(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    for _ in range(2):
        send_invitations(engine, settings, payload(wave), no_progress)
    mails = outbox(engine, settings, "invitation")
    assert len(mails) == 38
    with open_session(engine, read_only=True) as session:
        known = set(session.scalars(select(Participation.credential_hash)))
    assert {hash_token(link_of(body).rpartition("/")[2]) for body in mails.values()} == known


def test_a_reminder_goes_to_those_who_have_not_answered_with_the_same_link(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    send_invitations(engine, settings, payload(wave), no_progress)
    done = answered(engine, wave, "B1", 12)
    for _ in range(2):
        remind(engine, settings, payload(wave, round="2026-11-21"), no_progress)
    first, again = outbox(engine, settings, "invitation"), outbox(engine, settings, "reminder")
    assert len(again) == 26
    assert not any(str(owner) in key for key in again for owner in done)
    assert {link_of(body) for body in again.values()} < {link_of(body) for body in first.values()}


def test_one_reminder_a_day_and_only_while_answers_are_taken(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    with pytest.raises(Refused):
        queue_reminders(session, settings, wave=wave, actor=COMMAND_LINE)
    invite_people(session, settings, wave, B1=6)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    session.flush()
    queue_reminders(session, settings, wave=wave, actor=COMMAND_LINE)
    with pytest.raises(Refused, match="én om dagen"):
        queue_reminders(session, settings, wave=wave, actor=COMMAND_LINE)
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        queue_reminders(session, settings, wave=wave, actor=COMMAND_LINE)
    with clock.fixed_at(clock.now() + timedelta(days=60)), pytest.raises(Refused, match="mens"):
        queue_reminders(session, settings, wave=wave, actor=COMMAND_LINE)


def test_a_mail_is_withdrawn_once_its_person_has_answered_or_the_wave_is_over(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    send_invitations(engine, settings, payload(wave), no_progress)
    done = {str(owner) for owner in answered(engine, wave, "B1", 3)}
    keys = list(outbox(engine, settings, "invitation"))
    with open_session(engine, read_only=True) as session:
        wanted = {key: is_still_asked(session, key) for key in keys}
        assert [key for key in keys if not wanted[key]] == [key for key in keys if key.split(":")[2] in done]
        with clock.fixed_at(clock.now() + timedelta(days=60)):
            assert not any(is_still_asked(session, key) for key in keys)
    with unit_of_work(engine) as session:
        session.execute(update(Wave).values(state=WaveState.CLOSING))
    with open_session(engine, read_only=True) as session:
        assert not any(is_still_asked(session, key) for key in keys)


def test_after_the_opening_nothing_tells_who_was_reminded(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    send_invitations(engine, settings, payload(wave), no_progress)
    remind(engine, settings, payload(wave, round="x"), no_progress)
    with unit_of_work(engine) as session:
        forget_links(session, wave_id=wave.id)
    with open_session(engine, read_only=True) as session:
        assert not session.scalars(select(OutboxMail)).all()
        assert not session.scalars(select(Participation).where(Participation.token_sealed.is_not(None))).all()


def test_rates_change_on_the_hour_only(engine: Engine, settings: Settings, wave: Wave) -> None:
    def seen() -> list[tuple[str, float]]:
        with open_session(engine, read_only=True) as session:
            found = live_rates(session, wave=wave_by_code(session, code=CODE))
            return [(rate.unit_code, rate.share) for rate in found]

    assert seen() == []
    answered(engine, wave, "S1", 7)
    assert seen() == []
    count_rates(engine, settings, payload(wave), no_progress)
    first = seen()
    # B2 with six is told within OPP only, and OPP less B1 would be B2: so B1 is not told apart either
    assert first == [("FK", 0.20), ("HEL", 0.35), ("S1", 0.35), ("OPP", 0.0)]
    answered(engine, wave, "B1", 12)
    assert seen() == first
    with open_session(engine, read_only=True) as session:
        jobs = session.scalars(select(Job).where(Job.kind == "fieldwork.rates")).all()
    assert all(job.run_after.minute == job.run_after.second == 0 for job in jobs)
    assert all(job.run_after > clock.now() for job in jobs)


def test_a_closed_wave_keeps_its_last_rates(engine: Engine, settings: Settings, wave: Wave) -> None:
    with unit_of_work(engine) as session:
        refresh_rates(session, wave=session.get_one(Wave, wave.id))
        session.execute(update(Wave).values(state=WaveState.CLOSING))
    answered(engine, wave, "S1", 20)
    count_rates(engine, settings, payload(wave), no_progress)
    with open_session(engine, read_only=True) as session:
        assert {rate.share for rate in live_rates(session, wave=wave)} == {0.0}


@st.composite
def turnouts(draw: st.DrawFn) -> tuple[dict[str, str | None], dict[str, Turnout]]:
    parents: dict[str, str | None] = {"u0": None}
    for i in range(1, draw(st.integers(1, 15))):
        parents[f"u{i}"] = f"u{draw(st.integers(0, i - 1))}"
    sizes = {unit: draw(st.sampled_from([0, 0, 5, 6, 9, 10, 14, 40])) for unit in parents}
    return parents, {unit: Turnout(n, draw(st.integers(0, n))) for unit, n in sizes.items()}


def below(unit: str, parents: dict[str, str | None]) -> set[str]:
    def is_below(other: str | None) -> bool:
        return other is not None and (other == unit or is_below(parents[other]))

    return {other for other in parents if is_below(other)}


def smallest_difference(told: set[str], parents: dict[str, str | None], own: dict[str, Turnout]) -> int:
    """The smallest group that is a told unit less what is told right below it."""
    sizes = {unit: sum(own[each].n_invited for each in below(unit, parents)) for unit in parents}
    found = []
    for unit in told:
        inner = {kid for kid in told if kid != unit and kid in below(unit, parents)}
        nearest = {k for k in inner if not any(k != o and k in below(o, parents) for o in inner)}
        found.append(sizes[unit] - sum(sizes[kid] for kid in nearest))
    return min((n for n in found if n), default=99)


@hypothesis_settings(max_examples=200)
@given(turnouts())
def test_no_rate_or_difference_of_rates_is_about_fewer_than_ten(
    organisation: tuple[dict[str, str | None], dict[str, Turnout]],
) -> None:
    parents, own = organisation
    told = live_percents(parents, own)
    assert all(percent % 5 == 0 and 0 <= percent <= 100 for percent in told.values())
    assert all(parents[unit] is None or parents[unit] in told for unit in told)
    assert smallest_difference(set(told), parents, own) >= 10


def test_control_telling_every_unit_of_ten_lets_smaller_ones_be_worked_out() -> None:
    parents: dict[str, str | None] = {"R": None, "A": "R", "B": "R"}
    own = {"R": Turnout(), "A": Turnout(10, 5), "B": Turnout(3, 1)}
    assert smallest_difference({"R", "A"}, parents, own) == 3
    assert set(live_percents(parents, own)) == {"R"}
