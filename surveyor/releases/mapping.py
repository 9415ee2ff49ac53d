"""Which units of a wave make up a unit of a later one, as somebody has written it in a file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from surveyor.cubes.spec import CubeTree
from surveyor.errors import N_, InvalidInput, Problem
from surveyor.tabular import Row, Source, Table, read_table

COLUMNS: Mapping[str, Sequence[str]] = {
    "before": ("før", "gammel", "old", "fra"), "now": ("nå", "ny", "new", "til"),
}  # fmt: skip


class Pair(NamedTuple):
    """A unit of the wave and the unit of the later wave it became; where that stands, if in a file."""

    before: str
    now: str
    sheet: str | None = None
    row: int | None = None
    columns: tuple[str, str] = ("before", "now")

    def problem(self, place: int, message: str) -> Problem:
        """What is wrong with the unit before (0) or now (1)."""
        named = {"unit": (self.before, self.now)[place][:80]}
        return Problem(message, named, sheet=self.sheet, row=self.row, column=self.columns[place])


Pairs = tuple[Pair, ...]


def read_mapping(file: Source, filename: str = "") -> Pairs:
    """Pairs of a file with the columns `before` and `now`; raises InvalidInput with every problem."""
    name = filename or (file.name if isinstance(file, Path) else "")
    table = read_table(file, name, columns=COLUMNS, required=("before", "now"))
    problems = [problem for row in table.rows for problem in _empty_cells(table, row)]
    if problems or not table.rows:
        raise InvalidInput(*(problems or [Problem(N_("Filen har ingen rader."), sheet=table.sheet)]))
    headings = table.headings["before"], table.headings["now"]
    return tuple(Pair(row["before"], row["now"], table.sheet, row.number, headings) for row in table.rows)


def _empty_cells(table: Table, row: Row) -> Iterator[Problem]:
    return (table.problem(row, name, N_("Enheten mangler.")) for name in COLUMNS if not row[name])


def check_mapping(pairs: Pairs, before: CubeTree, now: CubeTree) -> None:
    """Raise InvalidInput for every unit that is unknown, twice there, or inside another one of the file."""
    problems = [*_problems_before(pairs, before), *_problems_now(pairs, now)]
    if problems:
        raise InvalidInput(*problems)


def _problems_before(pairs: Pairs, tree: CubeTree) -> Iterator[Problem]:
    known, times, seen = set(tree.codes[: tree.n_units]), Counter(pair.before for pair in pairs), set[str]()
    for pair in pairs:
        if pair.before not in known:
            yield pair.problem(0, N_("Enheten «%(unit)s» er ikke med i målingen."))
        elif pair.before in seen:
            yield pair.problem(0, N_("Enheten «%(unit)s» står to ganger."))
        elif any(above in times for above in _above(tree, pair.before)):
            yield pair.problem(0, N_("Enheten «%(unit)s» ligger under en annen enhet i filen."))
        seen.add(pair.before)


def _problems_now(pairs: Iterable[Pair], tree: CubeTree) -> Iterator[Problem]:
    known = set(tree.codes[: tree.n_units])
    for pair in pairs:
        if pair.now not in known:
            yield pair.problem(1, N_("Enheten «%(unit)s» er ikke med i den senere målingen."))


def _above(tree: CubeTree, code: str) -> Iterator[str]:
    place = tree.parent[tree.place[code]]
    while place >= 0:
        yield tree.codes[place]
        place = tree.parent[place]
