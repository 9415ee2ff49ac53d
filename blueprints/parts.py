"""The parts of a questionnaire as a respondent sees them: where one is, and how much is answered in each."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flask_babel import gettext

from blueprints.visits import Visit
from surveyor.instruments.logic import filled
from surveyor.instruments.pace import page_label, whole_page
from surveyor.instruments.routing import State, state
from surveyor.instruments.spec import Page, Questionnaire, text_in


class Part(NamedTuple):
    """A whole page in the list of parts; `answered` is a number in writing."""

    number: int
    label: str
    section: str
    n_questions: int
    answered: str
    is_here: bool
    inserts: bool = False
    """True where the label holds an answer."""


def parts_of(here: Visit, page: Page, now: State) -> list[Part]:
    """The whole pages now asked; none when there is only one."""
    found = list(_parts(here, whole_page(page.name), now))
    return found if len(found) > 1 else []


def parts_in_words(here: Visit, page: Page) -> list[tuple[int, str, str]]:
    """The whole pages now asked, as the page's script shows them: number, name, how much is answered."""
    now = state(here.questions, here.answers)
    return [
        (part.number, part.label or gettext("Side %(number)s", number=part.number), _how_much(part))
        for part in _parts(here, whole_page(page.name), now)
    ]


def _how_much(part: Part) -> str:
    if not part.n_questions:
        return ""
    return str(gettext("%(n)s av %(total)s besvart", n=part.answered, total=part.n_questions))


def _parts(here: Visit, current: str, now: State) -> Iterator[Part]:
    whole = here.pages_told
    for number, page in enumerate(whole.pages, 1):
        if page.name in now.hidden or page.shown_names <= now.hidden:
            continue
        names = page.question_names
        asked = names if names.isdisjoint(now.hidden) else names - now.hidden
        answered = len(asked & now.values.keys())
        label, section = _named(whole, number, here.language)
        inserts = "${" in label
        if inserts:
            label = filled(whole, label, now.values, here.language)
        yield Part(number, label, section, len(asked), str(answered), page.name == current, inserts)


@lru_cache(maxsize=8_192)
def _named(whole: Questionnaire, number: int, language: str) -> tuple[str, str]:
    """What a part and the section around it are called."""
    page = whole.pages[number - 1]
    label, section = (
        text_in(text, language, whole.default_language) for text in (page_label(page), page.section)
    )
    return label, section
