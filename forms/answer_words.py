"""Words beside an answer: what is wrong with it, and what may be written."""

from decimal import Decimal

from flask_babel import gettext

from surveyor.errors import Problem
from surveyor.instruments.answers import range_of
from surveyor.instruments.spec import Item


def in_words_of(problem: Problem, language: str) -> str:
    """What is wrong, in words, with numbers as people write them."""
    numbers = {k: _in_writing(v, language) for k, v in problem.params.items() if isinstance(v, Decimal)}
    return str(gettext(problem.message, **{**problem.params, **numbers}))


def _in_writing(number: object, language: str) -> str:
    """A number as people write it; anything else as it is."""
    return str(number) if language == "en" else str(number).replace(".", ",")


def range_told(item: Item, language: str) -> str:
    """Which numbers a range takes."""
    low, high, step = (_in_writing(number, language) for number in range_of(item))
    if step == "1":
        return str(gettext("Skriv et tall fra %(low)s til %(high)s.", low=low, high=high))
    return str(
        gettext("Skriv et tall fra %(low)s til %(high)s i trinn på %(step)s.", low=low, high=high, step=step)
    )
