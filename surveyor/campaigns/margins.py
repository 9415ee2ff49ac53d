"""Reading what is known of a population from a file: sizes of units, shares of categories. Pure."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.instruments.spec import Questionnaire
from surveyor.tabular import Row, Source, Table, read_table
from surveyor.units.spec import UnitTree

UNIT_VARIABLE = "unit"
SIZE_COLUMNS = {
    "unit": ("enhet", "enhetskode", "eining", "stratum", "klynge", "klyngje", "unit code"),
    "population": ("antall", "antal", "innbyggere", "innbyggjarar", "befolkning", "folketall", "people"),
}
MARGIN_COLUMNS = {
    "variable": ("variabel", "spørsmål", "item"),
    "category": ("kategori", "kode", "gruppe", "code"),
    "count": ("antall", "antal", "n"),
    "share": ("andel", "prosent", "percent"),
}
TOTAL_TOLERANCE = 0.01  # counts of two registers are of different days
_SHARE_TOLERANCE = 0.005
_MOST = 10**9
_NUMBER = re.compile(r"\d{1,12}([.,]\d{1,12})?")


@dataclass(frozen=True)
class _Line:
    """One category with what the file says of it."""

    row: Row
    category: str
    count: float | None
    share: float | None


def read_sizes(file: Source, filename: str, *, tree: UnitTree) -> dict[str, int]:
    """People by unit code; raises InvalidInput with every problem."""
    table = read_table(file, filename, columns=SIZE_COLUMNS, required=("unit", "population"))
    problems: list[Problem] = []
    sizes: dict[str, int] = {}
    for row in table.rows:
        problems += _size_problems(row, table, tree, sizes)
        number = _number(row["population"])
        sizes.setdefault(row["unit"], int(number) if number is not None else 0)
    problems += _nested(table, tree, sizes)
    if not table.rows:
        problems.append(Problem(N_("Filen har ingen enheter.")))
    if problems:
        raise InvalidInput(*problems)
    return sizes


def _size_problems(row: Row, table: Table, tree: UnitTree, seen: Mapping[str, int]) -> Iterator[Problem]:
    unit, number = row["unit"], _number(row["population"])
    if not unit:
        yield table.problem(row, "unit", N_("Enheten mangler."))
    elif unit not in tree:
        yield table.problem(row, "unit", N_("Enheten «%(unit)s» er ikke med i målingen."), unit=unit[:40])
    elif unit in seen:
        yield table.problem(row, "unit", N_("Enheten «%(unit)s» står to ganger."), unit=unit)
    if number is None or number < 1 or number != int(number):
        yield table.problem(
            row, "population", N_("Skriv hvor mange personer det er, som et helt tall over 0.")
        )


def _nested(table: Table, tree: UnitTree, sizes: Mapping[str, int]) -> Iterator[Problem]:
    for row in table.rows:
        above = [node.code for node in tree.path(row["unit"])[:-1]] if row["unit"] in tree else []
        for code in above:
            if code in sizes:
                message = N_(
                    "«%(unit)s» ligger under «%(above)s», som også står i filen. Behold bare den ene."
                )
                yield table.problem(row, "unit", message, unit=row["unit"], above=code)


def read_margins(
    file: Source, filename: str, *, questionnaire: Questionnaire, tree: UnitTree, n_population: int
) -> dict[str, dict[str, float]]:
    """Shares by variable and category; raises InvalidInput with every problem, each in its row and column."""
    table = read_table(file, filename, columns=MARGIN_COLUMNS, required=("variable", "category"))
    known = known_categories(questionnaire, tree)
    problems: list[Problem] = []
    lines: dict[str, list[_Line]] = defaultdict(list)
    for row in table.rows:
        if line := _line(row, table, known, lines, problems):
            lines[_variable(row)].append(line)
    if not table.rows:
        problems.append(Problem(N_("Filen har ingen fordelinger.")))
    margins = {}
    for variable, found in lines.items():
        problems += _variable_problems(variable, found, table, n_population)
        margins[variable] = _shares(found)
    if problems:
        raise InvalidInput(*problems)
    return margins


def known_categories(questionnaire: Questionnaire, tree: UnitTree) -> dict[str, tuple[str, ...]]:
    """The variables margins may be about, each with its categories: background questions, and units."""
    known = {
        item.name: tuple(c.code for c in questionnaire.categories(item) if not c.missing)
        for item in questionnaire.background_items
    }
    return {**known, UNIT_VARIABLE: tuple(tree.nodes)}


def in_order(
    margins: Mapping[str, Mapping[str, float]], known: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, float]]:
    """Margins in the order of the questionnaire: a database may give them back in another."""
    return {
        variable: {code: margins[variable][code] for code in codes if code in margins[variable]}
        for variable, codes in known.items()
        if variable in margins
    }


def _variable(row: Row) -> str:
    word = row["variable"]
    return UNIT_VARIABLE if word.casefold() in ("enhet", "eining", "unit") else word


def _line(
    row: Row,
    table: Table,
    known: Mapping[str, tuple[str, ...]],
    seen: Mapping[str, list[_Line]],
    problems: list[Problem],
) -> _Line | None:
    variable, category = _variable(row), row["category"]
    found = list(_name_problems(row, table, known))
    if not found and any(line.category == category for line in seen.get(variable, ())):
        message = N_("«%(category)s» står to ganger for «%(variable)s».")
        found.append(table.problem(row, "category", message, category=category, variable=variable))
    count, share = _number(row["count"]), _number(row["share"].removesuffix("%").strip())
    found += _number_problems(row, table, count, share)
    problems += found
    return None if found else _Line(row, category, count, share)


def _name_problems(row: Row, table: Table, known: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    variable, category = _variable(row), row["category"]
    if not variable:
        yield table.problem(row, "variable", N_("Variabelen mangler."))
    elif variable not in known:
        message = N_("«%(variable)s» er ikke et bakgrunnsspørsmål i skjemaet. Bruk ett av disse: %(known)s.")
        yield table.problem(row, "variable", message, variable=variable[:40], known=", ".join(known))
    elif not category:
        yield table.problem(row, "category", N_("Kategorien mangler."))
    elif category not in known[variable] and variable == UNIT_VARIABLE:
        message = N_("Enheten «%(unit)s» er ikke med i målingen.")
        yield table.problem(row, "category", message, unit=category[:40])
    elif category not in known[variable]:
        message = N_("«%(variable)s» har ikke kategorien «%(category)s». Kodene er %(known)s.")
        words = {"variable": variable, "category": category[:40], "known": ", ".join(known[variable])}
        yield table.problem(row, "category", message, **words)


def _number_problems(row: Row, table: Table, count: float | None, share: float | None) -> Iterator[Problem]:
    for column, number in (("count", count), ("share", share)):
        if row[column] and number is None:
            yield table.problem(row, column, N_("«%(text)s» er ikke et tall."), text=row[column][:40])
            return
    if bool(row["count"]) == bool(row["share"]):
        column = "count" if "count" in table or "share" not in table else "share"
        yield table.problem(row, column, N_("Skriv enten antall eller andel."))
    elif not (count or share or 0) > 0:
        message = N_("Tallet må være over 0. Ta bort raden hvis ingen hører til her.")
        yield table.problem(row, "count" if row["count"] else "share", message)


def _variable_problems(
    variable: str, lines: list[_Line], table: Table, n_population: int
) -> Iterator[Problem]:
    last, words = lines[-1].row, {"variable": variable}
    counts = [line.count for line in lines if line.count is not None]
    shares = [line.share for line in lines if line.share is not None]
    if len(lines) < 2:
        message = N_("«%(variable)s» må ha minst to kategorier.")
        yield table.problem(last, "category", message, **words)
    elif counts and shares:
        message = N_("«%(variable)s» har både antall og andeler. Bruk bare det ene.")
        yield table.problem(last, "count", message, **words)
    elif counts and abs(math.fsum(counts) / n_population - 1) > TOTAL_TOLERANCE:
        message = N_("Antallene for «%(variable)s» blir %(sum)s til sammen. Målingen gjelder %(n)s personer.")
        yield table.problem(last, "count", message, sum=round(math.fsum(counts)), n=n_population, **words)
    elif shares and not any(abs(math.fsum(shares) / whole - 1) <= _SHARE_TOLERANCE for whole in (1, 100)):
        message = N_("Andelene for «%(variable)s» blir %(sum)s til sammen. De må bli 100 prosent.")
        yield table.problem(last, "share", message, sum=f"{math.fsum(shares):.4g}", **words)


def _shares(lines: list[_Line]) -> dict[str, float]:
    numbers = {line.category: line.count or line.share or 0.0 for line in lines}
    whole = math.fsum(numbers.values())
    return {category: number / whole for category, number in numbers.items()}


def _number(written: str) -> float | None:
    """A number as people write it: spaces between thousands, comma or point."""
    plain = re.sub(r"\s", "", written)
    found = float(plain.replace(",", ".")) if _NUMBER.fullmatch(plain) else None
    return found if found is None or found <= _MOST else None
