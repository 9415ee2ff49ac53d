"""The Excel file's sheet of background groups: one row a unit, group and theme or question."""

from collections.abc import Sequence

from surveyor.errors import N_
from surveyor.exports.book import Book, Table
from surveyor.releases.enums import CellKind
from surveyor.releases.figures import group_figures
from surveyor.releases.spec import Figure, ReleasedUnit, Row
from surveyor.releases.wording import HIDDEN, verdict_word

GROUPS = (
    (N_("Enhetskode"), 14, "text"), (N_("Enhet"), 30, "text"), (N_("Bakgrunnsspørsmål"), 30, "text"),
    (N_("Gruppe"), 20, "text"), (N_("Hva"), 11, "text"), (N_("Navn"), 12, "text"), (N_("Tekst"), 50, "text"),
    (N_("Antall svar"), 9, "count"), (N_("Indeks 0–100"), 11, "one"), (N_("Indeks, nedre grense"), 11, "one"),
    (N_("Indeks, øvre grense"), 11, "one"), (N_("Gjennomsnitt"), 12, "two"), (N_("Standardavvik"), 12, "two"),
    (N_("Mot de andre i enheten"), 24, "text"), (N_("Forskjell i poeng"), 11, "signed"),
    (N_("Forskjell, nedre grense"), 11, "signed"), (N_("Forskjell, øvre grense"), 11, "signed"),
)  # fmt: skip


def add_groups(book: Book, table: Table, unit: ReleasedUnit, rows: Sequence[Row]) -> None:
    """The groups of one unit, cut by cut; a unit that shows none has no row."""
    for cut in dict.fromkeys(row.cut for row in rows):
        found = group_figures(row for row in rows if row.cut == cut)
        for category, figures in found.items():
            for figure in figures.values():
                if figure.kind is CellKind.SCALE or book.file.has_scores(figure.item):
                    _add(book, table, unit, cut, category, figure)


def _add(book: Book, table: Table, unit: ReleasedUnit, cut: str, category: str, figure: Figure) -> None:
    kind = book.say(N_("Tema") if figure.kind is CellKind.SCALE else N_("Spørsmål"))
    word, rest = verdict_word(figure.rest), figure.rest
    table.add(
        (
            unit.code, unit.name, book.file.label(CellKind.ITEM, cut), book.file.category(cut, category),
            kind, figure.item, book.file.label(figure.kind, figure.item), figure.n,
            figure.index if figure.is_shown else book.say(HIDDEN), *figure.ends, figure.mean,
            figure.sd, None if word is None else book.say(word), rest.difference if rest else None,
            rest.low if rest else None, rest.high if rest else None,
        )
    )  # fmt: skip
