"""ANON-1: whoever has the database, its dumps and its logs, before and after, links nobody to an answer.

Most of the crowd answers on the web, the rest on paper that is keyed twice while others answer.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from surveyor import clock
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.fieldwork.closing import open_wave
from surveyor.fieldwork.thanking import thank
from surveyor.invitations.credentials import new_code
from surveyor.invitations.services import participation_of_key
from surveyor.jobs.registry import no_progress
from surveyor.mail.models import OutboxMail
from surveyor.responses.models import AnswerSet
from tests.anonymity.crowd import (
    ATTACKERS,
    N_PAPER,
    N,
    Traces,
    answers_of,
    column,
    crowd,
    log_places,
    n_linked,
    number_of,
    pairs_by_equality,
    pairs_by_rank,
    postgres_log,
    questionnaire,
    sqlite_log,
)
from tests.paper import give_letters
from tests.waves import OpenWave, make_open_wave

LIMIT = 8  # of 200; chance gives Poisson(1): P(9 or more) is about one in a million
CONTROL = 150  # what the same attackers must reach where the design is naive

Links = dict[str, int]


def said(engine: Engine) -> dict[UUID, int]:
    with unit_of_work(engine) as session:
        return {row.id: number_of(row.body) for row in session.scalars(select(AnswerSet))}


def log_of(engine: Engine) -> bytes:
    return sqlite_log(engine) if engine.dialect.name == "sqlite" else postgres_log(engine)


def by_log(engine: Engine, raw: bytes, truth: Mapping[UUID, int], spoken: Mapping[UUID, int]) -> int:
    is_text = engine.dialect.name == "sqlite"
    people = log_places(raw, list(truth), is_text=is_text)
    answers = log_places(raw, list(spoken), is_text=is_text)
    return n_linked(pairs_by_rank(Traces(people, answers)), truth, spoken)


def best(
    people: Mapping[UUID, object],
    answers: Mapping[UUID, object],
    truth: Mapping[UUID, int],
    spoken: Mapping[UUID, int],
) -> int:
    traces = Traces(people, answers)
    return max(n_linked(pairs(traces), truth, spoken) for pairs in (pairs_by_rank, pairs_by_equality))


def thanked(engine: Engine, settings: Settings, wave: Wave) -> dict[str, dict[UUID, object]]:
    """Thank everybody who has answered; the outbox as each attacker sees it, by whom a mail is for."""
    with clock.fixed_at(datetime.combine(wave.closes + timedelta(days=1), time(9), clock.OSLO)):
        thank(engine, settings, {"wave_id": str(wave.id)}, no_progress)
    with unit_of_work(engine) as session:
        mails = {mail.id: participation_of_key(mail.key) for mail in session.scalars(select(OutboxMail))}
    assert len(mails) == N - N_PAPER
    orders = {
        name: order(engine, "outbox_mail", "id") for name, order in ATTACKERS[engine.dialect.name].items()
    }
    return {name: {mails[i]: mark for i, mark in found.items()} for name, found in orders.items()}


def invited(engine: Engine, settings: Settings) -> tuple[OpenWave, dict[UUID, str]]:
    """The whole crowd, those who have a letter mixed with the others; their codes by participation."""
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, questionnaire=questionnaire(), invited={"B1": N})
        codes = {person.id: new_code() for person in Random(2).sample(wave.people, N_PAPER)}
        give_letters(session, settings, codes=codes)
    return wave, codes


def lengths(engine: Engine, table: str, key: str) -> dict[UUID, object]:
    """How long a row is, where rows are sealed or opened answers."""
    text_of = "sealed" if table in ("envelope", "keying") else "CAST(body AS text)"
    return column(engine, f"length({text_of})", table, key)


class Onlooker:
    """Somebody who copies the waiting sheets time and again: whose was keyed first, by each attacker."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.seen: dict[str, dict[UUID, object]] = {name: {} for name in ATTACKERS[engine.dialect.name]}
        self.n_looks = 0

    def look(self) -> None:
        self.n_looks += 1
        for name, order in ATTACKERS[self.engine.dialect.name].items():
            for sheet, mark in order(self.engine, "keying", "sheet_id").items():
                self.seen[name].setdefault(sheet, (self.n_looks, mark))


