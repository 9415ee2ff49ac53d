"""Reading indicators and their values."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.campaigns.models import Survey, Wave
from surveyor.errors import N_, InvalidInput, NotFound, Problem
from surveyor.indicators.enums import Perspective
from surveyor.indicators.models import Indicator, IndicatorValue
from surveyor.indicators.sources import FormSource, Source, SurveySource, parse_source
from surveyor.instruments.models import Instrument
from surveyor.instruments.queries import questionnaire
from surveyor.instruments.spec import Item, Questionnaire
from surveyor.releases.enums import CellKind
from surveyor.units.models import UnitVersion
from surveyor.units.queries import tree_in_force
from surveyor.units.spec import UnitTree

Place = tuple[UUID, UUID, int]  # indicator, unit, period
_MAX_UNITS_NAMED = 500


def indicators(session: Session) -> Sequence[Indicator]:
    """Every indicator, by perspective and then in the order they were taken in."""
    order = list(Perspective)
    found = session.scalars(select(Indicator).order_by(Indicator.position, Indicator.code))
    return sorted(found, key=lambda one: order.index(one.perspective))


def indicator_by_code(session: Session, *, code: str) -> Indicator:
    """The indicator of this code; raises NotFound."""
    found = session.scalar(select(Indicator).where(Indicator.code == code))
    if found is None:
        raise NotFound(N_("Det finnes ingen indikator med koden «%(code)s»."), code=code)
    return found


def current_values(
    session: Session,
    *,
    periods: Collection[int],
    indicator_ids: Collection[UUID] | None = None,
    unit_ids: Collection[UUID] | None = None,
    as_of: datetime | None = None,
) -> dict[Place, IndicatorValue]:
    """Values in force, now or at an instant, by indicator, unit and period."""
    query = select(IndicatorValue).where(IndicatorValue.period.in_(periods))
    if as_of is None:
        query = query.where(IndicatorValue.replaced_at.is_(None))
    else:
        later = or_(IndicatorValue.replaced_at.is_(None), IndicatorValue.replaced_at > as_of)
        query = query.where(IndicatorValue.recorded_at <= as_of, later)
    if indicator_ids is not None:
        query = query.where(IndicatorValue.indicator_id.in_(indicator_ids))
    if unit_ids is not None and len(unit_ids) <= _MAX_UNITS_NAMED:
        query = query.where(IndicatorValue.unit_id.in_(unit_ids))
    return {(row.indicator_id, row.unit_id, row.period): row for row in session.scalars(query)}


def published_releases(session: Session) -> Mapping[str, frozenset[str]]:
    """Waves by code whose figures are on the cards, with the hashes of the releases they came from."""
    taken = select(IndicatorValue.source, IndicatorValue.release_sha256).where(
        IndicatorValue.release_sha256.is_not(None), IndicatorValue.replaced_at.is_(None)
    )
    found: dict[str, set[str]] = {}
    for wave_code, sha256 in session.execute(taken.distinct()):
        found.setdefault(wave_code, set()).add(sha256 or "")
    return {wave_code: frozenset(hashes) for wave_code, hashes in found.items()}


def n_values(session: Session, *, indicator_id: UUID) -> int:
    """How many values were ever recorded for an indicator."""
    query = select(func.count()).where(IndicatorValue.indicator_id == indicator_id)
    return session.scalar(query) or 0


def periods_with_values(session: Session) -> list[int]:
    """Years that have a value, the latest first."""
    return sorted(session.scalars(select(IndicatorValue.period).distinct()), reverse=True)


def unit_types(session: Session) -> list[str]:
    """Every unit type there ever was."""
    return sorted(session.scalars(select(UnitVersion.type).distinct()))


def tree_of_period(session: Session, period: int) -> UnitTree:
    """The units of a year: as they stood at its end, or as they stand today in a year not yet over."""
    return tree_in_force(session, min(clock.today(), date(period, 12, 31)))


def indicators_of_survey(session: Session, *, survey_code: str) -> list[tuple[Indicator, SurveySource]]:
    """The indicators that take their values from a survey, with what each takes."""
    found = [(one, parse_source(one.source)) for one in indicators(session)]
    return [(one, it) for one, it in found if isinstance(it, SurveySource) and it.survey == survey_code]


def indicators_of_form(session: Session, *, instrument_code: str) -> list[tuple[Indicator, FormSource]]:
    """The indicators that take their values from a form, with what each takes."""
    found = [(one, parse_source(one.source)) for one in indicators(session)]
    return [(one, it) for one, it in found if isinstance(it, FormSource) and it.instrument == instrument_code]


def form_codes(session: Session) -> list[str]:
    """Codes of the forms that some indicator counts."""
    sources = (parse_source(one.source) for one in indicators(session))
    return sorted({source.instrument for source in sources if isinstance(source, FormSource)})


def source_problem(session: Session, *, text: str) -> Problem | None:
    """What is wrong with a source: its syntax, or that it names what does not exist; None when it is good."""
    try:
        source = parse_source(text)
    except InvalidInput as refused:
        return refused.problems[0]
    return _unknown(session, source)


def _unknown(session: Session, source: Source) -> Problem | None:
    if isinstance(source, FormSource):
        if session.scalar(select(Instrument.id).where(Instrument.code == source.instrument)):
            return None
        return Problem(N_("Det finnes ikke noe skjema med koden «%(code)s»."), {"code": source.instrument})
    if not isinstance(source, SurveySource):
        return None
    if session.scalar(select(Survey.id).where(Survey.code == source.survey)) is None:
        return Problem(N_("Det finnes ingen undersøkelse med koden «%(code)s»."), {"code": source.survey})
    asked = _questionnaires(session, source.survey)
    if any(_has(one, source) for one in asked):
        return None
    return _missing(asked, source)


def _questionnaires(session: Session, survey_code: str) -> list[Questionnaire]:
    versions = session.scalars(
        select(Wave.instrument_version_id).join(Survey).where(Survey.code == survey_code).distinct()
    )
    return [questionnaire(session, version_id=version_id) for version_id in versions.all()]


def _has(asked: Questionnaire, source: SurveySource) -> bool:
    if source.kind is CellKind.SCALE:
        scale = next((one for one in asked.scales if one.name == source.name), None)
        return scale is not None and (source.measure != "mean" or _has_one_range(asked, scale.items))
    item = next((one for one in asked.substance_items if one.name == source.name), None)
    return item is not None and _has_measure(asked, item, source.measure)


def _has_one_range(asked: Questionnaire, names: Sequence[str]) -> bool:
    return len({asked.score_range(asked.item(name)) for name in names}) == 1


def _has_measure(asked: Questionnaire, item: Item, measure: str) -> bool:
    code_list = asked.list_of(item)
    if measure.startswith("share:"):
        return measure.removeprefix("share:") in {category.code for category in code_list.valid}
    if measure == "missing_share":
        return len(code_list.valid) < len(code_list.categories)
    if measure == "top2":
        return code_list.scored and len({category.score for category in code_list.valid}) >= 4
    return code_list.scored


def _missing(asked: Sequence[Questionnaire], source: SurveySource) -> Problem:
    params = {"name": source.name, "survey": source.survey, "measure": source.measure}
    if source.kind is CellKind.SCALE:
        is_known = any(scale.name == source.name for one in asked for scale in one.scales)
        message = N_("Undersøkelsen «%(survey)s» har ingen indeks som heter «%(name)s».")
    else:
        is_known = any(item.name == source.name for one in asked for item in one.substance_items)
        message = N_("Undersøkelsen «%(survey)s» har ikke noe spørsmål som heter «%(name)s».")
    return Problem(N_("«%(name)s» har ikke tallet «%(measure)s».") if is_known else message, params)
