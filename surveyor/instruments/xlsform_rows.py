"""One row of an XLSForm survey sheet as an item, or a named message of why it is none."""

import re
from collections.abc import Mapping
from dataclasses import replace

from surveyor.errors import N_
from surveyor.instruments.bins import BINNED, MAX_BINS, read_bins
from surveyor.instruments.columns import MEDIA_KINDS, Headings
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.findings import NAME, Findings, is_no, is_yes
from surveyor.instruments.lists import unscored
from surveyor.instruments.logic import is_worked_out
from surveyor.instruments.spec import Category, CodeList, Item, Text
from surveyor.instruments.workbook import Row
from surveyor.instruments.xlsform_media import Media
from surveyor.instruments.xlsform_types import RowType, row_type
from surveyor.instruments.xlsform_unused import note_looks

_DRAWN = re.compile(r"\b(?:random|uuid|once)\s*\(")
_REFERENCE = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")
_NEVER_REQUIRED = (ItemType.NOTE, ItemType.CALCULATE, ItemType.HIDDEN)

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
        "guidance_hint",
        "choice_filter",
        "trigger",
        "parameters",
        "repeat_count",
        "bins",
        *(f"media::{kind}" for kind in MEDIA_KINDS),
    ]
)


_OTHER: Text = {"nb": "Annet", "nn": "Anna", "en": "Other", "de": "Anderes", "fr": "Autre", "es": "Otro"}
_WHICH: Text = {"nb": "Skriv hva", "nn": "Skriv kva", "en": "Please say what"}


def read_items(
    row: Row, headings: Headings, lists: dict[str, CodeList], findings: Findings, media: Media
) -> list[Item]:
    """The item of a row, with the text item that «or_other» asks for; none where it is left out or wrong."""
    kind = row_type(row, headings, findings)
    name = read_name(row, headings, findings)
    if kind is None or name is None:
        findings.left_out.add(name or "")
        return []
    _check_list(row, kind, headings, lists, findings)
    item = _item(row, name, kind, headings, findings)
    item = _with_media(item, row, headings, media)
    _check_item(row, item, headings, lists, findings)
    note_looks(row, item, headings, findings)
    return [item, _other(item, lists)] if kind.other and kind.code_list in lists else [item]


def _item(row: Row, name: str, kind: RowType, headings: Headings, findings: Findings) -> Item:
    drawn = kind.type is ItemType.CALCULATE and _is_drawn(headings.cell(row, "calculation"))
    type_ = ItemType.HIDDEN if drawn else kind.type
    calculation = _calculation(row, kind, headings, findings)
    return Item(
        name=name,
        type=type_,
        code_list=kind.code_list,
        label={} if kind.type is ItemType.CALCULATE else headings.text(row, "label"),
        hint=headings.text(row, "hint"),
        guidance=headings.text(row, "guidance_hint"),
        required=_required(headings.cell(row, "required")) if type_ not in _NEVER_REQUIRED else "",
        required_message=headings.text(row, "required_message"),
        relevant=headings.cell(row, "relevant"),
        constraint=headings.cell(row, "constraint"),
        constraint_message=headings.text(row, "constraint_message"),
        calculation="" if drawn else calculation,
        default=calculation if drawn else headings.cell(row, "default"),
        read_only=is_yes(headings.cell(row, "read_only")),
        scale=headings.cell(row, "scale"),
        reverse=findings.yes(row, "reverse", headings.cell(row, "reverse")),
        role=_role(row, headings, findings),
        bins=_bins(row, type_, headings, findings),
        appearance=_appearance(headings.cell(row, "appearance")),
        choice_filter=headings.cell(row, "choice_filter"),
        trigger=_trigger(row, headings, findings),
        parameters=kind.parameters,
    )


def _with_media(item: Item, row: Row, headings: Headings, media: Media) -> Item:
    """The item with what it shows; a question without words has those of the picture, else its name."""
    if item.type in (ItemType.CALCULATE, ItemType.HIDDEN) or not _has_media(row, headings):
        return item
    shown = media.of(row, headings)
    has_words = bool(item.label or item.hint) or (item.type is ItemType.NOTE and bool(shown))
    label = item.label if has_words else shown.get("alt") or {headings.default_language: item.name}
    return replace(item, media=shown, label=label)


def _is_drawn(calculation: str) -> bool:
    """True for a value drawn once and kept, not worked out again and again."""
    return _DRAWN.search(calculation) is not None


def _appearance(written: str) -> str:
    return " ".join(word for word in written.split() if word != "w1" or len(written) > 2)


def _bins(row: Row, type_: ItemType, headings: Headings, findings: Findings) -> str:
    written = headings.cell(row, "bins")
    if not written:
        return ""
    if type_ not in BINNED:
        findings.problem(row, "bins", N_("Bare tall og datoer kan ha grupper i kolonnen bins."))
        return ""
    found = read_bins(type_, written)
    if found is None:
        message = N_(
            "Skriv hvor hver gruppe begynner, stigende og høyst %(limit)s verdier, for eksempel 18 30 67."
        )
        findings.problem(row, "bins", message, limit=MAX_BINS - 1)
    return found or ""


def _trigger(row: Row, headings: Headings, findings: Findings) -> str:
    written = headings.cell(row, "trigger")
    names = _REFERENCE.findall(written)
    if written and not names:
        findings.problem(row, "trigger", N_("Skriv spørsmålet som utløser slik: ${navn}."))
    return " ".join(names)


def _other(item: Item, lists: dict[str, CodeList]) -> Item:
    """The text item for «other»; the answer itself is put into the list."""
    languages = tuple(item.label) or ("nb",)
    code_list = lists[item.code_list]
    if "other" not in code_list.by_code:
        label = {language: _OTHER.get(language, "Other") for language in languages}
        lists[item.code_list] = replace(
            code_list, categories=unscored((*code_list.categories, Category("other", label)))
        )
    return Item(
        name=f"{item.name}_other",
        type=ItemType.TEXT,
        label={language: _WHICH.get(language, "Please say what") for language in languages},
        relevant=f"selected(${{{item.name}}}, 'other')",
    )


def read_name(row: Row, headings: Headings, findings: Findings) -> str | None:
    """The name cell; None with a problem where it cannot be a name."""
    name = headings.cell(row, "name")
    if not name and headings.cell(row, "type").lower() == "note":
        return f"note{row.number}"
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
    if kind.file and kind.code_list not in lists:
        message = N_(
            "Filen «%(name)s» er ikke lagt ved. Last opp en .zip med skjemaet og filen i CSV-format."
        )
        findings.problem(row, headings.heading("type"), message, name=kind.file)
    elif kind.code_list and kind.code_list not in lists:
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
        if not written and not headings.cell(row, "default"):
            findings.notice(row, column, N_("Utregningen mangler. Raden er tom for alle som svarer."))
        return written
    if written and kind.type is ItemType.NOTE:
        findings.notice(row, column, N_("Utregningen er utelatt. En tekst har ikke noe svar."))
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
    is_picture = item.type is ItemType.NOTE and item.media
    if not (item.label or item.hint or is_picture) and item.shown:
        findings.problem(row, headings.heading("label"), N_("Spørsmålet mangler tekst."))
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
    if (
        item.default
        and codes
        and not is_worked_out(item.default)
        and any(code not in codes for code in item.default.split())
    ):
        findings.problem(
            row, "default", N_("Startverdien «%(text)s» er ikke et av svarene."), text=item.default
        )


def _has_media(row: Row, headings: Headings) -> bool:
    return any(column.name.startswith("media::") and row.get(column.heading) for column in headings.columns)
