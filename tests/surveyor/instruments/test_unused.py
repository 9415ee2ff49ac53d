"""What is read and not used is named; old ways of writing are refused with what to write instead."""

import pytest

from surveyor.errors import InvalidInput
from surveyor.instruments.logic import filled_name
from surveyor.instruments.routing import state
from tests.surveyor.instruments.forms import imported, survey


def told(markdown: str) -> list[tuple[str | None, int | None, str]]:
    found = imported(markdown).notices
    return [(n.sheet, n.row, n.message % dict(n.params)) for n in found if n.sheet]


def settings(**cells: str) -> str:
    return "| settings |\n| | " + " | ".join(cells) + " |\n| | " + " | ".join(cells.values()) + " |\n"


def test_appearances_are_used_or_named() -> None:
    rows = (
        "select_one agree | a | A | columns-3", "select_one agree | b | B | likert",
        "text | c | C | multiline", "select_multiple agree | d | D | minimal", "text | e | E | w4",
        "text | f | F | signature", "date | g | G | month-year", "image | h | H | draw",
    )  # fmt: skip
    found = told(survey(*rows, columns="type | name | label | appearance"))
    assert [row for _, row, _ in found] == [8, 9, 10]
    assert found[0][2] == "Utseendet «signature» er ikke brukt. Spørsmålet vises på vanlig måte."


def test_settings_are_used_or_named() -> None:
    found = told(survey("text | a | A") + settings(submission_url="https://x.no", colour="red", version="2"))
    assert [(sheet, words) for sheet, _, words in found] == [
        ("settings", "Innstillingen «submission_url» er ikke brukt. Svarene sendes bare hit."),
        ("settings", "Innstillingen «colour» er ikke brukt."),
    ]


def test_a_filled_form_is_called_what_its_author_says() -> None:
    asked = imported(
        survey("text | a | A", "text | b | B") + settings(instance_name="concat(${a}, ' – ', ${b})")
    ).questionnaire
    assert filled_name(asked, state(asked, {"a": "Skur", "b": "2"}).values, "nb") == "Skur – 2"
    assert filled_name(imported(survey("text | a | A")).questionnaire, {"a": "Skur"}, "nb") == ""


def test_a_name_that_cannot_be_worked_out_is_left_out_with_a_word() -> None:
    text = survey("text | a | A") + settings(instance_name="concat(${a}, ${nobody})")
    assert "instance_name" not in imported(text).questionnaire.settings
    assert [sheet for sheet, _, _ in told(text)] == ["settings"]


def test_comments_and_spaces_in_choices_are_read_with_a_word() -> None:
    text = (
        survey("select_one agree | a | A")
        + "| | | | bare en merknad |\n| | agree | ikke sikker | Usikker |\n"
    )
    asked = imported(text).questionnaire
    assert "ikke_sikker" in asked.code_lists["agree"].by_code
    assert [words for _, _, words in told(text)][:2] == [
        "Raden er en kommentar og er ikke lest.",
        "Koden «ikke sikker» har mellomrom. Den er lest som «ikke_sikker».",
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("begin loop over agree | l | L", "En løkke (loop) kan ikke brukes."),
        ("cascading_select town | t | T", "er en gammel skrivemåte"),
        ("include | other_form | O", "Kopier spørsmålene inn"),
    ],
)
def test_old_ways_are_refused_with_what_to_write(row: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        imported(survey("text | a | A", row, *(["end loop | | "] if "loop" in row else [])))
    (problem, *_) = refused.value.problems
    assert (problem.sheet, problem.row, problem.column) == ("survey", 4, "type")
    assert words in problem.message


def test_answers_from_an_earlier_form_count_as_empty() -> None:
    rows = ("text | a | Hei ${last-saved#a} | ${last-saved#a}", "text | b | B | concat(${last-saved#a}, 'x')")
    text = survey(*rows, columns="type | name | label | default")
    assert [row for _, row, _ in told(text)] == [3, 3, 4]
    asked = imported(text).questionnaire
    assert (asked.item("a").label["nb"], asked.item("b").default) == ("Hei", "concat('', 'x')")


def test_a_device_address_is_left_out() -> None:
    found = told(survey("text | a | A", "uri:deviceid | d | "))
    assert found == [("survey", 4, "«uri:deviceid» sier noe om den som svarer. Det samles ikke inn.")]
