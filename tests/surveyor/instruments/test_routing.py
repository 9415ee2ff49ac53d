"""Which pages are asked, what is dropped, and what is wrong with the answers of a page."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyor.instruments.answers import MAX_TEXT, normal_value, value_problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.queries import catalogue
from surveyor.instruments.routing import (
    asked_pages,
    kept_answers,
    next_page,
    page_left_at,
    previous_page,
    progress,
    state,
    validate_all,
    validate_page,
)
from surveyor.instruments.spec import Answers, Item, Page, Questionnaire
from tests.surveyor.instruments.forms import asked_items, imported, survey, trial

HAPPY = {"w1": "3", "w2": "1", "plan": "yes"}


def names(questionnaire: Questionnaire, answers: Answers) -> list[str]:
    return [page.name for page in asked_pages(questionnaire, answers)]


def test_pages_follow_the_answers() -> None:
    questionnaire = trial()
    assert names(questionnaire, {}) == ["work", "last"]
    assert names(questionnaire, HAPPY) == ["work", "details", "last"]
    assert names(questionnaire, {**HAPPY, "years": "11"}) == ["work", "details", "veterans", "last"]


def test_next_and_previous_skip_what_is_not_asked() -> None:
    questionnaire = trial()
    assert [
        p and p.name for p in (next_page(questionnaire, "work", {}), next_page(questionnaire, "last", {}))
    ] == ["last", None]
    back = previous_page(questionnaire, "last", HAPPY)
    assert back is not None
    assert back.name == "details"
    assert previous_page(questionnaire, "work", HAPPY) is None
    assert next_page(questionnaire, "no such page", {}) is not None


def test_whoever_comes_back_goes_on_where_they_left() -> None:
    questionnaire = trial()

    def left_at(answers: Answers) -> str | None:
        page = page_left_at(questionnaire, state(questionnaire, answers))
        return page.name if page else None

    last = questionnaire.pages[-1]
    assert left_at({}) == "work"
    assert left_at({"w1": "4"}) == "work"
    assert left_at({item.name: "1" for item in last.items}) is None
    page = questionnaire.pages[0]
    assert left_at({item.name: HAPPY.get(item.name, "1") for item in page.items}) not in ("work", None)


def test_progress_counts_pages_now_asked() -> None:
    questionnaire = trial()
    assert (progress(questionnaire, "last", {}).number, progress(questionnaire, "last", {}).total) == (2, 2)
    assert progress(questionnaire, "details", HAPPY).number == 2
    assert progress(questionnaire, "details", HAPPY).total == 3
    assert progress(questionnaire, "work", HAPPY).share == 0


def test_calculations_come_before_what_reads_them() -> None:
    assert state(trial(), {**HAPPY, "years": "10"}).values["months"] == "120"
    assert "months" not in state(trial(), HAPPY).values


def test_answers_no_longer_asked_are_dropped_at_submit_and_only_then() -> None:
    answers = {**HAPPY, "years": "11", "favourite": "red", "plan_gap": "alt", "stray": "x"}
    assert kept_answers(trial(), answers) == {
        "w1": "3",
        "w2": "1",
        "plan": "yes",
        "years": "11",
        "months": "132",
        "favourite": "red",
    }
    unhappy = {**answers, "w1": "1"}
    assert kept_answers(trial(), unhappy) == {"w1": "1", "w2": "1", "plan": "yes"}
    assert kept_answers(trial(), {**unhappy, "w1": "3"}) == kept_answers(trial(), answers)


def test_whoever_does_not_know_has_no_other_answer() -> None:
    several = imported(survey("select_multiple agree | a | A")).questionnaire
    for value, language, wrong in (
        ("9 1", "nb", "Du har valgt «Vet ikke» sammen med andre svar. Behold enten det eller de andre."),
        ("1 9", "en", "Du har valgt «Don't know» sammen med andre svar. Behold enten det eller de andre."),
        ("9", "nb", ""),
        ("1 2", "nb", ""),
    ):
        assert [str(each) for each in validate_all(several, {"a": value}, language)] == [wrong] * bool(wrong)


def test_a_hidden_question_counts_as_unanswered_for_those_that_read_it() -> None:
    questionnaire = imported(
        survey(
            "integer | a | A |",
            "integer | b | B | ${a} = 1",
            "text | c | C | ${b} = 2",
            columns="type | name | label | relevant",
        )
    ).questionnaire
    page = questionnaire.pages[0]
    assert asked_items(questionnaire, page, {"a": "1", "b": "2"}) == {"a", "b", "c"}
    assert asked_items(questionnaire, page, {"a": "0", "b": "2"}) == {"a"}


def messages(answers: Answers, page: str = "work", language: str = "nb") -> dict[str | None, str]:
    questionnaire = trial()
    return {
        p.field: str(p) for p in validate_page(questionnaire, questionnaire.page(page), answers, language)
    }


def test_required_types_and_constraints() -> None:
    assert messages({}) == {"w1": "Svar på «Jeg trives.»."}
    assert messages({}, language="en") == {"w1": "Svar på «I like it.»."}
    assert messages({"w1": "3", "plan": "no"}) == {"plan_gap": "Svar på «Hva mangler?»."}
    assert messages({"w1": "4", "plan": "perhaps"}).keys() == {"w1", "plan"}
    assert messages({**HAPPY, "years": "61"}, "details") == {"years": "Skriv et tall fra 0 til 60."}
    assert messages({**HAPPY, "years": "60"}, "details") == {}
    wrong = {**HAPPY, "years": "mange", "share": "x", "started": "2026-02-30", "colours": "red green"}
    assert messages(wrong, "details").keys() == {"years", "share", "started", "colours"}


def test_validate_all_covers_every_page_now_asked() -> None:
    assert [p.field for p in validate_all(trial(), {"years": "99"}, "nb")] == ["w1"]
    assert [p.field for p in validate_all(trial(), {**HAPPY, "years": "99"}, "nb")] == ["years"]


@pytest.mark.parametrize(
    ("type_", "written", "kept"),
    [
        (ItemType.INTEGER, [" 1 200 "], "1200"),
        (ItemType.DECIMAL, ["4,80"], "4.80"),
        (ItemType.DECIMAL, ["\u22123,5"], "-3.5"),
        (ItemType.DATE, ["1.2.2026"], "2026-02-01"),
        (ItemType.DATE, ["2026-02-01"], "2026-02-01"),
        (ItemType.TEXT, [" a\r\nb\x00 "], "a\nb"),
        (ItemType.SELECT_MULTIPLE, ["red", "", "blue", "red"], "red blue"),
        (ItemType.SELECT_ONE, [], ""),
    ],
)
def test_answers_come_to_one_form(type_: ItemType, written: list[str], kept: str) -> None:
    assert normal_value(Item("x", type_), written) == kept


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("years", "-3", True),
        ("years", "3.0", False),
        ("years", "٣", False),
        ("years", "1" * 16, False),
        ("share", "3.5", True),
        ("share", "1e9", False),
        ("share", "NaN", False),
        ("started", "2026-02-28", True),
        ("started", "20260228", False),
        ("words", "x" * MAX_TEXT, True),
        ("words", "x" * (MAX_TEXT + 1), False),
        ("colours", "blue red", True),
        ("colours", "blue pink", False),
        ("w1", "9", True),
        ("w1", "1 2", False),
    ],
)
def test_types(name: str, value: str, fits: bool) -> None:
    questionnaire = trial()
    assert (value_problem(questionnaire, questionnaire.item(name), value) is None) is fits


def some_answer(questionnaire: Questionnaire, item: Item, chance: random.Random) -> str:
    codes = [category.code for category in questionnaire.categories(item)]
    if item.type is ItemType.SELECT_ONE:
        return chance.choice(codes)
    if item.type is ItemType.RANK:
        return " ".join(codes)
    if item.type is ItemType.SELECT_MULTIPLE:
        return " ".join(code for code in codes if chance.random() < 0.5)
    if item.type is ItemType.ACKNOWLEDGE:
        return "OK"
    return {"integer": str(chance.randrange(60)), "decimal": "1.5", "date": "2026-11-21"}.get(
        item.type, "noe"
    )


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from([*catalogue(), trial()]))
def test_every_questionnaire_can_be_answered_to_the_end(seed: int, questionnaire: Questionnaire) -> None:
    chance = random.Random(seed)
    answers: dict[str, str] = {}
    page: Page | None = asked_pages(questionnaire, answers)[0]
    visited = []
    while page is not None:
        assert page.name not in visited
        visited.append(page.name)
        for item in page.items:
            if item.answerable and item.name in asked_items(questionnaire, page, answers):
                answers[item.name] = some_answer(questionnaire, item, chance)
        assert validate_page(questionnaire, page, answers, "nb") == []
        page = next_page(questionnaire, page.name, answers)
    assert validate_all(questionnaire, answers, "nb") == []
    kept = kept_answers(questionnaire, answers)
    assert kept_answers(questionnaire, kept) == kept


def test_a_repeated_group_nobody_has_touched_is_not_begun() -> None:
    rows = (
        "text | a | A",
        "text | b | B",
        "begin_repeat | child | Barn",
        "text | name | Navn",
        "end_repeat | |",
    )
    asked = imported(survey(*rows)).questionnaire
    left = page_left_at(asked, state(asked, {"a": "x"}))
    assert left is not None
    assert "name" not in {item.name for item in left.items}
