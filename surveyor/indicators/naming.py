"""Sources as people call them: the survey's title and the index's name in place of codes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import Survey, Wave
from surveyor.cases.models import CaseRound
from surveyor.errors import N_, NotFound
from surveyor.indicators.sources import EnteredSource, FormSource, SurveySource, parse_source
from surveyor.instruments.models import Instrument, InstrumentVersion
from surveyor.instruments.queries import questionnaire, questionnaire_of, versions
from surveyor.instruments.spec import Questionnaire
from surveyor.releases.enums import CellKind

MEASURE_NAMES = {
    "index": N_("indeks"),
    "mean": N_("gjennomsnitt"),
    "sd": N_("spredning"),
    "top2": N_("andel i de to øverste svarene"),
    "bottom": N_("andel i det nederste svaret"),
    "missing_share": N_("andel uten svar"),
    "on_time": N_("andel levert i tide"),
    "met_share": N_("andel krav som er oppfylt"),
    "open_deviations": N_("åpne avvik"),
}


@dataclass(frozen=True)
class SourceName:
    """A source in words: `title` of the survey or form, `part` of it, `measure` by its key."""

    source: str
    title: str
    part: str
    measure: str


def source_name(session: Session, *, text: str, language: str) -> SourceName:
    """What a valid source is called; codes stand where a title is not known."""
    source = parse_source(text)
    if isinstance(source, EnteredSource):
        return SourceName(text, "", "", source.word)
    if isinstance(source, FormSource):
        return SourceName(
            text, form_title(session, code=source.instrument, language=language), "", source.measure
        )
    survey = session.scalar(select(Survey).where(Survey.code == source.survey))
    title = str(survey.title.get(language) or survey.code) if survey else source.survey
    asked = _last_asked(session, source.survey)
    part = _part(asked, source, language) if asked else source.name
    return SourceName(text, title, part, source.measure)


def form_title(session: Session, *, code: str, language: str) -> str:
    """The title of a form's newest version, or its code."""
    try:
        form = questionnaire_of(versions(session, code=code)[0])
    except NotFound:
        return code
    return form.title_in(language)


def known_sources(session: Session, *, language: str) -> list[SourceName]:
    """The sources an indicator most often has: indexes of surveys, single questions, rates of forms sent."""
    return [
        source_name(session, text=text, language=language)
        for text in (*_survey_sources(session), *_form_sources(session))
    ]


def _survey_sources(session: Session) -> Iterator[str]:
    for code in session.scalars(select(Survey.code).order_by(Survey.code)).all():
        asked = _last_asked(session, code)
        if asked is None:
            continue
        yield from (f"survey:{code}/scale:{scale.name}/index" for scale in asked.scales)
        for item in asked.substance_items:
            if not item.scale and asked.list_of(item).scored:
                yield f"survey:{code}/item:{item.name}/index"


def _form_sources(session: Session) -> Iterator[str]:
    sent = (
        select(Instrument.code).join(InstrumentVersion, InstrumentVersion.instrument_id == Instrument.id)
        .join(CaseRound, CaseRound.instrument_version_id == InstrumentVersion.id)
        .distinct().order_by(Instrument.code)
    )  # fmt: skip
    for code in session.scalars(sent).all():
        yield from (f"form:{code}/{measure}" for measure in ("on_time", "met_share", "open_deviations"))


def _last_asked(session: Session, survey_code: str) -> Questionnaire | None:
    version_id = session.scalar(
        select(Wave.instrument_version_id).join(Survey).where(Survey.code == survey_code)
        .order_by(Wave.opens.desc()).limit(1)
    )  # fmt: skip
    return questionnaire(session, version_id=version_id) if version_id else None


def _part(asked: Questionnaire, source: SurveySource, language: str) -> str:
    parts = asked.scales if source.kind is CellKind.SCALE else asked.items
    found = next((part for part in parts if part.name == source.name), None)
    return (asked.text(found.label, language) if found else "") or source.name
