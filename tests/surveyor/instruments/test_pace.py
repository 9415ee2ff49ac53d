"""Page by page or one question at a time: the same questions, answers and lengths either way."""

from random import Random

import pytest

from surveyor.instruments.pace import paged, prefers_single, told_first, whole_page
from surveyor.instruments.queries import catalogue
from surveyor.instruments.routing import (
    Progress,
    asked_pages,
    kept_answers,
    next_page,
    progress,
    shown_on,
    state,
)
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.tryout import random_answers
from surveyor.responses.spec import padded_length
from tests.surveyor.instruments.forms import imported, survey, trial, whole

ALL = (trial(), whole(), *catalogue())


@pytest.mark.parametrize("questionnaire", ALL, ids=lambda q: q.code)
def test_the_same_is_asked_and_kept(questionnaire: Questionnaire) -> None:
    single = paged(questionnaire, single=True)
    assert [item.name for item in single.items] == [item.name for item in questionnaire.items]
    assert padded_length(single) == padded_length(questionnaire)
    chance = Random(1)
    for _ in range(10):
        answers, _ = random_answers(questionnaire, chance)
        assert kept_answers(single, answers) == kept_answers(questionnaire, answers)
        ours = [
            name for page in asked_pages(single, answers) for name in shown_on(page, state(single, answers))
        ]
        now = state(questionnaire, answers)
        theirs = {name for page in asked_pages(questionnaire, answers) for name in shown_on(page, now)}
        assert {name for name in ours if not name.endswith("/")} == theirs - {
            i.name for i in told_first(questionnaire)
        }


@pytest.mark.parametrize("questionnaire", ALL, ids=lambda q: q.code)
def test_every_page_asks_one_thing_at_most(questionnaire: Questionnaire) -> None:
    for page in paged(questionnaire, single=True).pages:
        assert sum(item.answerable and item.shown for item in page.items if not item.places) <= 1 or any(
            item.places for item in page.items
        )
        assert whole_page(page.name) in questionnaire.pages_by_name
        assert all(item.page == page.name for item in page.items)


def test_a_first_page_of_words_is_told_first() -> None:
    asked = imported(
        survey(
            "begin_group | hi | Velkommen", "note | intro | Slik gjør du.", "end_group | |", "text | a | A |"
        )
    ).questionnaire
    assert [note.name for note in told_first(asked)] == ["intro"]
    assert [page.name for page in paged(asked).pages] == [page.name for page in asked.pages[1:]]


def test_a_first_page_that_asks_stays() -> None:
    rows = ("begin_group | hi | Velkommen", "note | intro | Slik.", "text | b | B", "end_group | |")
    asked = imported(survey(*rows, "text | a | A |")).questionnaire
    assert told_first(asked) == ()
    assert paged(asked) is asked


def test_the_author_may_ask_for_one_question_at_a_time() -> None:
    settings = "\n| settings |\n| | style |\n| | pages one-question |\n"
    assert prefers_single(imported(survey("text | a | A |") + settings).questionnaire)
    assert not prefers_single(imported(survey("text | a | A |")).questionnaire)


@pytest.mark.parametrize("questionnaire", ALL, ids=lambda q: q.code)
def test_progress_goes_back_only_when_more_is_asked(questionnaire: Questionnaire) -> None:
    single, chance = paged(questionnaire, single=True), Random(2)
    for _ in range(5):
        whole_set, _ = random_answers(questionnaire, chance)
        answers: dict[str, str] = {}
        before, page = Progress(1, 1), next_page(single, "", answers)
        while page is not None:
            here = progress(single, page.name, answers)
            assert here.number > before.number or before.number == 1
            assert here.share >= before.share or here.total > before.total
            answers |= {item.name: whole_set[item.name] for item in page.items if item.name in whole_set}
            before, page = progress(single, page.name, answers), next_page(single, page.name, answers)
