"""The Excel file of a sample: weighted figures and who answered, in words. Loads xlsxwriter."""

from collections.abc import Mapping, Sequence
from typing import IO

from surveyor.errors import N_
from surveyor.exports.book import Book, Columns, Value, cover_sheet, new_book
from surveyor.exports.cover import short_cover_lines
from surveyor.exports.spec import ResultsFile
from surveyor.releases.enums import CellState
from surveyor.releases.spec import ResponseRow, WeightedRow
from surveyor.releases.wording import HIDDEN

WEIGHTED = (
    N_(
        "Målingen gikk til et utvalg. Noen grupper svarte mer enn andre. Med vekter teller hver gruppe like "
        "mye som den er stor i befolkningen."
    ),
    N_(
        "«Svarene veier som» er hvor mange svar tallet bygger på når noen veier mer enn andre. "
        "Designeffekten sier hvor mye usikkerheten vokser: 1 er som i et enkelt utvalg, 2 er dobbelt."
    ),
)
WHO = (
    N_(
        "Svarprosenten for en gruppe er avrundet til nærmeste fem prosent. Grupper med færre enn ti "
        "inviterte vises ikke. Bidraget er negativt for grupper som svarer sjelden: dem bør du nå neste gang."
    ),
)
UNIT = ((N_("Enhetskode"), 14, "text"), (N_("Enhet"), 30, "text"))
INDEXES: Columns = (
    *UNIT, (N_("Tema eller spørsmål"), 60, "text"), (N_("Antall svar"), 10, "count"),
    (N_("Vektet indeks"), 12, "one"), (N_("Nedre grense"), 10, "one"), (N_("Øvre grense"), 10, "one"),
    (N_("Endring fra uvektet"), 12, "signed"), (N_("Svarene veier som"), 12, "count"),
    (N_("Designeffekt"), 14, "two"),
)  # fmt: skip
SHARES: Columns = (
    *UNIT, (N_("Spørsmål"), 60, "text"), (N_("Svar"), 30, "text"), (N_("Antall svar"), 10, "count"),
    (N_("Vektet andel"), 12, "share"), (N_("Nedre grense"), 10, "share"), (N_("Øvre grense"), 10, "share"),
)  # fmt: skip
WHOLE: Columns = (
    (N_("Hva som telles"), 60, "text"),
    (N_("Personer"), 12, "count"),
    (N_("Svarprosent"), 12, "share"),
)
GROUPS: Columns = (
    (N_("Hva som telles"), 24, "text"), (N_("Gruppe"), 36, "text"), (N_("Inviterte"), 12, "count"),
    (N_("Svarprosent"), 14, "share"), (N_("Bidrag til skjevhet"), 14, "two"),
)  # fmt: skip
COUNTS = {
    "invited": N_("Inviterte"),
    "answered": N_("Svarte"),
    "undelivered": N_("E-posten kom ikke fram"),
    "complete": N_("Svarte på minst 80 prosent av spørsmålene"),
    "partial": N_("Svarte på 50 til 80 prosent"),
    "break_off": N_("Svarte på mindre enn halvparten"),
}
RATES = {
    "rr1": N_("Fullførte av alle inviterte (RR1)"),
    "rr2": N_("Fullførte eller nesten, av alle inviterte (RR2)"),
    "rr5": N_("Fullførte av dem e-posten nådde (RR5)"),
    "rr6": N_("Fullførte eller nesten, av dem e-posten nådde (RR6)"),
    "break_off_share": N_("Avbrøt, av dem som svarte"),
}
VARIABLES = {
    "unit": N_("Enhet"),
    "stratum": N_("Enhet"),
    "gender": N_("Kjønn"),
    "age_band": N_("Aldersgruppe"),
    "position": N_("Stillingsandel"),
}


def write_sample_book(
    file: ResultsFile, weighted: Sequence[WeightedRow], responses: Sequence[ResponseRow], out: IO[bytes]
) -> None:
    """Write the workbook of a wave's sample; the same release gives the same bytes."""
    with new_book(file, out) as book:
        names = {unit.code: unit.name for unit in file.units}
        cover_sheet(
            book, short_cover_lines(file, (*(WEIGHTED if weighted else ()), *(WHO if responses else ())))
        )
        if weighted:
            _indexes(book, names, weighted)
            _shares(book, names, weighted)
        if responses:
            _whole(book, {row.measure: row for row in responses if not row.variable})
            _groups(book, names, responses)


def _value(book: Book, row: WeightedRow | ResponseRow | None) -> Value:
    """The figure, the mark of what is not shown, or nothing where there is no such row."""
    if row is None:
        return None
    return row.value if row.state is CellState.SHOWN else book.say(HIDDEN)


def _indexes(book: Book, names: Mapping[str, str], rows: Sequence[WeightedRow]) -> None:
    table = book.table(N_("Vektede tall"), INDEXES)
    for row in rows:
        if row.measure == "index":
            place = row.unit, names.get(row.unit, row.unit), book.file.label(row.kind, row.item)
            figure = row.n, _value(book, row), row.low, row.high, row.difference, row.n_eff, row.deff
            table.add((*place, *figure))
    table.end()


def _shares(book: Book, names: Mapping[str, str], rows: Sequence[WeightedRow]) -> None:
    table = book.table(N_("Fordelinger"), SHARES)
    for row in rows:
        measure, _, code = row.measure.partition(":")
        if measure == "share":
            place = row.unit, names.get(row.unit, row.unit), book.file.label(row.kind, row.item)
            answer = book.file.category(row.item, code)
            table.add((*place, answer, row.n, _value(book, row), row.low, row.high))
    table.end()


def _whole(book: Book, found: Mapping[str, ResponseRow]) -> None:
    table = book.table(N_("Hvem svarte"), WHOLE)
    for measure, words in COUNTS.items():
        if measure in found:
            table.add((book.say(words), _value(book, found[measure]), None))
    for measure, words in RATES.items():
        if measure in found:
            table.add((book.say(words), None, _value(book, found[measure])))
    table.end()


def _groups(book: Book, names: Mapping[str, str], rows: Sequence[ResponseRow]) -> None:
    table = book.table(N_("Grupper"), GROUPS)
    found = {(row.variable, row.category, row.measure): row for row in rows if row.variable}
    for (variable, category, measure), row in found.items():
        if measure == "rate":
            partial = found.get((variable, category, "partial"))
            given = names.get(category, category) if variable == "unit" else category
            what = book.say(VARIABLES.get(variable, variable)), given or book.say(N_("Ikke oppgitt"))
            table.add((*what, row.n, _value(book, row), partial.value if partial else None))
    table.end()
