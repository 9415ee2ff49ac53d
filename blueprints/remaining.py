"""What stops somebody from sending: each question in words, what is wrong, and the way there."""

from typing import NamedTuple

from flask_babel import gettext

from blueprints.told import question_in_words, turn_in_words
from blueprints.visits import Visit
from forms.answer_words import in_words_of
from forms.answering import QUESTION
from surveyor.errors import Problem
from surveyor.instruments.routing import all_problems


class Remaining(NamedTuple):
    """A question to answer, or to answer otherwise; `step` is what its button posts."""

    step: str
    question: str
    message: str
    turn: str
    is_missing: bool
    is_quoted: bool
    """True for a message in the questionnaire's language."""


def what_remains(here: Visit) -> list[Remaining]:
    """All that must be put right before the answers can be sent, in order."""
    problems = all_problems(here.questions, here.now, here.language)
    return [_told(here, problem) for problem in problems]


def _told(here: Visit, problem: Problem) -> Remaining:
    item = here.questions.item(problem.field or "")
    is_missing = not here.answers.get(item.name)
    own = here.questions.text(item.required_message, here.language)
    is_plain = is_missing and not own
    message = gettext("Ikke besvart") if is_plain else in_words_of(problem, here.language)
    question = question_in_words(here.questions, item, here.now, here.language)
    return Remaining(
        f"{QUESTION}{item.name}", question, message, turn_in_words(item), is_missing, problem.is_quoted
    )
