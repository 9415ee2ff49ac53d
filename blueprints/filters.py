"""Template filters: the only place where numbers are rounded, and numbers and dates written in a language."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

from babel.numbers import get_decimal_symbol, get_group_symbol
from flask import Flask, g
from flask_babel import format_date, format_datetime, get_locale, gettext

from blueprints import charts
from blueprints.result_brief import rest_of
from surveyor.errors import Problem
from surveyor.releases import wording

Number = int | float | Decimal
NOTHING = "–"
MINUS = "−"


def current_language() -> str:
    """The page's language as an HTML lang code: nb, nn, en."""
    locale = get_locale()
    return locale.language if locale else "nb"


def answered_in() -> str:
    """The language of the questionnaire on this page, where it is another than the page's own; else empty."""
    answered = g.get("answer_language", "")
    return answered if answered != current_language() else ""


def current_direction() -> str:
    """The page's text direction: ltr or rtl."""
    locale = get_locale()
    return locale.text_direction if locale else "ltr"


def number(value: Number | None, decimals: int = 0) -> str:
    """4.8 -> 4,80: rounded half away from zero, with the language's decimal and grouping signs."""
    if value is None or not isfinite(value):
        return NOTHING
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    locale = get_locale() or "nb"
    whole, _, fraction = f"{abs(rounded):,f}".partition(".")
    text = whole.replace(",", get_group_symbol(locale))
    text += get_decimal_symbol(locale) + fraction if fraction else ""
    return (MINUS if rounded < 0 else "") + text


def signed(value: Number | None, decimals: int = 0) -> str:
    """0.25 -> +0,3: a difference with its sign; what rounds to nothing has none."""
    text = number(value, decimals)
    is_plus = text != NOTHING and not text.startswith(MINUS) and any(c in "123456789" for c in text)
    return f"+{text}" if is_plus else text


def percent(share: Number | None, decimals: int = 0) -> str:
    """0.78 -> 78 % (78% in English): a share from 0 to 1 as per cent."""
    if share is None or not isfinite(share):
        return NOTHING
    return number(Decimal(str(share)) * 100, decimals) + (
        "%" if current_language() == "en" else "\N{NO-BREAK SPACE}%"
    )


def between(low: Number | None, high: Number | None, decimals: int = 0) -> str:
    """An interval in words: 3,4 til 4,1 (a dash would clash with a minus sign)."""
    if low is None or high is None:
        return NOTHING
    return str(gettext("%(low)s til %(high)s", low=number(low, decimals), high=number(high, decimals)))


def said(sentence: wording.Sentence) -> str:
    """A sentence of surveyor.releases.wording in the page's language, its numbers rounded."""
    return str(gettext(sentence.message, **{name: _part(part) for name, part in sentence.params.items()}))


def _part(part: float | str) -> str:
    """A name as it is; a number in whole points, below one with a decimal."""
    return part if isinstance(part, str) else number(part, 0 if part == 0 or abs(part) >= 0.95 else 1)


def day(value: date | datetime | None) -> str:
    """21.11.2026 (21 Nov 2026 in English)."""
    if value is None:
        return NOTHING
    return str(format_date(value, "d MMM y" if current_language() == "en" else "dd.MM.y"))


def instant(value: datetime | None) -> str:
    """21.11.2026 kl. 14.05, in the time zone of the installation."""
    if value is None:
        return NOTHING
    pattern = "d MMM y, HH:mm" if current_language() == "en" else "dd.MM.y 'kl.' HH.mm"
    return str(format_datetime(value, pattern))


def problem_place(problem: Problem) -> str:
    """Where in a file a problem is: Ark «choices», rad 12, kolonne «name»; empty when it has no place."""
    places = [
        gettext("ark «%(sheet)s»", sheet=problem.sheet) if problem.sheet else "",
        gettext("rad %(row)s", row=problem.row) if problem.row is not None else "",
        gettext("kolonne «%(column)s»", column=problem.column) if problem.column else "",
    ]
    text = ", ".join(place for place in places if place)
    return text[:1].upper() + text[1:]


def as_columns(headings: Iterable[str], kind: str) -> list[tuple[str, str]]:
    """Headings of a table's columns, all of one CSS class."""
    return [(heading, kind) for heading in headings]


FILTERS: dict[str, Callable[..., object]] = {
    "as_columns": as_columns,
    "rest_of": rest_of,
    "number": number,
    "signed": signed,
    "percent": percent,
    "date": day,
    "datetime": instant,
    "problem_place": problem_place,
    "said": said,
}
GLOBALS: dict[str, object] = {
    "answered_in": answered_in,
    "between": between,
    "charts": charts,
    "current_language": current_language,
    "current_direction": current_direction,
    "wording": wording,
}


def init_app(app: Flask) -> None:
    """Give every template the filters, the page's language and the chart geometry."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
