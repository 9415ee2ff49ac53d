"""Writes: import a draft, freeze it, begin a new draft."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.errors import N_, InvalidInput, NotFound, Refused
from surveyor.instruments.bounded import read_bounded
from surveyor.instruments.enums import VersionState
from surveyor.instruments.findings import written
from surveyor.instruments.models import Instrument, InstrumentFile, InstrumentVersion
from surveyor.instruments.queries import CATALOGUE, notices
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.workbook import MAX_FILE
from surveyor.instruments.xlsform import Imported, read_xlsform


def import_instrument(
    session: Session, *, file: Path | bytes, filename: str, code: str | None = None, actor: Actor
) -> InstrumentVersion:
    """Read a file into the draft; gives the frozen version where nothing differs. Raises InvalidInput.

    What came from a browser is read in a bounded process of its own; a path is the operator's own file.
    """
    content = _read(file) if isinstance(file, Path) else file
    read = read_bounded if isinstance(file, bytes) else read_xlsform
    imported = read(content, filename=filename, code=code)
    questionnaire = imported.questionnaire
    newest = _newest(session, questionnaire.code)
    if newest is not None and newest.state is VersionState.FROZEN and newest.sha256 == questionnaire.hash:
        return newest
    version = _draft(session, questionnaire.code, newest)
    _fill(version, imported, filename, content)
    _keep_files(session, imported)
    session.add(version)
    session.flush()  # the audit entry names the id
    _record(session, actor, "instrument.imported", version)
    return version


def import_from_catalogue(session: Session, *, code: str, actor: Actor) -> InstrumentVersion:
    """Read a questionnaire that comes with Surveyor into a draft; raises NotFound."""
    path = CATALOGUE / f"{code}.md"
    if path not in set(CATALOGUE.glob("*.md")):
        raise NotFound(N_("Katalogen har ikke noe skjema med koden «%(code)s»."), code=code)
    return import_instrument(session, file=path, filename=path.name, actor=actor)


def freeze_version(session: Session, *, version: InstrumentVersion, actor: Actor) -> InstrumentVersion:
    """Make a draft the frozen instrument that can be asked; a frozen one stays as it is."""
    if version.state is VersionState.FROZEN:
        return version
    version.sha256 = Questionnaire.from_json(version.definition).hash
    version.state = VersionState.FROZEN
    version.frozen_at = clock.now()
    session.flush()  # from here on the row refuses every change
    _record(session, actor, "instrument.frozen", version)
    return version


def redraft_version(session: Session, *, version: InstrumentVersion, actor: Actor) -> InstrumentVersion:
    """Begin a new draft from a frozen version; raises Refused when there is a draft already."""
    newest = _newest(session, version.instrument.code)
    if newest is None or newest.state is VersionState.DRAFT:
        raise Refused(N_("Det finnes allerede et utkast av dette skjemaet."))
    draft = _draft(session, version.instrument.code, newest)
    asked = Imported(Questionnaire.from_json(version.definition), notices(version))
    _fill(draft, asked, version.source_name, version.source_file)
    session.add(draft)
    session.flush()  # the audit entry names the id
    _record(session, actor, "instrument.redrafted", draft)
    return draft


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise InvalidInput(N_("Filen er større enn %(limit)s MB."), limit=MAX_FILE >> 20)
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(N_("Filen %(name)s kan ikke leses."), name=path.name) from error


def _newest(session: Session, code: str) -> InstrumentVersion | None:
    query = (
        select(InstrumentVersion)
        .join(Instrument, InstrumentVersion.instrument_id == Instrument.id)
        .where(Instrument.code == code)
        .order_by(InstrumentVersion.number.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def _draft(session: Session, code: str, newest: InstrumentVersion | None) -> InstrumentVersion:
    """The draft there is, or a new one numbered after the newest version."""
    if newest is None:
        instrument = Instrument(code=code)
        session.add(instrument)
        return InstrumentVersion(instrument=instrument, number=1, state=VersionState.DRAFT)
    if newest.state is VersionState.DRAFT:
        return newest
    return InstrumentVersion(instrument=newest.instrument, number=newest.number + 1, state=VersionState.DRAFT)


def _fill(version: InstrumentVersion, imported: Imported, filename: str, content: bytes) -> None:
    version.definition = imported.questionnaire.to_json()
    version.sha256 = imported.questionnaire.hash
    version.notices = [written(one) for one in imported.notices]
    version.source_name = Path(filename).name[:200]
    version.source_file = content
    version.created_at = clock.now()


def _keep_files(session: Session, imported: Imported) -> None:
    """Files are kept once, under their own hash."""
    query = select(InstrumentFile.sha256).where(InstrumentFile.sha256.in_(imported.files))
    known = set(session.scalars(query))
    session.add_all(
        InstrumentFile(sha256=digest, media_type=file.media_type, content=file.content)
        for digest, file in imported.files.items()
        if digest not in known
    )


def _record(session: Session, actor: Actor, action: str, version: InstrumentVersion) -> None:
    record(
        session,
        actor=actor,
        action=action,
        subject_type="instrument_version",
        subject_id=version.id,
        code=version.instrument.code,
        number=version.number,
        sha256=version.sha256,
    )
