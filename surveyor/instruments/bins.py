"""Bins that an author declares for a number or a date: in anonymous waves nothing finer is ever kept.

Bins are written as the values at which the next one begins: `18 30 67` makes four bins, the first without a
lower end and the last without an upper one.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from surveyor.instruments.enums import ItemType
from surveyor.instruments.lists import Category, CodeList, Text

MAX_BINS = 8
BINNED = frozenset({ItemType.INTEGER, ItemType.DECIMAL, ItemType.RANGE, ItemType.DATE})
_MAX_LENGTH = 15
_WHOLE, _NUMBER = re.compile(r"-?[0-9]+", re.ASCII), re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_WORDS: Mapping[str, Mapping[str, str]] = {
    "first": {"nb": "Under {0}", "nn": "Under {0}", "en": "Under {0}"},
    "first_day": {"nb": "Før {0}", "nn": "Før {0}", "en": "Before {0}"},
    "whole": {"nb": "{0}–{1}", "nn": "{0}–{1}", "en": "{0}–{1}"},
    "between": {"nb": "{0} til under {1}", "nn": "{0} til under {1}", "en": "{0} to below {1}"},
    "days": {"nb": "{0} til {1}", "nn": "{0} til {1}", "en": "{0} to {1}"},
    "last": {"nb": "{0} eller mer", "nn": "{0} eller meir", "en": "{0} or more"},
    "last_day": {"nb": "{0} eller senere", "nn": "{0} eller seinare", "en": "{0} or later"},
}
_Cut: TypeAlias = Decimal | date


def read_bins(type_: ItemType, written: str) -> str | None:
    """The cell in stored form; None where it is not a rising row of at most seven numbers or dates."""
    words = written.replace(";", " ").split()
    try:
        found = [_cut(type_, word.replace(",", ".")) for word in words]
        is_rising = all(low < high for low, high in pairwise(found))  # type: ignore[operator]  # all of one type
    except ValueError:
        return None
    if not found or len(found) >= MAX_BINS or not is_rising:
        return None
    return " ".join(each.isoformat() if isinstance(each, date) else f"{each:f}" for each in found)


def bin_list(name: str, type_: ItemType, bins: str) -> CodeList:
    """The bins as the options that are counted, without scores."""
    words = bins.split()
    codes = [f"..{words[0]}", *(f"{low}..{high}" for low, high in pairwise(words)), f"{words[-1]}.."]
    return CodeList(f"{name}:bins", tuple(map(Category, codes, _labels(type_, _cuts(type_, bins)))))


def bin_code(type_: ItemType, bins: str, value: str) -> str:
    """The code of the bin that an answer falls in; empty for what is no number or date."""
    try:
        found = _cut(type_, value)
    except ValueError:
        return ""
    place = sum(cut <= found for cut in _cuts(type_, bins))  # type: ignore[operator]  # all of one type
    words = bins.split()
    return f"{words[place - 1] if place else ''}..{words[place] if place < len(words) else ''}"


@lru_cache(maxsize=1_024)
def _cuts(type_: ItemType, bins: str) -> tuple[_Cut, ...]:
    return tuple(_cut(type_, word) for word in bins.split())


def _cut(type_: ItemType, word: str) -> _Cut:
    if type_ is ItemType.DATE:
        return date.fromisoformat(word)
    if len(word) > _MAX_LENGTH or not (_WHOLE if type_ is ItemType.INTEGER else _NUMBER).fullmatch(word):
        raise ValueError(word)
    return Decimal(word)


def _labels(type_: ItemType, cuts: tuple[_Cut, ...]) -> list[Text]:
    kinds = ("first_day", "days", "last_day") if type_ is ItemType.DATE else ("first", "between", "last")
    if type_ is ItemType.INTEGER:
        kinds = ("first", "whole", "last")
    between = [_said(kinds[1], low, _up_to(type_, high)) for low, high in pairwise(cuts)]
    return [_said(kinds[0], cuts[0]), *between, _said(kinds[2], cuts[-1])]


def _up_to(type_: ItemType, cut: _Cut) -> _Cut:
    """The last value before a cut, where there is one."""
    if isinstance(cut, date):
        return cut - timedelta(days=1)
    return cut - 1 if type_ is ItemType.INTEGER else cut


def _said(kind: str, *cuts: _Cut) -> Text:
    if kind == "whole" and cuts[0] == cuts[1]:
        return {language: _written(cuts[0], language) for language in _WORDS[kind]}
    return {
        language: words.format(*(_written(cut, language) for cut in cuts))
        for language, words in _WORDS[kind].items()
    }


def _written(cut: _Cut, language: str) -> str:
    if isinstance(cut, date):
        return cut.isoformat() if language == "en" else f"{cut.day}.{cut.month}.{cut.year}"
    return f"{cut:f}" if language == "en" else f"{cut:f}".replace(".", ",").replace("-", "−")
