"""One answer as it comes in: brought to its stored form, and checked against its question's type."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from surveyor.errors import N_, Problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Questionnaire

MAX_TEXT = 2_000
MAX_DIGITS = 15
_SHORT_LABEL = 80
_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_NORWEGIAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]+)?)?", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def normal_value(item: Item, written: Iterable[str]) -> str:
    """What was written or chosen, in the form answers are kept in; wrong input comes back as written."""
    if item.type is ItemType.GEOPOINT:
        return _normal_point([value.strip() for value in written])
    values = [value for value in written if value]
    if item.type is ItemType.SELECT_MULTIPLE:
        return " ".join(dict.fromkeys(code for value in values for code in value.split()))
    if item.type is ItemType.RANK:
        return _normal_rank(values)
    value = values[0].strip() if values else ""
    return _NORMAL[item.type](value) if item.type in _NORMAL else value


def _normal_text(value: str) -> str:
    return _CONTROLS.sub("", value.replace("\r\n", "\n"))


def _normal_rank(values: list[str]) -> str:
    """Codes in order out of «2:red», «1:blue»; left as it is unless every place is given once."""
    pairs = [value.partition(":") for value in values]
    if not values or not all(colon and is_place(place) for place, colon, _ in pairs):
        return " ".join(values)
    places = sorted((int(place), code) for place, _, code in pairs)
    is_whole = [place for place, _ in places] == list(range(1, len(places) + 1))
    return " ".join(code for _, code in places) if is_whole else " ".join(values)


def _normal_number(value: str) -> str:
    return (
        value.replace("\u2212", "-")
        .replace("\u00a0", "")
        .replace("\u202f", "")
        .replace(" ", "")
        .replace(",", ".")
    )


def _normal_date(value: str) -> str:
    match = _NORWEGIAN_DATE.fullmatch(value)
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else value


def _normal_time(value: str) -> str:
    match = _TIME.fullmatch(value)
    return f"{int(match[1]):02}:{match[2]}" if match else value


def _normal_datetime(value: str) -> str:
    day, _, time = value.replace("T", " ").replace(" kl. ", " ").partition(" ")
    time = _normal_time(time.strip()) if time else ""
    return f"{_normal_date(day)}T{time}" if time else value


def _normal_point(written: list[str]) -> str:
    """Latitude and longitude with a space between, whatever signs people put there.

    Both stand in one field, or each in its own; what is no point comes back as written, with «;» between.
    """
    if not any(written):
        return ""
    value = " ".join(written).replace("\u2212", "-")
    numbers = re.findall(r"-?[0-9]+(?:[.,][0-9]+)?", value)
    is_half = len(written) == 2 and not all(written) and len(numbers) < 2
    if is_half or not 2 <= len(numbers) <= 4 or re.search(r"[^0-9.,;\s°NØEnøe\-]", value):
        return ";".join(written)
    return " ".join(number.replace(",", ".") for number in numbers)


def is_place(text: str) -> bool:
    """Whether this is a place in a ranking or a group, as the page's own controls send it."""
    return text.isascii() and text.isdigit() and len(text) < 9


def point_of(value: str) -> tuple[str, str]:
    """Latitude and longitude of an answer, good or as it was written."""
    north, _, east = value.partition(";" if ";" in value else " ")
    return north, east.split(" ")[0] if ";" not in value else east


_NORMAL: Mapping[ItemType, Callable[[str], str]] = {
    ItemType.TEXT: _normal_text,
    ItemType.INTEGER: _normal_number,
    ItemType.DECIMAL: _normal_number,
    ItemType.RANGE: _normal_number,
    ItemType.DATE: _normal_date,
    ItemType.TIME: _normal_time,
    ItemType.DATETIME: _normal_datetime,
}


def value_problem(questionnaire: Questionnaire, item: Item, value: str) -> Problem | None:
    """What is wrong with an answer in its stored form; None if it fits the question's type. Empty fits."""
    if not value or (item.name, value) in questionnaire.single_answers:
        return None
    if item.selects:
        return _choice_problem(questionnaire, item, value)
    if item.type in (ItemType.TEXT, ItemType.HIDDEN):
        message = N_("Teksten er for lang. Det er plass til %(limit)s tegn.")
        return _problem(item, message, limit=MAX_TEXT) if len(value) > MAX_TEXT else None
    if item.type is ItemType.GEOPOINT:
        message = _point_words(value)
        return _problem(item, message) if message else None
    if item.type in _MOMENTS:
        fits, message = _MOMENTS[item.type]
        return None if fits(value) else _problem(item, message)
    return _range_problem(item, value) if item.type is ItemType.RANGE else _number_problem(item, value)


