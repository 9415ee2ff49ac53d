"""Importing XLSForm: what is understood, what is left out with a notice, what is refused with its place."""

import io

import pytest
import xlsxwriter

from surveyor.errors import InvalidInput, Problem
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Grid, Scale
from surveyor.instruments.xlsform import read_xlsform
from tests.surveyor.instruments.forms import TRIAL, imported, survey, trial


def problems_of(markdown: str) -> list[Problem]:
    with pytest.raises(InvalidInput) as caught:
        imported(markdown)
    return list(caught.value.problems)


def workbook_of(markdown: str) -> bytes:
    """The same sheets as a real .xlsx, whole numbers as numbers."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = None
    row = 0
    for line in markdown.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| ") and cells[0]:
            sheet, row = book.add_worksheet(cells[0]), 0
        elif sheet is not None and len(cells) > 1:
            for column, cell in enumerate(cells[1:]):
                sheet.write(row, column, int(cell) if cell.isdigit() else cell)
            row += 1
    book.close()
    return buffer.getvalue()


def test_markdown_and_workbook_are_the_same_questionnaire() -> None:
    from_workbook = read_xlsform(workbook_of(TRIAL), filename="trial.xlsx").questionnaire
    assert from_workbook == trial()
    assert from_workbook.hash == trial().hash


def test_groups_become_pages_and_table_lists_grids() -> None:
    questionnaire = trial()
    assert [page.name for page in questionnaire.pages] == ["work", "details", "veterans", "last"]
    grid = questionnaire.pages[0].nodes[0]
    assert isinstance(grid, Grid)
    assert [item.name for item in grid.items] == ["w1", "w2"]
    assert questionnaire.item("w1").page == "work"
    assert questionnaire.pages[1].relevant == "${w1} = 3"


def test_our_columns() -> None:
    questionnaire = trial()
    assert questionnaire.scales == (Scale("wellbeing", {"nb": "Trivsel", "en": "Well-being"}, ("w1", "w2")),)
    assert questionnaire.item("w2").reverse
    assert questionnaire.item("favourite").role is ItemRole.BACKGROUND
    assert questionnaire.item("w1").required == "true()"
    assert questionnaire.code_lists["agree"].by_code["9"].missing
    assert questionnaire.code_lists["agree"].by_code["9"].score is None
    assert questionnaire.code_lists["status"].by_code["yes"].score == 2
    assert questionnaire.title == {"nb": "Prøve", "en": "Trial"}
    assert questionnaire.languages == ("nb", "en")


def test_the_author_may_say_what_the_others_are_held_against() -> None:
    """The setting `outcome` names an index or a question; an unknown name is refused at its place."""

    def with_outcome(name: str) -> str:
        head, line, rest = TRIAL.partition("| settings |")
        heading, first, *others = rest.strip("\n").split("\n")
        return "\n".join([head + line, f"{heading} outcome |", f"{first} {name} |", *others, ""])

    for name in ("wellbeing", "w1"):
        assert imported(with_outcome(name)).questionnaire.settings["outcome"] == name
    found = [problem for problem in problems_of(with_outcome("happiness")) if "happiness" in str(problem)]
    assert [(p.sheet, p.column) for p in found] == [("settings", "outcome")]


def test_plain_labels_and_loose_questions() -> None:
    questionnaire = imported(
        survey(
            "text | a | Først",
            "begin group | g | Gruppe",
            "select_one colour | b | Farge",
            "end group | |",
            "note | c | Til slutt",
            "select one agree | d | Enig?",
        )
    ).questionnaire
    assert [(page.name, [item.name for item in page.items]) for page in questionnaire.pages] == [
        ("page1", ["a"]),
        ("g", ["b"]),
        ("page2", ["c", "d"]),
    ]
    assert questionnaire.item("a").label == {"nb": "Først"}
    assert questionnaire.item("c").type is ItemType.NOTE


def test_a_group_around_field_lists_is_a_section_of_pages() -> None:
    questionnaire = imported(
        survey(
            "begin_group | outer | Del 1 | | ${x} = 1",
            "integer | y | Y | |",
            "begin_group | p1 | Side | field-list | ${x} > 0",
            "text | a | A | |",
            "end_group | | | |",
            "end_group | | | |",
            "integer | x | X | |",
            columns="type | name | label | appearance | relevant",
        )
    ).questionnaire
    assert [page.name for page in questionnaire.pages] == ["page1", "p1", "page2"]
    assert questionnaire.page("p1").section == {"nb": "Del 1"}
    assert questionnaire.page("p1").relevant == "(${x} = 1) and (${x} > 0)"


def test_an_inner_groups_condition_falls_on_its_questions() -> None:
    questionnaire = imported(
        survey(
            "begin_group | outer | Side |",
            "integer | x | X |",
            "begin_group | inner | Mer | ${x} > 1",
            "text | a | A | ${x} < 9",
            "end_group | | |",
            "end_group | | |",
            columns="type | name | label | relevant",
        )
    ).questionnaire
    assert questionnaire.item("a").relevant == "(${x} > 1) and (${x} < 9)"
    assert questionnaire.item("inner").type is ItemType.NOTE
    assert questionnaire.item("inner").appearance == "heading"


def test_a_grid_of_unlike_questions_is_taken_apart_with_a_notice() -> None:
    found = imported(
        survey(
            "begin_group | g | Tabell | table-list",
            "select_one agree | a | A |",
            "select_one colour | b | B |",
            "end_group | | |",
            columns="type | name | label | appearance",
        )
    )
    assert not any(isinstance(node, Grid) for page in found.questionnaire.pages for node in page.nodes)
    assert [(n.row, n.column) for n in found.notices if n.row] == [(3, "appearance")]


def test_what_is_left_out_is_named_row_by_row() -> None:
    found = imported(
        survey(
            "start | start | | | |",
            "geotrace | path | Vei | | |",
            "select_one agree and more | a | A | | | tegning.png",
            "barcode | b | B | | |",
            "note | c | Hei ${b} | 1 + 1 | |",
            "text | d | ${start} | | |",
            columns="type | name | label | calculation | accuracy | media::image",
        )
    )
    assert [item.name for item in found.questionnaire.items] == ["a", "b", "d"]
    assert [(n.row, n.column) for n in found.notices if n.sheet == "survey"] == [
        (2, "accuracy"),
        (3, "type"),
        (4, "type"),
        (5, "type"),
        (5, "media::image"),
        (6, "type"),
        (7, "calculation"),
    ]


def test_missing_translations_are_counted() -> None:
    found = imported(TRIAL.replace("| Jeg trives. | I like it. |", "| Jeg trives. | |"))
    assert [str(n) for n in found.notices] == ["1 tekster mangler på språket «en». Teksten på «nb» vises."]


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "words"),
    [
        ("${plan} = 'no'", "${plann} = 'no'", 9, "relevant", "plann"),
        ("${plan} = 'no'", "${plan} = ", 9, "relevant", "slutter"),
        ("${plan} = 'no'", "${plan} = 'maybe'", 9, "relevant", "maybe"),
        ("${w1} = 3", "${w1} > 'x'", 11, "relevant", "regnes"),
        ("${years} * 12", "${colours} * 12", 16, "calculation", "regnes"),
        ("${years} * 12", "${years} * 12 + ${months}", 16, "calculation", "ring"),
        (". >= 0 and . <= 60", "regex(., '[')", 12, "constraint", "Mønsteret"),
        (". >= 0 and . <= 60", "sqroot(.)", 12, "constraint", "sqroot"),
        ("| text | words |", "| text | w1 |", 23, "name", "brukt før"),
        ("| text | words |", "| text | two words |", 23, "name", "two words"),
        ("| text | words |", "| text | |", 23, "name", "mangler navn"),
        ("| text | words |", "| prose | words |", 23, "type", "prose"),
        ("| open | |", "| secret | |", 23, "role", "secret"),
        ("| select_one status |", "| select_one nothing |", 8, "type", "nothing"),
        ("| select_one status |", "| select_one |", 8, "type", "svarlisten"),
        ("| wellbeing | yes |", "| wellbeing | perhaps |", 6, "reverse", "perhaps"),
        ("| Noe mer? | Anything else? |", "| | |", 23, "label::Norsk bokmål (nb)", "mangler tekst"),
    ],
)
def test_a_mistake_is_refused_at_its_place(old: str, new: str, row: int, column: str, words: str) -> None:
    assert TRIAL.count(old) == 1, "the change must hit one row"
    found = [p for p in problems_of(TRIAL.replace(old, new)) if words in str(p)]
    assert [(p.sheet, p.row, p.column) for p in found[:1]] == [("survey", row, column)]


def test_every_mistake_is_listed_at_once_in_the_order_of_the_file() -> None:
    found = problems_of(
        survey(
            "text | a | A | ${nobody} = 1",
            "text | a | B | ${c} = 1",
            "text | c | C | ${d} = 1",
            "text | d | D | ${c} = 1",
            "select_one none | e | E | (",
            columns="type | name | label | relevant",
        )
    )
    assert [p.row for p in found] == [3, 4, 5, 7, 7]
    assert "c → d → c" in str(found[2]) or "d → c → d" in str(found[2])


@pytest.mark.parametrize(
    ("choices", "row", "column"),
    [
        ("| | agree | 1 | En | | |\n| | agree | 1 | To | | |", 4, "name"),
        ("| | agree | | En | | |", 3, "name"),
        ("| | | 1 | En | | |", 3, "list_name"),
        ("| | agree | a | En | | mange |", 3, "score"),
        ("| | agree | a | En | | 1 |\n| | agree | b | To | | |", 4, "score"),
        ("| | agree | 1 | En | kanskje | |", 3, "missing"),
    ],
)
def test_mistakes_in_choices(choices: str, row: int, column: str) -> None:
    head = "| choices |\n| | list_name | name | label | missing | score |\n"
    text = head + choices + "\n| survey |\n| | type | name | label |\n| | text | t | T |\n"
    assert [(p.sheet, p.row, p.column) for p in problems_of(text)] == [("choices", row, column)]


def test_a_list_with_a_code_that_is_no_number_is_nominal() -> None:
    codes = "| choices |\n| | list_name | name | label | missing |\n| | l | 1 | En | |\n| | l | b | To | |\n"
    text = codes + "| survey |\n| | type | name | label |\n| | select_one l | a | A |\n"
    assert not imported(text).questionnaire.code_lists["l"].scored


def test_unbalanced_groups() -> None:
    assert [p.row for p in problems_of(survey("begin_group | g | G", "text | a | A"))] == [3]
    assert [p.row for p in problems_of(survey("text | a | A", "end_group | |"))] == [4]


@pytest.mark.parametrize(
    "text",
    ["| choices |\n| | list_name | name |\n| | l | 1 |\n", "| survey |\n| | type |\n| | text |\n", "hei"],
)
def test_files_without_questions(text: str) -> None:
    assert problems_of(text)


def test_a_code_must_be_a_name() -> None:
    with pytest.raises(InvalidInput):
        imported(TRIAL, code="../../etc")
    assert imported(survey("text | a | A"), code="my-form").questionnaire.code == "my-form"
    assert imported(survey("text | a | A"), code="2026").questionnaire.code == "2026"


@pytest.mark.parametrize(
    ("filename", "code"),
    [
        ("trial.md", "trial"),
        ("Vår måling (2).md", "Var-maling-2"),
        ("%%.md", "skjema"),
        ("x" * 90 + ".md", "x" * 64),
    ],
)
def test_without_a_code_the_files_name_makes_one(filename: str, code: str) -> None:
    content = survey("text | a | A").encode()
    assert read_xlsform(content, filename=filename).questionnaire.code == code
