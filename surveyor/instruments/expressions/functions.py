"""The functions an expression may call, each with how many arguments it takes."""

import base64
import hashlib
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import uuid4

import re2

from surveyor.clock import OSLO, now, today
from surveyor.errors import N_
from surveyor.instruments.expressions import dates
from surveyor.instruments.expressions.nodes import ExpressionError, Value
from surveyor.instruments.expressions.values import boolean, number, string

ANY_NUMBER = 200
MAX_PATTERN = 1_000


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


def _substring_before(text: Value, mark: Value) -> str:
    before, found, _ = string(text).partition(string(mark)) if string(mark) else ("", "", "")
    return before if found else ""


def _substring_after(text: Value, mark: Value) -> str:
    return string(text).partition(string(mark))[2] if string(mark) else string(text)


def _translated(text: Value, old: Value, new: Value) -> str:
    replacing: dict[int, str | None] = {}
    for place, letter in enumerate(string(old)):
        replacing.setdefault(ord(letter), string(new)[place : place + 1] or None)
    return string(text).translate(replacing)


def _real(call: Callable[..., float]) -> Callable[..., float]:
    """A function of numbers that is NaN where mathematics knows no answer."""

    def worked_out(*values: Value) -> float:
        try:
            return float(call(*(number(value) for value in values)))
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    return worked_out


def _weighted(least: Value, most: Value, *pairs: Value) -> bool:
    total = sum(number(weight) for met, weight in zip(pairs[::2], pairs[1::2], strict=False) if boolean(met))
    return _between(total, number(least), number(most))


def _ticked(least: Value, most: Value, *ticks: Value) -> bool:
    return _between(float(sum(boolean(tick) for tick in ticks)), number(least), number(most))


def _between(x: float, least: float, most: float) -> bool:
    return (least == -1 or x >= least) and (most == -1 or x <= most)


def _digest(text: Value, algorithm: Value, encoding: Value = "base64") -> str:
    name = string(algorithm).lower().replace("-", "")
    if name not in ("md5", "sha1", "sha256", "sha384", "sha512"):
        return ""
    plain = hashlib.new(name, string(text).encode(), usedforsecurity=False).digest()
    return plain.hex() if string(encoding) == "hex" else base64.b64encode(plain).decode()


def _selected_at(chosen: Value, position: Value) -> str:
    codes = string(chosen).split()
    x = number(position)
    return codes[int(x)] if not math.isnan(x) and 0 <= x < len(codes) else ""


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if string(value) != ""), "")


def _join(separator: Value, *values: Value) -> str:
    return string(separator).join(string(value) for value in values)


def _amount(*values: Value) -> float:
    return float(sum(string(value) != "" for value in values))


NODE_SETS = frozenset({"sum", "min", "max", "join", "concat", "count", "count-non-empty"})
"""Functions for which a question in a repeated group means all its answers."""
DRAWN = frozenset({"random", "uuid", "once"})
"""Functions whose outcome is drawn once and kept: for start values only."""
_CHANCE = random.SystemRandom()

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
    "date": Function(dates.as_date, 1, 1, "date"),
    "date-time": Function(dates.as_instant, 1, 1, "date"),
    "decimal-date-time": Function(number, 1, 1, "number"),
    "decimal-time": Function(dates.as_share_of_day, 1, 1, "number"),
    "format-date": Function(dates.written, 2, 2, "string"),
    "format-date-time": Function(dates.written, 2, 2, "string"),
    "substring-before": Function(_substring_before, 2, 2, "string"),
    "substring-after": Function(_substring_after, 2, 2, "string"),
    "translate": Function(_translated, 3, 3, "string"),
    "digest": Function(_digest, 2, 3, "string"),
    "checklist": Function(_ticked, 3, ANY_NUMBER, "truth"),
    "weighted-checklist": Function(_weighted, 4, ANY_NUMBER, "truth"),
    "pi": Function(lambda: math.pi, 0, 0, "number"),
    "exp": Function(_real(math.exp), 1, 1, "number"),
    "exp10": Function(_real(lambda x: math.pow(10, x)), 1, 1, "number"),
    "log": Function(_real(math.log), 1, 1, "number"),
    "log10": Function(_real(math.log10), 1, 1, "number"),
    "sqrt": Function(_real(math.sqrt), 1, 1, "number"),
    "sin": Function(_real(math.sin), 1, 1, "number"),
    "cos": Function(_real(math.cos), 1, 1, "number"),
    "tan": Function(_real(math.tan), 1, 1, "number"),
    "asin": Function(_real(math.asin), 1, 1, "number"),
    "acos": Function(_real(math.acos), 1, 1, "number"),
    "atan": Function(_real(math.atan), 1, 1, "number"),
    "atan2": Function(_real(math.atan2), 2, 2, "number"),
    "random": Function(_CHANCE.random, 0, 0, "number"),
    "uuid": Function(lambda: str(uuid4()), 0, 0, "string"),
    "once": Function(lambda value: value, 1, 1, "any"),
    "count": Function(_amount, 1, 1, "number"),
    "position": Function(lambda _place: 1.0, 1, 1, "number"),
    "indexed-repeat": Function(lambda value, *_places: value, 3, 7, "any"),
    "jr:choice-name": Function(lambda code, _name: code, 2, 2, "string"),
    "pulldata": Function(lambda *_names: "", 4, 4, "any"),
    "if": Function(lambda test, yes, no: yes if boolean(test) else no, 3, 3, "any"),
}


def _whole(rounding: Callable[[float], int], value: Value) -> float:
    x = number(value)
    return float(rounding(x)) if math.isfinite(x) else x
