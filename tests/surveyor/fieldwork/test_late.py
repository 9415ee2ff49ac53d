"""Late answers from a file: into released waves only, shuffled, marked until a release holds them."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select

from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.cli import main
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import InvalidInput, NotFound, Refused
from surveyor.fieldwork.imports import import_responses
from surveyor.fieldwork.late import import_late
from surveyor.releases.tasks import close_wave
from surveyor.responses.models import AnswerSet, FreeText, LateAnswer
from tests.waves import make_open_wave

HEAD = "unit,w1,w2,again,goods,years,comment\n"


@pytest.fixture
def closed(engine: Engine, settings: Settings, tmp_path: Path) -> str:
    """A wave with thirty answers from a file, released."""
    with unit_of_work(engine) as session:
        make_open_wave(session, settings)
    file = tmp_path / "svar.csv"
    file.write_text(HEAD + "B1,1,5,yes,a,12,\nS1,4,2,no,b,,\nS1,3,2,no,b,,\n" * 10)
    import_responses(engine, settings, wave_code="trivsel-2026", file=file, actor=COMMAND_LINE)
    close_wave(engine, settings, wave_code="trivsel-2026", actor=COMMAND_LINE)
    return "trivsel-2026"


def late(engine: Engine, tmp_path: Path, wave: str, rows: str) -> int:
    file = tmp_path / "sent.csv"
    file.write_text(HEAD + rows)
    return import_late(engine, wave_code=wave, file=file, actor=COMMAND_LINE).n_answers


def test_late_answers_wait_and_leave_no_comment(engine: Engine, closed: str, tmp_path: Path) -> None:
    with unit_of_work(engine) as session:
        before = session.scalar(select(func.count()).select_from(FreeText))
    assert late(engine, tmp_path, closed, "B1,2,3,yes,,,Hei\nS1,,4,no,,,\n") == 2
    with unit_of_work(engine) as session:
        marked = set(session.scalars(select(LateAnswer.answer_set_id)))
        sets = session.scalars(select(AnswerSet).where(AnswerSet.id.in_(marked))).all()
        assert sorted(one.segment_code.partition("/")[0] for one in sets) == ["B1", "S1"]
        assert session.scalar(select(func.count()).select_from(FreeText)) == before
        entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "responses.imported_late"))
        assert entry is not None
        assert entry.details["n_answers"] == 2


def test_a_wrong_row_stores_nothing(engine: Engine, closed: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        late(engine, tmp_path, closed, "B1,2,3,yes,,,\nX9,2,3,yes,,,\n")
    with unit_of_work(engine) as session:
        assert session.scalar(select(LateAnswer.wave_id)) is None


def test_only_a_released_wave_takes_them(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        late(engine, tmp_path, "ukjent", "")
    with unit_of_work(engine) as session:
        make_open_wave(session, settings)
    with pytest.raises(Refused, match="ikke frigitt"):
        late(engine, tmp_path, "trivsel-2026", "B1,2,3,yes,,,\n")


def test_the_commands_are_there() -> None:
    for words in (["waves", "release-again"], ["waves", "restate"], ["responses", "withdraw"]):
        assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0
