"""A file of benchmarks: how people in each organisation answered; texts become counts, or problems."""

from collections import Counter
from collections.abc import Iterator, Mapping

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.instruments.spec import Questionnaire
from surveyor.tabular import Row, Source, Table, read_table

COLUMNS = {
    "organisation": ("organisasjon", "kommune", "virksomhet", "verksemd"),
    "item": ("spørsmål", "spørsmålsnavn", "navn", "namn"),
    "code": ("svarkode", "kode", "svar"),
    "count": ("antall", "antal", "n"),
}
MOST_ANSWERS = 10**9
_KINDS = {"kommune", "fylkeskommune", "herad", "by", "og"}
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]
"""item -> organisation -> code -> people"""


def read_counts(file: Source, filename: str, asked: Questionnaire, *, own: str = "") -> Counts:
    """The counts of a file; raises InvalidInput with every cell that cannot be taken.

    own: what we are called. One's own answers among those of others would make everybody look more usual.
    """
    table = read_table(file, filename, columns=COLUMNS, required=tuple(COLUMNS))
    problems = [problem for row in table.rows for problem in _problems(table, row, asked)]
    ours = [row for row in table.rows if own and _bare_name(row["organisation"]) == _bare_name(own)]
    message = N_("«%(name)s» er dere selv. Ta ut deres egne svar: Sammenligningen er med de andre.")
    problems += [
        table.problem(row, "organisation", message, name=row["organisation"][:80]) for row in ours[:1]
    ]
    problems += _doubles(table)
    problems += [] if problems else _too_many(table)
    if not table.rows:
        problems.append(Problem(N_("Filen har ingen sammenligningstall.")))
    if problems:
        raise InvalidInput(*problems)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in table.rows:
        found.setdefault(row["item"], {}).setdefault(row["organisation"], {})[row["code"]] = int(row["count"])
    return found


def _problems(table: Table, row: Row, asked: Questionnaire) -> Iterator[Problem]:
    for column in COLUMNS:
        if not row[column]:
            yield table.problem(row, column, N_("Feltet er tomt. Fyll inn en verdi."))
    item = next((one for one in asked.scored_items if one.name == row["item"]), None)
    if row["item"] and item is None:
        message = N_("«%(name)s» er ikke et spørsmål med poeng i undersøkelsen.")
        yield table.problem(row, "item", message, name=row["item"][:80])
    elif item and row["code"] and row["code"] not in {c.code for c in asked.categories(item)}:
        message = N_("«%(code)s» er ikke et svar på spørsmålet «%(name)s».")
        yield table.problem(row, "code", message, code=row["code"][:80], name=item.name)
    if row["count"] and not _is_count(row["count"]):
        message = N_("«%(text)s» er ikke et helt tall.")
        yield table.problem(row, "count", message, text=row["count"][:80])


def _bare_name(organisation: str) -> str:
    """A name without the kind of organisation: «Fjordvik kommune» is «fjordvik»."""
    words = organisation.casefold().split()
    return " ".join(word for word in words if word not in _KINDS) or " ".join(words)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(MOST_ANSWERS))


def _too_many(table: Table) -> list[Problem]:
    """Items with more answers than there are people."""
    totals = Counter[str]()
    for row in table.rows:
        totals[row["item"]] += int(row["count"])
    last = {row["item"]: row for row in table.rows}
    message = N_("«%(name)s» har for mange svar til sammen.")
    return [
        table.problem(last[name], "count", message, name=name)
        for name, n in totals.items()
        if n > MOST_ANSWERS
    ]


def _doubles(table: Table) -> list[Problem]:
    keys = [(row["organisation"], row["item"], row["code"]) for row in table.rows]
    counts = Counter(keys)
    message = N_("Samme organisasjon, spørsmål og svar står på flere rader.")
    pairs = zip(table.rows, keys, strict=True)
    return [table.problem(row, "code", message) for row, key in pairs if all(key) and counts[key] > 1]
