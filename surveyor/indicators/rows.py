"""Rows of files of indicators and of values: texts become definitions and numbers, or problems."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.indicators.enums import Direction, Perspective
from surveyor.indicators.spec import Definition, is_code, is_period, parse_number, parse_types
from surveyor.tabular import Row, Source, Table, read_table

DEFINITION_COLUMNS = {
    "code": ("kode", "indikatorkode"),
    "name": ("navn", "namn"),
    "perspective": ("perspektiv",),
    "source": ("kilde", "kjelde"),
    "direction": ("retning",),
    "target": ("måltall", "måltal", "mål"),
    "green_from": ("grønn fra", "grønt fra", "grøn frå", "grønt frå"),
    "yellow_from": ("gul fra", "gult fra", "gul frå", "gult frå"),
    "measured_in": ("måles i", "målt i", "måleenhet", "måleeining", "benevning"),
    "unit_types": ("enhetstyper", "einingstypar"),
}
FILLED = ("code", "name", "perspective", "source", "direction")
VALUE_COLUMNS = {
    "indicator": ("indikator", "indikatorkode"),
    "unit": ("enhet", "eining", "enhetskode", "einingskode"),
    "period": ("periode", "år"),
    "value": ("verdi",),
}
PERSPECTIVES = {
    Perspective.USERS: {"users", "user", "brukere", "bruker", "brukarar"},
    Perspective.PROCESSES: {
        "processes", "work processes", "arbeidsprosesser", "arbeidsprosessar", "prosesser", "prosessar",
    },
    Perspective.EMPLOYEES: {"employees", "employee", "medarbeidere", "medarbeidarar", "ansatte", "tilsette"},
    Perspective.ECONOMY: {"economy", "økonomi", "finance"},
}  # fmt: skip
DIRECTIONS = {
    Direction.UP: {"up", "opp", "høyere", "høyere er bedre", "høgare", "høgare er betre"},
    Direction.DOWN: {"down", "ned", "lavere", "lavere er bedre", "lågare", "lågare er betre"},
}
Word = TypeVar("Word")


@dataclass(frozen=True)
class ValueRow:
    """One row of a file of values."""

    row: Row
    indicator: str
    unit: str
    period: int
    value: float


def read_definitions(file: Source, filename: str) -> tuple[Table, list[tuple[Row, Definition]]]:
    """The definitions of a file with their rows; raises InvalidInput with every cell that cannot be read."""
    table = read_table(file, filename, columns=DEFINITION_COLUMNS, required=FILLED)
    problems = [problem for row in table.rows for problem in _cell_problems(table, row)]
    problems += _doubles(table)
    if not table.rows:
        problems.append(Problem(N_("Filen har ingen indikatorer.")))
    if problems:
        raise InvalidInput(*problems)
    return table, [(row, _definition(row)) for row in table.rows]


def read_values(file: Source, filename: str) -> tuple[Table, list[ValueRow]]:
    """The values of a file with their rows; raises InvalidInput with every cell that cannot be read."""
    table = read_table(file, filename, columns=VALUE_COLUMNS, required=tuple(VALUE_COLUMNS))
    problems = [problem for row in table.rows for problem in _value_problems(table, row)]
    if not table.rows:
        problems.append(Problem(N_("Filen har ingen verdier.")))
    if problems:
        raise InvalidInput(*problems)
    return table, [
        ValueRow(row, row["indicator"], row["unit"], int(row["period"]), parse_number(row["value"]))
        for row in table.rows
    ]


def _cell_problems(table: Table, row: Row) -> Iterator[Problem]:
    for column in FILLED:
        if not row[column]:
            yield table.problem(row, column, N_("Feltet er tomt. Fyll inn en verdi."))
    if row["code"] and not is_code(row["code"]):
        yield table.problem(
            row,
            "code",
            N_("Koden kan ha høyst 60 tegn, uten mellomrom, skråstrek, spørsmålstegn, # og prosenttegn."),
        )
    if row["perspective"] and _word(PERSPECTIVES, row["perspective"]) is None:
        message = N_(
            "Perspektivet «%(word)s» finnes ikke. Velg Brukere, Arbeidsprosesser, Medarbeidere eller Økonomi."
        )
        yield table.problem(row, "perspective", message, word=row["perspective"])
    if row["direction"] and _word(DIRECTIONS, row["direction"]) is None:
        message = N_("Retningen «%(word)s» finnes ikke. Skriv opp eller ned.")
        yield table.problem(row, "direction", message, word=row["direction"])
    for column in ("target", "green_from", "yellow_from"):
        if row[column] and not _is_number(row[column]):
            yield table.problem(row, column, N_("«%(text)s» er ikke et tall."), text=row[column])


def _doubles(table: Table) -> list[Problem]:
    counts = Counter(row["code"] for row in table.rows if row["code"])
    message = N_("Koden %(code)s står på flere rader. Hver kode kan stå én gang.")
    return [
        table.problem(row, "code", message, code=row["code"]) for row in table.rows if counts[row["code"]] > 1
    ]


def _value_problems(table: Table, row: Row) -> Iterator[Problem]:
    for column in VALUE_COLUMNS:
        if not row[column]:
            yield table.problem(row, column, N_("Feltet er tomt. Fyll inn en verdi."))
    if row["value"] and not _is_number(row["value"]):
        yield table.problem(row, "value", N_("«%(text)s» er ikke et tall."), text=row["value"])
    if row["period"] and not is_period(row["period"]):
        message = N_("«%(text)s» er ikke et år. Skriv for eksempel 2026.")
        yield table.problem(row, "period", message, text=row["period"])


def _is_number(text: str) -> bool:
    try:
        parse_number(text)
    except ValueError:
        return False
    return True


def _word(words: Mapping[Word, set[str]], text: str) -> Word | None:
    plain = " ".join(text.split()).casefold()
    return next((word for word, known in words.items() if plain in known), None)


def _definition(row: Row) -> Definition:
    perspective, direction = _word(PERSPECTIVES, row["perspective"]), _word(DIRECTIONS, row["direction"])
    if perspective is None or direction is None:
        raise ValueError("the row was not checked")
    numbers = {
        column: parse_number(row[column]) if row[column] else None
        for column in ("target", "green_from", "yellow_from")
    }
    return Definition(
        row["code"], row["name"], perspective, row["source"], direction, **numbers,
        measured_in=row["measured_in"], unit_types=parse_types(row["unit_types"]),
    )  # fmt: skip