def test_nobody_is_linked_after_the_opening(both_app: Flask, both_settings: Settings, db: Engine) -> None:
    wave, codes = invited(db, both_settings)
    onlooker = Onlooker(db)
    truth = crowd(both_app, wave, codes=codes, watch=onlooker.look)
    attackers = ATTACKERS[db.dialect.name]
    tables = (("envelope", "participation_id"), ("participation", "id"))
    before = {(name, t): order(db, t, key) for name, order in attackers.items() for t, key in tables}
    before |= {(name, "keying"): found for name, found in onlooker.seen.items()}
    before |= {(name, "thanks"): found for name, found in thanked(db, both_settings, wave.wave).items()}
    long = lengths(db, "envelope", "participation_id")
    log = log_of(db)
    open_wave(db, both_settings, wave_id=wave.id)
    spoken = said(db)
    assert len(spoken) == N
    log += log_of(db)
    links: Links = {"log": by_log(db, log, truth, spoken)}
    links["length"] = best(long, lengths(db, "answer_set", "id"), truth, spoken)
    for (name, table), people in before.items():
        answers = attackers[name](db, "answer_set", "id")
        links[f"{name}, {table} before"] = best(people, answers, truth, spoken)
        links[f"{name}, participation after"] = best(
            attackers[name](db, "participation", "id"), answers, truth, spoken
        )
    assert max(links.values()) <= LIMIT, links
    paper = {number for person, number in truth.items() if person in codes}
    assert all(len(found) > N_PAPER // 2 for found in onlooker.seen.values())
    assert paper_stands_out(db, {row for row, number in spoken.items() if number in paper}) == []


def paper_stands_out(engine: Engine, paper: set[UUID]) -> list[str]:
    """What tells answers that were keyed from the others: another shape, or a place apart in some order."""
    with open_session(engine, read_only=True) as session:
        rows = session.scalars(select(AnswerSet)).all()
        shapes = {
            row.id: (tuple(row.body), row.segment_code, len(row.receipt_hash or b""), row.id.version)
            for row in rows
        }
    found = [] if len(set(shapes.values())) == 1 else ["shape"]
    orders = {
        name: order(engine, "answer_set", "id") for name, order in ATTACKERS[engine.dialect.name].items()
    }
    for name, marks in orders.items():
        places = {row: place for place, row in enumerate(sorted(marks, key=lambda key: marks[key]))}  # type: ignore[arg-type,return-value]
        found += (
            [name] if is_apart([place for row, place in places.items() if row in paper], len(rows)) else []
        )
    return found


def is_apart(places: Sequence[int], n: int) -> bool:
    """Whether places among n lie together at an end: a rank sum five standard errors from chance."""
    k = len(places)
    return abs(sum(places) - k * (n - 1) / 2) > 5 * math.sqrt(k * (n - k) * (n + 1) / 12)


def test_paper_keyed_last_and_kept_in_order_would_stand_apart() -> None:
    """The control, and what chance alone gives."""
    assert is_apart(range(N - N_PAPER, N), N)
    assert not is_apart(Random(1).sample(range(N), N_PAPER), N)


def naive(engine: Engine) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Random keys, no foreign key, no timestamps: a receipt and an answer written together."""
    truth = {uuid4(): number for number in range(N)}
    spoken: dict[UUID, int] = {}
    kind = "uuid" if engine.dialect.name == "postgresql" else "char(32)"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE naive_receipt (id {kind} PRIMARY KEY)"))
        connection.execute(text(f"CREATE TABLE naive_answer (id {kind} PRIMARY KEY, body text)"))
    turn = list(truth.items())
    Random(1).shuffle(turn)
    for person, number in turn:
        answer = uuid4()
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO naive_receipt VALUES (:id)"), {"id": person.hex})
            body = str(answers_of(number))
            connection.execute(
                text("INSERT INTO naive_answer VALUES (:id, :body)"), {"id": answer.hex, "body": body}
            )
        spoken[answer] = number
    return truth, spoken


def test_the_same_attackers_link_nearly_everybody_where_the_design_is_naive(engine: Engine) -> None:
    truth, spoken = naive(engine)
    links = {"log": by_log(engine, log_of(engine), truth, spoken)}
    for name, order in ATTACKERS[engine.dialect.name].items():
        links[name] = best(
            order(engine, "naive_receipt", "id"), order(engine, "naive_answer", "id"), truth, spoken
        )
    assert min(links.values()) >= CONTROL, links


@pytest.mark.parametrize("number", [0, 7, 199])
def test_the_truth_is_measured_right(number: int) -> None:
    assert number_of(answers_of(number)) == number
