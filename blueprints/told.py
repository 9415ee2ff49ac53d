"""Questions and answers in words, one line each, as the review tells them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from flask_babel import gettext

from surveyor.instruments.enums import ItemType
from surveyor.instruments.logic import filled, in_words
from surveyor.instruments.routing import State, shown_on
from surveyor.instruments.spec import Answers, Item, Page, Questionnaire, Text


class Told(NamedTuple):
    """A question and its answer in words; `inserts` where the question itself holds an answer."""

    question: str
    answer: str
    inserts: bool = False


def questions_told(
    questionnaire: Questionnaire, page: Page, answers: Answers, now: State, language: str
) -> list[Told]:
    """The questions asked on a page in this state, each with what was answered."""
    asked, fixed = shown_on(page, now), _fixed_words(questionnaire, page.name, language)
    return [
        Told(
            fixed.get(item.name) or question_in_words(questionnaire, item, now, language),
            _answer(questionnaire, item, answers, language) or gettext("Ikke besvart"),
            item.name not in fixed and "${" in _label(questionnaire, item, language),
        )
        for item in page.questions
        if item.name in asked and item.type is not ItemType.REPEAT  # how often is seen from its turns
    ]


@lru_cache(maxsize=4_096)
def _fixed_words(questionnaire: Questionnaire, page_name: str, language: str) -> Mapping[str, str]:
    """The questions of a page whose words are the same for everyone."""
    page = questionnaire.page(page_name)
    words = {item.name: _label(questionnaire, item, language) for item in page.questions if not item.places}
    return {name: " ".join(label.split()) for name, label in words.items() if "${" not in label}


def question_in_words(questionnaire: Questionnaire, item: Item, now: State, language: str) -> str:
    """What is asked, with earlier answers put in and which turn it is of; the hint where it has no label."""
    words = filled(questionnaire, _label(questionnaire, item, language), now.values, language, item)
    label = " ".join(words.split())
    if not item.places:
        return label
    place = ".".join(map(str, item.places))
    return str(gettext("%(label)s – nummer %(place)s", label=label, place=place))


def heading_in_words(questionnaire: Questionnaire, label: Text, now: State, language: str) -> str:
    """The words over a page, with earlier answers put in."""
    return filled(questionnaire, questionnaire.text(label, language), now.values, language)


def _label(questionnaire: Questionnaire, item: Item, language: str) -> str:
    return questionnaire.text(item.label, language) or questionnaire.text(item.hint, language)


def _answer(questionnaire: Questionnaire, item: Item, answers: Answers, language: str) -> str:
    if item.type is ItemType.ACKNOWLEDGE:
        return gettext("Ja") if answers.get(item.name) else ""
    return in_words(questionnaire, item.name, answers, language)
