"""The demo's waves: planned, launched, answered by simulated respondents and closed, each on its own day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID, uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import Audience, SampleKind
from surveyor.campaigns.queries import wave_by_code
from surveyor.campaigns.samples import declare_sample, import_margins
from surveyor.campaigns.services import create_wave
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.demo.citizens import background, margins_file, sizes_file, willingness
from surveyor.demo.municipality import ROOT
from surveyor.demo.people import Person, participants_file
from surveyor.demo.respondents import Mood, answer
from surveyor.fieldwork.answering import Entry, Submission, enter_by_token, enter_open_link, submit_answers
from surveyor.fieldwork.launch import launch_wave
from surveyor.instruments.queries import questionnaire_of
from surveyor.instruments.spec import Questionnaire
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import import_members, open_token
from surveyor.releases.tasks import close_wave
from surveyor.responses.receipts import new_receipt_code

_BATCH = 100


@dataclass(frozen=True)
class DemoWave:
    """One wave of the demo: when, who, and how many of them answer."""

    code: str
    instrument: str
    audience: Audience
    opens: date
    closes: date
    crowd: Sequence[Person] = ()
    scope: Sequence[str] = ()
    answer_share: float = 0.7
    n_open_link: int = 0
    is_sample: bool = False

    @property
    def is_over(self) -> bool:
        return self.closes < clock.today()


def field_wave(engine: Engine, settings: Settings, wave: DemoWave, actor: Actor) -> None:
    """Run a wave's whole life as far as its dates have come."""
    with clock.fixed_at(_at(wave.opens, 7)), unit_of_work(engine) as session:
        _launch(session, settings, wave, actor)
    answered_on = min(wave.closes, clock.today())
    with clock.fixed_at(_at(answered_on, 12)):
        _answer(engine, settings, wave)
    if wave.is_over:
        with clock.fixed_at(_at(wave.closes, 20)):
            close_wave(engine, settings, wave_code=wave.code, actor=actor)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.OSLO)


def _launch(session: Session, settings: Settings, wave: DemoWave, actor: Actor) -> None:
    planned = create_wave(
        session, settings, code=wave.code, instrument=wave.instrument, audience=wave.audience,
        opens=wave.opens, closes=wave.closes, units=wave.scope, actor=actor, simulated=True,
        open_link=wave.n_open_link > 0,
    )  # fmt: skip
    if wave.crowd:
        file = participants_file(list(wave.crowd))
        import_members(session, settings, wave=planned, file=file, filename=f"{wave.code}.csv", actor=actor)
    if wave.is_sample:
        declare_sample(
            session, wave=planned, kind=SampleKind.STRATIFIED, file=sizes_file(), filename="distrikter.csv",
            actor=actor,
        )  # fmt: skip
        import_margins(session, wave=planned, file=margins_file(), filename="befolkning.csv", actor=actor)
    launch_wave(session, settings, wave=planned, actor=actor)


def _answer(engine: Engine, settings: Settings, wave: DemoWave) -> None:
    with unit_of_work(engine) as session:
        questionnaire = questionnaire_of(wave_by_code(session, code=wave.code).instrument_version)
        members = list(_members(session, wave_by_code(session, code=wave.code).id))
    chance = Random(f"answers-{wave.code}")
    willing = [who for who in members if chance.random() < wave.answer_share * willingness(who[2])]
    for start in range(0, len(willing), _BATCH):
        with unit_of_work(engine) as session:
            for participation_id, unit, register in willing[start : start + _BATCH]:
                token = open_token(settings, participation=session.get_one(Participation, participation_id))
                if token:
                    entry = enter_by_token(session, token=token)
                    _submit(session, settings, entry, questionnaire, chance, unit, register)
    with unit_of_work(engine) as session:
        for number in range(wave.n_open_link):
            entry = enter_open_link(session, wave_code=wave.code, secret=f"{wave.code}-{number}")
            _submit(session, settings, entry, questionnaire, chance, ROOT)


def _members(session: Session, wave_id: UUID) -> Iterator[tuple[UUID, str, dict[str, str]]]:
    """Participations with unit and register, in the order of the people's addresses: always the same."""
    rows = select(Participation.id, SampleMember.unit_code, SampleMember.register).join(SampleMember)
    ordered = rows.where(Participation.wave_id == wave_id, SampleMember.email.is_not(None))
    for row in session.execute(ordered.order_by(SampleMember.email)):
        yield row[0], row[1], row[2] or {}


def _submit(
    session: Session,
    settings: Settings,
    entry: Entry,
    form: Questionnaire,
    chance: Random,
    unit: str,
    register: Mapping[str, str] | None = None,
) -> None:
    mood = Mood.of(unit, form, entry.wave.closes.year)
    answers = answer(form, mood, chance, unit=unit)
    if register:
        answers |= background(register, chance)
    submission = Submission(uuid4(), uuid4(), new_receipt_code(), entry.rev)
    submit_answers(
        session, settings, entry=entry, questionnaire=form, answers=answers, submission=submission,
        language="nb",
    )  # fmt: skip


def days_ago(n: int, *, years: int = 0) -> date:
    """A day so long before the day of loading."""
    day = clock.today() - timedelta(days=n)
    return day.replace(year=day.year - years, day=min(day.day, 28)) if years else day
