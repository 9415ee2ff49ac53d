"""One row of an XLSForm survey sheet as an item, or a named message of why it is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from surveyor.errors import N_
from surveyor.instruments.columns import Headings
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.findings import NAME, Findings, is_no, is_yes
from surveyor.instruments.spec import CodeList, Item
from surveyor.instruments.workbook import Row

_TYPES: Mapping[str, ItemType] = {
    "text": ItemType.TEXT,
    "string": ItemType.TEXT,
    "integer": ItemType.INTEGER,
    "int": ItemType.INTEGER,
    "decimal": ItemType.DECIMAL,
    "date": ItemType.DATE,
    "note": ItemType.NOTE,
    "calculate": ItemType.CALCULATE,
    "select_one": ItemType.SELECT_ONE,
    "select one": ItemType.SELECT_ONE,
    "select one from": ItemType.SELECT_ONE,
    "select1": ItemType.SELECT_ONE,
    "select_multiple": ItemType.SELECT_MULTIPLE,
    "select multiple": ItemType.SELECT_MULTIPLE,
    "select all that apply from": ItemType.SELECT_MULTIPLE,
}
_SELECTS = tuple(sorted((t for t in _TYPES if t.startswith("select")), key=len, reverse=True))
_TRACES = frozenset(
    [
        "start",
        "end",
        "today",
        "deviceid",
        "username",
        "simserial",
        "subscriberid",
        "phonenumber",
        "email",
        "audit",
        "start-geopoint",
        "background-audio",
        "background-geopoint",
    ]
)
_LATER = frozenset(
    [
        "acknowledge",
        "range",
        "time",
        "datetime",
        "image",
        "photo",
        "audio",
        "video",
        "file",
        "geopoint",
        "geotrace",
        "geoshape",
        "barcode",
        "rank",
        "hidden",
        "xml-external",
        "csv-external",
        "select_one_from_file",
        "select_multiple_from_file",
        "select_one_external",
        "osm",
        "trigger",
    ]
)
COLUMNS = frozenset(
    [
        "type",
        "name",
        "label",
        "hint",
        "required",
        "required_message",
        "relevant",
        "constraint",
        "constraint_message",
        "calculation",
        "default",
        "read_only",
        "appearance",
        "scale",
        "reverse",
        "role",
        "disabled",
    ]
)


@dataclass(frozen=True)
class RowType:
    """The type cell read: an item type with its code list, or nothing where the row is left out."""

    type: ItemType
    code_list: str = ""


def row_type(row: Row, headings: Headings, findings: Findings) -> RowType | None:
    """What a type cell asks for; None with a notice where left out, with a problem where unknown."""
    written = " ".join(headings.cell(row, "type").split())
    lowered = written.lower()
    column = headings.heading("type")
    for select in _SELECTS:
        if lowered == select or lowered.startswith(select + " "):
            return _select(row, _TYPES[select], written[len(select) :].split(), column, findings)
    if lowered in _TYPES:
        return RowType(_TYPES[lowered])
    first = lowered.split(" ")[0]
    if lowered in _TRACES or first in _TRACES:
        findings.notice(
            row, column, N_("«%(type)s» sier noe om den som svarer. Det samles ikke inn."), type=written
        )
    elif lowered in _LATER or first in _LATER:
        findings.notice(
            row,
            column,
            N_("Spørsmål av typen «%(type)s» kan ikke stilles ennå. Det er utelatt."),
            type=written,
        )
    else:
        findings.problem(row, column, N_("Ukjent spørsmålstype «%(type)s»."), type=written)
    return None


def _select(row: Row, type_: ItemType, words: list[str], column: str, findings: Findings) -> RowType | None:
    if not words:
        findings.problem(row, column, N_("Skriv navnet på svarlisten etter typen."))
        return None
    if len(words) > 1:
        message = N_("«%(text)s» er utelatt. Bare svarene i listen kan velges.")
        findings.notice(row, column, message, text=" ".join(words[1:]))
    return RowType(type_, words[0])


def read_item(row: Row, headings: Headings, lists: Mapping[str, CodeList], findings: Findings) -> Item | None:
    """The item of a row, its expressions as written; None where it is left out or wrong in type or name."""
    kind = row_type(row, headings, findings)
    name = read_name(row, headings, findings)
    if kind is None or name is None:
        return None
    _check_list(row, kind, headings, lists, findings)
    item = Item(
        name=name,
        type=kind.type,
        code_list=kind.code_list,
        label=headings.text(row, "label"),
        hint=headings.text(row, "hint"),
        required=_required(headings.cell(row, "required")) if kind.type is not ItemType.NOTE else "",
        required_message=headings.text(row, "required_message"),
        relevant=headings.cell(row, "relevant"),
        constraint=headings.cell(row, "constraint"),
        constraint_message=headings.text(row, "constraint_message"),
        calculation=_calculation(row, kind, headings, findings),
        default=_default(row, headings, findings),
        read_only=is_yes(headings.cell(row, "read_only")),
        scale=headings.cell(row, "scale"),
        reverse=findings.yes(row, "reverse", headings.cell(row, "reverse")),
        role=_role(row, headings, findings),
        appearance=headings.cell(row, "appearance"),
    )
    _check_item(row, item, headings, lists, findings)
    return item


def read_name(row: Row, headings: Headings, findings: Findings) -> str | None:
    """The name cell; None with a problem where it cannot be a name."""
    name = headings.cell(row, "name")
    if NAME.fullmatch(name):
        return name
    column = headings.heading("name")
    if not name:
        findings.problem(row, column, N_("Raden mangler navn."))
    else:
        message = N_(
            "«%(name)s» kan ikke være et navn. Bruk bokstavene a–z, tall og understrek, uten mellomrom."
        )
        findings.problem(row, column, message, name=name)
    return None


def _check_list(
    row: Row, kind: RowType, headings: Headings, lists: Mapping[str, CodeList], findings: Findings
) -> None:
    if kind.code_list and kind.code_list not in lists:
        message = N_("Svarlisten «%(name)s» finnes ikke i arket choices.")
        findings.problem(row, headings.heading("type"), message, name=kind.code_list)


def _required(written: str) -> str:
    if is_no(written):
        return ""
    return "true()" if is_yes(written) else written


def _calculation(row: Row, kind: RowType, headings: Headings, findings: Findings) -> str:
    written = headings.cell(row, "calculation")
    column = headings.heading("calculation")
    if kind.type is ItemType.CALCULATE:
        if not written:
            findings.problem(row, column, N_("Utregningen mangler."))
        return written
    if written:
        findings.notice(row, column, N_("Utregningen er utelatt. Bare rader av typen calculate regnes ut."))
    return ""


def _default(row: Row, headings: Headings, findings: Findings) -> str:
    written = headings.cell(row, "default")
    if "${" in written or written.endswith(")"):
        findings.notice(row, "default", N_("Startverdien er utelatt. Den må være et fast svar."))
        return ""
    return written


def _role(row: Row, headings: Headings, findings: Findings) -> ItemRole | None:
    written = headings.cell(row, "role").lower()
    if not written:
        return None
    if written not in set(ItemRole):
        findings.problem(
            row, "role", N_("Ukjent rolle «%(role)s». Bruk item, background, open eller unit."), role=written
        )
        return None
    return ItemRole(written)


def _check_item(
    row: Row, item: Item, headings: Headings, lists: Mapping[str, CodeList], findings: Findings
) -> None:
    if not item.label and not item.hint and item.type is not ItemType.CALCULATE:
        findings.problem(row, headings.heading("label"), N_("Spørsmålet mangler tekst."))
    if any("${" in words for text in (item.label, item.hint) for words in text.values()):
        message = N_("Svar kan ikke flettes inn i teksten ennå. «${…}» vises som det står.")
        findings.notice(row, headings.heading("label"), message)
    if item.role is ItemRole.UNIT and item.type is not ItemType.SELECT_ONE:
        findings.problem(row, "role", N_("Rollen unit krever et spørsmål der ett svar velges."))
    if item.role is ItemRole.OPEN and item.type is not ItemType.TEXT:
        findings.problem(row, "role", N_("Rollen open krever et tekstspørsmål."))
    code_list = lists.get(item.code_list)
    scored = item.type is ItemType.SELECT_ONE and (code_list is None or code_list.scored)
    if (item.scale or item.reverse) and not scored:
        findings.problem(
            row, "scale", N_("En indeks trenger et spørsmål der ett svar velges og svarene har poeng.")
        )
    codes = code_list.by_code if code_list else {}
    if item.default and codes and any(code not in codes for code in item.default.split()):
        findings.problem(
            row, "default", N_("Startverdien «%(text)s» er ikke et av svarene."), text=item.default
        )
