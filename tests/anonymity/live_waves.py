"""A live wave of fifty people, some of whom have answered: who, and how many, is for the test to say."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event
from uuid import uuid4

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.queries import wave_by_code
from surveyor.config import Settings
from surveyor.fieldwork import keying
from surveyor.fieldwork.answering import Submission, enter_by_token, submit_answers
from surveyor.fieldwork.asking import queue_reminders, refresh_rates
from surveyor.fieldwork.launch import launch_wave
from surveyor.invitations.credentials import new_code
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import import_members, open_token
from surveyor.responses.receipts import new_receipt_code
from surveyor.worker import load_tasks, run_worker
from tests.factories import app_session
from tests.paper import give_letters
from tests.planned_waves import CODE, make_planned_wave, people
from tests.waves import employee_questionnaire

NOW = datetime(2026, 6, 3, 10, 20, tzinfo=clock.OSLO)
INVITED = {"B1": 30, "B2": 6, "S1": 14}
ANSWERED = {"B1": range(10), "B2": range(2), "S1": range(5)}
OTHERS_ANSWERED = {"B1": range(20, 27), "B2": range(1, 6), "S1": range(9, 14)}
MORE_ANSWERED = {**ANSWERED, "S1": range(12)}
SHEETS = {"B1": 2, "B2": 1}  # the last so many of a unit have a letter; their sheets are keyed once
Answered = dict[str, range]
MakeLive = Callable[..., Flask]


def launched(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    import_members(
        session, settings, wave=wave, file=people(INVITED), filename="f.csv", actor=COMMAND_LINE
    )  # fmt: skip
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)


def people_of(session: Session, unit: str) -> Sequence[Participation]:
    """Those invited of a unit, in the order of the file."""
    rows = select(Participation).join(SampleMember).where(SampleMember.unit_code == unit)
    return sorted(session.scalars(rows), key=lambda one: int(re.sub(r"\D", "", member(session, one))))


def member(session: Session, one: Participation) -> str:
    return session.get_one(SampleMember, one.sample_member_id).name.split()[1]


def answer(session: Session, settings: Settings, answered: Answered, *, mirrored: bool) -> None:
    """Web answers, and sheets keyed once of one unit or the other."""
    form = employee_questionnaire()
    for unit, places in answered.items():
        everybody = people_of(session, unit)
        for place in places:
            token = open_token(settings, participation=everybody[place])
            assert token
            entry = enter_by_token(session, token=token)
            given = {"w1": "2" if mirrored else "4", "again": "yes", "comment": f"om {place}"}
            sent = Submission(uuid4(), uuid4(), new_receipt_code(), entry.rev)
            submit_answers(
                session, settings, entry=entry, questionnaire=form, answers=given, submission=sent,
                language="nb",
            )  # fmt: skip
    for unit, n in SHEETS.items():
        silent = [one for place, one in enumerate(people_of(session, unit)) if place not in answered[unit]]
        codes = {one.id: new_code() for one in (silent[-n:] if mirrored else silent[:n])}
        give_letters(session, settings, codes=codes)
        for code in codes.values():
            sheet = keying.open_sheet(session, settings, wave_code=CODE, code=code)
            keying.keep_first(session, sheet=sheet, answers={"w1": "1" if mirrored else "5"})


def follow(app: Flask, settings: Settings, answered: Answered, *, mirrored: bool) -> None:
    """Launched, answered, reminded, counted: a day in the life of a wave."""
    engine: Engine = app.extensions["surveyor.engine"]
    with app_session(app) as session:
        launched(session, settings)
    load_tasks()
    run_worker(engine, settings, stop=Event(), once=True)
    with app_session(app) as session:
        answer(session, settings, answered, mirrored=mirrored)
    with app_session(app) as session:
        queue_reminders(session, settings, wave=wave_by_code(session, code=CODE), actor=COMMAND_LINE)
    run_worker(engine, settings, stop=Event(), once=True)
    with app_session(app) as session:
        refresh_rates(session, wave=wave_by_code(session, code=CODE))
