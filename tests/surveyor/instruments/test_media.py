"""Pictures, sound and film in a form: taken from the archive, cleaned, kept once, and exported the same."""

from hashlib import sha256

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.answers import ShownItem, page_form_class
from surveyor.audit.spec import COMMAND_LINE
from surveyor.errors import InvalidInput
from surveyor.instruments.bounded import read_bounded
from surveyor.instruments.export import export_file
from surveyor.instruments.models import InstrumentFile
from surveyor.instruments.pace import page_label, paged
from surveyor.instruments.queries import media_of, questionnaire_of
from surveyor.instruments.services import import_instrument
from surveyor.instruments.xlsform import read_xlsform
from tests.media_files import FILES, FORM, archive, exif, jpeg, taken


def test_what_is_used_is_kept_clean_under_its_hash() -> None:
    found = taken(archive())
    assert found.notices == ()
    asked = found.questionnaire
    assert set(asked.files) == {"map.jpg", "map-large.jpg", "door.mp3", "a.jpg"}
    assert asked.item("look").media["alt"] == {"nb": "Kart over bygget"}
    assert asked.item("where").label == {"nb": "Hvor i bygget?"}, "the words for the picture ask"
    for digest, file in found.files.items():
        assert sha256(file.content).hexdigest() == digest
        assert b"GPS" not in file.content
        assert b"Kari" not in file.content


def test_the_bounded_reader_hands_the_files_over() -> None:
    assert read_bounded(archive(), filename="form.zip", code="form") == taken(archive())


@pytest.mark.parametrize("kind", ["md", "xlsx"])
def test_export_and_import_is_the_same(kind: str) -> None:
    found = taken(archive())
    media = {digest: file.content for digest, file in found.files.items()}
    name, content = export_file(found.questionnaire, kind=kind, media=media)
    again = read_xlsform(content, filename=name)
    assert again.questionnaire.hash == found.questionnaire.hash
    assert again.files == found.files


def test_another_picture_is_another_questionnaire() -> None:
    changed = {**FILES, "a.jpg": jpeg(exif(turn=6))}
    assert taken(archive(files=changed)).questionnaire.hash != taken(archive()).questionnaire.hash


def test_a_missing_file_is_named_in_its_row_and_not_shown() -> None:
    found = taken(archive(files={}))
    assert {(n.sheet, n.row) for n in found.notices} >= {("survey", 4), ("survey", 5), ("choices", 8)}
    assert found.questionnaire.files == {}
    assert found.questionnaire.item("look").media == {}


def test_a_picture_without_words_is_warned_of() -> None:
    found = taken(archive(FORM.replace("Kart over bygget", "")))
    assert [(n.row, "ikke ser det" in n.message) for n in found.notices] == [(4, True)]


@pytest.mark.parametrize(
    ("content", "words"), [(b"MZ\x90\x00 program", "ikke av typen"), (b"\xff\xd8\xff broken", "skadet")]
)
def test_what_is_no_picture_is_refused_at_its_row(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        taken(archive(files={**FILES, "map.jpg": content}))
    assert refused.value.problems[0].row == 4
    assert words in refused.value.problems[0].message


def test_files_are_kept_once_and_given_back(session: Session) -> None:
    for code in ("one", "two"):
        version = import_instrument(
            session, file=archive(), filename="form.zip", code=code, actor=COMMAND_LINE
        )
    found = taken(archive())
    stored = set(session.scalars(select(InstrumentFile.sha256)))
    assert stored == set(found.files)
    questionnaire = questionnaire_of(version)
    given = media_of(session, questionnaire=questionnaire)
    assert given == {digest: file.content for digest, file in found.files.items()}


def test_the_page_shows_them_in_words_too() -> None:
    asked = taken(archive()).questionnaire
    form = page_form_class(asked, "page1", "nb")()
    look, where = (node for node in form.nodes if isinstance(node, ShownItem))
    (picture,) = look.media
    assert picture.alt == "Kart over bygget"
    assert picture.sha256 == asked.files["map.jpg"]
    assert picture.large == asked.files["map-large.jpg"]
    assert where.field is not None
    assert [each.kind for each in where.field.media] == ["image", "audio"]
    assert [len(choice.media) for choice in where.field.iter_choices()] == [1, 0]


GROUPS = """
| survey | | | | | | | |
| | type | name | label | image | media::alt | appearance | relevant |
| | begin_group | chapter | Kapittel | a.jpg | Forside | | |
| | begin_group | place | Stedet | map.jpg | Kart | field-list | |
| | text | where | Hvor? | | | | |
| | begin_group | inner | Rommet | map.jpg | Plan | | ${where} != '' |
| | text | room | Hvilket rom? | | | | |
| | end_group | | | | | | |
| | end_group | | | | | | |
| | begin_group | view | Enig? | map.jpg | Skala | table-list | |
| | select_one c | r1 | Rad en | | | | |
| | select_one c | r2 | Rad to | | | | |
| | end_group | | | | | | |
| | end_group | | | | | | |
| | begin_repeat | child | Barn | a.jpg | Et barn | | |
| | text | first | Fornavn | | | | |
| | end_repeat | | | | | | |
| choices | | | |
| | list_name | name | label |
| | c | a | A |
| | c | b | B |
"""


def test_what_a_group_shows_stands_at_its_head() -> None:
    found = taken(archive(GROUPS))
    assert found.notices == ()
    asked = found.questionnaire
    nodes = {page.name: [node.name for node in page.nodes] for page in asked.pages}
    assert nodes == {
        "place": ["chapter_media", "place_media", "where", "inner", "inner_media", "room"],
        "view": ["view_media", "view_table"],
        "page1": ["child_media", "child"],
    }
    assert asked.item("inner_media").relevant == "${where} != ''"
    assert asked.item("chapter_media").media["alt"] == {"nb": "Forside"}
    form = page_form_class(asked, "view", "nb")()
    assert form.live is not None
    first, table = form.nodes
    assert isinstance(first, ShownItem)
    assert first.media[0].alt == "Skala"
    assert table.kind == "grid"
    assert page_label(asked.page("page1")) == {"nb": "Barn"}


@pytest.mark.parametrize("kind", ["xlsx", "md"])
def test_a_group_that_shows_something_comes_back_the_same(kind: str) -> None:
    found = taken(archive(GROUPS))
    media = {digest: file.content for digest, file in found.files.items()}
    name, content = export_file(found.questionnaire, kind=kind, media=media)
    again = read_xlsform(content, filename=name, code="form").questionnaire
    assert again.hash == found.questionnaire.hash


def test_a_name_already_taken_is_not_used_twice() -> None:
    form = GROUPS.replace("| where | Hvor? |", "| place_media | Hvor? |").replace(
        "${where}", "${place_media}"
    )
    assert "place_media2" in taken(archive(form)).questionnaire.by_name


def test_what_a_group_shows_is_shown_one_question_at_a_time_too() -> None:
    single = paged(taken(archive(GROUPS)).questionnaire, single=True)
    assert [node.name for node in single.page("view").nodes] == ["view_media", "r1"]
