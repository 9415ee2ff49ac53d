"""Rows of a unit file: read them, and find everything that is wrong with them as a tree."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.tabular import Row, Source, read_table
from surveyor.units.spec import UnitRow

COLUMNS = {
    "code": ("kode", "enhetskode", "einingskode"),
    "name": ("navn", "namn"),
    "type": ("enhetstype", "einingstype"),
    "parent": ("overordnet", "overordna"),
    "from": ("fra", "frå"),
}
FILLED = ("code", "name", "type")


def read_rows(file: Source, filename: str) -> list[UnitRow]:
    """Rows of a unit file; raises InvalidInput with everything wrong when columns miss or cells are empty."""
    table = read_table(file, filename, columns=COLUMNS, required=("code", "name", "type", "parent"))
    problems = [
        table.problem(row, column, N_("Feltet er tomt. Fyll inn en verdi."))
        for row in table.rows
        for column in FILLED
        if not row[column]
    ]
    rows = [_unit_row(row) for row in table.rows]
    if problems:
        coded = [row for row in rows if row.code]
        raise InvalidInput(
            *problems, *tree_problems(coded, known={one for row in coded for one in row.from_codes})
        )
    return rows


def _unit_row(row: Row) -> UnitRow:
    sources = tuple(code.strip() for code in row["from"].split(";") if code.strip())
    return UnitRow(row["code"], row["name"], row["type"], row["parent"] or None, sources, row.number)


def tree_problems(rows: Sequence[UnitRow], *, known: Collection[str]) -> list[Problem]:
    """Everything that keeps rows from being one tree: duplicates, unknown parents, cycles, roots, sources."""
    if not rows:
        return [Problem(N_("Filen har ingen enheter."))]
    parents = {row.code: row.parent for row in rows}
    counts = Counter(row.code for row in rows)
    problems: list[Problem] = []
    for row in rows:
        problems += _row_problems(row, parents, counts, known)
    problems += _root_problems(rows)
    return problems or list(_cycle_problems(rows, parents))


def _row_problems(
    row: UnitRow, parents: dict[str, str | None], counts: Counter[str], known: Collection[str]
) -> Iterator[Problem]:
    if counts[row.code] > 1:
        yield _at(
            row, "code", N_("Koden %(code)s står på flere rader. Hver kode kan stå én gang."), code=row.code
        )
    if "/" in row.code:
        yield _at(row, "code", N_("Koden %(code)s kan ikke inneholde «/»."), code=row.code)
    if row.parent is not None and row.parent not in parents:
        message = N_("Overordnet enhet %(parent)s finnes ikke i filen. Rett koden eller legg til enheten.")
        yield _at(row, "parent", message, parent=row.parent)
    for source in row.from_codes:
        if source not in known and source not in parents:
            yield _at(row, "from", N_("Enheten %(code)s har aldri funnes. Rett koden."), code=source)


def _root_problems(rows: Sequence[UnitRow]) -> list[Problem]:
    roots = [row for row in rows if row.parent is None]
    if len(roots) == 1:
        return []
    if not roots:
        return [Problem(N_("Ingen enhet er øverst. Én rad må ha tom overordnet enhet."), column="parent")]
    return [
        _at(row, "parent", N_("Flere enheter er øverst. Bare én rad kan ha tom overordnet enhet."))
        for row in roots
    ]


def _cycle_problems(rows: Sequence[UnitRow], parents: dict[str, str | None]) -> Iterator[Problem]:
    safe: set[str] = set()
    for row in rows:
        trail: list[str] = []
        code: str | None = row.code
        while code is not None and code not in safe and code not in trail:
            trail.append(code)
            code = parents.get(code)
        if code is None or code in safe:
            safe.update(trail)
        elif code == row.code:
            ring = " → ".join([*trail, code])
            yield _at(row, "parent", N_("Enhetene går i ring: %(ring)s. Rett overordnet enhet."), ring=ring)


def _at(row: UnitRow, column: str, message: str, **params: object) -> Problem:
    return Problem(message, params, row=row.number, column=column)
