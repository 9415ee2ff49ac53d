"""Strings, numbers and truth as XPath 1.0 converts them; ISO dates count as days since 1970."""

import math
import re
from datetime import date, datetime

from surveyor.clock import OSLO
from surveyor.instruments.expressions.nodes import Value

_NUMBER = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*", re.ASCII)
_TIME = r"[0-9]{2}:?[0-9]{2}(?::?[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+\-][0-9]{2}(?::?[0-9]{2})?)?"
_DATE = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:T{_TIME})?", re.ASCII)
_EPOCH = date(1970, 1, 1)
_SECONDS = 86_400


def number(value: Value) -> float:
    """As a number; NaN for what is none."""
    if not isinstance(value, str):
        return float(value)
    if _NUMBER.fullmatch(value):
        return float(value) if len(value) < 400 else math.inf
    return days(value) if _DATE.fullmatch(value) else math.nan


def days(text: str) -> float:
    """Days since 1970-01-01 of an ISO date or instant; NaN when there is no such day."""
    try:
        if len(text) == 10:
            return float((date.fromisoformat(text) - _EPOCH).days)
        instant = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    local = instant.astimezone(OSLO) if instant.tzinfo else instant
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return (local.date() - _EPOCH).days + seconds / _SECONDS


def string(value: Value) -> str:
    """As XPath writes it: true, NaN, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value):
        return str(int(value))
    return f"{value:.15f}".rstrip("0").rstrip(".") if abs(value) < 1 else _plain(value)


def _plain(value: float) -> str:
    return f"{value:.15g}"


def boolean(value: Value) -> bool:
    """Zero, NaN and the empty string are false."""
    if isinstance(value, str):
        return value != ""
    return value == value and value != 0


def equal(left: Value, right: Value) -> bool:
    """XPath's `=`: as truth if either is a truth, else as numbers if either is a number, else as strings."""
    if isinstance(left, bool) or isinstance(right, bool):
        return boolean(left) == boolean(right)
    if isinstance(left, float) or isinstance(right, float):
        return number(left) == number(right)
    return left == right
