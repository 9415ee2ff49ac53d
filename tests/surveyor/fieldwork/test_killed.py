"""REL-1: workers die in the middle of everything; what was acknowledged is stored, once, as it was said."""

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import select

from surveyor.config import Settings
from surveyor.db import make_engine, unit_of_work
from surveyor.responses.keys import load_wave_key
from surveyor.responses.models import Envelope
from surveyor.responses.sealing import open_response
from tests.anonymity.crowd import answers_of, number_of, questionnaire
from tests.surveyor.fieldwork.served import Server, kill_oldest, served
from tests.waves import Asked, OpenWave, make_open_wave

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
PATIENCE = 30.0


def insist(
    client: httpx.Client, method: str, url: str, *, until: set[int], **options: object
) -> httpx.Response:
    """Ask again until there is an answer, as people do."""
    deadline, last = time.monotonic() + PATIENCE, ""
    while time.monotonic() < deadline:
        try:
            response = client.request(method, url, **options)  # type: ignore[arg-type]
            if response.status_code in until:
                return response
            last = f"{response.status_code} {response.text}"
        except httpx.TransportError as error:
            last = repr(error)
        time.sleep(0.1)
    raise AssertionError(f"no answer from {url}: {last}")


def respond(server: Server, person: Asked, number: int) -> int:
    """The whole visit with every step repeated until it is answered; returns the number once acknowledged."""
    with httpx.Client(base_url=server.url, timeout=10) as client:
        home = (
            insist(client, "GET", f"/medarbeider/s/{person.token}", until={303})
            .headers["Location"]
            .split("?")[0]
        )
        page = insist(client, "GET", f"{home}/side/1", until={200}).text
        answers = {f"q-{name}": value for name, value in answers_of(number).items()}
        fields = {**dict(_HIDDEN.findall(page)), "to": "neste", **answers}
        insist(client, "POST", f"{home}/side/1", until={303}, data=fields)
        review = insist(client, "GET", f"{home}/kontroll", until={200}).text
        sent = insist(client, "POST", f"{home}/send", until={200}, data=dict(_HIDDEN.findall(review)))
        assert "Svaret er lagret" in sent.text
    return number


def kill_at(server: Server, acknowledged: list[int], marks: Sequence[int], stop: list[bool]) -> int:
    """Kill a worker each time so many have been acknowledged, in the middle of the others' requests."""
    n_killed = 0
    for mark in marks:
        while len(acknowledged) < mark and not stop:
            time.sleep(0.01)
        n_killed += not stop and kill_oldest(server)
    return n_killed


def run(server: Server, wave: OpenWave, *, every: int, clients: int = 6) -> int:
    """Everybody answers while workers are killed; returns how many died."""
    acknowledged: list[int] = []
    stop: list[bool] = []
    marks = range(every // 2, len(wave.people) - clients, every)

    def visit(numbered: tuple[int, Asked]) -> None:
        acknowledged.append(respond(server, numbered[1], numbered[0]))

    with ThreadPoolExecutor(clients + 1) as pool:
        killer = pool.submit(kill_at, server, acknowledged, marks, stop)
        try:
            list(pool.map(visit, enumerate(wave.people)))
        finally:
            stop.append(True)
        return killer.result()


def stored(settings: Settings, wave: OpenWave) -> Iterator[tuple[object, int]]:
    """Who answered what, as the envelopes have it."""
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        key = load_wave_key(session, settings, wave_id=wave.id)
        for row in session.scalars(select(Envelope)):
            response = open_response(row.sealed, key, wave_id=wave.id, participation_id=row.participation_id)
            yield row.participation_id, number_of(response.answers)
    engine.dispose()


@pytest.fixture
def crowd_settings(settings: Settings, database_url: str) -> Settings:
    from dataclasses import replace

    return replace(settings, database_url=database_url)


def make_crowd(settings: Settings, n: int) -> OpenWave:
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, questionnaire=questionnaire(), invited={"B1": n})
    engine.dispose()
    return wave


def check(settings: Settings, n: int, *, every: int, workers: int) -> None:
    wave = make_crowd(settings, n)
    with served(settings, workers=workers) as server:
        n_killed = run(server, wave, every=every)
    assert n_killed >= 2
    expected = {person.id: number_of(answers_of(number)) for number, person in enumerate(wave.people)}
    assert dict(stored(settings, wave)) == expected


def test_nothing_acknowledged_is_lost(settings: Settings) -> None:
    check(settings, 40, every=12, workers=2)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_nothing_acknowledged_is_lost_of_many(crowd_settings: Settings) -> None:
    check(crowd_settings, 2_000, every=15, workers=3)


def test_an_app_that_speaks_too_soon_is_caught(settings: Settings) -> None:
    """The control: the same people, the same kills, an app that acknowledges before it stores."""
    wave = make_crowd(settings, 24)
    with served(settings, app="tests.surveyor.fieldwork.careless:app") as server:
        run(server, wave, every=12)
        for _ in server.workers():
            kill_oldest(server)
    assert len(dict(stored(settings, wave))) < 24
