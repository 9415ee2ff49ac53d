"""The Excel file HR downloads: cover, results, distributions, response rates, change, charts, codebook."""

from collections.abc import Iterator
from itertools import groupby
from typing import IO

from surveyor.errors import N_
from surveyor.exports.book import Book, Table, Value, cover_sheet, new_book
from surveyor.exports.charts import chart_sheet, codebook_sheet
from surveyor.exports.cover import cover_lines
from surveyor.exports.group_sheet import GROUPS, add_groups
from surveyor.exports.spec import ResultsFile
from surveyor.releases.enums import CellKind, ComparedTo
from surveyor.releases.figures import figures, share_of
from surveyor.releases.spec import Change, Figure, ReleasedUnit, Row, Share
from surveyor.releases.wording import HIDDEN, detectable_points, verdict_word

UNIT = ((N_("Enhetskode"), 14, "text"), (N_("Enhet"), 30, "text"))
SUBJECT = ((N_("Hva"), 11, "text"), (N_("Navn"), 12, "text"), (N_("Tekst"), 50, "text"))
RESULTS = (
    *UNIT, (N_("Enhetstype"), 14, "text"), *SUBJECT, (N_("Antall svar"), 9, "count"),
    (N_("Indeks 0–100"), 11, "one"), (N_("Indeks, nedre grense"), 11, "one"),
    (N_("Indeks, øvre grense"), 11, "one"), (N_("Usikkerhet"), 24, "text"),
    (N_("Gjennomsnitt"), 12, "two"), (N_("Standardavvik"), 12, "two"),
    (N_("Sammenlignet med resten"), 24, "text"), (N_("Forskjell fra resten i poeng"), 12, "signed"),
    (N_("Forskjell, nedre grense"), 11, "signed"), (N_("Forskjell, øvre grense"), 11, "signed"),
    (N_("Minste forskjell vi ville sett"), 12, "one"), (N_("Siden forrige måling"), 24, "text"),
)  # fmt: skip
DISTRIBUTIONS = (
    *UNIT, (N_("Navn"), 12, "text"), (N_("Spørsmål"), 50, "text"), (N_("Svarkode"), 9, "text"),
    (N_("Svar"), 28, "text"), (N_("Antall svar"), 9, "count"), (N_("Andel"), 11, "share"),
    (N_("Andel, minst"), 9, "share"), (N_("Andel, høyst"), 9, "share"),
    (N_("Usikkerhet, fra"), 11, "share"), (N_("Usikkerhet, til"), 11, "share"),
)  # fmt: skip
RATES = (
    *UNIT, (N_("Enhetstype"), 14, "text"), (N_("Inviterte"), 10, "count"), (N_("Svarprosent"), 11, "share"),
    (N_("Svarprosent, minst"), 11, "share"), (N_("Svarprosent, høyst"), 11, "share"),
)  # fmt: skip
CHANGES = (
    *UNIT, *SUBJECT, (N_("Siden forrige måling"), 26, "text"), (N_("Endring i poeng"), 11, "signed"),
    (N_("Endring, nedre grense"), 11, "signed"), (N_("Endring, øvre grense"), 11, "signed"),
    (N_("Minste endring vi ville sett"), 12, "one"),
)  # fmt: skip


def write_workbook(file: ResultsFile, out: IO[bytes]) -> None:
    """Write the workbook; the same release gives the same bytes."""
    with new_book(file, out) as book:
        cover_sheet(book, cover_lines(file))
        results, shares = book.table(N_("Resultater"), RESULTS), book.table(N_("Fordelinger"), DISTRIBUTIONS)
        rates, changes = book.table(N_("Svarprosent"), RATES), book.table(N_("Endring"), CHANGES)
        groups = book.table(N_("Grupper"), GROUPS) if file.wave.method.get("cuts") else None
        for unit, rows in _by_unit(file):
            found = figures(row for row in rows if row.kind is not CellKind.WAVE and not row.cut)
            if groups is not None:
                add_groups(book, groups, unit, [row for row in rows if row.cut])
            if _is_charted(file, unit):
                book.charted[unit.code] = found
            for figure in found.values():
                _result(book, results, unit, figure)
                _distribution(book, shares, unit, figure)
                _change(book, changes, unit, figure)
            for row in rows:
                if row.measure == "response_rate":
                    _rate(book, rates, unit, share_of(row))
        for table in (results, shares, rates, changes, *([groups] if groups else ())):
            table.end()
        chart_sheet(book)
        codebook_sheet(book)


def _by_unit(file: ResultsFile) -> Iterator[tuple[ReleasedUnit, list[Row]]]:
    units = {unit.code: unit for unit in file.units}
    for code, rows in groupby(file.read(list(units)), key=lambda row: row.unit):
        yield units[code], list(rows)


def _is_charted(file: ResultsFile, unit: ReleasedUnit) -> bool:
    top = file.units[0].code
    return unit.code == top or unit.parent == top


def _subject(book: Book, figure: Figure) -> tuple[str, str, str]:
    kind = book.say(N_("Tema") if figure.kind is CellKind.SCALE else N_("Spørsmål"))
    return kind, figure.item, book.file.label(figure.kind, figure.item)


def _words(book: Book, change: Change | None) -> str | None:
    word = verdict_word(change)
    return None if word is None else book.say(word)


def _result(book: Book, table: Table, unit: ReleasedUnit, figure: Figure) -> None:
    if figure.kind is CellKind.ITEM and not book.file.has_scores(figure.item):
        return
    head = (unit.code, unit.name, unit.type, *_subject(book, figure))
    rest = figure.rest
    index = figure.index if figure.is_shown else book.say(HIDDEN)
    band: str | None = None
    if figure.low is not None:
        pooled = figure.is_pooled_band
        band = book.say(N_("Anslått fra hele målingen") if pooled else N_("Fra enhetens egne svar"))
    table.add(
        (
            *head, figure.n, index, *figure.ends, band, figure.mean, figure.sd, _words(book, rest),
            rest.difference if rest else None, rest.low if rest else None, rest.high if rest else None,
            detectable_points(rest) if rest else None, _words(book, figure.last),
        )
    )  # fmt: skip


def _distribution(book: Book, table: Table, unit: ReleasedUnit, figure: Figure) -> None:
    named = [(share, share.code, book.file.category(figure.item, share.code)) for share in figure.shares]
    others = (
        (figure.missing, N_("Vet ikke eller ikke aktuelt")),
        (figure.top2, N_("De to beste svarene")),
        (figure.bottom, N_("Det dårligste svaret")),
    )
    named += [(share, "", book.say(words)) for share, words in others if share is not None]
    for share, code, words in named:
        table.add(
            (
                unit.code, unit.name, figure.item, book.file.label(figure.kind, figure.item), code, words,
                share.n, *_share_values(book, share), *share.ends,
            )
        )  # fmt: skip


def _share_values(book: Book, share: Share) -> tuple[Value, Value, Value]:
    if not share.is_shown:
        return book.say(HIDDEN), None, None
    return share.value, share.low, share.high


def _rate(book: Book, table: Table, unit: ReleasedUnit, rate: Share) -> None:
    table.add((unit.code, unit.name, unit.type, rate.n, *_share_values(book, rate)))


def _change(book: Book, table: Table, unit: ReleasedUnit, figure: Figure) -> None:
    change = figure.changes.get(ComparedTo.LAST)
    if change is None:
        return
    subject = _subject(book, figure)
    size = change.difference, change.low, change.high, detectable_points(change)
    table.add((unit.code, unit.name, *subject, _words(book, change), *size))
