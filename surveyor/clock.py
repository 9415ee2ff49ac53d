"""The only clock. Instants are UTC; the calendar day is Norway's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
_fixed: ContextVar[datetime | None] = ContextVar("fixed_now", default=None)


def now() -> datetime:
    """The present instant, UTC and aware."""
    return _fixed.get() or datetime.now(UTC)


def today() -> date:
    """The present calendar day in Norway."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The calendar day of an aware instant in Norway."""
    return instant.astimezone(OSLO).date()


@contextmanager
def fixed_at(instant: datetime) -> Iterator[None]:
    """Let the clock stand still at an aware instant: for tests and for the demo's past waves."""
    reset = _fixed.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(reset)
