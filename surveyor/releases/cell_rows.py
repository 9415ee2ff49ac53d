"""Single rows of a release: a hidden one, a mean or an index, a share."""

from collections.abc import Iterator

from analysis.disclosure.coding import coded_share
from analysis.tables import Scored, bottom_count, top2_count
from surveyor.cubes.spec import Counts
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.spec import Row
from surveyor.releases.subjects import Side, Subject
from surveyor.releases.tables import ItemTables


def option_rows(code: str, item: ItemTables, counts: Counts, shown: bool) -> Iterator[Row]:
    """Shares of the options of an item."""
    n = int(counts.sum())
    for option, count in zip(item.options, counts.tolist(), strict=True):
        yield share_row(code, item.name, f"share:{option}", count, n, shown)


def end_rows(code: str, item: ItemTables, table: Scored, shown: bool) -> Iterator[Row]:
    """Shares of both ends of a scored item."""
    top2, bottom = top2_count(table), bottom_count(table)
    if top2 is not None:
        yield share_row(code, item.name, "top2", top2, table.n, shown)
    yield share_row(code, item.name, "bottom", bottom or 0, table.n, shown)


def hidden_row(code: str, subject: Subject, measure: str) -> Row:
    """A measure of a subject that is not shown."""
    return Row(code, subject.kind, subject.name, measure, CellState.HIDDEN)


def centre_row(code: str, subject: Subject, side: Side, measure: str, half: float | None) -> Row:
    """A mean or an index with its interval."""
    value = side.centres[measure]
    if value is None:
        return hidden_row(code, subject, measure)
    ends = (None, None) if half is None else (value - half, value + half)
    return Row(code, subject.kind, subject.name, measure, CellState.SHOWN, side.table.n, value, *ends)


def share_row(code: str, item: str, measure: str, x: int, n: int, shown: bool) -> Row:
    """A share, coded as a band where the exact one says too much."""
    if not shown or not n:
        return Row(code, CellKind.ITEM, item, measure, CellState.HIDDEN)
    share = coded_share(x, n)
    return Row(code, CellKind.ITEM, item, measure, CellState.SHOWN, n, share.value, share.low, share.high)
