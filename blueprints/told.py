"""Questions and answers in words, one line each, as the review tells them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from flask_babel import gettext

from blueprints.languages import current_language
from surveyor.instruments.enums import ItemType
from surveyor.instruments.logic import filled, in_words
from surveyor.instruments.routing import State, shown_on
from surveyor.instruments.spec import Answers, Item, Page, Questionnaire, Text


class Told(NamedTuple):
    """A question and its answer in words; `inserts` where the question itself holds an answer."""

    question: str
    answer: str
    inserts: bool = False
    language: str = ""
    """Of the answer: the questionnaire's, or ours for «not answered»."""
    turn: str = ""
    is_answered: bool = False


def questions_told(
    questionnaire: Questionnaire, page: Page, answers: Answers, now: State, language: str
) -> list[Told]:
    """The questions asked on a page in this state, each with what was answered."""
    asked, fixed = shown_on(page, now), _fixed_words(questionnaire, page.name, language)
    found = []
    for item in page.questions:
        if item.name not in asked or item.type is ItemType.REPEAT:  # how often is seen from its turns
            continue
        answer, spoken = _answer(questionnaire, item, answers, language)
        question = fixed.get(item.name) or question_in_words(questionnaire, item, now, language)
        inserts = item.name not in fixed and "${" in _label(questionnaire, item, language)
        is_answered = bool(answers.get(item.name))
        found.append(Told(question, answer, inserts, spoken, turn_in_words(item), is_answered))
    return found


@lru_cache(maxsize=4_096)
def _fixed_words(questionnaire: Questionnaire, page_name: str, language: str) -> Mapping[str, str]:
    """The questions of a page whose words are the same for everyone."""
    page = questionnaire.page(page_name)
    words = {item.name: _label(questionnaire, item, language) for item in page.questions if not item.places}
    return {name: " ".join(label.split()) for name, label in words.items() if "${" not in label}


def question_in_words(questionnaire: Questionnaire, item: Item, now: State, language: str) -> str:
    """What is asked, with earlier answers put in; the hint where it has no label."""
    words = filled(questionnaire, _label(questionnaire, item, language), now.values, language, item)
    return " ".join(words.split())


def turn_in_words(item: Item) -> str:
    """Which turn of a repeated group a question stands in, as it is put behind its words; else empty."""
    place = ".".join(map(str, item.places))
    return str(gettext("%(label)s – nummer %(place)s", label="", place=place)) if place else ""


def heading_in_words(questionnaire: Questionnaire, label: Text, now: State, language: str) -> str:
    """The words over a page, with earlier answers put in."""
    return filled(questionnaire, questionnaire.text(label, language), now.values, language)


def _label(questionnaire: Questionnaire, item: Item, language: str) -> str:
    return questionnaire.text(item.label, language) or questionnaire.text(item.hint, language)


def _answer(questionnaire: Questionnaire, item: Item, answers: Answers, language: str) -> tuple[str, str]:
    """The answer in words, and whose language they are in."""
    if not answers.get(item.name):
        return gettext("Ikke besvart"), current_language()
    if item.type is ItemType.ACKNOWLEDGE:
        return gettext("Ja"), current_language()
    return in_words(questionnaire, item.name, answers, language), language
