"""Drafts, frozen versions and the audit trail, on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import Actor
from surveyor.errors import InvalidInput, NotFound, Refused
from surveyor.instruments import queries
from surveyor.instruments.enums import VersionState
from surveyor.instruments.models import Instrument, InstrumentVersion
from surveyor.instruments.services import (
    freeze_version,
    import_from_catalogue,
    import_instrument,
    redraft_version,
)
from surveyor.instruments.xlsform import read_xlsform
from tests.surveyor.instruments.forms import TRIAL, trial

ACTOR = Actor("ada@fjordvik.test")


def take_in(session: Session, text: str = TRIAL, code: str | None = None) -> InstrumentVersion:
    return import_instrument(session, file=text.encode(), filename="trial.md", code=code, actor=ACTOR)


def actions(session: Session) -> list[tuple[str, object]]:
    session.flush()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.at)).all()
    return [(entry.action, entry.details["number"]) for entry in entries]


def test_a_file_becomes_a_draft(session: Session) -> None:
    version = take_in(session)
    assert (version.instrument.code, version.number, version.state) == ("trial", 1, VersionState.DRAFT)
    assert version.sha256 == trial().hash
    assert queries.questionnaire_of(version) == trial()
    assert version.source_file == TRIAL.encode()
    assert actions(session) == [("instrument.imported", 1)]


def test_a_new_file_replaces_the_draft(session: Session) -> None:
    first = take_in(session)
    second = take_in(session, TRIAL.replace("Jeg trives.", "Jeg har det bra."))
    assert second.id == first.id
    assert second.sha256 != trial().hash
    assert session.query(InstrumentVersion).count() == 1


def test_a_frozen_version_keeps_and_the_next_import_is_a_new_draft(session: Session) -> None:
    frozen = freeze_version(session, version=take_in(session), actor=ACTOR)
    assert frozen.state is VersionState.FROZEN
    assert take_in(session).id == frozen.id, "nothing differs, so nothing new"
    changed = take_in(session, TRIAL.replace("Jeg trives.", "Jeg har det bra."))
    assert (changed.number, changed.state) == (2, VersionState.DRAFT)
    assert frozen.sha256 == trial().hash
    assert freeze_version(session, version=frozen, actor=ACTOR) is frozen
    assert actions(session) == [
        ("instrument.imported", 1),
        ("instrument.frozen", 1),
        ("instrument.imported", 2),
    ]


@pytest.mark.parametrize("change", ["definition", "state", "delete"])
def test_a_frozen_version_refuses_every_change(session: Session, change: str) -> None:
    version = freeze_version(session, version=take_in(session), actor=ACTOR)
    if change == "delete":
        session.delete(version)
    elif change == "state":
        version.state = VersionState.DRAFT
    else:
        version.definition = {}
    with pytest.raises(RuntimeError, match="frozen"):
        session.flush()


def test_a_draft_may_change(session: Session) -> None:
    version = take_in(session)
    version.source_name = "other.md"
    session.flush()
    session.delete(version)
    session.flush()
    assert session.query(InstrumentVersion).count() == 0


def test_redraft(session: Session) -> None:
    frozen = freeze_version(session, version=take_in(session), actor=ACTOR)
    draft = redraft_version(session, version=frozen, actor=ACTOR)
    assert (draft.number, draft.state, draft.sha256) == (2, VersionState.DRAFT, frozen.sha256)
    with pytest.raises(Refused):
        redraft_version(session, version=frozen, actor=ACTOR)


def test_bad_files_store_nothing(session: Session, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        take_in(session, TRIAL.replace("${plan} = 'no'", "${nobody} = 1"))
    with pytest.raises(InvalidInput):
        import_instrument(session, file=tmp_path / "none.md", filename="none.md", actor=ACTOR)
    session.flush()
    assert session.query(Instrument).count() == 0
    assert session.query(AuditEntry).count() == 0


def test_catalogue(session: Session) -> None:
    version = import_from_catalogue(session, code="employee", actor=ACTOR)
    assert version.instrument.code == "employee"
    assert queries.notices(version) == ()
    for code in ("nothing", "../queries", ""):
        with pytest.raises(NotFound):
            import_from_catalogue(session, code=code, actor=ACTOR)


def test_queries(session: Session) -> None:
    take_in(session, code="b")
    frozen = freeze_version(session, version=take_in(session, code="a"), actor=ACTOR)
    newer = redraft_version(session, version=frozen, actor=ACTOR)
    session.flush()
    assert [(v.instrument.code, v.number) for v in queries.newest_versions(session)] == [("a", 2), ("b", 1)]
    assert [v.number for v in queries.versions(session, code="a")] == [2, 1]
    assert queries.version(session, code="a", number=2) is newer
    assert queries.newest_frozen(session, code="a") is frozen
    assert list(queries.frozen_versions(session)) == [frozen]
    assert queries.questionnaire(session, version_id=frozen.id) is queries.questionnaire_of(frozen)
    assert queries.questionnaire(session, version_id=newer.id).hash == frozen.sha256


def test_queries_of_what_is_not_there(session: Session) -> None:
    version = take_in(session)
    with pytest.raises(NotFound):
        queries.versions(session, code="none")
    with pytest.raises(NotFound):
        queries.version(session, code="trial", number=9)
    with pytest.raises(NotFound):
        queries.newest_frozen(session, code="trial")
    with pytest.raises(NotFound):
        queries.questionnaire(session, version_id=version.instrument_id)


def test_notices_are_kept_with_the_version(session: Session) -> None:
    content = TRIAL.replace("| note | thanks |", "| geotrace | thanks |")
    version = take_in(session, content)
    session.flush()
    session.refresh(version, ["notices"])
    found = queries.notices(version)
    assert [notice.row for notice in found] == [19]
    assert found == read_xlsform(content.encode(), filename="trial.md", code="trial").notices
    redrafted = redraft_version(
        session, version=freeze_version(session, version=version, actor=ACTOR), actor=ACTOR
    )
    assert queries.notices(redrafted) == found
