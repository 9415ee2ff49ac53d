"""The Excel file about a questionnaire: reliability, correlations, drivers, others. Loads xlsxwriter."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from surveyor.errors import N_
from surveyor.exports.book import Book, Columns, Value, cover_sheet, new_book
from surveyor.exports.cover import short_cover_lines
from surveyor.exports.spec import ResultsFile
from surveyor.norms.enums import NormKind
from surveyor.norms.spec import Benchmark
from surveyor.releases.enums import CellKind, MomentMeasure
from surveyor.releases.figures import figures
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.quality_wording import (
    NO_CAUSE,
    NORM_COLUMNS,
    norm_sentence,
    ranking_sentence,
    reliability_sentence,
)
from surveyor.releases.wording import HIDDEN

M = MomentMeasure
UNIT = ((N_("Enhetskode"), 14, "text"), (N_("Enhet"), 30, "text"))
SCALES: Columns = (
    *UNIT, (N_("Tema"), 36, "text"), (N_("Svar på alle spørsmålene"), 12, "count"),
    (N_("Indre samsvar (alfa)"), 12, "two"), (N_("Nedre grense"), 10, "two"), (N_("Øvre grense"), 10, "two"),
    (N_("Vurdering"), 60, "text"), (N_("Mellom enhetene (ICC 1)"), 12, "two"),
    (N_("Pålitelig snitt (ICC 2)"), 12, "two"), (N_("Om enhetene"), 60, "text"),
)  # fmt: skip
ITEMS: Columns = (
    *UNIT, (N_("Tema"), 36, "text"), (N_("Spørsmål"), 60, "text"), (N_("Antall svar"), 10, "count"),
    (N_("Sammenheng med resten av temaet"), 14, "two"), (N_("Indre samsvar uten spørsmålet"), 14, "two"),
)  # fmt: skip
PAIRS: Columns = (
    *UNIT, (N_("Hva"), 18, "text"), (N_("Første"), 50, "text"), (N_("Andre"), 50, "text"),
    (N_("Antall svar"), 10, "count"), (N_("Sammenheng (−1 til 1)"), 14, "two"),
    (N_("Nedre grense"), 10, "two"), (N_("Øvre grense"), 10, "two"),
)  # fmt: skip
DRIVERS: Columns = (
    *UNIT, (N_("Henger sammen med"), 36, "text"), (N_("Tema"), 36, "text"), (N_("Antall svar"), 10, "count"),
    (N_("Andel av sammenhengen"), 14, "share"), (N_("Nedre grense"), 10, "share"),
    (N_("Øvre grense"), 10, "share"), (N_("Sammenheng (−1 til 1)"), 14, "two"),
    (N_("Forklart til sammen"), 12, "share"),
)  # fmt: skip
OTHERS: Columns = (
    *UNIT, (N_("Tema eller spørsmål"), 60, "text"), (N_("Indeks her"), 10, "one"), (N_("Andre"), 10, "one"),
    (N_("Det vanlige, fra"), 10, "one"), (N_("Det vanlige, til"), 10, "one"),
    (N_("Organisasjoner"), 14, "count"), (N_("Vurdering"), 60, "text"),
)  # fmt: skip
NOTES = (
    N_(
        "Tallene går fra −1 til 1. Nær 1: De som svarer høyt på det ene, svarer som regel høyt på det andre. "
        "Nær 0: ingen sammenheng. Under 0: Høyt på det ene går sammen med lavt på det andre."
    ),
    NO_CAUSE,
    N_("«Vises ikke» betyr at tallet er holdt tilbake, slik at ingen kan kjennes igjen."),
)
Key = tuple[str, MomentMeasure, str, str]


def write_quality(
    file: ResultsFile, rows: Sequence[MomentRow], benchmark: Benchmark | None, out: IO[bytes]
) -> None:
    """Write the workbook of some units' rows; the same release gives the same bytes."""
    with new_book(file, out) as book:
        found = {(row.unit, row.measure, row.subject, row.other): row for row in rows}
        cover_sheet(book, short_cover_lines(file, NOTES))
        _scales(book, found)
        _items(book, found)
        _pairs(book, rows)
        _drivers(book, found)
        if benchmark:
            _others(book, benchmark)


def _unit(book: Book, code: str) -> tuple[str, str]:
    return code, next((unit.name for unit in book.file.units if unit.code == code), code)


def _value(book: Book, row: MomentRow | None) -> Value:
    """The figure, the mark of what is not shown, or nothing where there is no such row."""
    if row is None:
        return None
    return row.value if row.is_shown else book.say(HIDDEN)


