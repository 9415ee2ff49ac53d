"""Recording values: a new row replaces an older one, none is changed; the same value again is nothing new."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.errors import N_, InvalidInput, NotFound, Problem, Refused
from surveyor.indicators.models import Indicator, IndicatorValue
from surveyor.indicators.queries import current_values, indicator_by_code, indicators
from surveyor.indicators.rows import ValueRow, read_values
from surveyor.indicators.sources import EnteredSource, parse_source
from surveyor.indicators.spec import NewValue, PublishReport
from surveyor.tabular import Source, Table
from surveyor.units.queries import unit_ids

_CHUNK = 500


def record_manual_value(
    session: Session, *, indicator_code: str, unit_code: str, period: int, value: float, actor: Actor
) -> bool:
    """Write in one value by hand; raises NotFound, Refused when the indicator has another source."""
    indicator, units = indicator_by_code(session, code=indicator_code), unit_ids(session)
    if unit_code not in units:
        raise NotFound(N_("Det finnes ingen enhet med koden %(code)s."), code=unit_code)
    if not is_entered(indicator):
        raise Refused(N_("%(name)s henter tallene selv og kan ikke føres for hånd."), name=indicator.name)
    new = NewValue(indicator.id, units[unit_code], period, value, source=actor.name)
    if not record_values(session, values=[new], actor=actor):
        return False
    record(
        session, actor=actor, action="indicators.value_recorded", subject_type="indicator",
        subject_id=indicator_code, unit=unit_code, period=period,
    )  # fmt: skip
    return True


def import_values(
    session: Session, *, file: Source, filename: str, actor: Actor, units: Collection[str] | None = None
) -> PublishReport:
    """Take values from a file, for all units or those one may write for; raises InvalidInput."""
    table, rows = read_values(file, filename)
    known, ids = {one.code: one for one in indicators(session)}, unit_ids(session)
    problems = [
        *_row_problems(table, rows, known, ids if units is None else set(units)),
        *_doubles(table, rows),
    ]
    if problems:
        raise InvalidInput(*problems)
    values = [
        NewValue(known[one.indicator].id, ids[one.unit], one.period, one.value, source=filename)
        for one in rows
    ]
    n_new = record_values(session, values=values, actor=actor)
    record(
        session, actor=actor, action="indicators.values_imported", subject_type="indicator",
        subject_id=filename, n_values=n_new,
    )  # fmt: skip
    codes = tuple(dict.fromkeys(one.indicator for one in rows))
    return PublishReport(filename, len(values), len({one.unit for one in rows}), n_new, codes)


def record_values(session: Session, *, values: Sequence[NewValue], actor: Actor) -> int:
    """Put values in force and older ones out of it; returns how many were new or different."""
    if not values:
        return 0
    before = current_values(
        session,
        periods={value.period for value in values},
        indicator_ids={value.indicator_id for value in values},
        unit_ids={value.unit_id for value in values},
    )
    fresh = [value for value in values if _content(before.get(value.place)) != value.content]
    now = clock.now()
    _replace(session, [before[value.place].id for value in fresh if value.place in before], now)
    if fresh:
        rows = [_columns(value) | {"recorded_at": now, "recorded_by": actor.name} for value in fresh]
        session.execute(insert(IndicatorValue), rows)
    return len(fresh)


def is_entered(indicator: Indicator) -> bool:
    """Whether an indicator's values are written in or read from a file."""
    return isinstance(parse_source(indicator.source), EnteredSource)


def _content(value: IndicatorValue | None) -> tuple[object, ...] | None:
    if value is None:
        return None
    return value.value, value.n, value.low, value.high, value.source, value.release_sha256


def _columns(value: NewValue) -> dict[str, object]:
    return {**vars(value), "replaced_at": None}


def _replace(session: Session, ids: Sequence[UUID], now: datetime) -> None:
    for start in range(0, len(ids), _CHUNK):
        chunk = IndicatorValue.id.in_(ids[start : start + _CHUNK])
        session.execute(
            update(IndicatorValue).where(chunk).values(replaced_at=now),
            execution_options={"synchronize_session": "fetch"},
        )


def _row_problems(
    table: Table, rows: Iterable[ValueRow], known: dict[str, Indicator], units: Collection[str]
) -> Iterator[Problem]:
    for one in rows:
        indicator = known.get(one.indicator)
        if indicator is None:
            message = N_("Det finnes ingen indikator med koden «%(code)s».")
            yield table.problem(one.row, "indicator", message, code=one.indicator)
        elif not is_entered(indicator):
            message = N_("%(name)s henter tallene selv og kan ikke leses inn fra fil.")
            yield table.problem(one.row, "indicator", message, name=indicator.name)
        if one.unit not in units:
            message = N_("Det finnes ingen enhet med koden %(code)s, eller du kan ikke føre tall for den.")
            yield table.problem(one.row, "unit", message, code=one.unit)


def _doubles(table: Table, rows: Iterable[ValueRow]) -> Iterator[Problem]:
    seen: dict[tuple[str, str, int], int] = {}
    for one in rows:
        first = seen.setdefault((one.indicator, one.unit, one.period), one.row.number)
        if first != one.row.number:
            message = N_("Samme indikator, enhet og år står også på rad %(number)s.")
            yield table.problem(one.row, "value", message, number=first)
