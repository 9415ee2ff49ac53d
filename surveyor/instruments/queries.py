"""Reads of questionnaires and instruments."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor.errors import N_, NotFound, Problem
from surveyor.instruments.enums import VersionState
from surveyor.instruments.models import Instrument, InstrumentFile, InstrumentVersion
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.xlsform import read_xlsform

CATALOGUE = Path(__file__).parent / "catalogue"
_FROZEN: dict[UUID, Questionnaire] = {}
_MAX_CACHED = 64


def newest_versions(session: Session) -> Sequence[InstrumentVersion]:
    """The newest version of every instrument, draft or frozen, by code."""
    newest = (
        select(InstrumentVersion.instrument_id, func.max(InstrumentVersion.number).label("number"))
        .group_by(InstrumentVersion.instrument_id)
        .subquery()
    )
    query = (
        select(InstrumentVersion)
        .join(newest, InstrumentVersion.instrument_id == newest.c.instrument_id)
        .where(InstrumentVersion.number == newest.c.number)
    )
    return sorted(session.scalars(query).unique(), key=lambda version: version.instrument.code)


def versions(session: Session, *, code: str) -> Sequence[InstrumentVersion]:
    """All versions of an instrument, the newest first; raises NotFound."""
    query = (
        select(InstrumentVersion)
        .join(Instrument, InstrumentVersion.instrument_id == Instrument.id)
        .where(Instrument.code == code)
        .order_by(InstrumentVersion.number.desc())
    )
    found = session.scalars(query).unique().all()
    if not found:
        raise NotFound(N_("Det finnes ikke noe skjema med koden «%(code)s»."), code=code)
    return found


def version(session: Session, *, code: str, number: int) -> InstrumentVersion:
    """One version of an instrument; raises NotFound."""
    found = next((each for each in versions(session, code=code) if each.number == number), None)
    if found is None:
        raise NotFound(N_("Skjemaet «%(code)s» har ingen versjon %(number)s."), code=code, number=number)
    return found


def newest_frozen(session: Session, *, code: str) -> InstrumentVersion:
    """The newest version that can be asked; raises NotFound."""
    found = next((each for each in versions(session, code=code) if each.state is VersionState.FROZEN), None)
    if found is None:
        raise NotFound(N_("Skjemaet «%(code)s» er bare et utkast. Lås det før det brukes."), code=code)
    return found


def frozen_versions(session: Session) -> Sequence[InstrumentVersion]:
    """Every version that can be asked, by code, the newest first."""
    query = select(InstrumentVersion).where(InstrumentVersion.state == VersionState.FROZEN)
    found = session.scalars(query).unique()
    return sorted(found, key=lambda each: (each.instrument.code, -each.number))


def questionnaire_of(version: InstrumentVersion) -> Questionnaire:
    """The questionnaire of a version; the same object every time for a frozen one."""
    if version.state is not VersionState.FROZEN:
        return Questionnaire.from_json(version.definition)
    if version.id not in _FROZEN:
        _keep(version.id, Questionnaire.from_json(version.definition))
    return _FROZEN[version.id]


def known_questionnaire(version_id: UUID) -> Questionnaire | None:
    """A frozen version's questionnaire that has been read before: for those who need no session then."""
    return _FROZEN.get(version_id)


def questionnaire(session: Session, *, version_id: UUID) -> Questionnaire:
    """The questionnaire of a version by id; raises NotFound."""
    found = session.get(InstrumentVersion, version_id)
    if found is None:
        raise NotFound(N_("Skjemaet finnes ikke."))
    return questionnaire_of(found)


def _keep(version_id: UUID, questionnaire: Questionnaire) -> None:
    while len(_FROZEN) >= _MAX_CACHED:
        _FROZEN.pop(next(iter(_FROZEN)))
    _FROZEN[version_id] = questionnaire


def media_file(session: Session, *, sha256: str) -> InstrumentFile:
    """A picture, sound or film that questionnaires show; raises NotFound."""
    found = session.get(InstrumentFile, sha256)
    if found is None:
        raise NotFound(N_("Filen finnes ikke."))
    return found


def media_of(session: Session, *, questionnaire: Questionnaire) -> Mapping[str, bytes]:
    """What a questionnaire shows, by SHA-256, for its export."""
    digests = set(questionnaire.files.values())
    query = select(InstrumentFile.sha256, InstrumentFile.content).where(InstrumentFile.sha256.in_(digests))
    return dict(session.execute(query).all()) if digests else {}


def notices(version: InstrumentVersion) -> tuple[Problem, ...]:
    """What the import left out of a version's file."""
    return tuple(Problem(**each) for each in version.notices)


@lru_cache(maxsize=1)
def catalogue() -> tuple[Questionnaire, ...]:
    """The questionnaires that come with Surveyor."""
    return tuple(_catalogue_file(path) for path in sorted(CATALOGUE.glob("*.md")))


def _catalogue_file(path: Path) -> Questionnaire:
    return read_xlsform(path.read_bytes(), filename=path.name).questionnaire
