"""Answering under pressure: at once, while closing, and rules the pages cannot be trusted with."""

import re
from collections import Counter
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text, update

from surveyor import create_app
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import Gone, InvalidInput, NotFound, Refused
from surveyor.fieldwork import answering
from surveyor.fieldwork.answering import Submission
from surveyor.fieldwork.closing import open_wave
from surveyor.responses.models import AnswerSet, Envelope
from surveyor.responses.receipts import new_receipt_code
from tests.waves import OpenWave, make_open_wave

ANSWERS = {"w1": "4", "again": "yes"}
_HIDDEN = re.compile(r'name="(submission|owner|receipt|envelope_rev|rev)" value="([^"]*)"')


@pytest.fixture
def both_settings(settings: Settings, database_url: str) -> Settings:
    return replace(settings, database_url=database_url)


@pytest.fixture
def app(both_settings: Settings) -> Any:
    app = create_app(both_settings)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.extensions["surveyor.engine"].dispose()


@pytest.fixture
def wave(engine: Engine, both_settings: Settings) -> OpenWave:
    with unit_of_work(engine) as session:
        return make_open_wave(session, both_settings, invited={"B1": 12})


def submission(**fields: Any) -> Submission:
    return Submission(
        **{"id": uuid4(), "owner": uuid4(), "receipt_code": new_receipt_code(), "rev": 0, **fields}
    )


def submit(
    engine: Engine, settings: Settings, wave: OpenWave, answers: dict[str, str] = ANSWERS, **fields: Any
) -> None:
    with unit_of_work(engine) as session:
        answering.submit_answers(
            session,
            settings,
            entry=answering.enter_by_token(session, token=wave.people[0].token),
            questionnaire=wave.questionnaire,
            answers=answers,
            submission=submission(**fields),
            language="nb",
        )


def n_envelopes(engine: Engine) -> int:
    with unit_of_work(engine) as session:
        return len(session.scalars(select(Envelope.rev)).all())


def test_nothing_missing_and_nothing_unknown_gets_in(
    engine: Engine, settings: Settings, wave: OpenWave
) -> None:
    with pytest.raises(InvalidInput) as raised:
        submit(engine, settings, wave, {"w1": "4"})
    assert [problem.field for problem in raised.value.problems] == ["again"]
    with pytest.raises(InvalidInput):
        submit(engine, settings, wave, {"again": "maybe"})
    assert n_envelopes(engine) == 0


def test_a_second_answer_is_refused_and_a_correction_is_not(
    engine: Engine, settings: Settings, wave: OpenWave
) -> None:
    submit(engine, settings, wave)
    for rev in (0, 2):
        with pytest.raises(Refused):
            submit(engine, settings, wave, rev=rev)
    submit(engine, settings, wave, rev=1)
    assert n_envelopes(engine) == 1


@pytest.mark.parametrize("state", [WaveState.CLOSING, WaveState.CLOSED])
def test_a_closed_wave_takes_nothing(
    engine: Engine, settings: Settings, wave: OpenWave, state: WaveState
) -> None:
    submit(engine, settings, wave)
    with unit_of_work(engine) as session:
        session.execute(update(Wave).values(state=state))
    with pytest.raises(Gone):
        submit(engine, settings, wave, rev=1)
    for token in (person.token for person in wave.people[:2]):
        with unit_of_work(engine) as session:
            entry = answering.enter_by_token(session, token=token)
            with pytest.raises(Gone):
                answering.withdraw_answers(session, entry=entry)
            with pytest.raises(Gone):
                answering.keep_answers(
                    session, settings, entry=entry, questionnaire=wave.questionnaire, answers=ANSWERS
                )


def test_unknown_credentials_are_not_found(engine: Engine, settings: Settings, wave: OpenWave) -> None:
    with unit_of_work(engine) as session:
        for enter in (
            lambda: answering.enter_by_token(session, token="x"),
            lambda: answering.enter_by_code(session, settings, code="X" * 13),
            lambda: answering.enter_open_link(session, wave_code="trivsel-2026", secret="x"),
            lambda: answering.asked_wave(session, code="x"),
        ):
            with pytest.raises(NotFound):
                enter()


# All at once (REL-2, REL-7)


def prepared(app: Flask, token: str) -> tuple[Any, str, dict[str, str]]:
    """A browser on the review page, ready to send."""
    client = app.test_client()
    home = client.get(f"/medarbeider/s/{token}").headers["Location"].split("?")[0]
    page = {"rev": "0", "to": "neste", "q-w1": "4", "q-again": "yes"}
    assert client.post(f"{home}/side/1", data=page).status_code in (303, 409)
    fields = dict(_HIDDEN.findall(client.get(f"{home}/kontroll").get_data(as_text=True)))
    return client, f"{home}/send", fields


def all_at_once(work: list[Any]) -> list[Any]:
    """Run every piece of work from the same instant; returns what each gave."""
    start, found = Barrier(len(work)), [None] * len(work)

    def run(place: int) -> None:
        start.wait()
        found[place] = work[place]()

    threads = [Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def simultaneous(app: Flask, token: str, n: int) -> Counter[int]:
    ready = [prepared(app, token) for _ in range(n)]
    work = [
        lambda client=client, url=url, fields=fields: client.post(url, data=fields).status_code
        for client, url, fields in ready
    ]
    return Counter(all_at_once(work))


def test_many_submits_of_one_link_at_once_are_one_answer(app: Flask, engine: Engine, wave: OpenWave) -> None:
    for round_, person in enumerate(wave.people[:3], 1):
        statuses = simultaneous(app, person.token, 12)
        assert statuses == {200: 1, 409: 11}
        assert n_envelopes(engine) == round_


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_hundred_submits_of_one_link_twenty_times(
    app: Flask, engine: Engine, both_settings: Settings
) -> None:
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, both_settings, invited={"B1": 20})
    for person in wave.people:
        assert simultaneous(app, person.token, 100) == {200: 1, 409: 99}
    assert n_envelopes(engine) == 20


def test_without_the_guard_there_would_be_many(
    app: Flask, engine: Engine, wave: OpenWave, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same rush against a plain insert."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE plain (owner varchar(36))"))

    def insert(session: Any, *, participation_id: object, **_fields: object) -> None:
        session.execute(text("INSERT INTO plain VALUES (:owner)"), {"owner": str(participation_id)})

    monkeypatch.setattr(answering.responses, "store_envelope", insert)
    simultaneous(app, wave.people[0].token, 8)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM plain")).scalar() == 8


def test_whoever_sends_while_it_closes_is_in_or_is_told(
    app: Flask, engine: Engine, both_settings: Settings, wave: OpenWave
) -> None:
    for person in wave.people[:6]:
        client, url, fields = prepared(app, person.token)
        assert client.post(url, data=fields).status_code == 200
    late = [prepared(app, person.token) for person in wave.people[6:]]
    work: list[Any] = [
        lambda client=client, url=url, fields=fields: client.post(url, data=fields).status_code
        for client, url, fields in late
    ]
    *statuses, report = all_at_once([*work, lambda: open_wave(engine, both_settings, wave_id=wave.id)])
    assert set(statuses) <= {200, 410}
    with unit_of_work(engine) as session:
        n_sets = len(session.scalars(select(AnswerSet.id)).all())
    assert n_sets == report.n_answers == 6 + statuses.count(200)
    assert n_envelopes(engine) == 0
