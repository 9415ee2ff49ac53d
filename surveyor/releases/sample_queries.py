"""Reading what a release holds beside its cells: weighted figures, and who answered."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.sensitivity import Shift
from analysis.share_intervals import Z_95
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.models import ResponseCell, WeightedCell
from surveyor.releases.queries import item_figures, unit_figures
from surveyor.releases.spec import ResponseRow, WeightedRow

_WEIGHTED = tuple(getattr(WeightedCell, name) for name in WeightedRow._fields)
_RESPONSES = tuple(getattr(ResponseCell, name) for name in ResponseRow._fields)


@dataclass(frozen=True)
class GroupRate:
    """One group of the register: invited, its rate in steps of five, and its part in the unevenness."""

    name: str
    is_shown: bool
    n: int | None = None
    rate: float | None = None
    partial: float | None = None


@dataclass(frozen=True)
class RegisterVariable:
    """One variable of the register with its groups and the test of whether they differ."""

    name: str
    figures: Mapping[str, float | None]
    groups: tuple[GroupRate, ...]


@dataclass(frozen=True)
class Responses:
    """Who answered: figures about everybody, cautions, and the register's variables."""

    figures: Mapping[str, float | None]
    cautions: tuple[str, ...] = ()
    variables: tuple[RegisterVariable, ...] = ()


@dataclass(frozen=True)
class Bounds:
    """A share, and what it would be if all who were silent had said otherwise, or the same."""

    item: str
    code: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class WeightedUnit:
    """Weighted figures of one unit: rows by kind and item, each by measure."""

    unit: str
    rows: Mapping[tuple[CellKind, str], Mapping[str, WeightedRow]] = field(default_factory=dict)


def weighted_rows(
    session: Session, *, release_id: UUID, units: Sequence[str] | None = None
) -> list[WeightedRow]:
    """Weighted figures of a release in order, of some units or of all that have any."""
    query = select(*_WEIGHTED).where(WeightedCell.release_id == release_id).order_by(WeightedCell.position)
    if units is not None:
        query = query.where(WeightedCell.unit.in_(units))
    return [WeightedRow(*row) for row in session.execute(query)]


def weighted_unit(session: Session, *, release_id: UUID, unit: str) -> WeightedUnit:
    """Weighted figures of one unit; none for units further down."""
    found: dict[tuple[CellKind, str], dict[str, WeightedRow]] = {}
    for row in weighted_rows(session, release_id=release_id, units=[unit]):
        found.setdefault((row.kind, row.item), {})[row.measure] = row
    return WeightedUnit(unit, found)


def weighted_changes(
    session: Session, *, now: WeightedUnit, before: UUID, release_id: UUID
) -> Mapping[tuple[CellKind, str], Shift]:
    """Weighted indexes less those of the release before, with 95 % intervals; two samples drawn apart.

    Only of what the release itself compares with last time.
    """
    earlier = weighted_unit(session, release_id=before, unit=now.unit).rows
    found = {}
    for kind in {kind for kind, _ in now.rows}:
        names = [name for one, name in now.rows if one is kind]
        figures = unit_figures(session, release_id=release_id, unit=now.unit, kind=kind, items=names)
        for name, figure in figures.items():
            pair = [rows.get((kind, name), {}).get("index") for rows in (earlier, now.rows)]
            shift = _shift(*pair) if figure.last and figure.last.is_shown else None
            if shift is not None:
                found[kind, name] = shift
    return found


def _shift(old: WeightedRow | None, new: WeightedRow | None) -> Shift | None:
    if old is None or new is None or old.value is None or new.value is None:
        return None
    value = new.value - old.value
    if old.se is None or new.se is None:
        return Shift(value)
    half = Z_95 * math.hypot(old.se, new.se)
    return Shift(value, value - half, value + half)


def response_rows(session: Session, *, release_id: UUID) -> list[ResponseRow]:
    """Who answered, in order; none for small waves."""
    query = select(*_RESPONSES).where(ResponseCell.release_id == release_id).order_by(ResponseCell.position)
    return [ResponseRow(*row) for row in session.execute(query)]


def responses(session: Session, *, release_id: UUID) -> Responses | None:
    """Who answered, gathered for a page; None for small waves."""
    rows = response_rows(session, release_id=release_id)
    if not rows:
        return None
    whole = [row for row in rows if not row.variable]
    cautions = [row.measure.partition(":")[2] for row in whole if row.measure.startswith("caution:")]
    names = dict.fromkeys(row.variable for row in rows if row.variable)
    variables = tuple(_variable(name, [row for row in rows if row.variable == name]) for name in names)
    return Responses({row.measure: row.value for row in whole}, tuple(cautions), variables)


def _variable(name: str, rows: Sequence[ResponseRow]) -> RegisterVariable:
    rates = [row for row in rows if row.measure == "rate"]
    parts = {row.category: row.value for row in rows if row.measure == "partial"}
    groups = tuple(
        GroupRate(row.category, row.state is CellState.SHOWN, row.n, row.value, parts.get(row.category))
        for row in rates
    )
    known = {(row.category, row.measure) for row in rates}
    figures = {row.measure: row.value for row in rows if (row.category, "rate") not in known}
    figures |= {row.measure: row.value for row in rows if row.measure in ("chi_square", "df", "p", "v")}
    return RegisterVariable(name, figures, groups)


def bounds(session: Session, *, release_id: UUID, unit: str, n_invited: int) -> list[Bounds]:
    """Every exact share of a unit, less and more by all who were silent: x / N and (x + N - n) / N."""
    found = []
    for name, figure in item_figures(session, release_id=release_id, unit=unit).items():
        for share in figure.shares:
            if share.value is None or share.n is None or share.n > n_invited:
                continue
            low = share.value * share.n / n_invited
            found.append(Bounds(name, share.code, share.value, low, low + 1 - share.n / n_invited))
    return found
