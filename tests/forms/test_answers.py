"""A page of a questionnaire as a form: binding, judging, and questions that appear because of an answer."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from forms.answers import PageForm, ShownGrid, page_form_class
from surveyor.instruments.queries import catalogue
from tests.surveyor.instruments.forms import imported, survey, trial

HAPPY = {"w1": "3", "w2": "1", "plan": "yes"}


def page_form(
    page: str, posted: dict[str, str | list[str]] | None, stored: dict[str, str] | None = None
) -> PageForm:
    """The form of a page of the trial, with what was posted (None: shown for the first time)."""
    made = page_form_class(trial(), page, "nb")
    if posted is None:
        return made(None, stored)
    pairs = [(key if key == "shown" else f"q-{key}", value) for key, value in posted.items()]
    return made(
        MultiDict(
            (key, each) for key, value in pairs for each in ([value] if isinstance(value, str) else value)
        ),
        stored,
    )


def test_a_class_is_made_once() -> None:
    questionnaire = trial()
    made = page_form_class(questionnaire, "work", "nb")
    assert page_form_class(trial(), "work", "nb") is made
    assert page_form_class(questionnaire, "work", "en") is not made
    with pytest.raises(KeyError):
        page_form_class(questionnaire, "nowhere", "nb")


def test_posted_answers_join_the_stored_ones() -> None:
    form = page_form(
        "details",
        {"shown": "years share started colours", "years": "12", "share": "80,5", "colours": ["red", "blue"]},
        HAPPY,
    )
    assert form.validate()
    assert form.answers == {**HAPPY, "years": "12", "share": "80.5", "colours": "red blue"}


def test_an_answer_taken_away_is_gone() -> None:
    form = page_form("details", {"shown": "years share", "share": ""}, {**HAPPY, "years": "12", "share": "1"})
    assert form.answers == HAPPY


def test_what_was_not_shown_is_kept() -> None:
    form = page_form("work", {"shown": "w1 w2 plan", **HAPPY}, {"plan_gap": "Alt"})
    assert form.answers == {**HAPPY, "plan_gap": "Alt"}


def test_errors_stand_at_their_fields() -> None:
    form = page_form("work", {"shown": "w1 w2 plan", "plan": "perhaps"})
    assert not form.validate()
    assert form.errors.keys() == {"w1", "plan"}
    assert form["w1"].errors == ["Svar på «Jeg trives.»."]
    assert form.answers == {"plan": "perhaps"}


def test_a_question_that_appears_is_shown_once_before_it_is_judged() -> None:
    first = page_form("work", {"shown": "w1 w2 plan", "w1": "3", "plan": "no"})
    assert not first.validate()
    assert first.appeared == {"plan_gap"}
    assert first.errors == {}
    assert "plan_gap" in first.shown_names.split()
    second = page_form("work", {"shown": first.shown_names, "w1": "3", "plan": "no"})
    assert not second.validate()
    assert second.errors.keys() == {"plan_gap"}
    third = page_form("work", {"shown": first.shown_names, "w1": "3", "plan": "no", "plan_gap": "Alt"})
    assert third.validate()


def test_a_post_without_the_list_of_what_was_shown_is_taken_as_the_page_stood() -> None:
    form = page_form("work", {"w1": "3", "plan": "yes"}, {"w2": "1"})
    assert form.validate()
    assert form.answers == {"w1": "3", "plan": "yes"}


def test_stored_answers_are_shown() -> None:
    form = page_form("details", None, {**HAPPY, "share": "80.5", "colours": "blue"})
    assert form["share"]._value() == "80,5"
    assert [choice.value for choice in form["colours"].iter_choices() if choice.selected] == ["blue"]


def test_defaults_fill_a_page_nobody_has_touched() -> None:
    questionnaire = imported(
        survey("integer | a | A | 7", "text | b | B |", columns="type | name | label | default")
    ).questionnaire
    made = page_form_class(questionnaire, "page1", "nb")
    assert made(None, {})["a"].data == "7"
    assert made(None, {"b": "x"})["a"].data == ""


def test_nodes_are_what_is_drawn() -> None:
    nodes = list(page_form("work", None).nodes)
    assert [node.kind for node in nodes] == ["grid", "select_one"]
    assert isinstance(nodes[0], ShownGrid)
    assert nodes[0].missing == ("9",)
    everything = page_form_class(trial(), "work", "nb")(everything=True)
    assert [node.kind for node in everything.nodes] == ["grid", "select_one", "text"]


def test_files_and_odd_fields_do_no_harm() -> None:
    odd = MultiDict(
        [("q-w1", "3"), ("q-w1", "1"), ("q-nobody", "x"), ("csrf_token", "y"), ("q-plan", "\x00")]
    )
    form = page_form_class(trial(), "work", "nb")(odd, {})
    form.validate()
    assert form.answers["w1"] == "3"
    assert "nobody" not in form.answers


@pytest.mark.parametrize("questionnaire", catalogue(), ids=lambda q: q.code)
def test_every_page_of_the_catalogue_can_be_drawn(app: Flask, questionnaire: object) -> None:
    with app.test_request_context("/"):
        template = app.jinja_env.from_string(
            '{% from "instruments/_questions.html" import questions %}{{ questions(form) }}'
        )
        for language in questionnaire.languages:  # type: ignore[attr-defined]
            for page in questionnaire.pages:  # type: ignore[attr-defined]
                form = page_form_class(questionnaire, page.name, language)(everything=True)  # type: ignore[arg-type]
                drawn = template.render(form=form)
                assert all(f'name="q-{item.name}"' in drawn for item in page.items if item.answerable)


def test_authors_words_are_escaped(app: Flask) -> None:
    evil = "<img src=x onerror=alert(1)>"
    questionnaire = imported(
        survey(f"note | n | {evil}", f"select_one agree | a | {evil}", f"text | t | {evil}")
    ).questionnaire
    with app.test_request_context("/"):
        template = app.jinja_env.from_string(
            '{% from "instruments/_questions.html" import questions %}{{ questions(form) }}'
        )
        drawn = template.render(form=page_form_class(questionnaire, "page1", "nb")())
    assert "<img" not in drawn
    assert drawn.count("&lt;img") == 3
