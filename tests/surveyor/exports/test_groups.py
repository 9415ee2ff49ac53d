"""Background groups in files: CSV rows, a sheet of the workbook, and a package that recounts them."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.exports.reproduction import write_package
from surveyor.exports.results import write_results
from surveyor.releases.services import freeze_release
from tests.released_groups import counted
from tests.surveyor.exports.unpacked import rewrite, run_script


@pytest.fixture
def released(session: Session, settings: Settings) -> Session:
    freeze_release(session, settings, wave=counted(session), actor=COMMAND_LINE)
    session.flush()
    return session


def test_groups_are_rows_of_the_file_and_a_sheet_of_the_workbook(released: Session) -> None:
    out = io.BytesIO()
    write_results(released, wave_code="W1", unit="A", format="csv", out=out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    women = next(
        row for row in rows
        if (row["unit"], row["cut"], row["category"], row["item"], row["measure"], row["compared_to"])
        == ("A", "sex", "f", "s", "index", "")
    )  # fmt: skip
    book = io.BytesIO()
    write_results(released, wave_code="W1", unit="A", format="xlsx", out=book)
    sheet = (
        CalamineWorkbook.from_filelike(io.BytesIO(book.getvalue())).get_sheet_by_name("Grupper").to_python()
    )
    line = next(row for row in sheet if (row[0], row[3], row[5]) == ("A", "Kvinne", "s"))
    assert (line[2], line[4], line[7]) == ("sex", "Tema", float(women["n"]))
    assert line[8] == pytest.approx(float(women["value"]))
    assert {row[3] for row in sheet[1:]} <= {"Kvinne", "Mann", "a20", "a40", "a60"}


def test_the_package_recounts_groups(released: Session, tmp_path: Path) -> None:
    out = io.BytesIO()
    write_package(released, wave_code="W1", out=out)
    zipfile.ZipFile(out).extractall(tmp_path)
    code, told = run_script(tmp_path)
    assert (code, told.splitlines()[-1]) == (0, "Alt stemmer."), told
    found = {
        "unit": "A",
        "cut": "sex",
        "category": "f",
        "item": "q1",
        "measure": "index",
        "compared_to": "rest",
    }
    rewrite(tmp_path, {"verdict": "none"}, **found)
    code, told = run_script(tmp_path)
    assert code == 1
    assert "vurdering: A item q1 index sex f rest none" in told
