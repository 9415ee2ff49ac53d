"""Reading files that are no workbooks, are damaged, or would fill the memory."""

import io
import random
import zipfile
from contextlib import suppress

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyxform.xls2json_backends import md_to_dict

from surveyor.errors import InvalidInput
from surveyor.instruments.queries import CATALOGUE
from surveyor.instruments.workbook import MAX_FILE, read_workbook
from surveyor.instruments.xlsform import read_xlsform


def workbook(cells: dict[str, object] | None = None) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("survey")
    for place, value in (
        cells or {"A1": "type", "B1": "name", "C1": "label", "A2": "text", "B2": "a", "C2": "A"}
    ).items():
        sheet.write(place, value)
    book.close()
    return buffer.getvalue()


def with_member(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO(workbook())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def test_a_sound_workbook_is_read() -> None:
    assert read_xlsform(workbook(), filename="a.xlsx").questionnaire.items[0].name == "a"


def test_numbers_truth_and_rows_are_as_the_author_sees_them() -> None:
    cells = {"A1": "type", "B1": "n", "A2": 3, "B2": 2.5, "A4": True, "B4": "  x\u00a0y "}
    rows = read_workbook(workbook(cells), "a.xlsx")["survey"].rows
    assert [(row.number, dict(row.cells)) for row in rows] == [
        (2, {"type": "3", "n": "2.5"}),
        (4, {"type": "yes", "n": "x y"}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"%PDF-1.7",
        b"PK\x03\x04 not a zip",
        workbook()[:-60],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        with_member("xl/media/zeros.bin", b"\0" * (20 << 20)),
        with_member("xl/worksheets/sheet9.xml", b'<c r="XFD1048576"/>'),
        with_member("xl/worksheets/sheet9.xml", b"<row r='99999999999'/>"),
        with_member("xl/worksheets/sheet9.xml", b'<x:c s="1" r="IV19999"/>'),
        b"x" * (MAX_FILE + 1),
    ],
    ids=[
        "empty",
        "text",
        "pdf",
        "no zip",
        "cut short",
        "old excel",
        "bomb",
        "far cell",
        "far row",
        "wide and long",
        "large",
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_workbook(content, "a.xlsx")


def test_many_members_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(201):
            archive.writestr(f"m{number}", b"")
    with pytest.raises(InvalidInput):
        read_workbook(buffer.getvalue(), "a.xlsx")


def test_a_heading_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="to ganger"):
        read_workbook(workbook({"A1": "type", "B1": "type", "A2": "text"}), "a.xlsx")


def test_markdown_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_workbook("| survey |\n| | type |\n| | blå |".encode("latin-1"), "a.md")


@settings(max_examples=150)
@example(185, 5)  # a member without a name
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_a_damaged_workbook_is_read_or_refused(seed: int, changes: int) -> None:
    chance = random.Random(seed)
    content = bytearray(workbook())
    for _ in range(changes):
        content[chance.randrange(len(content))] = chance.randrange(256)
    with suppress(InvalidInput):
        read_xlsform(bytes(content), filename="a.xlsx")


@settings(max_examples=150)
@given(st.text(st.sampled_from("| surveytypnamlbchoicse_gd${}()=1\n\\"), max_size=300))
def test_any_markdown_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        read_xlsform(text.encode(), filename="a.md")


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.md")), ids=lambda path: path.stem)
def test_markdown_cells_are_those_pyxform_reads(path: object) -> None:
    text = path.read_text("utf-8")  # type: ignore[attr-defined]
    ours = read_workbook(text.encode(), "a.md")
    theirs = md_to_dict(text)
    for name in ("survey", "choices", "settings"):
        assert [dict(row.cells) for row in ours[name].rows] == list(theirs[name])
