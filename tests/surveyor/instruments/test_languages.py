"""What is asked and what counts is the same in every language; words are told in the reader's own."""

import random
from collections.abc import Mapping
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from forms.answers import SHOWN, page_form_class
from surveyor.instruments.logic import filled
from surveyor.instruments.routing import asked_pages, kept_answers, state
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.tryout import random_answers
from tests.surveyor.instruments.forms import imported, survey

NAMED = "jr:choice-name(${glad}, '${glad}')"


@cache
def asked() -> Questionnaire:
    """Conditions, checks and values by what an answer option is called, written for bokmål."""
    rows = (
        "begin_group | first | Først | First | | | |",
        "select_one status | glad | Glad? | Happy? | | | |",
        f"calculate | word | | | | | | {NAMED}",
        "calculate | loud | | | | | | concat(${word}, '!')",
        "calculate | grade | | | | | | if(${word} = 'Ja', 10, 0)",
        f"text | more | Mer? | More? | {NAMED} = 'Ja' | | |",
        "text | less | Mindre? | Less? | ${word} = 'Nei' | string-length(${word}) = 3 | |",
        "end_group | | | | | | |",
        "begin_group | second | Så ${loud} | Then ${loud} | contains(${loud}, 'Ja') | | |",
        "text | last | Sist, ${word} | Last, ${word} | | | ${grade} = 10 |",
        "end_group | | | | | | |",
    )
    columns = (
        "type | name | label::Norsk bokmål (nb) | label::English (en) | relevant | constraint | required "
        "| calculation"
    )
    return imported(survey(*rows, columns=columns)).questionnaire


def shown(answers: Mapping[str, str], language: str) -> tuple[dict[str, list[str]], set[str]]:
    """What the pages of a respondent in this language showed, and where they found something wrong."""
    found, wrong = {}, set()
    for page in asked_pages(asked(), answers):
        made = page_form_class(asked(), page.name, language)
        names = made(answers=answers).shown_names
        form = made(MultiDict({SHOWN: names, **{f"q-{name}": v for name, v in answers.items()}}), answers)
        wrong |= {field.item.name for field in form if field.errors} if not form.validate() else set()
        found[page.name] = names.split()
    return found, wrong


@given(st.integers(0, 10_000))
def test_what_a_page_showed_is_what_is_sealed_in_every_language(seed: int) -> None:
    answers, _ = random_answers(asked(), random.Random(seed))
    pages, wrong = shown(answers, "nb")
    assert shown(answers, "en") == (pages, wrong)
    names = {name for each in pages.values() for name in each}
    counted = {name for name in kept_answers(asked(), answers) if asked().item(name).shown}
    assert counted == {name for name in answers if asked().item(name).shown} & names


@pytest.mark.parametrize(("language", "words"), [("nb", "Så Ja!"), ("en", "Then Yes!")])
def test_words_are_told_in_the_readers_language(language: str, words: str) -> None:
    now = state(asked(), {"glad": "yes"})
    assert (now.values["word"], now.values["loud"], now.values["grade"]) == ("Ja", "Ja!", "10")
    label = asked().text(asked().page("second").label, language)
    assert filled(asked(), label, now.values, language) == words
    assert filled(asked(), "${grade}", now.values, language) == "10"  # what decides is not told otherwise
