"""The reproduction package holds weighted figures and who answered; its script notices a change."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from surveyor.config import Settings
from surveyor.exports import recount
from surveyor.exports.reproduction import write_package
from surveyor.exports.samples import write_sample_figures
from tests.released_samples import SIZES, answers, release

pytestmark = pytest.mark.either


@pytest.fixture
def package(session: Session, settings: Settings, tmp_path: Path) -> Path:
    segments, frame = answers(SIZES)
    release(session, settings, frame, segments)
    out = io.BytesIO()
    write_package(session, wave_code="W1", out=out)
    zipfile.ZipFile(out).extractall(tmp_path / "p")
    return tmp_path / "p"


def test_the_script_agrees_and_notices_a_changed_weighted_figure(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recount.main(package) == 0, capsys.readouterr().out
    path = package / "vektet.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    value = recount.BESIDE["weights"][1].index("value")
    shown = next(line for line in lines if line[value] is not None)
    shown[value] += 3
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert recount.main(package) == 1
    told = capsys.readouterr().out
    assert "kontrollsum for vektet.jsonl" in told
    assert "vektet tall" in told


def test_a_file_that_is_missing_is_noticed(package: Path) -> None:
    (package / "svar.jsonl").unlink()
    assert recount.main(package) == 1


def test_the_tidy_file_guards_against_formulas(session: Session, settings: Settings, tmp_path: Path) -> None:
    segments, frame = answers(SIZES)
    release(session, settings, frame, segments)
    out = tmp_path / "w.csv"
    write_sample_figures(session, wave_code="W1", format="csv", out=out)
    assert not any(
        cell.startswith(("=", "+", "@")) for line in out.read_text().splitlines() for cell in line.split(",")
    )
