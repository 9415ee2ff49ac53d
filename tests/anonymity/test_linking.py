"""ANON-1: whoever has the database, its dumps and its logs, before and after, links nobody to an answer."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from surveyor import clock
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.fieldwork.closing import open_wave
from surveyor.fieldwork.thanking import thank
from surveyor.invitations.services import participation_of_key
from surveyor.jobs.registry import no_progress
from surveyor.mail.models import OutboxMail
from surveyor.responses.models import AnswerSet
from tests.anonymity.crowd import (
    ATTACKERS,
    N,
    Traces,
    answers_of,
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
from tests.waves import make_open_wave

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
    assert len(mails) == N
    orders = {
        name: order(engine, "outbox_mail", "id") for name, order in ATTACKERS[engine.dialect.name].items()
    }
    return {name: {mails[i]: mark for i, mark in found.items()} for name, found in orders.items()}


def test_nobody_is_linked_after_the_opening(both_app: Flask, both_settings: Settings, db: Engine) -> None:
    with unit_of_work(db) as session:
        wave = make_open_wave(session, both_settings, questionnaire=questionnaire(), invited={"B1": N})
    truth = crowd(both_app, wave)
    attackers = ATTACKERS[db.dialect.name]
    tables = (("envelope", "participation_id"), ("participation", "id"))
    before = {(name, t): order(db, t, key) for name, order in attackers.items() for t, key in tables}
    before |= {(name, "thanks"): found for name, found in thanked(db, both_settings, wave.wave).items()}
    log = log_of(db)
    open_wave(db, both_settings, wave_id=wave.id)
    spoken = said(db)
    assert len(spoken) == N
    log += log_of(db)
    links: Links = {"log": by_log(db, log, truth, spoken)}
    for (name, table), people in before.items():
        answers = attackers[name](db, "answer_set", "id")
        links[f"{name}, {table} before"] = best(people, answers, truth, spoken)
        links[f"{name}, participation after"] = best(
            attackers[name](db, "participation", "id"), answers, truth, spoken
        )
    assert max(links.values()) <= LIMIT, links


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