def _of(found: Mapping[Key, MomentRow], measure: MomentMeasure) -> Iterator[MomentRow]:
    return (row for row in found.values() if row.measure is measure)


def _scales(book: Book, found: Mapping[Key, MomentRow]) -> None:
    table = book.table(N_("Indre samsvar"), SCALES)
    for row in _of(found, M.ALPHA):
        icc1, icc2 = (found.get((row.unit, m, row.subject, "")) for m in (M.ICC1, M.ICC2))
        judged = None if row.value is None else book.say(reliability_sentence(row.value).message)
        ranked = (
            None if icc2 is None or icc2.value is None else book.say(ranking_sentence(icc2.value).message)
        )
        label = book.file.label(CellKind.SCALE, row.subject)
        figures_of = (row.n, _value(book, row), row.low, row.high, judged)
        table.add(
            (*_unit(book, row.unit), label, *figures_of, _value(book, icc1), _value(book, icc2), ranked)
        )
    table.end()


def _items(book: Book, found: Mapping[Key, MomentRow]) -> None:
    table = book.table(N_("Spørsmål i temaene"), ITEMS)
    for row in _of(found, M.ITEM_REST):
        without = found.get((row.unit, M.ALPHA_WITHOUT, row.subject, row.other))
        names = book.file.label(CellKind.SCALE, row.subject), book.file.label(CellKind.ITEM, row.other)
        table.add((*_unit(book, row.unit), *names, row.n, _value(book, row), _value(book, without)))
    table.end()


def _pairs(book: Book, rows: Sequence[MomentRow]) -> None:
    table = book.table(N_("Sammenhenger"), PAIRS)
    kinds = {
        (M.SPEARMAN, CellKind.SCALE): N_("Temaer (Spearman)"),
        (M.SPEARMAN, CellKind.ITEM): N_("Spørsmål (Spearman)"),
        (M.POLYCHORIC, CellKind.ITEM): N_("Spørsmål (polykorisk)"),
    }
    scales = {scale.name for scale in book.file.questionnaire.scales}
    for row in rows:
        is_themes = row.measure is M.SPEARMAN and {row.subject, row.other} <= scales
        kind = CellKind.SCALE if is_themes else CellKind.ITEM
        if words := kinds.get((row.measure, kind)):
            names = book.file.label(kind, row.subject), book.file.label(kind, row.other)
            figure = (row.n, _value(book, row), row.low, row.high)
            table.add((*_unit(book, row.unit), book.say(words), *names, *figure))
    table.end()


def _drivers(book: Book, found: Mapping[Key, MomentRow]) -> None:
    table = book.table(N_("Hva henger sammen"), DRIVERS)
    for row in _of(found, M.DRIVER):
        r, explained = (
            found.get((row.unit, M.DRIVER_R, row.subject, row.other)),
            found.get((row.unit, M.EXPLAINED, row.subject, "")),
        )
        scales = {scale.name for scale in book.file.questionnaire.scales}
        kind = CellKind.SCALE if row.subject in scales else CellKind.ITEM
        names = book.file.label(kind, row.subject), book.file.label(CellKind.SCALE, row.other)
        figure = (row.n, _value(book, row), row.low, row.high, _value(book, r), _value(book, explained))
        table.add((*_unit(book, row.unit), *names, *figure))
    table.end()
    table.sheet.write_string(table.row + 2, 0, book.say(NO_CAUSE), book.formats["text"])


def _others(book: Book, benchmark: Benchmark) -> None:
    """The top units' indexes beside what is usual elsewhere."""
    table = book.table(N_("Andre"), OTHERS)
    kinds = {CellKind.SCALE: NormKind.SCALE, CellKind.ITEM: NormKind.ITEM}
    tops = [unit for unit in book.file.units if unit.parent is None]
    for figure in figures(
        row for row in book.file.read([u.code for u in tops]) if row.kind in kinds
    ).values():
        usual = benchmark.figures.get((kinds[figure.kind], figure.item))
        if usual is None:
            continue
        ends = (figure.low, figure.high) if figure.is_shown else (None, None)
        told = norm_sentence(*ends, lowest_quarter=usual.low, highest_quarter=usual.high)
        limits = {name: f"{value:.0f}" for name, value in told.params.items()}
        index = figure.index if figure.is_shown else book.say(HIDDEN)
        label = book.file.label(figure.kind, figure.item)
        usually = (usual.value, usual.low, usual.high, usual.n_organisations, book.say(told.message) % limits)
        table.add((*_unit(book, figure.unit), label, index, *usually))
    table.end()
    table.sheet.write_string(table.row + 2, 0, book.say(NORM_COLUMNS), book.formats["text"])
