"""Which units of a wave make up a unit of a later one, as somebody has written it in a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.tabular import Source, read_table

COLUMNS: Mapping[str, Sequence[str]] = {
    "before": ("før", "gammel", "old", "fra"), "now": ("nå", "ny", "new", "til"),
}  # fmt: skip
Pairs = tuple[tuple[str, str], ...]  # unit of the wave, unit of the later wave


def read_mapping(file: Source, filename: str = "") -> Pairs:
    """Pairs of a file with the columns `before` and `now`; raises InvalidInput with every problem."""
    name = filename or (file.name if isinstance(file, Path) else "")
    table = read_table(file, name, columns=COLUMNS, required=("before", "now"))
    problems = [
        Problem(N_("Raden mangler en enhet."), row=row.number)
        for row in table.rows
        if not row["before"] or not row["now"]
    ]
    if problems or not table.rows:
        raise InvalidInput(*(problems or [Problem(N_("Filen har ingen rader."))]))
    return tuple((row["before"], row["now"]) for row in table.rows)
