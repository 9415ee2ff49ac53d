"""Values worked out from answers and forms: shown cells of a wave's release, and rates of forms.

A share that is released as a band has no single value, so it gives the card none; nor does a hidden cell.
On the card both look the same as a unit that was never asked.
"""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.cases.queries import form_rates
from surveyor.cases.spec import FormRates
from surveyor.indicators.models import Indicator
from surveyor.indicators.queries import indicators_of_form, indicators_of_survey, tree_of_period
from surveyor.indicators.recording import record_values
from surveyor.indicators.sources import FormSource, SurveySource
from surveyor.indicators.spec import NewValue, PublishReport, is_per_cent
from surveyor.releases.enums import CellState
from surveyor.releases.figures import share_of
from surveyor.releases.queries import cells_of, wave_release
from surveyor.releases.spec import Row, WaveRelease
from surveyor.units.queries import unit_ids


def publish_wave(
    session: Session, *, wave_code: str, actor: Actor, units: Collection[str] | None = None
) -> PublishReport:
    """Take the shown figures of a closed wave as values of its year; raises NotFound, Refused."""
    release = wave_release(session, wave_code=wave_code)
    taken, ids = indicators_of_survey(session, survey_code=release.survey_code), unit_ids(session)
    values = [
        _value_of(indicator, source, release, row, ids[row.unit])
        for indicator, source in taken
        for row in _shown_cells(session, release, source)
        if units is None or row.unit in units
    ]
    n_new = record_values(session, values=values, actor=actor)
    record(
        session, actor=actor, action="indicators.published", subject_type="wave", subject_id=wave_code,
        n_values=n_new, sha256=release.manifest_sha256,
    )  # fmt: skip
    return _report(wave_code, values, n_new, [one for one, _source in taken], release.manifest_sha256)


def refresh_form_values(
    session: Session, *, instrument_code: str, period: int, actor: Actor, units: Collection[str] | None = None
) -> PublishReport:
    """Count the cases of a form in a year into values of every unit that has any."""
    taken = indicators_of_form(session, instrument_code=instrument_code)
    source, values = f"{instrument_code} {period}", list[NewValue]()
    if taken:
        tree = tree_of_period(session, period)
        rates = form_rates(session, instrument_code=instrument_code, period=period, tree=tree)
        for code, rate in rates.items():
            if code in tree and (units is None or code in units):
                values += _rates_of(taken, rate, tree.nodes[code].id, period, source)
    n_new = record_values(session, values=values, actor=actor)
    record(
        session, actor=actor, action="indicators.forms_counted", subject_type="instrument",
        subject_id=instrument_code, period=period, n_values=n_new,
    )  # fmt: skip
    return _report(source, values, n_new, [one for one, _source in taken])


def _shown_cells(session: Session, release: WaveRelease, source: SurveySource) -> Iterator[Row]:
    rows = cells_of(session, release_id=release.release_id, kind=source.kind, items=[source.name])
    for row in rows:
        is_bare = not (row.compared_to or row.cut)
        is_shown = row.state is CellState.SHOWN and row.value is not None
        if is_bare and is_shown and row.measure == source.measure:
            yield row


def _value_of(
    indicator: Indicator, source: SurveySource, release: WaveRelease, row: Row, unit_id: UUID
) -> NewValue:
    factor = 100.0 if source.is_share and is_per_cent(indicator.measured_in) else 1.0
    low, high = _ends(source, row)
    return NewValue(
        indicator.id,
        unit_id,
        release.closes.year,
        (row.value or 0.0) * factor,
        source=release.wave_code,
        n=row.n,
        low=None if low is None else low * factor,
        high=None if high is None else high * factor,
        release_sha256=release.manifest_sha256,
    )


def _ends(source: SurveySource, row: Row) -> tuple[float | None, float | None]:
    """The interval as it is read: of a share by its own n, of an index within its scale."""
    if source.is_share:
        return share_of(row).ends
    if source.measure != "index" or row.low is None or row.high is None:
        return row.low, row.high
    return max(row.low, 0.0), min(row.high, 100.0)


def _rates_of(
    taken: Iterable[tuple[Indicator, FormSource]], rate: FormRates, unit_id: UUID, period: int, source: str
) -> Iterator[NewValue]:
    for indicator, wanted in taken:
        value = getattr(rate, wanted.measure)
        if value is not None:
            factor = 100 if wanted.is_share and is_per_cent(indicator.measured_in) else 1
            yield NewValue(indicator.id, unit_id, period, float(value * factor), source=source)


def _report(
    source: str, values: list[NewValue], n_new: int, taken: list[Indicator], sha256: str | None = None
) -> PublishReport:
    n_units = len({value.unit_id for value in values})
    return PublishReport(source, len(values), n_units, n_new, tuple(one.code for one in taken), sha256)
