"""Out and in again: the export of any questionnaire reads in as the very same one."""

import pytest

from surveyor.instruments.export import export_file
from surveyor.instruments.queries import catalogue
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.xlsform import read_xlsform
from tests.surveyor.instruments.forms import form_with_table, imported, survey, trial, whole

KINDS = pytest.mark.parametrize("kind", ["md", "xlsx"])


def again(questionnaire: Questionnaire, kind: str) -> Questionnaire:
    name, content = export_file(questionnaire, kind=kind)
    return read_xlsform(content, filename=name).questionnaire


@KINDS
@pytest.mark.parametrize("questionnaire", [*catalogue(), trial(), whole()], ids=lambda q: q.code)
def test_the_same_hash_comes_back(questionnaire: Questionnaire, kind: str) -> None:
    assert again(questionnaire, kind).hash == questionnaire.hash


@KINDS
def test_awkward_cells_come_back(kind: str) -> None:
    rows = (
        "start | start | | |",
        "begin_group | outer | Del 1 | | ",
        "begin_group | inner | Side | field-list | ${start} = ''",
        "text | a | =1+1 \\| «x» | multiline | ",
        "note | b | linje&#10;linje til | | ${a} != '\\|'",
        "end_group | | | |",
        "begin_group | grid | Tabell | table-list | ",
        "select_one agree | c | C | | ",
        "select_one agree or_other | d | D | | ",
        "end_group | | | |",
        "end_group | | | |",
        "select_one agree | e | E | label | ",
    )
    asked = imported(survey(*rows, columns="type | name | label | appearance | relevant")).questionnaire
    assert asked.item("b").label == {"nb": "linje\nlinje til"}
    assert asked.settings == {"left_out": "start"}
    assert again(asked, kind).hash == asked.hash


@KINDS
def test_attached_tables_come_along(kind: str) -> None:
    csv = "name;label;county;people\noslo;Oslo, byen;o;700\nbergen;Bergen;v;290\n"
    asked = read_xlsform(form_with_table(csv), filename="form.zip", code="towns").questionnaire
    assert export_file(asked, kind=kind)[0] == "towns.zip"
    assert again(asked, kind).hash == asked.hash


def test_a_changed_word_is_another_hash() -> None:
    _, content = export_file(trial(), kind="md")
    changed = read_xlsform(content.replace(b"Jeg trives.", b"Jeg er her."), filename="trial.md")
    assert changed.questionnaire.hash != trial().hash
