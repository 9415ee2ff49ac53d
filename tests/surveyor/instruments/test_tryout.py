"""Every questionnaire can be answered at random to the end; the author's check list; the bounded reader."""

import io
import random
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyor.errors import InvalidInput
from surveyor.instruments import bounded
from surveyor.instruments.bounded import read_bounded
from surveyor.instruments.checklist import anonymity_refusals, checklist
from surveyor.instruments.queries import catalogue
from surveyor.instruments.routing import validate_all
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.tryout import random_answers, try_out
from surveyor.instruments.xlsform import read_xlsform
from surveyor.responses.spec import canonical, pad, padded_length
from tests.surveyor.instruments.forms import TRIAL, imported, survey, trial, whole

ALL = [*catalogue(), trial(), whole()]


@pytest.mark.parametrize("questionnaire", ALL, ids=lambda q: q.code)
def test_every_questionnaire_is_answered_to_the_end(questionnaire: Questionnaire) -> None:
    found = try_out(questionnaire, times=12)
    assert found.dead_ends == {}
    assert found.n_finished == 12
    assert 0 < found.minutes < found.longest + 0.001


@settings(max_examples=25)
@given(st.sampled_from([trial(), whole()]), st.integers(0, 10**9))
def test_what_was_drawn_is_valid(questionnaire: Questionnaire, seed: int) -> None:
    answers, stuck = random_answers(questionnaire, random.Random(seed))
    assert stuck == ()
    assert validate_all(questionnaire, answers, "nb") == []


def test_dead_ends_and_unreached_items_are_found() -> None:
    asked = imported(
        survey("integer | a | A | yes | . > 5 and . < 3 |", "text | b | B | | | ${a} > 1000000 and ${a} < 5",
               columns="type | name | label | required | constraint | relevant")
    ).questionnaire  # fmt: skip
    found = try_out(asked, times=5)
    assert found.dead_ends == {"a": 5}
    assert found.n_finished == 0
    assert found.unreached == ("b",)


def test_equal_seeds_give_equal_results() -> None:
    assert try_out(trial(), times=5, seed=3) == try_out(trial(), times=5, seed=3)


def said(questionnaire: Questionnaire) -> str:
    return " ".join(map(str, checklist(questionnaire)))


def test_the_check_list_names_what_to_look_at() -> None:
    rows = [
        "begin_group | g | Tabell | table-list | ",
        *(f"select_one agree | w{n} | Påstand {n} | | " for n in range(8)),
    ]
    rows += ["end_group | | | | ", "text | who | Hva er ditt navn? | | ", "integer | age | Alder | | "]
    rows += ["select_one status | s | S | | yes"]
    asked = imported(survey(*rows, columns="type | name | label | appearance | required")).questionnaire
    text = said(asked)
    for words in (
        "Tabellen «g» har 8 rader",
        "«who» kan røpe",
        "«age» gir nøyaktige",
        "ikke har «Vet ikke»: s",
    ):
        assert words.replace("ikke har", "har ikke") in text or words in text
    assert "minutter" not in text
    assert "samme vei" not in text


def test_scales_of_mixed_direction_and_missing_words() -> None:
    lists = trial().code_lists
    agree = lists["agree"]
    turned = replace(agree, name="turned", categories=agree.categories[2::-1])
    page = trial().pages[0]
    item = replace(trial().item("plan"), code_list="turned")
    mixed = replace(
        trial(), code_lists={**lists, "turned": turned}, pages=(replace(page, nodes=(*page.nodes[:1], item)),)
    )
    assert "samme vei" in said(mixed)
    assert "språket «en» for: w1" in said(imported(TRIAL.replace("I like it.", "")).questionnaire)


def test_what_can_never_be_anonymous_is_refused() -> None:
    found = " ".join(map(str, anonymity_refusals(whole())))
    for name in ("photo", "where", "child", "car"):
        assert f"«{name}»" in found
    assert list(anonymity_refusals(trial())) == []


def test_the_bounded_reader_reads_the_same() -> None:
    found = read_bounded(TRIAL.encode(), filename="trial.md")
    assert found == read_xlsform(TRIAL.encode(), filename="trial.md")
    with pytest.raises(InvalidInput, match="plann") as caught:
        read_bounded(TRIAL.replace("${plan} = 'no'", "${plann} = 'no'").encode(), filename="trial.md")
    assert caught.value.problems[0].row == 9


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("form.md", survey("text | a | A"))
        archive.writestr("t.csv", "a\n" + "x" * 1000 + "\n")
    assert read_bounded(buffer.getvalue(), filename="f.zip").questionnaire.items
    monkeypatch.setattr(bounded, "_WALL_SECONDS", 0.01)
    with pytest.raises(InvalidInput, match="for tung"):
        read_bounded(TRIAL.encode(), filename="trial.md")


@settings(max_examples=25)
@given(st.integers(0, 10**9))
def test_any_answers_fit_the_one_length_of_a_wave(seed: int) -> None:
    answers, _ = random_answers(whole(), random.Random(seed))
    pad(canonical(dict(answers)), padded_length(whole()))
