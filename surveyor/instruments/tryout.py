"""Answers a questionnaire at random to the end: dead ends, what nobody reaches, how long it takes."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean

from surveyor.instruments.answers import range_of
from surveyor.instruments.enums import ItemType
from surveyor.instruments.expressions.nodes import ExpressionError, Literal, references, walk
from surveyor.instruments.expressions.parser import parse
from surveyor.instruments.logic import expression, offered_categories
from surveyor.instruments.routing import is_required, kept_answers, next_page, state, validate_page
from surveyor.instruments.spec import Item, Page, Questionnaire

_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)
_ROUNDS, _ATTEMPTS = 6, 25
_SECONDS = {ItemType.TEXT: 40, ItemType.NOTE: 10, ItemType.SELECT_ONE: 8, ItemType.SELECT_MULTIPLE: 12}
_SECONDS_EACH, _SECONDS_TO_BEGIN = 20, 60
_WORDS = (
    "ord",
    "abc",
    "Ola Nordmann",
    "12345678",
    "0123",
    "12345",
    "a@b.no",
    "https://b.no",
    "AB1234",
    "1",
    "x" * 60,
)


@dataclass(frozen=True)
class Tryout:
    """What came of answering so many times; a dead end is a question no answer was found for."""

    n: int
    n_finished: int
    dead_ends: Mapping[str, int]
    unreached: tuple[str, ...]
    minutes: float
    longest: float


def try_out(questionnaire: Questionnaire, *, times: int, seed: int = 1) -> Tryout:
    """Answer a questionnaire at random so many times; equal seeds give equal results."""
    drawn = random.Random(seed)
    dead_ends: Counter[str] = Counter()
    reached: set[str] = set()
    minutes: list[float] = []
    n_stuck = 0
    for _ in range(times):
        answers, stuck = random_answers(questionnaire, drawn)
        dead_ends.update(stuck)
        asked = _asked(questionnaire, answers)
        reached |= {item.base for item in asked}
        minutes.append((_SECONDS_TO_BEGIN + sum(_seconds(item) for item in asked)) / 60)
        n_stuck += bool(stuck)
    names = dict.fromkeys(item.base for item in questionnaire.all_items if item.shown)
    unreached = tuple(name for name in names if name not in reached)
    longest = max(minutes, default=0.0)
    return Tryout(times, times - n_stuck, dict(dead_ends), unreached, fmean(minutes or [0.0]), longest)


def _asked(questionnaire: Questionnaire, answers: Mapping[str, str]) -> list[Item]:
    now = state(questionnaire, answers)
    return [item for item in questionnaire.all_items if item.shown and now.asks(item)]


def _seconds(item: Item) -> int:
    return _SECONDS.get(item.type, _SECONDS_EACH)


def random_answers(
    questionnaire: Questionnaire, drawn: random.Random
) -> tuple[dict[str, str], tuple[str, ...]]:
    """One set of answers from the first page to the last, and the questions no answer was found for."""
    answers: dict[str, str] = {}
    stuck: list[str] = []
    page = next_page(questionnaire, "", answers)
    for _ in questionnaire.pages:
        if page is None:
            break
        stuck += _answer_page(questionnaire, page, answers, drawn)
        page = next_page(questionnaire, page.name, answers)
    return kept_answers(questionnaire, answers), tuple(stuck)


def _answer_page(
    questionnaire: Questionnaire, page: Page, answers: dict[str, str], drawn: random.Random
) -> list[str]:
    """Fill in a page until it is good; gives the questions that stayed wrong."""
    tried: set[str] = set()
    for _ in range(_ROUNDS):
        now = state(questionnaire, answers)
        fresh = [i for i in page.items if i.answerable and i.name not in tried and now.asks(i)]
        for item in fresh:
            tried.add(item.name)
            if is_required(questionnaire, item, answers) or drawn.random() < 0.85:
                _draw(questionnaire, item, answers, drawn)
        if not fresh:
            break
    for _ in range(_ATTEMPTS):
        wrong = [p.field for p in validate_page(questionnaire, page, answers, questionnaire.default_language)]
        if not wrong:
            return []
        for name in wrong:
            _draw(questionnaire, questionnaire.item(name or ""), answers, drawn)
    return [name for name in wrong if name]


def _draw(questionnaire: Questionnaire, item: Item, answers: dict[str, str], drawn: random.Random) -> None:
    answers.pop(item.name, None)
    if value := _value(questionnaire, item, answers, drawn):
        answers[item.name] = value


def _value(questionnaire: Questionnaire, item: Item, answers: Mapping[str, str], drawn: random.Random) -> str:
    if item.selects:
        codes = [
            c.code for c in offered_categories(questionnaire, item, state(questionnaire, answers).values)
        ]
        if not codes:
            return ""
        n = {ItemType.SELECT_ONE: 1, ItemType.RANK: len(codes)}.get(item.type, drawn.randint(1, len(codes)))
        found = drawn.sample(codes, n)
        apart = [c.code for c in questionnaire.categories(item) if c.missing and c.code in found]
        return " ".join(apart[:1] or found)
    if item.type is ItemType.RANGE:
        low, high, step = range_of(item)
        n_steps = int(abs(high - low) / step)
        return str(min(low, high) + step * drawn.randint(0, n_steps)) if n_steps < 10**9 else str(low)
    return drawn.choice([*_candidates(item), *_beside(questionnaire, item, answers)])


def _beside(questionnaire: Questionnaire, item: Item, answers: Mapping[str, str]) -> Iterator[str]:
    """Numbers at and next to the answers that the constraint compares with."""
    if not item.constraint or item.type not in (ItemType.INTEGER, ItemType.DECIMAL):
        return
    for name in references(expression(questionnaire, item, item.constraint)):
        value = answers.get(name, "")
        if _NUMBER.fullmatch(value):
            yield from (str(Decimal(value) + step) for step in (-1, 0, 1) if "." not in value)


def _candidates(item: Item) -> Iterator[str]:
    """Answers worth trying: what the constraint names and what lies near it, and some of each kind."""
    named = [literal.value for literal in _literals(item.constraint)]
    numbers = {int(value) for value in named if isinstance(value, float) and abs(value) < 10**12}
    if item.type in (ItemType.INTEGER, ItemType.DECIMAL):
        yield from (
            str(n) for n in {0, 1, 2, 5, 18, 40, 100, *numbers, *(n + d for n in numbers for d in (-1, 1))}
        )
    elif item.type is ItemType.REPEAT:
        yield from ("1", "2", "3")
    elif item.type in _SAMPLES:
        yield from _SAMPLES[item.type]
    else:
        yield from _WORDS
        yield from (str(value) for value in named if isinstance(value, str) and value)
        yield from ("1" * n for n in numbers if 0 < n <= 200)


_SAMPLES: Mapping[ItemType, tuple[str, ...]] = {
    ItemType.DATE: (
        "1950-01-31",
        "1990-02-28",
        "2015-06-15",
        "2025-12-31",
        "2026-11-21",
        "2030-01-01",
        "2060-01-01",
    ),
    ItemType.TIME: ("00:00", "08:30", "12:00", "23:59"),
    ItemType.DATETIME: ("1990-05-17T08:00", "2026-11-21T14:30", "2040-01-01T00:00"),
    ItemType.GEOPOINT: ("59.913 10.752", "-33.9 18.4 10 5"),
    ItemType.ACKNOWLEDGE: ("OK",),
    ItemType.UPLOAD: ("00000000-0000-4000-8000-000000000000",),
}


def _literals(source: str) -> list[Literal]:
    try:
        found = [node for node in walk(parse(source)) if isinstance(node, Literal)] if source else []
    except ExpressionError:
        return []
    lengths = re.findall(r"\{(\d{1,3})", source)
    return [*found, *(Literal(float(length), 1) for length in lengths)]
