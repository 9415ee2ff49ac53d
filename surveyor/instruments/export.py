"""Writes a questionnaire as an XLSForm that reads in as the very same questionnaire."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from surveyor.instruments.columns import MEDIA_KINDS
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import CodeList, Grid, Item, Node, Page, Questionnaire, Repeat, Text

Cells: TypeAlias = dict[str, str]
Sheets: TypeAlias = Mapping[str, Sequence[Sequence[str]]]
_TEXTS = ("label", "hint", "guidance_hint", "required_message", "constraint_message")
_COLUMNS = (
    "required", "relevant", "constraint", "calculation", "default", "read_only", "appearance",
    "choice_filter", "trigger", "parameters", "repeat_count", "scale", "reverse", "role", "bins",
)  # fmt: skip
_MEDIA = tuple(f"media::{kind}" for kind in MEDIA_KINDS)
_EARLY_DATE = (1980, 1, 1, 0, 0, 0)


def export_file(
    questionnaire: Questionnaire, *, kind: str, media: Mapping[str, bytes] = MappingProxyType({})
) -> tuple[str, bytes]:
    """File name and content, kind xlsx or md; a zip archive when there are attached tables or media.

    `media`: the content of the questionnaire's files by their SHA-256.
    """
    sheets = sheets_of(questionnaire)
    content = _markdown(sheets).encode() if kind == "md" else _workbook(sheets)
    name = f"{questionnaire.code}.{kind}"
    tables = [entry for entry in questionnaire.code_lists.values() if entry.source]
    shown = {file: media[digest] for file, digest in questionnaire.files.items() if digest in media}
    if not (tables or shown):
        return name, content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {name: content, **{entry.source: _table(entry) for entry in tables}, **shown}
        for member, written in files.items():
            archive.writestr(zipfile.ZipInfo(member, _EARLY_DATE), written)
    return f"{questionnaire.code}.zip", buffer.getvalue()


def sheets_of(questionnaire: Questionnaire) -> Sheets:
    """The sheets by name, each with its headings first."""
    writer = _Writer(questionnaire)
    sheets = {
        "survey": writer.table(["type", "name"], (*_TEXTS, *_MEDIA), list(_COLUMNS), list(writer.survey())),
        "choices": writer.choices(),
        "scales": writer.table(["name"], ("label",), [], list(writer.scales())),
        "settings": writer.settings(),
    }
    return {name: rows for name, rows in sheets.items() if len(rows) > 1}


class _Writer:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self._asked = questionnaire
        self._taken = {item.name for item in questionnaire.all_items} | set(questionnaire.pages_by_name)

    def words(self, column: str, text: Text) -> Cells:
        return {self.heading(column, language): words for language, words in text.items()}

    def media(self, media: Mapping[str, Text]) -> Cells:
        return {
            heading: cell
            for kind, text in media.items()
            for heading, cell in self.words(f"media::{kind}", text).items()
        }

    def heading(self, column: str, language: str) -> str:
        return f"{column}::{language} ({language})"

    def table(
        self, first: Sequence[str], texts: Sequence[str], last: Sequence[str], rows: Sequence[Cells]
    ) -> Sequence[Sequence[str]]:
        """Rows under the headings that any row fills; labels stand in every language."""
        named = [self.heading(text, language) for text in texts for language in self._asked.languages]
        filled = {heading for row in rows for heading, cell in row.items() if cell}
        always = {*first, *(self.heading("label", language) for language in self._asked.languages)}
        headings = [h for h in (*first, *named, *last) if h in filled or h in always]
        return [headings, *([row.get(heading, "") for heading in headings] for row in rows)]

    def survey(self) -> Iterator[Cells]:
        section: Text = {}
        for page in self._asked.pages:
            if page.section != section:
                if section:
                    yield {"type": "end_group"}
                if page.section:
                    name = self._free_name()
                    yield {"type": "begin_group", "name": name, **self.words("label", page.section)}
                section = page.section
            yield from self._page(page)
        if section:
            yield {"type": "end_group"}

    def _free_name(self) -> str:
        name = next(f"section{n}" for n in range(1, 100_000) if f"section{n}" not in self._taken)
        self._taken.add(name)
        return name

    def _page(self, page: Page) -> Iterator[Cells]:
        only = page.nodes[0]
        is_grid = len(page.nodes) == 1 and isinstance(only, Grid) and only.name == page.name
        look = "field-list table-list" if is_grid else "field-list"
        group = {"type": "begin_group", "name": page.name, "relevant": page.relevant, "appearance": look}
        yield {**group, **self.words("label", page.label)}
        for node in page.nodes:
            if is_grid and isinstance(node, Grid):
                yield from (self._item(item) for item in node.items)
            else:
                yield from self._node(node)
        yield {"type": "end_group"}

    def _node(self, node: Node) -> Iterator[Cells]:
        if isinstance(node, Item):
            yield self._item(node)
            return
        group: Cells = {"name": node.name, **self.words("label", node.label)}
        if isinstance(node, Repeat):
            yield {"type": "begin_repeat", "relevant": node.relevant, "repeat_count": node.count, **group}
            for child in node.nodes:
                yield from self._node(child)
            yield {"type": "end_repeat"}
        else:
            yield {"type": "begin_group", "appearance": "table-list", **group}
            yield from (self._item(item) for item in node.items)
            yield {"type": "end_group"}

    def _item(self, item: Item) -> Cells:
        cells = {column: str(getattr(item, column, "") or "") for column in _COLUMNS}
        return {
            **cells,
            "type": self._type(item),
            "name": item.name,
            "read_only": "yes" if item.read_only else "",
            "reverse": "yes" if item.reverse else "",
            "trigger": " ".join(f"${{{name}}}" for name in item.trigger.split()),
            "parameters": " ".join(f"{k}={v}" for k, v in item.parameters.items() if k != "accept"),
            **self.words("label", item.label),
            **self.words("hint", item.hint),
            **self.words("guidance_hint", item.guidance),
            **self.words("required_message", item.required_message),
            **self.words("constraint_message", item.constraint_message),
            **self.media(item.media),
        }

    def _type(self, item: Item) -> str:
        if item.type is ItemType.UPLOAD:
            return item.parameters.get("accept", "file")
        if item.type is ItemType.DATETIME:
            return "dateTime"
        if not item.code_list:
            return item.type.value
        source = self._asked.code_lists[item.code_list].source
        return f"{item.type}_from_file {source}" if source else f"{item.type} {item.code_list}"

    def choices(self) -> Sequence[Sequence[str]]:
        lists = [entry for entry in self._asked.code_lists.values() if not entry.source]
        own = list(
            dict.fromkeys(c for entry in lists for category in entry.categories for c in category.columns)
        )
        rows = [
            {
                **category.columns,
                "list_name": entry.name,
                "name": category.code,
                "missing": "yes" if category.missing else "",
                "score": "" if category.score is None else str(category.score),
                **self.words("label", category.label),
                **self.media(category.media),
            }
            for entry in lists
            for category in entry.categories
        ]
        return self.table(["list_name", "name"], ("label", *_MEDIA), ["missing", "score", *own], rows)

    def scales(self) -> Iterator[Cells]:
        for scale in self._asked.scales:
            yield {"name": scale.name, **self.words("label", scale.label)}

    def settings(self) -> Sequence[Sequence[str]]:
        asked = self._asked
        cells = {"form_title": asked.title.get(asked.default_language, ""), "form_id": asked.code}
        for language, words in asked.title.items():
            if language != asked.default_language:
                cells[self.heading("translated_title", language)] = words
        cells |= {
            "default_language": f"{asked.default_language} ({asked.default_language})",
            **asked.settings,
        }
        return [list(cells), list(cells.values())]


def _markdown(sheets: Sheets) -> str:
    tables = []
    for name, rows in sheets.items():
        lines = [f"| {name} |", *("| | " + " | ".join(map(_markdown_cell, row)) + " |" for row in rows)]
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def _markdown_cell(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", "&#10;")


def _workbook(sheets: Sheets) -> bytes:
    import xlsxwriter  # noqa: PLC0415 -- slow import

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(rows[0]), 24)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell:
                        sheet.write_string(number, column, cell, None if number else bold)
    return buffer.getvalue()


def _table(entry: CodeList) -> bytes:
    columns = list(dict.fromkeys(column for category in entry.categories for column in category.columns))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [category.columns.get(column, "") for column in columns] for category in entry.categories
    )
    return buffer.getvalue().encode()
