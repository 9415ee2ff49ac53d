"""The parts of a questionnaire as a respondent sees them: where one is, and how much is answered in each."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flask_babel import gettext

from blueprints.visits import Visit
from surveyor.instruments.logic import filled
from surveyor.instruments.pace import page_label, whole_page
from surveyor.instruments.spec import Page, Questionnaire


class _Told(NamedTuple):
    """What a part is for every respondent."""

    number: int
    name: str
    label: str
    section: str
    inserts: bool
    shown: frozenset[str]
    questions: frozenset[str]


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


def parts_of(here: Visit, page: Page) -> list[Part]:
    """The whole pages now asked; none when there is only one."""
    found = list(_parts(here, whole_page(page.name)))
    return found if len(found) > 1 else []


def parts_in_words(here: Visit, page: Page) -> list[tuple[int, str, str]]:
    """The whole pages now asked, as the page's script shows them: number, name, how much is answered."""
    return [
        (part.number, part.label or gettext("Side %(number)s", number=part.number), _how_much(part))
        for part in _parts(here, whole_page(page.name))
    ]


def _how_much(part: Part) -> str:
    if not part.n_questions:
        return ""
    return str(gettext("%(n)s av %(total)s besvart", n=part.answered, total=part.n_questions))


def _parts(here: Visit, current: str) -> Iterator[Part]:
    whole, values, hidden = here.pages_told, here.now.values, here.now.hidden
    for number, name, label, section, inserts, shown, questions in _told(whole, here.language):
        if name in hidden or shown <= hidden:
            continue
        asked = questions if questions.isdisjoint(hidden) else questions - hidden
        answered = len(asked) - len(asked.difference(values))
        words = filled(whole, label, values, here.language) if inserts else label
        yield Part(number, words, section, len(asked), str(answered), name == current, inserts)


@lru_cache(maxsize=256)
def _told(whole: Questionnaire, language: str) -> tuple[_Told, ...]:
    """The parts in a language, made once."""
    found = []
    for number, page in enumerate(whole.pages, 1):
        label, section = whole.text(page_label(page), language), whole.text(page.section, language)
        inserts, shown = "${" in label, page.shown_names
        found.append(_Told(number, page.name, label, section, inserts, shown, page.question_names))
    return tuple(found)
