"""The questionnaires that come with Surveyor: complete in three languages, and fit to be asked."""

import pytest

from surveyor.instruments.checklist import checklist
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.queries import CATALOGUE, catalogue
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.xlsform import read_xlsform

LANGUAGES = {"nb", "nn", "en"}
REGISTRATION = {"conference"}
BY_CODE = {questionnaire.code: questionnaire for questionnaire in catalogue()}


def test_what_is_in_it() -> None:
    assert set(BY_CODE) == {
        *("employee", "pulse", "kindergarten", "school", "nursing_home", "home_care", "citizen"),
        *("internal_control", "it_security", "audit_followup", "conference", "gathering", "risk_round"),
        "municipal_compass",
    }
    assert len(BY_CODE["employee"].scales) == 10


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.md")), ids=lambda path: path.stem)
def test_nothing_is_left_out_and_the_file_bears_the_code(path: object) -> None:
    found = read_xlsform(path.read_bytes(), filename="other.md")  # type: ignore[attr-defined]
    assert found.notices == ()
    assert found.questionnaire.code == path.stem  # type: ignore[attr-defined]


@pytest.mark.parametrize("questionnaire", catalogue(), ids=lambda q: q.code)
def test_every_word_in_three_languages(questionnaire: Questionnaire) -> None:
    texts = [questionnaire.title, *(page.label for page in questionnaire.pages)]
    texts += [scale.label for scale in questionnaire.scales]
    texts += [item.label for item in questionnaire.all_items]
    texts += [item.hint for item in questionnaire.all_items if item.hint]
    texts += [c.label for entry in questionnaire.code_lists.values() for c in entry.categories]
    texts += [node.label for page in questionnaire.pages for node in page.nodes]
    assert all(set(text) == LANGUAGES and all(text.values()) for text in texts)


@pytest.mark.parametrize("questionnaire", catalogue(), ids=lambda q: q.code)
def test_scales_have_scores_and_background_items_few_answers(questionnaire: Questionnaire) -> None:
    for scale in questionnaire.scales:
        assert all(questionnaire.score_range(questionnaire.item(name)) for name in scale.items)
    for item in questionnaire.background_items:
        assert item.type is ItemType.SELECT_ONE
        assert len(questionnaire.categories(item)) <= 8
    if questionnaire.code not in REGISTRATION:
        assert all(
            item.role is ItemRole.OPEN or item.name.endswith("_gap") for item in questionnaire.open_items
        )


@pytest.mark.parametrize("questionnaire", catalogue(), ids=lambda q: q.code)
def test_nothing_in_it_needs_a_second_look(questionnaire: Questionnaire) -> None:
    found = " ".join(map(str, checklist(questionnaire)))
    long = {"internal_control", "it_security"}  # a year's control of every topic, not a survey
    assert not found or questionnaire.code in REGISTRATION | long
    assert ("minutter" in found) is (questionnaire.code in long)


def test_dice_risks_and_points() -> None:
    assert {BY_CODE["gathering"].score_range(item) for item in BY_CODE["gathering"].scored_items} == {(1, 6)}
    assert {BY_CODE["risk_round"].score_range(item) for item in BY_CODE["risk_round"].scored_items} == {
        (1, 10)
    }
    compass = BY_CODE["municipal_compass"]
    assert len(compass.scales) == 8
    assert all(len(scale.items) == 4 for scale in compass.scales)
    assert {compass.score_range(item) for item in compass.scored_items} == {(0, 25)}


@pytest.mark.parametrize("code", ["employee"])
def test_ten_factors_of_three_to_five_statements_from_one_to_five(code: str) -> None:
    questionnaire = BY_CODE[code]
    assert all(3 <= len(scale.items) <= 5 for scale in questionnaire.scales)
    assert {questionnaire.score_range(item) for item in questionnaire.scored_items} == {(1, 5)}
    assert sum(item.reverse for item in questionnaire.items) == 2


@pytest.mark.parametrize("code", ["internal_control", "it_security"])
def test_every_check_that_is_not_met_asks_what_is_missing(code: str) -> None:
    questionnaire = BY_CODE[code]
    checks = questionnaire.scored_items
    assert checks
    for check in checks:
        assert (
            questionnaire.item(f"{check.name}_gap").relevant
            == f"${{{check.name}}} = 'no' or ${{{check.name}}} = 'partly'"
        )


def test_it_security_covers_the_21_principles() -> None:
    names = {item.name for item in BY_CODE["it_security"].scored_items}
    assert names == {
        f"nsm_{group}_{n}" for group, last in ((1, 3), (2, 10), (3, 4), (4, 4)) for n in range(1, last + 1)
    }


def test_reputation_is_asked_0_to_10_and_scored_0_to_100() -> None:
    citizen = BY_CODE["citizen"]
    assert citizen.score_range(citizen.item("reputation_1")) == (0, 100)
