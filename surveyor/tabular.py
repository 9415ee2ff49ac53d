"""Tabular files: CSV as people save it, and XLSX, become rows of text that know where they stand."""

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from surveyor.errors import N_, InvalidInput, Problem

MAX_BYTES = 16 << 20
MAX_ROWS = 100_000
MAX_COLUMNS = 256
MAX_CELLS = 2_000_000
MAX_CELL = 10_000
MAX_MEMBERS = 200
MAX_UNPACKED = 50 << 20
MAX_RATIO = 100

Source: TypeAlias = Path | bytes | BinaryIO
Lines: TypeAlias = Iterator[tuple[int, list[str]]]
Columns: TypeAlias = Mapping[str, Sequence[str]]  # our name -> other headings people use for it

_REFERENCE = re.compile(rb"""[\s:]r\s*=\s*["'](&|[A-Z]*)([0-9]*)""")
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError, EOFError,
    OSError, ValueError,
)  # fmt: skip
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its text by our column name."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    """What a file held: headings as written, headings nobody asked for, and the rows that are not empty."""

    headings: Mapping[str, str]
    unknown: tuple[str, ...]
    rows: tuple[Row, ...]
    sheet: str | None = None
    """The sheet of a workbook that was read."""

    def __contains__(self, column: object) -> bool:
        return column in self.headings

    def problem(self, row: Row, column: str, message: str, **params: object) -> Problem:
        """A problem in a cell, named as the user's file names it."""
        heading = self.headings.get(column, column)
        return Problem(message, params, sheet=self.sheet, row=row.number, column=heading)


def read_table(file: Source, filename: str, *, columns: Columns, required: Sequence[str] = ()) -> Table:
    """The rows of a CSV or XLSX file, headings in any order; raises InvalidInput with every problem."""
    content = read_bytes(file)
    if content.startswith(OLD_EXCEL):
        raise InvalidInput(N_("Dette er en gammel Excel-fil (.xls). Lagre den som .xlsx eller .csv."))
    if content.startswith(b"PK") or filename.lower().endswith(".xlsx"):
        sheet, lines = _xlsx_lines(content)
    else:
        sheet, lines = None, _csv_lines(decode(content))
    filled = ((number, cells) for number, cells in lines if any(cells))
    heading_row, headings = next(filled, (1, ()))
    if not headings:
        raise InvalidInput(N_("Filen er tom."))
    by_place, unknown = _match_headings(headings, (sheet, heading_row), columns, required)
    found = {name: headings[place] for place, name in by_place.items()}
    return Table(found, unknown, tuple(_row(number, cells, by_place) for number, cells in filled), sheet)


def read_bytes(file: Source, *, limit: int = MAX_BYTES) -> bytes:
    """The content of a path, a stream or bytes; raises InvalidInput when it is larger than the limit."""
    if isinstance(file, Path):
        with file.open("rb") as stream:
            content = stream.read(limit + 1)
    else:
        content = file if isinstance(file, bytes) else file.read(limit + 1)
    if len(content) > limit:
        raise InvalidInput(N_("Filen er større enn %(limit)s MB."), limit=limit >> 20)
    return content


def decode(content: bytes) -> str:
    """Text in UTF-8 (with or without BOM), UTF-16 with BOM, or Windows' western letters."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def find_delimiter(text: str) -> str:
    """The sign between cells in the first line that is not empty: semicolon, comma or tab."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", first)
    return max(";,\t", key=outside.count)


def _csv_lines(text: str) -> Lines:
    if "\0" in text:
        raise InvalidInput(N_("Filen er verken CSV eller XLSX."))
    start, body = (2, text.partition("\n")[2]) if text.startswith("sep=") else (1, text)
    delimiter = text[4] if text.startswith("sep=") and text[4:5].strip() else find_delimiter(body)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    number = start - 1
    try:
        for number, cells in enumerate(reader, start):
            _check_size(number, len(cells))
            yield number, [_text(cell) for cell in cells]
    except csv.Error as error:
        raise InvalidInput(csv_problem(error, row=number + 1)) from error


def csv_problem(error: csv.Error, *, row: int) -> Problem:
    """What stopped the reading of a CSV file."""
    if "field limit" in str(error):
        return Problem(N_("En celle har mer enn %(limit)s tegn."), {"limit": csv.field_size_limit()}, row=row)
    return Problem(N_("Et anførselstegn mangler eller står feil."), row=row)


