"""One answer as it comes in: brought to its stored form, and checked against its question's type."""

import re
from collections.abc import Iterable
from datetime import date

from surveyor.errors import N_, Problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Questionnaire

MAX_TEXT = 2_000
MAX_DIGITS = 15
_SHORT_LABEL = 80
_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_NORWEGIAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def normal_value(item: Item, written: Iterable[str]) -> str:
    """What was written or chosen, in the form answers are kept in; wrong input comes back as written."""
    values = [value for value in written if value]
    if item.type is ItemType.SELECT_MULTIPLE:
        return " ".join(dict.fromkeys(code for value in values for code in value.split()))
    value = values[0].strip() if values else ""
    if item.type is ItemType.TEXT:
        return _CONTROLS.sub("", value.replace("\r\n", "\n"))
    if item.type in (ItemType.INTEGER, ItemType.DECIMAL):
        return _normal_number(value)
    return _normal_date(value) if item.type is ItemType.DATE else value


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


def value_problem(questionnaire: Questionnaire, item: Item, value: str) -> Problem | None:
    """What is wrong with an answer in its stored form; None if it fits the question's type. Empty fits."""
    if not value:
        return None
    if item.selects:
        codes = value.split() if item.type is ItemType.SELECT_MULTIPLE else [value]
        known = questionnaire.code_lists[item.code_list].by_code
        unknown = next((code for code in codes if code not in known), None)
        message = N_("«%(code)s» er ikke et av svarene.")
        return _problem(item, message, code=unknown[:40]) if unknown is not None else None
    if item.type is ItemType.TEXT:
        message = N_("Teksten er for lang. Det er plass til %(limit)s tegn.")
        return _problem(item, message, limit=MAX_TEXT) if len(value) > MAX_TEXT else None
    if item.type is ItemType.DATE:
        return None if _is_date(value) else _problem(item, N_("Skriv datoen slik: 21.11.2026."))
    return _number_problem(item, value)


def _number_problem(item: Item, value: str) -> Problem | None:
    if len(value) > MAX_DIGITS:
        return _problem(item, N_("Tallet er for langt."))
    if item.type is ItemType.INTEGER:
        return (
            None if _INTEGER.fullmatch(value) else _problem(item, N_("Skriv et helt tall, for eksempel 12."))
        )
    return None if _DECIMAL.fullmatch(value) else _problem(item, N_("Skriv et tall, for eksempel 12,5."))


def _is_date(value: str) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _problem(item: Item, message: str, **params: object) -> Problem:
    return Problem(message, params, field=item.name)


def short_label(questionnaire: Questionnaire, item: Item, language: str) -> str:
    """The question if it fits on a line, for messages; else nothing."""
    label = " ".join(questionnaire.text(item.label, language).split())
    return label if len(label) <= _SHORT_LABEL else ""
