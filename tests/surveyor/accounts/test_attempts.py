"""Attempts are counted across workers, with growing delay, under keys that lead back to nobody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Engine, select

from surveyor import clock
from surveyor.accounts.attempts import Limit, count_attempts, forget_attempts, forget_ended, network_of
from surveyor.accounts.models import RateCount, RateKey
from surveyor.config import Settings
from surveyor.db import make_engine, unit_of_work
from surveyor.worker import run_worker

SHUT = Limit("test shut", 3, timedelta(minutes=1))
GROWING = Limit("test growing", 3, timedelta(hours=1), timedelta(seconds=60))
WHO = "192.0.2.7"


def test_past_the_limit_one_waits_until_the_window_ends(engine: Engine, settings: Settings) -> None:
    start = clock.now()
    with clock.fixed_at(start):
        waits = [count_attempts(engine, settings, (SHUT, WHO)) for _ in range(5)]
        assert waits == [0, 0, 0, 60, 60]
        assert count_attempts(engine, settings, (SHUT, "192.0.2.8")) == 0
    with clock.fixed_at(start + timedelta(seconds=61)):
        assert count_attempts(engine, settings, (SHUT, WHO)) == 0


def test_the_delay_doubles_up_to_its_longest_and_waiting_always_helps(
    engine: Engine, settings: Settings
) -> None:
    at, delays = clock.now(), []
    for _ in range(12):
        with clock.fixed_at(at):
            wait = count_attempts(engine, settings, (GROWING, WHO))
            if wait:
                delays.append(wait)
        at += timedelta(seconds=wait)
        with clock.fixed_at(at):
            if wait:
                assert count_attempts(engine, settings, (GROWING, WHO)) == 0
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_trying_while_one_must_wait_does_not_push_the_door_further_away(
    engine: Engine, settings: Settings
) -> None:
    with clock.fixed_at(clock.now()):
        for _ in range(6):
            count_attempts(engine, settings, (GROWING, WHO))
        assert {count_attempts(engine, settings, (GROWING, WHO)) for _ in range(20)} == {1}


def test_a_success_starts_afresh(engine: Engine, settings: Settings) -> None:
    for limit in (SHUT, GROWING):
        for _ in range(3):
            assert count_attempts(engine, settings, (limit, WHO)) == 0
    assert count_attempts(engine, settings, (SHUT, WHO), (GROWING, WHO)) > 0
    with unit_of_work(engine) as session:
        forget_attempts(session, settings, (SHUT, WHO), (GROWING, WHO))
    with unit_of_work(engine) as session:
        assert session.scalars(select(RateCount.n_attempts)).all() == [2]
    assert count_attempts(engine, settings, (SHUT, WHO), (GROWING, WHO)) == 0


def test_whoever_got_in_leaves_no_trace_of_having_come(engine: Engine, settings: Settings) -> None:
    assert count_attempts(engine, settings, (SHUT, WHO), (GROWING, WHO)) == 0
    with unit_of_work(engine) as session:
        assert len(session.scalars(select(RateCount)).all()) == 2  # the control
        forget_attempts(session, settings, (SHUT, WHO), (GROWING, WHO))
    with unit_of_work(engine) as session:
        assert session.scalars(select(RateCount)).all() == []


@pytest.mark.parametrize("limit", [SHUT, GROWING])
def test_a_clock_that_was_a_year_ahead_shuts_nobody_out(
    engine: Engine, settings: Settings, limit: Limit
) -> None:
    now = clock.now()
    with clock.fixed_at(now + timedelta(days=365)):
        waits = [count_attempts(engine, settings, (limit, WHO)) for _ in range(5)]
        assert waits[-1] > 0  # the control: shut while the clock is ahead
    with clock.fixed_at(now):
        assert count_attempts(engine, settings, (limit, WHO)) == 0


def test_a_worker_whose_clock_is_a_moment_behind_counts_on(engine: Engine, settings: Settings) -> None:
    now = clock.now()
    with clock.fixed_at(now + timedelta(seconds=1)):
        assert [count_attempts(engine, settings, (SHUT, WHO)) for _ in range(3)] == [0, 0, 0]
    with clock.fixed_at(now):
        assert count_attempts(engine, settings, (SHUT, WHO)) > 0


def test_three_workers_do_not_triple_the_limit(database_url: str, settings: Settings) -> None:
    workers = [make_engine(database_url) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        waits = list(pool.map(lambda n: count_attempts(workers[n % 3], settings, (SHUT, WHO)), range(18)))
    assert waits.count(0) == SHUT.n_free
    for worker in workers:
        worker.dispose()


def test_no_address_is_kept_and_the_day_s_key_goes_with_the_day(engine: Engine, settings: Settings) -> None:
    start = clock.now()
    with clock.fixed_at(start):
        count_attempts(engine, settings, (SHUT, WHO))
    with unit_of_work(engine) as session:
        first = session.scalars(select(RateKey.secret)).one()
        assert all(WHO.encode() not in row.key for row in session.scalars(select(RateCount)))
    with clock.fixed_at(start + timedelta(days=1)):
        count_attempts(engine, settings, (SHUT, WHO))
    with unit_of_work(engine) as session:
        assert session.scalars(select(RateKey.secret)).one() != first
        assert len(session.scalars(select(RateCount)).all()) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("no address", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_ipv6_user_has_one_bucket_for_a_whole_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_the_worker_forgets_attempts_that_count_no_more(engine: Engine, settings: Settings) -> None:
    at = clock.now().replace(hour=12)
    with clock.fixed_at(at):
        count_attempts(engine, settings, (SHUT, WHO))
        forget_ended(engine)
        assert kept(engine) == (1, 1)  # the control
    with clock.fixed_at(at + timedelta(minutes=2)):
        run_worker(engine, settings, stop=Event(), once=True)
    assert kept(engine) == (0, 1)
    with clock.fixed_at(at + timedelta(days=1)):
        forget_ended(engine)
    assert kept(engine) == (0, 0)


def kept(engine: Engine) -> tuple[int, int]:
    """How many counts there are, and secrets of days."""
    with unit_of_work(engine) as session:
        return session.query(RateCount).count(), session.query(RateKey).count()
