"""The functions an expression may call, each with how many arguments it takes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import re2

from surveyor.clock import OSLO, now, today
from surveyor.errors import N_
from surveyor.instruments.expressions.nodes import ExpressionError, Value
from surveyor.instruments.expressions.values import boolean, number, string

ANY_NUMBER = 200
MAX_PATTERN = 1_000
_LAST_DAY = (date.max - date(1970, 1, 1)).days
_FIRST_DAY = (date.min - date(1970, 1, 1)).days


@dataclass(frozen=True)
class Function:
    """What to call, least and most arguments, and the kind of outcome."""

    call: Callable[..., Value]
    least: int
    most: int
    kind: str


@lru_cache(maxsize=512)
def compiled(pattern: str) -> object:
    """The author's regular expression in RE2, which never backtracks; raises ExpressionError."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        if len(pattern) > MAX_PATTERN:
            raise ExpressionError(N_("Mønsteret er lengre enn %(limit)s tegn."), limit=MAX_PATTERN)
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ExpressionError(N_("Mønsteret «%(pattern)s» kan ikke leses."), pattern=pattern[:60]) from error


def _regex(text: Value, pattern: Value) -> bool:
    return re2.fullmatch(compiled(string(pattern)), string(text)) is not None


def _round(value: Value, digits: Value = 0.0) -> float:
    places = number(digits)
    x = number(value)
    if math.isnan(places) or math.isnan(x) or math.isinf(x):
        return x if not math.isnan(places) else math.nan
    scale = 10.0 ** max(-15, min(15, int(max(-99.0, min(99.0, places)))))
    scaled = x * scale
    return math.floor(scaled + 0.5) / scale if abs(scaled) < 2**52 else x


def _int(value: Value) -> float:
    x = number(value)
    return float(math.trunc(x)) if math.isfinite(x) else x


def _pow(base: Value, exponent: Value) -> float:
    try:
        return math.pow(number(base), number(exponent))
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    def worked_out(*values: Value) -> float:
        numbers = [number(value) for value in values]
        return math.nan if any(math.isnan(x) for x in numbers) else choose(numbers)

    return worked_out


def _sum(*values: Value) -> float:
    return float(sum(number(value) for value in values))


def _date(value: Value) -> str:
    x = number(value)
    if math.isnan(x) or not _FIRST_DAY <= math.floor(x) <= _LAST_DAY:
        return ""
    return (date(1970, 1, 1) + timedelta(days=math.floor(x))).isoformat()


def _now() -> str:
    return now().astimezone(OSLO).isoformat(timespec="seconds")


def _substr(text: Value, start: Value, end: Value = math.inf) -> str:
    whole = string(text)
    first, last = (_index(number(x), len(whole)) for x in (start, end))
    return whole[first:last]


def _index(position: float, length: int) -> int:
    if math.isnan(position):
        return 0
    return int(max(-length, min(length, position)))


def _selected_at(chosen: Value, position: Value) -> str:
    codes = string(chosen).split()
    x = number(position)
    return codes[int(x)] if not math.isnan(x) and 0 <= x < len(codes) else ""


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if string(value) != ""), "")


def _join(separator: Value, *values: Value) -> str:
    return string(separator).join(string(value) for value in values)


FUNCTIONS: Mapping[str, Function] = {
    "true": Function(lambda: True, 0, 0, "truth"),
    "false": Function(lambda: False, 0, 0, "truth"),
    "not": Function(lambda value: not boolean(value), 1, 1, "truth"),
    "boolean": Function(boolean, 1, 1, "truth"),
    "boolean-from-string": Function(lambda value: string(value) in ("1", "true"), 1, 1, "truth"),
    "number": Function(number, 1, 1, "number"),
    "string": Function(string, 1, 1, "string"),
    "int": Function(_int, 1, 1, "number"),
    "round": Function(_round, 1, 2, "number"),
    "floor": Function(lambda value: _whole(math.floor, value), 1, 1, "number"),
    "ceiling": Function(lambda value: _whole(math.ceil, value), 1, 1, "number"),
    "abs": Function(lambda value: abs(number(value)), 1, 1, "number"),
    "pow": Function(_pow, 2, 2, "number"),
    "min": Function(_extreme(min), 1, ANY_NUMBER, "number"),
    "max": Function(_extreme(max), 1, ANY_NUMBER, "number"),
    "sum": Function(_sum, 1, ANY_NUMBER, "number"),
    "coalesce": Function(_coalesce, 2, ANY_NUMBER, "any"),
    "selected": Function(lambda chosen, code: string(code).strip() in string(chosen).split(), 2, 2, "truth"),
    "selected-at": Function(_selected_at, 2, 2, "string"),
    "count-selected": Function(lambda chosen: float(len(string(chosen).split())), 1, 1, "number"),
    "count-non-empty": Function(
        lambda *values: float(sum(string(value) != "" for value in values)), 1, ANY_NUMBER, "number"
    ),
    "string-length": Function(lambda text: float(len(string(text))), 1, 1, "number"),
    "normalize-space": Function(lambda text: " ".join(string(text).split(None)), 1, 1, "string"),
    "concat": Function(lambda *values: "".join(string(value) for value in values), 1, ANY_NUMBER, "string"),
    "join": Function(_join, 2, ANY_NUMBER, "string"),
    "substr": Function(_substr, 2, 3, "string"),
    "contains": Function(lambda text, part: string(part) in string(text), 2, 2, "truth"),
    "starts-with": Function(lambda text, part: string(text).startswith(string(part)), 2, 2, "truth"),
    "ends-with": Function(lambda text, part: string(text).endswith(string(part)), 2, 2, "truth"),
    "regex": Function(_regex, 2, 2, "truth"),
    "today": Function(lambda: today().isoformat(), 0, 0, "date"),
    "now": Function(_now, 0, 0, "date"),
    "date": Function(_date, 1, 1, "date"),
    "if": Function(lambda test, yes, no: yes if boolean(test) else no, 3, 3, "any"),
}


def _whole(rounding: Callable[[float], int], value: Value) -> float:
    x = number(value)
    return float(rounding(x)) if math.isfinite(x) else x
