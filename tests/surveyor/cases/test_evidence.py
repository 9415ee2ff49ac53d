"""Files of a case: kept under random names, taken away with the job, frozen with the case."""

import os
from hashlib import sha256

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.cases.enums import CaseState
from surveyor.cases.evidence import (
    ERASE,
    SWEEP,
    attach_evidence,
    detach_evidence,
    drop_unasked_files,
    evidence_path,
    stored_evidence,
)
from surveyor.cases.models import Case, Evidence
from surveyor.cases.queries import case_evidence
from surveyor.cases.services import approve_case
from surveyor.cases.tasks import erase_evidence, sweep_evidence
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.errors import InvalidInput, NotFound, Refused
from surveyor.instruments.services import freeze_version, import_instrument
from surveyor.jobs.models import Job
from surveyor.jobs.registry import no_progress
from surveyor.uploads import MAX_FILES
from tests.case_rounds import CONTROLLER, LEADER, file_case, make_round
from tests.factories import make_tree
from tests.media_files import exif, jpeg

PDF = b"%PDF-1.7 rutine"


def attach(session: Session, settings: Settings, case: Case, content: bytes = PDF) -> Evidence:
    return attach_evidence(
        session,
        settings,
        case_id=case.id,
        filename="Rutine.pdf",
        content=content,
        item="routines",
        actor=LEADER,
    )


def test_a_file_is_kept_privately_under_a_random_name(
    session: Session, settings: Settings, case: Case
) -> None:
    first, second = attach(session, settings, case), attach(session, settings, case)
    path = stored_evidence(settings, evidence=first)
    assert path.read_bytes() == PDF
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent == settings.instance / "evidence"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert first.stored_name != second.stored_name
    assert "utine" not in first.stored_name
    assert (case.state, first.item, first.file_name) == (CaseState.DRAFT, "routines", "Rutine.pdf")


def test_a_refused_file_leaves_nothing(session: Session, settings: Settings, case: Case) -> None:
    with pytest.raises(InvalidInput):
        attach(session, settings, case, b"MZ not a pdf")
    assert not list(settings.instance.glob("evidence/*"))
    assert (case.state, list(case_evidence(session, case=case))) == (CaseState.ASSIGNED, [])


def test_there_is_room_for_so_many(session: Session, settings: Settings, case: Case) -> None:
    for _ in range(MAX_FILES):
        attach(session, settings, case)
    with pytest.raises(Refused):
        attach(session, settings, case)


def test_taking_a_file_away_erases_it_by_a_job_and_twice_is_once(
    engine: Engine, session: Session, settings: Settings, case: Case
) -> None:
    evidence = attach(session, settings, case)
    session.commit()
    path = stored_evidence(settings, evidence=evidence)
    erase_evidence(engine, settings, {"stored_name": evidence.stored_name}, no_progress)
    assert path.exists()  # still held by the case
    detach_evidence(session, case_id=case.id, evidence_id=evidence.id, actor=LEADER)
    session.commit()
    payload = session.scalars(select(Job.payload).where(Job.kind == ERASE)).one()
    for _ in range(2):
        erase_evidence(engine, settings, payload, no_progress)
    assert not path.exists()


def test_a_file_of_another_case_cannot_be_taken_away(
    session: Session, settings: Settings, case: Case
) -> None:
    other = session.scalars(select(Case).where(Case.id != case.id)).one()
    evidence = attach(session, settings, other)
    file_case(session, case)
    with pytest.raises(Refused):
        detach_evidence(session, case_id=case.id, evidence_id=evidence.id, actor=LEADER)
    with pytest.raises(NotFound):
        stored_evidence(settings, evidence=Evidence(stored_name="gone"))


def test_the_files_of_an_approved_case_stay(session: Session, settings: Settings, case: Case) -> None:
    evidence = attach(session, settings, case)
    file_case(session, case)
    approve_case(session, case_id=case.id, actor=CONTROLLER)
    session.flush()
    with pytest.raises(Refused):
        attach(session, settings, case)
    with pytest.raises(DatabaseError, match="frozen"):
        session.execute(delete(Evidence).where(Evidence.id == evidence.id))
    assert evidence_path(settings, stored_name=evidence.stored_name).exists()


