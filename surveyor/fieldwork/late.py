"""After a wave is closed: answers that came late, and answers that are withdrawn; published figures stay."""

from pathlib import Path
from random import SystemRandom
from uuid import UUID

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import WaveOutcome
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.errors import N_, InvalidInput, NotFound, Problem, Refused
from surveyor.fieldwork.imports import ImportReport, Target, read_responses
from surveyor.fieldwork.wave_tree import segments_of_units
from surveyor.instruments.queries import questionnaire
from surveyor.responses.models import AnswerSet, LateAnswer
from surveyor.responses.opening import answer_sets, store_answer_sets
from surveyor.responses.receipts import read_receipt_code, receipt_hash
from surveyor.responses.services import withdraw_answer_set


def import_late(engine: Engine, *, wave_code: str, file: Path, actor: Actor) -> ImportReport:
    """Add the answers of a CSV file `unit,<item names>` to a released wave; they wait for a second release.

    Comments are left out: no comment is shown with fewer than ten others. Raises InvalidInput with every
    problem and stores nothing; raises Refused unless the wave's figures are released.
    """
    with open_session(engine, read_only=True) as session:
        wave = _released(session, wave_code)
        asked = questionnaire(session, version_id=wave.instrument_version_id)
        segments = segments_of_units(session, wave_id=wave.id)
        target = Target(wave.id, wave.instrument_version_id, b"", asked, segments)
    rows = answer_sets(wave.id, asked, read_responses(file, target))
    SystemRandom().shuffle(rows)
    with unit_of_work(engine) as session:
        _released(session, wave_code)
        if rows:
            store_answer_sets(session, rows)
            session.execute(
                insert(LateAnswer), [{"answer_set_id": r["id"], "wave_id": wave.id} for r in rows]
            )
        record(
            session, actor=actor, action="responses.imported_late", subject_type="wave", subject_id=wave.id,
            n_answers=len(rows),
        )  # fmt: skip
    return ImportReport(wave_code, len(rows))


def withdraw_answer(session: Session, settings: Settings, *, wave: Wave, code: str, actor: Actor) -> None:
    """Delete the opened answer with this receipt code; published figures stay as they are.

    Raises InvalidInput for what is no code, and when no answer of the wave has it.
    """
    read = read_receipt_code(code)
    if read is None:
        raise InvalidInput(Problem(N_("Dette er ikke en kvitteringskode. Den har 16 tegn."), field="code"))
    hashed = receipt_hash(settings, read)
    found = session.scalar(
        select(AnswerSet.id).where(AnswerSet.wave_id == wave.id, AnswerSet.receipt_hash == hashed)
    )
    if found is None or not withdraw_answer_set(session, receipt_hash=hashed):
        message = N_("Fant ikke noe svar med denne koden i målingen.")
        raise InvalidInput(Problem(message, field="code"))
    _forget_late(session, found)
    record(session, actor=actor, action="responses.withdrawn", subject_type="wave", subject_id=wave.id)


def _forget_late(session: Session, answer_set_id: UUID) -> None:
    session.execute(delete(LateAnswer).where(LateAnswer.answer_set_id == answer_set_id))


def _released(session: Session, code: str) -> Wave:
    wave = session.scalar(select(Wave).where(Wave.code == code))
    if wave is None:
        raise NotFound(N_("Det finnes ingen måling med koden «%(code)s»."), code=code)
    if wave.outcome is not WaveOutcome.RELEASED:
        raise Refused(N_("Tallene fra målingen er ikke frigitt ennå."))
    return wave
