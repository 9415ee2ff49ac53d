"""ANON-8 from outside: while a wave is open nothing anybody sees tells who has answered, or what.

Two installations differ only in who of the same people has answered or sent a sheet of paper, and in how many
of two small units did. Reminders have gone out, the rates are counted. Every page each role reaches must be
the same, and what is kept of jobs done.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from html import unescape
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts.enums import Role
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
from surveyor.jobs.models import Job
from surveyor.responses.receipts import new_receipt_code
from surveyor.worker import load_tasks, run_worker
from tests.anonymity.installations import copied_app
from tests.factories import app_session, make_account, sign_in
from tests.paper import give_letters
from tests.planned_waves import CODE, make_planned_wave, people
from tests.waves import employee_questionnaire

NOW = datetime(2026, 6, 3, 10, 20, tzinfo=clock.OSLO)
INVITED = {"B1": 30, "B2": 6, "S1": 14}
ANSWERED = {"B1": range(10), "B2": range(2), "S1": range(5)}
OTHERS_ANSWERED = {"B1": range(20, 27), "B2": range(1, 6), "S1": range(9, 14)}
MORE_ANSWERED = {**ANSWERED, "S1": range(12)}
SHEETS = {"B1": 2, "B2": 1}  # the last so many of a unit have a letter; their sheets are keyed once
ROLES = (
    (Role.ADMIN, "FK"), (Role.SURVEY_ADMIN, "FK"), (Role.HR, "FK"), (Role.CONTROLLER, "FK"),
    (Role.SCORECARD_OFFICE, "FK"), (Role.DIRECTOR, "OPP"), (Role.LEADER, "B2"), (Role.READER, "FK"),
)  # fmt: skip
STARTS = ("/", "/undersokelser/", f"/undersokelser/{CODE}", f"/undersokelser/{CODE}/personvern/", "/utboks/",
          "/logg/", "/papirsvar/", "/resultater/", "/styringskort/", "/kvalitet/")  # fmt: skip
LINK = re.compile(r'href="(/[^"#]*)')
OTHER = re.compile(r"lang=|^/static|logg-ut|/papirskjema|/skjema/|/utboks/[0-9a-f]{8}")
FRESH = re.compile(
    r'value="[\w.-]{40,}"|nonce="[^"]*"|\?v=[\w.-]+|[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{43}|kontrollsum: \w+'
    r"|<code>.*?</code>"
)
ROW = re.compile(r"(?=<tr)|(?<=</tr>)")

Answered = dict[str, range]
Make = Callable[..., Flask]


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


@pytest.fixture
def make(settings: Settings, tmp_path: Path) -> Iterator[Make]:
    apps: list[Flask] = []

    def made(name: str, answered: Answered, *, mirrored: bool = False) -> Flask:
        app, ours = copied_app(tmp_path / name, settings)
        apps.append(app)
        follow(app, ours, answered, mirrored=mirrored)
        return app

    yield made
    for app in apps:
        app.extensions["surveyor.engine"].dispose()


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


def seen(app: Flask, role: Role, unit: str) -> dict[str, list[str]]:
    """Everything a role reaches by links, without what is new every time; mails in no order."""
    client = app.test_client()
    with app_session(app) as session:
        account = make_account(session, role, unit, email=f"{role}-{unit}@fjordvik.test", name="Kari")
    sign_in(client, account)
    found: dict[str, list[str]] = defaultdict(list)
    waiting, known = deque(STARTS), set(STARTS)
    while waiting:
        url = waiting.popleft()
        page = client.get(url, follow_redirects=True)
        words = FRESH.sub("", page.text) if page.mimetype == "text/html" else page.mimetype
        found[FRESH.sub("", url)].append("\n".join(sorted(ROW.split(words))))
        links = {link for link in map(unescape, LINK.findall(page.text)) if not OTHER.search(link)}
        waiting += sorted(links - known)
        known |= links
    return {url: sorted(pages) for url, pages in found.items()}


def test_nothing_tells_who_has_answered(make: Make) -> None:
    with clock.fixed_at(NOW):
        one, hidden = make("one", ANSWERED), make("hidden", OTHERS_ANSWERED, mirrored=True)
        shown = make("shown", MORE_ANSWERED)  # negative control
        for role, unit in ROLES:
            before, after, control = (seen(app, role, unit) for app in (one, hidden, shown))
            assert {url for url in {*before, *after} if before.get(url) != after.get(url)} == set(), role
            told_apart = {url for url in before if before[url] != control.get(url)}
            is_told = role in (Role.SURVEY_ADMIN, Role.HR)
            assert told_apart == ({f"/undersokelser/{CODE}"} if is_told else set()), role
        assert jobs(one) == jobs(hidden) == jobs(shown)


def jobs(app: Flask) -> list[tuple[str, int, int]]:
    """What is kept of the work done: how many reminders there were would be how many have not answered."""
    with app_session(app) as session:
        return sorted((job.kind, job.n_done, job.n_total) for job in session.scalars(select(Job)))
