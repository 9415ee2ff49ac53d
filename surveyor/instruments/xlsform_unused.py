"""Appearances and settings of an XLSForm that are not used here, each named with what happens to it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from surveyor.errors import N_
from surveyor.instruments.columns import TEXTS, Column, Headings
from surveyor.instruments.enums import ItemType
from surveyor.instruments.findings import Findings
from surveyor.instruments.spec import Item
from surveyor.instruments.workbook import Row, Sheet

_CHOICES = re.compile(
    r"minimal|likert|quick|quickcompact|columns(?:-pack|-[0-9]+)?|compact(?:-[0-9]+)?|horizontal(?:-compact)?|"
    r"label|list-nolabel|list|full|vertical|autocomplete|search(?:\(.*\))?"
)
_LAST_SAVED = re.compile(r"\$\{\s*last-saved#[^{}]*\}")
_ANY_WIDTH = re.compile(r"w[0-9]{1,2}")
_BY_TYPE: Mapping[ItemType, re.Pattern[str]] = {
    ItemType.SELECT_ONE: _CHOICES,
    ItemType.SELECT_MULTIPLE: _CHOICES,
    ItemType.TEXT: re.compile(r"multiline|numbers|email|url"),
    ItemType.GEOPOINT: re.compile(r"maps|placement-map"),
    ItemType.UPLOAD: re.compile(r"new|new-front|new-rear"),
}
_USED = frozenset(
    {
        "title", "code", "version", "style", "instance_name", "default_language", "translated_title",
        "left_out", "allow_choice_duplicates", "name", "outcome",
    }
)  # fmt: skip
_SENDING = frozenset(
    {"submission_url", "public_key", "auto_send", "auto_delete", "instance_xmlns", "namespaces"}
)


def without_last_saved(rows: Sequence[Row], headings: Headings, findings: Findings) -> list[Row]:
    """The rows with nothing in place of answers from a form filled before: nobody's are kept here."""
    found = []
    for row in rows:
        cells = dict(row.cells)
        for column in headings.columns:
            cell = cells.get(column.heading, "")
            if _LAST_SAVED.search(cell):
                cells[column.heading] = _LAST_SAVED.sub("" if column.name in TEXTS else "''", cell).strip()
                message = N_("Svar fra forrige utfylling (last-saved) finnes ikke her. De regnes som tomme.")
                findings.notice(row, column.heading, message)
        found.append(replace(row, cells={heading: cell for heading, cell in cells.items() if cell}))
    return found


def note_looks(row: Row, item: Item, headings: Headings, findings: Findings) -> None:
    """Name each appearance that changes nothing on our pages."""
    known = _BY_TYPE.get(item.type)
    for look in item.appearance.split():
        if look == "heading" or _ANY_WIDTH.fullmatch(look) or (known and known.fullmatch(look)):
            continue
        message = N_("Utseendet «%(look)s» er ikke brukt. Spørsmålet vises på vanlig måte.")
        findings.notice(row, headings.heading("appearance"), message, look=look[:40])


def note_settings(sheet: Sheet | None, columns: tuple[Column, ...], findings: Findings) -> None:
    """Name each setting that is filled in and not used."""
    for column in columns if sheet and sheet.rows else ():
        row = sheet.rows[0] if sheet else Row("settings", 1, {})
        if column.name in _USED or not row.get(column.heading):
            continue
        if column.name in _SENDING:
            message = N_("Innstillingen «%(name)s» er ikke brukt. Svarene sendes bare hit.")
        else:
            message = N_("Innstillingen «%(name)s» er ikke brukt.")
        findings.notice(row, column.heading, message, name=column.heading[:40])