def _choice_problem(questionnaire: Questionnaire, item: Item, value: str) -> Problem | None:
    known = questionnaire.code_lists[item.code_list].by_code
    codes = [value] if item.type is ItemType.SELECT_ONE else value.split()
    is_short = len(set(codes)) != len(codes) or (len(codes) < len(known) and not item.choice_filter)
    if item.type is ItemType.RANK and is_short:
        return _problem(item, N_("Gi hvert svar sin egen plass, fra 1 til %(n)s."), n=len(known))
    unknown = next((code for code in codes if code not in known), None)
    message = N_("«%(code)s» er ikke et av svarene.")
    return _problem(item, message, code=unknown[:40]) if unknown is not None else None


def _range_problem(item: Item, value: str) -> Problem | None:
    low, high, step = range_of(item)
    message = N_("Skriv et tall fra %(low)s til %(high)s i trinn på %(step)s.")
    wrong = _problem(item, message, low=low, high=high, step=step)
    if len(value) > MAX_DIGITS or not _DECIMAL.fullmatch(value):
        return wrong
    number = Decimal(value)
    return None if min(low, high) <= number <= max(low, high) and (number - low) % step == 0 else wrong


def range_of(item: Item) -> tuple[Decimal, Decimal, Decimal]:
    """Start, end and step of a range, as XLSForm has them: 0 to 10 by 1 where nothing is said."""
    low, high, step = (
        Decimal(item.parameters.get(name, default))
        for name, default in (("start", "0"), ("end", "10"), ("step", "1"))
    )
    return low, high, abs(step) or Decimal(1)


def _number_problem(item: Item, value: str) -> Problem | None:
    if len(value) > MAX_DIGITS:
        return _problem(item, N_("Tallet er for langt."))
    if item.type in (ItemType.INTEGER, ItemType.REPEAT):
        return (
            None if _INTEGER.fullmatch(value) else _problem(item, N_("Skriv et helt tall, for eksempel 12."))
        )
    return None if _DECIMAL.fullmatch(value) else _problem(item, N_("Skriv et tall, for eksempel 12,5."))


def _is_date(value: str) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _is_time(value: str) -> bool:
    return len(value) == 5 and _TIME.fullmatch(value) is not None


def _is_datetime(value: str) -> bool:
    return len(value) == 16 and value[10] == "T" and _is_date(value[:10]) and _is_time(value[11:])


def _point_words(value: str) -> str:
    """What is wrong with a place on the map; nothing when it is one."""
    numbers = value.split()
    if ";" in value or not 2 <= len(numbers) <= 4:
        north, east = point_of(value)
        if north and not east:
            return N_("Skriv lengdegraden også, for eksempel 10,752.")
        if east and not north:
            return N_("Skriv breddegraden også, for eksempel 59,913.")
        return N_("Skriv tallene slik: breddegrad 59,913 og lengdegrad 10,752.")
    if not all(_DECIMAL.fullmatch(each) and len(each) < 20 for each in numbers):
        return N_("Skriv tallene slik: breddegrad 59,913 og lengdegrad 10,752.")
    if abs(float(numbers[0])) > 90:
        return N_("Breddegraden må være et tall fra −90 til 90.")
    return N_("Lengdegraden må være et tall fra −180 til 180.") if abs(float(numbers[1])) > 180 else ""


def _names_files(value: str) -> bool:
    """True for the ids of kept files with a space between."""
    try:
        return all(str(UUID(each)) == each for each in value.split(" "))
    except ValueError:
        return False


_MOMENTS: Mapping[ItemType, tuple[Callable[[str], bool], str]] = {
    ItemType.DATE: (_is_date, N_("Skriv datoen slik: 21.11.2026.")),
    ItemType.TIME: (_is_time, N_("Skriv klokkeslettet slik: 14:30.")),
    ItemType.DATETIME: (_is_datetime, N_("Skriv dato og klokkeslett slik: 21.11.2026 14:30.")),
    ItemType.ACKNOWLEDGE: (lambda value: value == "OK", N_("Kryss av for å bekrefte.")),
    ItemType.UPLOAD: (_names_files, N_("Legg ved filen på nytt.")),
}


def _problem(item: Item, message: str, **params: object) -> Problem:
    return Problem(message, params, field=item.name)


def short_label(questionnaire: Questionnaire, item: Item, language: str) -> str:
    """The question if it fits on a line, for messages; else nothing."""
    label = " ".join(questionnaire.text(item.label, language).split())
    return label if len(label) <= _SHORT_LABEL else ""
