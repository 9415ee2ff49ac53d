"""Attempts counted across workers, in a short transaction of their own, under keys that lead back to nobody.

Sign-in and code entry call this before they open their own transaction: SQLite has one writer at a time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import digest
from ipaddress import IPv6Address, ip_address
from math import ceil
from secrets import token_bytes

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts.models import RateCount, RateKey
from surveyor.config import Settings
from surveyor.db import insert_new, open_session, unit_of_work


@dataclass(frozen=True)
class Limit:
    """At most n attempts in a window; past them, or with growing delay, wait until a given instant."""

    kind: str
    n_free: int
    window: timedelta
    longest_wait: timedelta | None = None  # with it: growing delay instead of a shut door


SIGN_IN_PAIR = Limit("sign-in account+address", 4, timedelta(hours=1), timedelta(minutes=15))
SIGN_IN_ACCOUNT = Limit("sign-in account", 20, timedelta(hours=1), timedelta(seconds=8))
SIGN_IN_ADDRESS = Limit("sign-in address", 60, timedelta(minutes=15))
RESET_ADDRESS = Limit("reset address", 10, timedelta(hours=1))
RESET_ACCOUNT = Limit("reset account", 3, timedelta(hours=1))
LINK_ADDRESS = Limit("link address", 30, timedelta(minutes=15))
CODE_ADDRESS = Limit("code address", 10, timedelta(minutes=1))
KEYING_ACCOUNT = Limit("keying account", 20, timedelta(minutes=10))
CODE_SURVEY = Limit("code survey", 60, timedelta(minutes=1))

SKEW = timedelta(minutes=1)  # workers read their clocks before they take turns

Subject = tuple[Limit, str]


def count_attempts(engine: Engine, settings: Settings, *subjects: Subject) -> int:
    """Count one attempt on each (limit, who); seconds to wait before trying again, 0 when this one may go on.

    An attempt that must wait counts nothing, so that the waiting time cannot be pushed ahead by trying.
    """
    with unit_of_work(engine) as session:
        now = clock.now()
        _delete_ended(session, now)
        secret = _secret_of_today(session)
        limits = {_key(settings, secret, limit, who): limit for limit, who in subjects}
        rows = [(limits[key], _locked_row(session, key, limits[key], now)) for key in sorted(limits)]
        if wait := max((_wait(limit, row, now) for limit, row in rows), default=0):
            return wait
        for limit, row in rows:
            row.n_attempts += 1
            if limit.longest_wait:  # the window starts anew, so that it tells when the last attempt was
                row.window_ends_at = now + limit.window
    return 0


def forget_attempts(session: Session, settings: Settings, *subjects: Subject) -> None:
    """After the right password or code, in the caller's transaction: take the attempt back from limits with a
    shut door (many good ones may come from one address), and start afresh where the delay grows."""
    secret = _secret_of_today(session)
    for limit, who in subjects:
        row = RateCount.key == _key(settings, secret, limit, who)
        if limit.longest_wait:
            session.execute(delete(RateCount).where(row))
        else:
            session.execute(update(RateCount).where(row).values(n_attempts=RateCount.n_attempts - 1))
            session.execute(delete(RateCount).where(row, RateCount.n_attempts <= 0))  # not even that one came


def forget_ended(engine: Engine) -> None:
    """Delete counts that count no more, and the secrets of days gone by: each tells that one was here."""
    with open_session(engine, read_only=True) as session:
        is_any = select(RateCount.key).where(RateCount.window_ends_at <= clock.now()).exists()
        is_old = select(RateKey.on_day).where(RateKey.on_day < clock.today()).exists()
        if not session.scalar(select(is_any | is_old)):
            return
    with unit_of_work(engine) as session:
        _delete_ended(session, clock.now())
        session.execute(delete(RateKey).where(RateKey.on_day < clock.today()))


def network_of(address: str | None) -> str:
    """The address as limits see it: whole for IPv4, the /64 for IPv6, one bucket for what is no address."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


def _delete_ended(session: Session, now: datetime) -> None:
    ended = select(RateCount.key).where(RateCount.window_ends_at <= now).with_for_update(skip_locked=True)
    session.execute(delete(RateCount).where(RateCount.key.in_(ended)))


def _locked_row(session: Session, key: bytes, limit: Limit, now: datetime) -> RateCount:
    """The count under a key, made if need be and held until this transaction ends: workers take turns."""
    insert_new(session, RateCount, unique="key", key=key, window_ends_at=now + limit.window, n_attempts=0)
    row = session.scalars(select(RateCount).where(RateCount.key == key).with_for_update()).one()
    if not now < row.window_ends_at <= now + limit.window + SKEW:  # past, or from a clock that was ahead
        row.n_attempts, row.window_ends_at = 0, now + limit.window
    return row


def _wait(limit: Limit, row: RateCount, now: datetime) -> int:
    """Seconds until the next attempt counts."""
    if row.n_attempts < limit.n_free:
        return 0
    if limit.longest_wait is None:
        return ceil((row.window_ends_at - now).total_seconds())
    last_at = row.window_ends_at - limit.window
    delay = min(timedelta(seconds=2 ** min(row.n_attempts - limit.n_free, 20)), limit.longest_wait)
    return max(0, ceil((last_at + delay - now).total_seconds()))


def _secret_of_today(session: Session) -> bytes:
    today = clock.today()
    session.execute(delete(RateKey).where(RateKey.on_day < today))
    insert_new(session, RateKey, unique="on_day", on_day=today, secret=token_bytes(32))
    return session.scalars(select(RateKey.secret).where(RateKey.on_day == today)).one()


def _key(settings: Settings, secret: bytes, limit: Limit, who: str) -> bytes:
    """HMAC under the day's random secret and the application's: a dump alone gives no address back."""
    return digest(
        sha256(secret + settings.secret_key.encode()).digest(), f"{limit.kind}|{who}".encode(), "sha256"
    )
