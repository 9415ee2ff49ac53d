"""Files as people save them come in the same; damaged and oversized ones are refused with words."""

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from surveyor.errors import InvalidInput
from surveyor.tabular import MAX_BYTES, read_table

COLUMNS = {"unit": ("enhet",), "name": ("navn",), "email": ("e-post",)}


def workbook(rows: list[list[object]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                sheet.write(i, j, cell)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "unit,name,email\nA,Åse Ødegård,a@x.no\n".encode(),
        "unit;name;email\r\nA;Åse Ødegård;a@x.no\r\n".encode("utf-8-sig"),
        "Enhet;Navn;E-post\nA;Åse Ødegård;a@x.no\n".encode("latin-1"),
        "Navn\tE-POST\tEnhet\nÅse Ødegård\ta@x.no\tA\n".encode("utf-16"),
        'sep=;\n"Navn";"epost";"ENHET"\n"Åse Ødegård";" a@x.no ";A\n'.encode(),
        workbook([["Enhet", "Navn", "E-post"], ["A", "Åse Ødegård", "a@x.no"]]),
    ],
)
def test_every_way_of_saving_reads_the_same(content: bytes) -> None:
    table = read_table(content, "folk.csv", columns=COLUMNS, required=("unit",))
    assert [dict(row.cells) for row in table.rows] == [
        {"unit": "A", "name": "Åse Ødegård", "email": "a@x.no"}
    ]


def test_row_numbers_are_those_of_the_spreadsheet() -> None:
    text = 'unit,name\n\nA,"two\nlines"\nB,b\n'
    assert [row.number for row in read_table(text.encode(), "a.csv", columns=COLUMNS).rows] == [3, 4]
    rows: list[list[object]] = [["unit", "name"], [], ["A", "x"], ["B", "b"]]
    assert [row.number for row in read_table(workbook(rows), "a.xlsx", columns=COLUMNS).rows] == [3, 4]


def test_numbers_and_dates_of_excel_become_plain_text() -> None:
    table = read_table(workbook([["unit", "name"], [1234, date(2026, 11, 21)]]), "a.xlsx", columns=COLUMNS)
    assert dict(table.rows[0].cells) == {"unit": "1234", "name": "2026-11-21"}


def test_short_rows_are_empty_and_unknown_headings_are_told() -> None:
    table = read_table(b"unit,hobby,name\nA\n", "a.csv", columns=COLUMNS)
    assert table.unknown == ("hobby",)
    assert table.rows[0]["name"] == ""


@pytest.mark.parametrize(
    ("content", "filename", "words"),
    [
        (b"", "a.csv", "tom"),
        (b"navn\nx\n", "a.csv", "unit"),
        (b"unit,enhet\nA,B\n", "a.csv", "to ganger"),
        (b'unit,name\nA,"x\n', "a.csv", "anf"),
        (b"unit\n\x00\x01", "a.csv", "verken"),
        (b"\xd0\xcf\x11\xe0rest", "a.xls", ".xlsx"),
        (b"PK\x03\x04rubbish", "a.xlsx", "skadet"),
        (b"not a zip", "a.xlsx", "skadet"),
        (b"unit" + b",x" * 300, "a.csv", "kolonner"),
        (b"u" * (MAX_BYTES + 1), "a.csv", "MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_words(content: bytes, filename: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_table(content, filename, columns=COLUMNS, required=("unit",))


def rezip(content: bytes, replace: dict[str, bytes], extra: dict[str, bytes] | None = None) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, replace.get(name, old.read(name)))
        for name, body in (extra or {}).items():
            new.writestr(name, body)
    return stream.getvalue()


def test_bombs_are_refused_before_they_are_parsed() -> None:
    good = workbook([["unit"], ["A"]])
    sheet = zipfile.ZipFile(io.BytesIO(good)).read("xl/worksheets/sheet1.xml")
    read_table(rezip(good, {}), "a.xlsx", columns=COLUMNS)  # control: repacking alone is harmless
    far = sheet.replace(b'r="A2"', b'r="XFD1048576"')
    assert far != sheet
    for bomb in (
        rezip(good, {"xl/worksheets/sheet1.xml": far}),
        rezip(good, {"xl/worksheets/sheet1.xml": sheet.replace(b'r="A2"', b'r="&#88;FD1048576"')}),
        rezip(good, {}, {"zeros.bin": bytes(60 << 20)}),
        rezip(good, {}, {f"m{i}": b"x" for i in range(201)}),
    ):
        with pytest.raises(InvalidInput, match="for mye"):
            read_table(bomb, "a.xlsx", columns=COLUMNS)


@given(st.binary(max_size=300))
def test_nothing_but_a_table_or_a_message_comes_out(content: bytes) -> None:
    try:
        table = read_table(content, "a.csv", columns=COLUMNS)
    except InvalidInput:
        return
    assert all(set(row.cells) <= set(COLUMNS) for row in table.rows)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 5000))
def test_damaged_workbooks_never_crash(noise: bytes, place: int) -> None:
    good = workbook([["unit", "name"], ["A", "x"]])
    place %= len(good)
    damaged = good[:place] + noise + good[place + len(noise) :]
    try:
        read_table(damaged, "a.xlsx", columns=COLUMNS)
    except InvalidInput:
        return
