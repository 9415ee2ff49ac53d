"""Short keys of answer options: printed in the boxes of the form, and typed by whoever keys the answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_uppercase

from surveyor.instruments.answers import normal_value
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Questionnaire

LONGEST_PRINTED = 24  # a longer list is written on a line, not ticked
_LONGEST_KEY = 3
_BETWEEN = re.compile(r"[\s,;.+/]+")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_TICKED = {"1", "x", "ok", "j", "ja", "y", "yes"}


@dataclass(frozen=True)
class Keyed:
    """An answer option with the key it is typed by."""

    key: str
    category: Category


@lru_cache(maxsize=1024)
def _keyed(questionnaire: Questionnaire, code_list: str) -> tuple[Keyed, ...]:
    categories = questionnaire.code_lists[code_list].categories
    of_substance = [each.code for each in categories if not each.missing]
    if not all(_is_number(code) for code in of_substance):
        return tuple(Keyed(str(number), each) for number, each in enumerate(categories, 1))
    letters = iter(ascii_uppercase)
    return tuple(
        Keyed(each.code if _is_number(each.code) else next(letters, each.code), each) for each in categories
    )


def keyed_options(questionnaire: Questionnaire, item: Item) -> Sequence[Keyed]:
    """The options of an item with their keys: the codes where they are numbers, else 1, 2, 3 downwards."""
    return _keyed(questionnaire, item.code_list) if item.code_list else ()


def is_written(questionnaire: Questionnaire, item: Item) -> bool:
    """True where the list is too long to print, so that the answer is written in words."""
    return item.selects and len(questionnaire.categories(item)) > LONGEST_PRINTED


def stored_value(questionnaire: Questionnaire, item: Item, typed: str) -> str:
    """The answer that was typed, in the form answers are kept in; what cannot be read comes back as typed."""
    typed = typed.strip()
    if not typed:
        return ""
    if item.type is ItemType.ACKNOWLEDGE:
        return "OK" if typed.casefold() in _TICKED else typed
    if not item.selects:
        return normal_value(item, [typed])
    options = keyed_options(questionnaire, item)
    if item.type is ItemType.SELECT_ONE:
        return _code(options, typed)
    if item.type is ItemType.RANK:
        return _ranked(item, options, typed)
    return _in_list_order(questionnaire.code_lists[item.code_list], _codes(options, typed))


def typed_value(questionnaire: Questionnaire, item: Item, stored: str) -> str:
    """What to type for an answer: the other way of `stored_value`."""
    if not stored or item.type is ItemType.ACKNOWLEDGE:
        return "1" if stored == "OK" else stored
    if item.selects:
        keys = {each.category.code: each.key for each in keyed_options(questionnaire, item)}
        codes = [stored] if item.type is ItemType.SELECT_ONE else stored.split()
        if item.type is ItemType.RANK:
            return _places(keys, codes)
        return " ".join(keys.get(code, code) for code in codes)
    if item.type in (ItemType.DATE, ItemType.DATETIME):
        return _DAY.sub(r"\3.\2.\1", stored).replace("T", " ")
    return stored.replace(".", ",") if item.type in (ItemType.DECIMAL, ItemType.RANGE) else stored


def _is_number(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) <= _LONGEST_KEY


def _code(options: Sequence[Keyed], typed: str) -> str:
    """The code behind a key, a code or a whole label; the text itself when it is none of them."""
    wanted = typed.casefold()
    for said in (_key_of, _code_of):
        if found := next((each for each in options if said(each).casefold() == wanted), None):
            return found.category.code
    by_label = [each for each in options if wanted in map(str.casefold, each.category.label.values())]
    return by_label[0].category.code if len(by_label) == 1 else typed


def _key_of(option: Keyed) -> str:
    return option.key


def _code_of(option: Keyed) -> str:
    return option.category.code


def _codes(options: Sequence[Keyed], typed: str) -> list[str]:
    """Several keys: with something between, or side by side where every key is one sign."""
    parts = [part for part in _BETWEEN.split(typed) if part]
    known = {each.key.casefold() for each in options}
    if all(len(key) == 1 for key in known):
        parts = [sign for part in parts for sign in (part if set(part.casefold()) <= known else [part])]
    return [_code(options, part) for part in parts]


def _in_list_order(code_list: CodeList, codes: list[str]) -> str:
    order = {code: place for place, code in enumerate(code_list.by_code)}
    return " ".join(sorted(dict.fromkeys(codes), key=lambda code: order.get(code, len(order))))


def _ranked(item: Item, options: Sequence[Keyed], typed: str) -> str:
    """The places as they stand on the paper, from the top down: «2 1 3»."""
    places = [part for part in _BETWEEN.split(typed) if part]
    if len(places) == 1 and len(places[0]) == len(options):
        places = list(places[0])
    if len(places) != len(options):
        return typed
    pairs = zip(places, options, strict=True)
    return normal_value(item, [f"{place}:{option.category.code}" for place, option in pairs])


def _places(keys: Mapping[str, str], ranked: list[str]) -> str:
    place = {code: str(number) for number, code in enumerate(ranked, 1)}
    return " ".join(place.get(code, "?") for code in keys) if set(place) <= set(keys) else " ".join(ranked)
