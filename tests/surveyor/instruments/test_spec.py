"""The questionnaire as plain objects: JSON and back, the hash, and what counts as scored."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from surveyor.instruments.spec import Category, CodeList, Questionnaire, text_in
from tests.surveyor.instruments.forms import trial


def test_json_and_back_is_equal() -> None:
    questionnaire = trial()
    again = Questionnaire.from_json(json.loads(json.dumps(questionnaire.to_json())))
    assert again == questionnaire
    assert again.hash == questionnaire.hash


def test_decimal_scores_survive_json() -> None:
    half = CodeList("half", (Category("a", score=Decimal("0.5")), Category("b", score=1)))
    questionnaire = replace(trial(), code_lists={**trial().code_lists, "half": half})
    again = Questionnaire.from_json(json.loads(json.dumps(questionnaire.to_json())))
    assert again.code_lists["half"].score_range == (Decimal("0.5"), 1)


def test_hash_changes_with_any_word() -> None:
    questionnaire = trial()
    assert replace(questionnaire, title={"nb": "Noe annet"}).hash != questionnaire.hash


def test_items_by_what_they_are_for() -> None:
    questionnaire = trial()
    assert [item.name for item in questionnaire.scored_items] == ["w1", "w2", "plan"]
    assert questionnaire.substance_items == questionnaire.scored_items
    assert [item.name for item in questionnaire.coded_items] == ["w1", "w2", "plan", "favourite"]
    assert [item.name for item in questionnaire.background_items] == ["favourite"]
    assert [item.name for item in questionnaire.open_items] == ["plan_gap", "words"]
    assert "thanks" not in [item.name for item in questionnaire.items]
    assert "months" not in [item.name for item in questionnaire.items]


def test_score_range_is_the_lists_without_missing_answers() -> None:
    questionnaire = trial()
    assert questionnaire.score_range(questionnaire.item("w1")) == (1, 3)
    assert questionnaire.score_range(questionnaire.item("plan")) == (0, 2)
    assert questionnaire.score_range(questionnaire.item("favourite")) is None
    assert questionnaire.score_range(questionnaire.item("words")) is None


@pytest.mark.parametrize(("language", "words"), [("nb", "Ja"), ("en", "Yes"), ("pl", "Ja")])
def test_words_fall_back_to_the_default_language(language: str, words: str) -> None:
    assert text_in({"nb": "Ja", "en": "Yes"}, language, "nb") == words


def test_no_words_are_empty() -> None:
    assert text_in({}, "nb", "nb") == ""