def _xlsx_lines(content: bytes) -> tuple[str | None, Lines]:
    """The first visible sheet that holds anything, by its name, and its rows."""
    guard_archive(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        grids = ((name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names)
        sheet, grid = next(((name, grid) for name, grid in grids if grid), (None, []))
    except (CalamineError, ValueError, OSError, KeyError) as error:
        raise InvalidInput(N_("Excel-filen er skadet og kan ikke leses.")) from error
    return sheet, _grid_lines(grid, sheet)


def _grid_lines(grid: Sequence[Sequence[object]], sheet: str | None) -> Lines:
    for number, cells in enumerate(grid, 1):
        _check_size(number, len(cells), sheet)
        yield number, [_text(cell) for cell in cells]


def _check_size(number: int, n_cells: int, sheet: str | None = None) -> None:
    if number > MAX_ROWS + 1:
        raise InvalidInput(N_("Filen har mer enn %(limit)s rader."), limit=MAX_ROWS)
    if n_cells > MAX_COLUMNS:
        message = N_("Raden har mer enn %(limit)s kolonner.")
        raise InvalidInput(Problem(message, {"limit": MAX_COLUMNS}, sheet=sheet, row=number))


def guard_archive(content: bytes, *, max_cells: int = MAX_CELLS) -> None:
    """Refuse archives that are damaged or would grow out of hand, before anything parses them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if not all(member.filename for member in members):
                raise zipfile.BadZipFile("a member without a name")
            size = sum(member.file_size for member in members)
            too_large = len(members) > MAX_MEMBERS or size > MAX_UNPACKED or size > MAX_RATIO * len(content)
            if too_large or any(
                _spreads(archive.read(member), max_cells) for member in members if not member.is_dir()
            ):
                raise InvalidInput(N_("Excel-filen pakker ut til for mye eller har for mange celler."))
    except _DAMAGED as error:
        raise InvalidInput(N_("Excel-filen er skadet og kan ikke leses.")) from error


def _spreads(member: bytes, max_cells: int) -> bool:
    """True if a sheet names a cell so far out that the empty cells before it would fill the memory."""
    if member.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")):
        return True  # XML in UTF-16: no spreadsheet writes it, and references in it cannot be seen here
    n_rows = n_columns = 1
    for letters, digits in _REFERENCE.findall(member):
        if letters == b"&" or len(digits) > 7 or len(letters) > 3:
            return True
        n_rows, n_columns = max(n_rows, int(digits or 0)), max(n_columns, _column_number(letters))
    return n_rows > MAX_ROWS + 1 or n_columns > MAX_COLUMNS or n_rows * n_columns > max_cells


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return str(cell).replace("\N{NO-BREAK SPACE}", " ").strip()[:MAX_CELL]


def _match_headings(
    headings: Sequence[str], at: tuple[str | None, int], columns: Columns, required: Sequence[str]
) -> tuple[dict[int, str], tuple[str, ...]]:
    known = {_plain(alias): name for name, aliases in columns.items() for alias in (name, *aliases)}
    by_place: dict[int, str] = {}
    unknown: list[str] = []
    problems: list[Problem] = []
    sheet, row = at
    for place, heading in enumerate(headings):
        name = known.get(_plain(heading))
        if name in by_place.values():
            message = N_("Kolonnen «%(column)s» står to ganger.")
            problems.append(Problem(message, {"column": name}, sheet=sheet, row=row, column=heading))
        elif name:
            by_place[place] = name
        elif heading:
            unknown.append(heading)
    missing = [name for name in required if name not in by_place.values()]
    problems += [_missing(name, columns[name], at) for name in missing]
    if problems:
        raise InvalidInput(*problems)
    return by_place, tuple(unknown)


def _missing(name: str, aliases: Sequence[str], at: tuple[str | None, int]) -> Problem:
    """Say the Norwegian name too: it is the one on the page."""
    sheet, row = at
    if not aliases:
        return Problem(N_("Kolonnen «%(column)s» mangler."), {"column": name}, sheet=sheet, row=row)
    message = N_("Kolonnen «%(column)s» (eller «%(other)s») mangler.")
    return Problem(message, {"column": aliases[0], "other": name}, sheet=sheet, row=row)


def _plain(heading: str) -> str:
    return re.sub(r"[\s_\-–.]+", "", heading).casefold()


def _row(number: int, cells: Sequence[str], by_place: Mapping[int, str]) -> Row:
    filled = {name: cells[place] for place, name in by_place.items() if place < len(cells)}
    return Row(number, filled)
