"""Files attached to a case: kept outside the web root under random names, the rows in the database."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.cases.enums import CaseStep
from surveyor.cases.models import CaseEvent, Evidence
from surveyor.cases.queries import evidence_by_id
from surveyor.cases.services import locked_case
from surveyor.cases.workflow import next_state
from surveyor.config import Settings
from surveyor.errors import N_, NotFound, Refused
from surveyor.files import make_private_folder, write_new
from surveyor.instruments.enums import ItemType
from surveyor.instruments.queries import questionnaire
from surveyor.instruments.routing import kept_answers
from surveyor.instruments.spec import Answers, Questionnaire
from surveyor.jobs.services import enqueue
from surveyor.uploads import MAX_FILES, checked_upload, cleaned

ERASE, SWEEP = "cases.erase_evidence", "cases.sweep_evidence"
LONGEST_UNHELD = timedelta(days=1)  # a file this old without its row was left by a change that failed


def evidence_path(settings: Settings, *, stored_name: str) -> Path:
    """Where a file lies; the name is always one that we made."""
    return settings.instance / "evidence" / stored_name


def stored_evidence(settings: Settings, *, evidence: Evidence) -> Path:
    """The file of a row; raises NotFound when the disk has lost it."""
    path = evidence_path(settings, stored_name=evidence.stored_name)
    if not path.is_file():
        raise NotFound(N_("Filen finnes ikke lenger. Be enheten legge den ved på nytt."))
    return path


def files_named(form: Questionnaire, answers: Answers) -> frozenset[UUID]:
    """The files that answers name."""
    uploads = (item.name for item in form.items if item.type is ItemType.UPLOAD)
    return frozenset(UUID(file) for name in uploads for file in answers.get(name, "").split())


def attach_evidence(
    session: Session, settings: Settings, *, case_id: UUID, filename: str, content: bytes, actor: Actor,
    item: str | None = None,
) -> Evidence:  # fmt: skip
    """Keep a file with a case, for one question or for the whole; raises InvalidInput or Refused."""
    case = locked_case(session, case_id=case_id)
    state = next_state(case.state, CaseStep.ATTACH)
    form = questionnaire(session, version_id=case.round.instrument_version_id)
    asked = form.by_name.get(item or "")
    is_answer = asked is not None and asked.type is ItemType.UPLOAD
    accept = asked.parameters.get("accept", "file") if asked and is_answer else "file"
    name, media_type = checked_upload(filename=filename, content=content, accept=accept)
    content = cleaned(content, media_type)
    n_files = session.scalar(select(func.count()).where(Evidence.case_id == case.id)) or 0
    if n_files >= MAX_FILES:
        raise Refused(N_("Skjemaet har plass til %(limit)s filer."), limit=MAX_FILES)
    evidence = Evidence(
        id=uuid4(), case_id=case.id, item=asked.name if asked else None, file_name=name,
        media_type=media_type, size=len(content), sha256=sha256(content).hexdigest(),
        stored_name=token_hex(16), added_at=clock.now(), added_by=actor.name,
    )  # fmt: skip
    case.state = state
    if is_answer and item:
        case.answers = {**case.answers, item: f"{case.answers.get(item, '')} {evidence.id}".strip()}
    session.add(evidence)
    _note(session, evidence, CaseStep.ATTACH, actor)
    record(
        session, actor=actor, action="case.attached", subject_type="case", subject_id=case.id, file=name,
        sha256=evidence.sha256, size=evidence.size,
    )  # fmt: skip
    enqueue(
        session, kind=SWEEP, key=f"{SWEEP}:{clock.today()}", payload={},
        run_after=clock.now() + 2 * LONGEST_UNHELD,
    )  # fmt: skip
    session.flush()  # the database may refuse; only then is the file written
    path = evidence_path(settings, stored_name=evidence.stored_name)
    make_private_folder(path.parent)
    write_new(path, content)
    return evidence


def detach_evidence(session: Session, *, case_id: UUID, evidence_id: UUID, actor: Actor) -> None:
    """Take a file away; a job erases it once this is committed. Raises Refused or NotFound."""
    case = locked_case(session, case_id=case_id)
    case.state = next_state(case.state, CaseStep.DETACH)
    evidence = evidence_by_id(session, case=case, evidence_id=evidence_id)
    form = questionnaire(session, version_id=case.round.instrument_version_id)
    case.answers = _without(form, case.answers, str(evidence.id))
    _note(session, evidence, CaseStep.DETACH, actor)
    record(
        session, actor=actor, action="case.detached", subject_type="case", subject_id=case.id,
        file=evidence.file_name, sha256=evidence.sha256,
    )  # fmt: skip
    session.delete(evidence)
    name = evidence.stored_name
    enqueue(session, kind=ERASE, key=f"{ERASE}:{name}", payload={"stored_name": name})


def drop_unasked_files(session: Session, *, case_id: UUID, actor: Actor) -> None:
    """Take away the files of questions asked no more, before a form is handed in; raises NotFound."""
    case = locked_case(session, case_id=case_id)
    form = questionnaire(session, version_id=case.round.instrument_version_id)
    kept = kept_answers(form, case.answers)
    drop_unnamed_files(session, case_id=case_id, answers=kept, actor=actor)


def drop_unnamed_files(session: Session, *, case_id: UUID, answers: Answers, actor: Actor) -> None:
    """Take away the files that the case's answers name and these no longer do; raises Refused or NotFound."""
    case = locked_case(session, case_id=case_id)
    form = questionnaire(session, version_id=case.round.instrument_version_id)
    for file in files_named(form, case.answers) - files_named(form, answers):
        detach_evidence(session, case_id=case_id, evidence_id=file, actor=actor)


def _without(form: Questionnaire, answers: Answers, file: str) -> dict[str, str]:
    """The answers without one file."""
    uploads = {item.name for item in form.items if item.type is ItemType.UPLOAD}
    cut = {
        name: " ".join(each for each in value.split() if each != file) if name in uploads else value
        for name, value in answers.items()
    }
    return {name: value for name, value in cut.items() if value}


def _note(session: Session, evidence: Evidence, step: str, actor: Actor) -> None:
    session.add(
        CaseEvent(
            case_id=evidence.case_id, step=step, comment=evidence.file_name, at=clock.now(), by=actor.name
        )
    )
