"""What the type cell of an XLSForm row asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from surveyor.errors import N_
from surveyor.instruments.columns import Headings
from surveyor.instruments.enums import ItemType
from surveyor.instruments.findings import Findings
from surveyor.instruments.workbook import Row

_TYPES: Mapping[str, ItemType] = {
    "text": ItemType.TEXT,
    "string": ItemType.TEXT,
    "barcode": ItemType.TEXT,
    "integer": ItemType.INTEGER,
    "int": ItemType.INTEGER,
    "decimal": ItemType.DECIMAL,
    "range": ItemType.RANGE,
    "date": ItemType.DATE,
    "time": ItemType.TIME,
    "datetime": ItemType.DATETIME,
    "date time": ItemType.DATETIME,
    "note": ItemType.NOTE,
    "acknowledge": ItemType.ACKNOWLEDGE,
    "trigger": ItemType.ACKNOWLEDGE,
    "geopoint": ItemType.GEOPOINT,
    "location": ItemType.GEOPOINT,
    "gps": ItemType.GEOPOINT,
    "calculate": ItemType.CALCULATE,
    "hidden": ItemType.HIDDEN,
}
_UPLOADS: Mapping[str, str] = {
    "image": "image",
    "photo": "image",
    "audio": "audio",
    "video": "video",
    "file": "file",
}
_SELECTS: Mapping[str, ItemType] = {
    "select_one": ItemType.SELECT_ONE,
    "select one": ItemType.SELECT_ONE,
    "select one from": ItemType.SELECT_ONE,
    "select one using": ItemType.SELECT_ONE,
    "select one prompt using": ItemType.SELECT_ONE,
    "select1": ItemType.SELECT_ONE,
    "select_one_external": ItemType.SELECT_ONE,
    "select one external": ItemType.SELECT_ONE,
    "select_one_from_file": ItemType.SELECT_ONE,
    "select one from file": ItemType.SELECT_ONE,
    "select_multiple": ItemType.SELECT_MULTIPLE,
    "select multiple": ItemType.SELECT_MULTIPLE,
    "select multiple from": ItemType.SELECT_MULTIPLE,
    "select multiple using": ItemType.SELECT_MULTIPLE,
    "select multiple prompt using": ItemType.SELECT_MULTIPLE,
    "select_multiple_from_file": ItemType.SELECT_MULTIPLE,
    "select multiple from file": ItemType.SELECT_MULTIPLE,
    "select all that apply": ItemType.SELECT_MULTIPLE,
    "select all that apply from": ItemType.SELECT_MULTIPLE,
    "rank": ItemType.RANK,
    "odk:rank": ItemType.RANK,
}
_LONGEST_FIRST = tuple(sorted(_SELECTS, key=len, reverse=True))
_TRACES = frozenset(
    {
        "start", "end", "today", "start time", "end time", "deviceid", "device id", "imei", "username",
        "simserial", "sim id", "subscriberid", "subscriber id", "phonenumber", "phone number", "email",
        "audit", "start-geopoint", "background-audio", "background-geopoint", "property",
    }
)  # fmt: skip
_LEFT_OUT = frozenset({"geotrace", "geoshape", "xml-external", "csv-external", "osm", "gps_trace"})
_OLD: Mapping[str, str] = {
    "cascading_select": N_(
        "«%(type)s» er en gammel skrivemåte. Skriv ett spørsmål for hvert trinn, med choice_filter."
    ),
    "include": N_("«%(type)s» henter spørsmål fra en annen fil. Kopier spørsmålene inn i skjemaet."),
}
_PHRASES = re.compile(r"^(?:add|q|get) +| +prompt$")
_PARAMETER = re.compile(r"([A-Za-z\-_]+)\s*=\s*('[^']*'|\"[^\"]*\"|\$\{[^}]*\}|[^\s;,]+)")


@dataclass(frozen=True)
class RowType:
    """The type cell read; `file` is the name of an attached table that holds the answers."""

    type: ItemType
    code_list: str = ""
    file: str = ""
    other: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


def row_type(row: Row, headings: Headings, findings: Findings) -> RowType | None:
    """What a type cell asks for; None with a notice where left out, with a problem where unknown."""
    written = " ".join(headings.cell(row, "type").split())
    column = headings.heading("type")
    lowered = written.lower()
    plain = _PHRASES.sub("", lowered)
    for text in (lowered, plain):
        for select in _LONGEST_FIRST:
            if text == select or text.startswith(select + " "):
                words = written[lowered.index(select) + len(select) :].split()
                return _select(row, _SELECTS[select], words, headings, findings)
    if plain in _TYPES:
        return RowType(_TYPES[plain], parameters=_parameters(row, plain, headings, findings))
    if plain in _UPLOADS:
        return RowType(ItemType.UPLOAD, parameters={"accept": _UPLOADS[plain]})
    _left_out(row, written, plain, column, findings)
    return None


def _left_out(row: Row, written: str, plain: str, column: str, findings: Findings) -> None:
    first = plain.split(" ")[0]
    if plain in _TRACES or first in _TRACES or plain.startswith("uri:"):
        message = N_("«%(type)s» sier noe om den som svarer. Det samles ikke inn.")
        findings.notice(row, column, message, type=written)
    elif first in ("cascading_select", "include"):
        findings.problem(row, column, _OLD[first], type=written)
    elif first in _LEFT_OUT:
        message = N_("Spørsmål av typen «%(type)s» kan ikke stilles her. Det er utelatt.")
        findings.notice(row, column, message, type=written)
    else:
        findings.problem(row, column, N_("Ukjent spørsmålstype «%(type)s»."), type=written)


def _select(
    row: Row, type_: ItemType, words: list[str], headings: Headings, findings: Findings
) -> RowType | None:
    column = headings.heading("type")
    if not words:
        findings.problem(row, column, N_("Skriv navnet på svarlisten etter typen."))
        return None
    name, rest = words[0], " ".join(words[1:])
    other = rest.lower().replace("_", " ") in ("or other", "or specify other")
    if rest and not other:
        message = N_("«%(text)s» er utelatt. Bare svarene i listen kan velges.")
        findings.notice(row, column, message, text=rest)
    found = _read(headings.cell(row, "parameters"))
    kept: dict[str, str] = {key: found[key] for key in ("randomize", "seed") if key in found}
    if kept.get("randomize", "false").lower() != "true":
        kept = {}
    elif "seed" in kept:
        kept["seed"] = kept["seed"].strip("'\"")
    if name.startswith("${"):
        findings.problem(row, column, N_("Svar fra et tidligere spørsmål kan ikke brukes som svarliste."))
        return None
    file = name if PurePath(name).suffix else ""
    kept = {key: value.lower() if key == "randomize" else value for key, value in kept.items()}
    if file:
        kept |= {key: found[key] for key in ("value", "label") if key in found}
    return RowType(type_, PurePath(name).stem.lower() if file else name, file, other, kept)


def _parameters(row: Row, plain: str, headings: Headings, findings: Findings) -> Mapping[str, str]:
    if plain == "barcode":
        findings.notice(row, headings.heading("type"), N_("Strekkoden skrives inn som tekst."))
    if plain != "range":
        return {}
    found = _read(headings.cell(row, "parameters"))
    kept: dict[str, str] = {key: found[key] for key in ("start", "end", "step") if key in found}
    for key, value in kept.items():
        if not re.fullmatch(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?", value):
            message = N_("«%(name)s» må være et tall, ikke «%(text)s».")
            findings.problem(row, "parameters", message, name=key, text=value)
            return {}
    if kept.get("step", "1").strip("-0.") == "":
        findings.problem(row, "parameters", N_("Trinnet kan ikke være null."))
        return {}
    return kept


def _read(written: str) -> dict[str, str]:
    return {match[1].lower(): match[2] for match in _PARAMETER.finditer(written)}
