"""The functions of an expression that read and write dates and times."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from surveyor.instruments.expressions.nodes import Value
from surveyor.instruments.expressions.values import number, string

_EPOCH = datetime(1970, 1, 1)
_MINUTES = 1_440
_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des")
_WEEKDAYS = ("man", "tir", "ons", "tor", "fre", "lør", "søn")
_MARKS: Mapping[str, Callable[[datetime], str]] = {
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "m": lambda at: f"{at.month:02}",
    "n": lambda at: str(at.month),
    "b": lambda at: _MONTHS[at.month - 1],
    "d": lambda at: f"{at.day:02}",
    "e": lambda at: str(at.day),
    "H": lambda at: f"{at.hour:02}",
    "h": lambda at: str(at.hour),
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "3": lambda at: f"{at.microsecond // 1000:03}",
    "a": lambda at: _WEEKDAYS[at.weekday()],
    "W": lambda at: str(at.isocalendar().week),
    "%": lambda _at: "%",
}


def moment(value: Value) -> datetime | None:
    """The point in time a value means, in Norwegian wall-clock time; None when it means none."""
    x = number(value)
    if math.isnan(x) or abs(x) > 3_000_000:
        return None
    try:
        return _EPOCH + timedelta(minutes=round(x * _MINUTES, 3))
    except OverflowError:
        return None


def as_date(value: Value) -> str:
    """The ISO date of a date, an instant or a number of days; empty when it is none."""
    at = moment(value)
    return at.date().isoformat() if at else ""


def as_instant(value: Value) -> str:
    """The ISO date and time; empty when it is none."""
    at = moment(value)
    return at.replace(microsecond=0).isoformat(timespec="seconds") if at else ""


def as_share_of_day(value: Value) -> float:
    """A time of day, or the time of an instant, as a part of the day."""
    text = string(value)
    whole = number(f"1970-01-01T{text}" if "T" not in text else text)
    return whole % 1 if not math.isnan(whole) else math.nan


def written(value: Value, pattern: Value) -> str:
    """A date or instant by a pattern of %-marks."""
    at, found, marks = moment(value), [], iter(string(pattern))
    if at is None:
        return ""
    for sign in marks:
        mark = _MARKS.get(next(marks, "%")) if sign == "%" else None
        found.append(mark(at) if mark else sign)
    return "".join(found)
