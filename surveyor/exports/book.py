"""The Excel file under way: its looks, its sheets, and tables written from the top down."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any, TypeAlias

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from surveyor.errors import N_
from surveyor.exports.cover import Line
from surveyor.exports.spec import ResultsFile
from surveyor.releases.figures import Key
from surveyor.releases.spec import Figure

Value: TypeAlias = str | int | float | None
COVER_LINE, LINE_HEIGHT, TITLE_HEIGHT = 95, 15, 26
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FORMATS: Mapping[str, dict[str, Any]] = {
    "text": {"valign": "top"},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3ECF5", "bottom": 1},
    "title": {"bold": True, "font_size": 16},
    "warning": {"bold": True, "font_color": "#8A1C1C", "text_wrap": True, "valign": "top"},
    "label": {"bold": True, "valign": "top"},
    "count": {"num_format": "0"},
    "one": {"num_format": "0.0"},
    "two": {"num_format": "0.00"},
    "signed": {"num_format": "+0.0;-0.0;0.0"},
    "share": {"num_format": "0 %"},
    "date": {"num_format": "dd.mm.yyyy", "align": "left", "valign": "top"},
}
HEAD_HEIGHT = 48
Columns: TypeAlias = Sequence[tuple[str, int, str]]


@contextmanager
def new_book(file: ResultsFile, out: IO[bytes]) -> Iterator["Book"]:
    """A workbook that is written when the block ends; the same release gives the same bytes."""
    with xlsxwriter.Workbook(out, OPTIONS) as written:
        created = dt.datetime.combine(file.wave.frozen_on, dt.time())
        written.set_properties({"title": file.title, "author": file.municipality, "created": created})
        yield Book(file, written)


@dataclass
class Table:
    """A sheet with a header row, written from the top down."""

    sheet: Worksheet
    formats: Mapping[str, Format]
    columns: Columns
    row: int = 0

    def add(self, values: Sequence[Value]) -> None:
        """The next row; empty cells for None."""
        self.row += 1
        for column, (value, (_, _, name)) in enumerate(zip(values, self.columns, strict=True)):
            if isinstance(value, str):
                self.sheet.write_string(self.row, column, value, self.formats["text"])
            elif value is not None:
                self.sheet.write_number(self.row, column, value, self.formats[name])

    def end(self) -> None:
        """Give every column a filter, when all rows are there."""
        self.sheet.autofilter(0, 0, max(self.row, 1), len(self.columns) - 1)


@dataclass
class Book:
    """The workbook under way."""

    file: ResultsFile
    book: xlsxwriter.Workbook
    charted: dict[str, dict[Key, Figure]] = field(default_factory=dict)

    @cached_property
    def formats(self) -> Mapping[str, Format]:
        return {name: self.book.add_format(look) for name, look in FORMATS.items()}

    def say(self, message: str) -> str:
        return self.file.say(message)

    def sheet(self, name: str) -> Worksheet:
        """A new sheet that prints on landscape pages one page wide."""
        sheet: Worksheet = self.book.add_worksheet(self.say(name))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def table(self, name: str, columns: Columns) -> Table:
        """A new sheet with a header that stays when the rest is scrolled or printed."""
        sheet = self.sheet(name)
        sheet.set_row(0, HEAD_HEIGHT)
        for column, (title, width, _) in enumerate(columns):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, self.say(title), self.formats["head"])
        sheet.freeze_panes(1, 2)
        sheet.repeat_rows(0)
        return Table(sheet, self.formats, columns)


def cover_sheet(book: Book, lines: Iterable[Line]) -> None:
    """The first sheet: what the file is, and how it is read."""
    sheet = book.sheet(N_("Om tallene"))
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 100)
    for row, (label, value, look) in enumerate(lines):
        n_lines = 1 + len(str(value)) // COVER_LINE
        sheet.set_row(row, TITLE_HEIGHT if look == "title" else LINE_HEIGHT * n_lines + 4)
        sheet.write_string(row, 0, label, book.formats["title" if look == "title" else "label"])
        if isinstance(value, dt.date):
            sheet.write_datetime(row, 1, dt.datetime.combine(value, dt.time()), book.formats["date"])
        elif value:
            sheet.write_string(row, 1, value, book.formats["warning" if look == "warning" else "wrapped"])
