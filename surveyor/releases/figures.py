"""Rows of a release gathered into figures: one per unit, kind and item."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from surveyor.releases.enums import CellKind, CellState, ComparedTo, Verdict
from surveyor.releases.spec import Change, Figure, Row, Share

Key = tuple[str, CellKind, str]  # unit, kind, item


def figures(rows: Iterable[Row]) -> dict[Key, Figure]:
    """Figures by (unit, kind, item), in the order of the rows."""
    grouped: dict[Key, list[Row]] = {}
    for row in rows:
        grouped.setdefault((row.unit, row.kind, row.item), []).append(row)
    return {key: _figure(key, mine) for key, mine in grouped.items()}


def group_figures(rows: Iterable[Row]) -> dict[str, dict[Key, Figure]]:
    """Figures of a cut's groups by category, each as those of a unit."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.category, []).append(row)
    return {category: figures(mine) for category, mine in grouped.items()}


def _figure(key: Key, rows: Sequence[Row]) -> Figure:
    found = Figure(*key)
    shares: list[Share] = []
    changes: dict[ComparedTo, Change] = {}
    for row in rows:
        if row.compared_to:
            if row.measure == "index":
                changes[ComparedTo(row.compared_to)] = _change(row)
        elif row.measure.startswith("share:"):
            shares.append(share_of(row))
        else:
            found = _with_measure(found, row)
    return replace(found, shares=tuple(shares), changes=changes)


def _with_measure(found: Figure, row: Row) -> Figure:
    if row.measure == "index":
        is_shown = row.state is CellState.SHOWN
        return replace(found, is_shown=is_shown, n=row.n, index=row.value, low=row.low, high=row.high)
    if row.measure == "mean":
        return replace(found, mean=row.value)
    if row.measure == "sd":
        return replace(found, sd=row.value)
    names = {"missing_share": "missing", "top2": "top2", "bottom": "bottom"}
    if row.measure in names:
        return replace(found, **{names[row.measure]: share_of(row)})  # type: ignore[arg-type]  # all are shares
    return found


def share_of(row: Row) -> Share:
    """A row of a share, or of the response rate, as a share."""
    return Share(row.measure, row.state is CellState.SHOWN, row.n, row.value, row.low, row.high)


def _change(row: Row) -> Change:
    return Change(
        ComparedTo(row.compared_to),
        row.state is CellState.SHOWN,
        Verdict(row.verdict) if row.verdict else None,
        row.difference,
        row.low,
        row.high,
        row.p,
        row.p_adjusted,
        row.effect,
        row.n,
    )
