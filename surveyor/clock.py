"""The only clock. Instants are UTC; the calendar day is Norway's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
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


def years_later(day: date, years: int) -> date:
    """The same day years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28) + timedelta(days=1)


@contextmanager
def fixed_at(instant: datetime) -> Iterator[None]:
    """Let the clock stand still at an aware instant: for tests and for the demo's past waves."""
    reset = _fixed.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(reset)