def test_a_file_whose_row_never_came_is_swept_away_and_others_stay(
    engine: Engine, settings: Settings
) -> None:
    with unit_of_work(engine) as session:
        make_tree(session)
        case = make_round(session, settings)[1]["B1"]
        kept = attach(session, settings, case).stored_name
        assert session.scalars(select(Job).where(Job.kind == SWEEP)).one().run_after > clock.now()
    with open_session(engine) as session:  # the process dies between the file and the COMMIT
        left = attach(session, settings, case).stored_name
    files = {path.name for path in settings.instance.glob("evidence/*")}
    assert files == {kept, left}
    sweep_evidence(engine, settings, {}, no_progress)  # it might still be on its way
    assert {path.name for path in settings.instance.glob("evidence/*")} == files
    for path in settings.instance.glob("evidence/*"):
        os.utime(path, (0, 0))
    for _ in range(2):
        sweep_evidence(engine, settings, {}, no_progress)
    assert {path.name for path in settings.instance.glob("evidence/*")} == {kept}


def test_a_photo_loses_place_and_device(session: Session, settings: Settings, case: Case) -> None:
    photo = jpeg(exif(b"GPS 60.39 5.32"), comment=b"tatt av Kari")
    evidence = attach_evidence(
        session, settings, case_id=case.id, filename="dor.jpg", content=photo, actor=LEADER
    )
    stored = stored_evidence(settings, evidence=evidence).read_bytes()
    assert b"GPS" in photo  # the control
    assert b"GPS" not in stored
    assert (evidence.size, evidence.sha256) == (len(stored), sha256(stored).hexdigest())


PHOTO_FORM = """
| survey | | | | |
| | type | name | label | relevant |
| | select_one yn | seen | Så du den? | |
| | image | photo | Bilde | ${seen} = 'y' |
| choices | | | |
| | list_name | name | label |
| | yn | y | Ja |
| | yn | n | Nei |
"""


@pytest.fixture
def photo_case(session: Session, settings: Settings) -> Case:
    make_tree(session)
    content = PHOTO_FORM.encode()
    version = import_instrument(session, file=content, filename="p.md", code="photo", actor=CONTROLLER)
    freeze_version(session, version=version, actor=CONTROLLER)
    return make_round(session, settings, version=version)[1]["B1"]


def give(session: Session, settings: Settings, case: Case, name: str = "a.jpg") -> Evidence:
    return attach_evidence(
        session, settings, case_id=case.id, filename=name, content=jpeg(), item="photo", actor=LEADER
    )


def test_a_file_is_an_answer_by_its_id(session: Session, settings: Settings, photo_case: Case) -> None:
    first, second = give(session, settings, photo_case), give(session, settings, photo_case, "b.jpg")
    assert photo_case.answers["photo"] == f"{first.id} {second.id}"
    detach_evidence(session, case_id=photo_case.id, evidence_id=first.id, actor=LEADER)
    assert photo_case.answers["photo"] == str(second.id)
    detach_evidence(session, case_id=photo_case.id, evidence_id=second.id, actor=LEADER)
    assert "photo" not in photo_case.answers


def test_a_picture_question_takes_pictures_only(
    session: Session, settings: Settings, photo_case: Case
) -> None:
    with pytest.raises(InvalidInput, match="jpg, png"):
        attach_evidence(
            session,
            settings,
            case_id=photo_case.id,
            filename="a.pdf",
            content=PDF,
            item="photo",
            actor=LEADER,
        )
    assert photo_case.answers == {}


def test_files_go_with_a_question_that_is_asked_no_more_and_others_stay(
    session: Session, settings: Settings, photo_case: Case
) -> None:
    give(session, settings, photo_case)
    attach_evidence(session, settings, case_id=photo_case.id, filename="a.pdf", content=PDF, actor=LEADER)
    photo_case.answers = {**photo_case.answers, "seen": "y"}
    drop_unasked_files(session, case_id=photo_case.id, actor=LEADER)
    assert len(case_evidence(session, case=photo_case)) == 2, "asked, so nothing goes"
    photo_case.answers = {**photo_case.answers, "seen": "n"}
    drop_unasked_files(session, case_id=photo_case.id, actor=LEADER)
    session.flush()
    assert [file.file_name for file in case_evidence(session, case=photo_case)] == ["a.pdf"]
    assert photo_case.answers == {"seen": "n"}
