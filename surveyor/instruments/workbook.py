"""Reads a workbook, an XLSForm markdown file or an archive of one and its tables: sheets of text cells."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath

from python_calamine import CalamineError, CalamineWorkbook

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.tabular import OLD_EXCEL, decode, find_delimiter, guard_archive

MAX_FILE = 10 << 20
MAX_ROWS = 20_000
MAX_COLUMNS = 256
MAX_CELLS = 1_000_000
SHEETS = frozenset({"survey", "choices", "external_choices", "settings", "scales"})
FORMS = frozenset({".xlsx", ".xlsm", ".xls", ".md", ".markdown"})
_RULE = re.compile(r"[\s|:\-]*-[\s|:\-]*")
_CELLS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Row:
    """One row of a sheet: where it stands and its cells that are not empty, by column heading."""

    sheet: str
    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """The cell under a heading; empty when there is none."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its headings in order, the row they stand in, and the rows that are not empty."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    heading_row: int = 1
    file: str = ""
    """The name of the CSV file it came from, if any."""


def read_workbook(content: bytes, filename: str) -> Mapping[str, Sheet]:
    """The sheets by lower-case name; raises InvalidInput for what is no workbook, too large or a bomb."""
    if len(content) > MAX_FILE:
        raise InvalidInput(N_("Filen er større enn %(limit)s MB."), limit=MAX_FILE >> 20)
    if content[:2] == b"PK":
        return _read_package(content) if is_package(content) else _read_book(content)
    if content.startswith(OLD_EXCEL):
        return _read_book(content)
    if PurePath(filename).suffix.lower() in (".md", ".markdown"):
        return _read_markdown(content)
    raise InvalidInput(N_("Filen er ikke en arbeidsbok. Last opp en .xlsx-, .xls- eller .md-fil."))


def is_package(content: bytes) -> bool:
    """True for a plain archive of a form and its tables, not a workbook."""
    guard_archive(content, max_cells=MAX_CELLS)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return not any(name.startswith("xl/") for name in archive.namelist())


def _read_package(content: bytes) -> Mapping[str, Sheet]:
    """The sheets of the one form in an archive, and its CSV files as sheets by file name; media are left."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {PurePath(m.filename): archive.read(m) for m in archive.infolist() if not m.is_dir()}
    forms = [path for path in members if path.suffix.lower() in FORMS]
    if len(forms) != 1:
        raise InvalidInput(
            N_("Arkivet må ha ett skjema (.xlsx, .xls eller .md), og ellers CSV-filer, bilder, lyd og film.")
        )
    sheets = dict(read_workbook(members[forms[0]], forms[0].name))
    for path, written in members.items():
        if path.suffix.lower() == ".csv":
            sheets[path.name] = _read_csv(path, written)
    return sheets


def _read_csv(path: PurePath, content: bytes) -> Sheet:
    text = decode(content)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text)))
    except csv.Error as error:
        raise InvalidInput(N_("Filen «%(name)s» er ikke en CSV-fil."), name=path.name) from error
    if len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows):
        raise InvalidInput(N_("Filen «%(name)s» har for mange rader eller kolonner."), name=path.name)
    trimmed = ((number, [cell.strip() for cell in row]) for number, row in enumerate(rows, 1))
    sheet = _sheet(path.stem, iter(trimmed))
    return replace(sheet, file=path.name)


def _read_book(content: bytes) -> Mapping[str, Sheet]:
    if not content.startswith(OLD_EXCEL):
        guard_archive(content, max_cells=MAX_CELLS)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        grids = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
            if name.strip().lower() in SHEETS
        ]
    except (CalamineError, ValueError, OSError, KeyError, IndexError) as error:
        raise InvalidInput(N_("Arbeidsboken er skadet og kan ikke leses.")) from error
    if any(len(grid) > MAX_ROWS for _, grid in grids):
        raise InvalidInput(N_("Filen har mer enn %(limit)s rader."), limit=MAX_ROWS)
    sheets = (
        _sheet(name, ((i, [_text(c) for c in row]) for i, row in enumerate(grid, 1))) for name, grid in grids
    )
    return {sheet.name: sheet for sheet in sheets}


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return str(cell).replace("\u00a0", " ").strip()


def _read_markdown(content: bytes) -> Mapping[str, Sheet]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InvalidInput(N_("Filen er ikke skrevet med tegnsettet UTF-8.")) from error
    tables: dict[str, list[tuple[int, list[str]]]] = {}
    rows: list[tuple[int, list[str]]] | None = None
    for number, line in enumerate(lines, 1):
        cells = _markdown_cells(line)
        if cells and cells[0]:
            rows = tables.setdefault(cells[0], [])
        elif cells and rows is not None and len(rows) < MAX_ROWS:
            rows.append((number, cells[1 : MAX_COLUMNS + 1]))
    if not tables:
        raise InvalidInput(N_("Filen har ingen tabeller. Hvert ark begynner med en rad som «| survey |»."))
    sheets = (_sheet(name, iter(found)) for name, found in tables.items())
    return {sheet.name: sheet for sheet in sheets}


def _markdown_cells(line: str) -> list[str]:
    line = line.strip()
    if not line.startswith("|") or _RULE.fullmatch(line):
        return []
    cells = _CELLS.split(line)[1:]
    if cells and not cells[-1].strip():
        cells.pop()
    return [cell.replace("\\|", "|").replace("\u00a0", " ").strip().replace("&#10;", "\n") for cell in cells]


def _sheet(name: str, rows: Iterator[tuple[int, Sequence[str]]]) -> Sheet:
    key = name.strip().lower()
    filled = ((number, cells) for number, cells in rows if any(cells))
    heading_row, headings = next(filled, (1, ()))
    _check_headings(key, heading_row, headings)
    found = tuple(
        Row(key, number, {h: c for h, c in zip(headings, cells, strict=False) if h and c})
        for number, cells in filled
    )
    return Sheet(key, tuple(heading for heading in headings if heading), found, heading_row)


def _check_headings(sheet: str, row: int, headings: Sequence[str]) -> None:
    named = [heading for heading in headings if heading]
    double = [heading for i, heading in enumerate(named) if heading in named[:i]]
    if double:
        message = N_("Kolonnen «%(name)s» står to ganger.")
        raise InvalidInput(*(Problem(message, {"name": name}, sheet, row, name) for name in double))
