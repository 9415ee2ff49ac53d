"""The sheets `choices` (with our columns `missing` and `score`) and `scales` of an XLSForm."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from surveyor.errors import N_
from surveyor.instruments.columns import Headings
from surveyor.instruments.findings import Findings
from surveyor.instruments.spec import Category, CodeList, Score, Text
from surveyor.instruments.workbook import Row, Sheet
from surveyor.instruments.xlsform_media import Media

KNOWN = frozenset({"list_name", "name", "label", "missing", "score"})


def code_lists(
    sheet: Sheet | None, headings: Headings, findings: Findings, media: Media
) -> dict[str, CodeList]:
    """The code lists by name, in the order of the sheet."""
    found: dict[str, list[tuple[Row, Category]]] = {}
    for row in sheet.rows if sheet else ():
        name = headings.cell(row, "list_name")
        if not name and not headings.cell(row, "name"):
            findings.notice(row, None, N_("Raden er en kommentar og er ikke lest."))
            continue
        category = _category(row, headings, findings, media)
        if not name:
            findings.problem(row, headings.heading("list_name"), N_("Raden mangler navn på svarlisten."))
        elif category:
            found.setdefault(name, []).append((row, category))
    for members in found.values():
        _check_codes(members, headings, findings)
    return {
        name: CodeList(name, _scored([category for _, category in members]))
        for name, members in found.items()
    }


def _category(row: Row, headings: Headings, findings: Findings, media: Media) -> Category | None:
    written = headings.cell(row, "name")
    code = "_".join(written.split())
    if code != written:
        message = N_("Koden «%(code)s» har mellomrom. Den er lest som «%(read)s».")
        findings.notice(row, headings.heading("name"), message, code=written[:64], read=code[:64])
    if not code or len(code) > 64:
        findings.problem(row, headings.heading("name"), N_("Svaret trenger en kode uten mellomrom."))
        return None
    label = headings.text(row, "label")
    shown = media.of(row, headings, needs_words=not label)
    label = label or shown.get("alt", {})
    if not label:
        findings.notice(
            row, headings.heading("label"), N_("Svaret har ingen tekst. Koden «%(code)s» vises."), code=code
        )
        label = {headings.default_language: code}
    missing = findings.yes(row, "missing", headings.cell(row, "missing"))
    return Category(code, label, _score(row, headings, findings), missing, _further(row, headings), shown)


def _further(row: Row, headings: Headings) -> dict[str, str]:
    """Columns of the author's own, by name, for choice filters."""
    own = (c for c in headings.columns if c.name not in KNOWN and not c.name.startswith("media"))
    return {column.name: row.get(column.heading) for column in own if row.get(column.heading)}


def file_list(sheet: Sheet, file: str, headings: Headings, findings: Findings) -> CodeList:
    """The rows of an attached table as answer options, every cell kept for choice filters and pulldata."""
    found: dict[str, Category] = {}
    for row in sheet.rows:
        code = headings.cell(row, "name") or next(iter(row.cells.values()))
        code = "_".join(code.split())[:64]
        if code in found:
            code = f"{code}_{row.number}"
        label = headings.text(row, "label") or {headings.default_language: code}
        found[code] = Category(code, label, columns=dict(row.cells))
    if not found:
        findings.problem(Row(sheet.name, 1, {}), None, N_("Filen «%(name)s» er tom."), name=file)
    return CodeList(sheet.name, tuple(found.values()), file)


def _score(row: Row, headings: Headings, findings: Findings) -> Score | None:
    written = headings.cell(row, "score")
    if not written:
        return None
    try:
        score = Decimal(written.replace(",", "."))
    except InvalidOperation:
        score = Decimal("NaN")
    if not score.is_finite() or abs(score) > 1_000_000:
        findings.problem(row, "score", N_("Poengene må være et tall, ikke «%(text)s»."), text=written)
        return None
    return int(score) if score == score.to_integral_value() else score.normalize()


def _check_codes(members: list[tuple[Row, Category]], headings: Headings, findings: Findings) -> None:
    seen: dict[str, list[Mapping[str, str]]] = {}
    for row, category in members:
        others = seen.setdefault(category.code, [])
        others.append(category.columns)
        if others.count(category.columns) > 1 or not all(others) and len(others) > 1:
            message = N_("Koden «%(code)s» står to ganger i samme svarliste.")
            findings.problem(row, headings.heading("name"), message, code=category.code)
    given = [category.score is not None for _, category in members if not category.missing]
    if any(given) and not all(given):
        for row, category in members:
            if category.score is None and not category.missing and _whole(category.code) is None:
                findings.problem(
                    row, "score", N_("De andre svarene i listen har poeng. Dette mangler poeng.")
                )


def _scored(categories: list[Category]) -> tuple[Category, ...]:
    """Scores as given, else the codes where all of them are whole numbers; missing answers never have one."""
    scores = [
        category.score if category.score is not None else _whole(category.code) for category in categories
    ]
    valid = [score for score, category in zip(scores, categories, strict=True) if not category.missing]
    nominal = None in valid
    return tuple(
        replace(c, score=None if nominal or c.missing else score)
        for c, score in zip(categories, scores, strict=True)
    )


def _whole(code: str) -> int | None:
    digits = code[1:] if code[:1] == "-" else code
    return int(code) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def scale_labels(
    sheet: Sheet | None, headings: Headings, findings: Findings
) -> Mapping[str, tuple[Row, Text]]:
    """The names of the indexes in every language, by their short name."""
    found: dict[str, tuple[Row, Text]] = {}
    for row in sheet.rows if sheet else ():
        name = headings.cell(row, "name")
        if not name:
            findings.problem(row, headings.heading("name"), N_("Raden mangler navn på indeksen."))
        elif name in found:
            findings.problem(
                row, headings.heading("name"), N_("Indeksen «%(name)s» står to ganger."), name=name
            )
        else:
            found[name] = (row, headings.text(row, "label") or {headings.default_language: name})
    return found
