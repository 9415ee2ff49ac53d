"""The workbook opens in another program with the same figures."""

import subprocess
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine

from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.db import unit_of_work
from surveyor.exports.results import write_results
from surveyor.releases.services import freeze_release
from tests.releases_data import add_answers, bfi, bfi_questionnaire, make_wave


def sheets(path: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def converted(path: Path, kind: str, folder: Path) -> Path:
    """The file as LibreOffice saves it."""
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=110)
    return folder / f"{path.stem}.{kind}"


@pytest.mark.soak
def test_libreoffice_reads_the_same_figures(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    frame, units = bfi()
    with unit_of_work(engine) as session:
        wave = make_wave(session, bfi_questionnaire(), units)
        add_answers(session, wave, bfi_questionnaire(), frame["unit"].tolist(), frame)
        build_cube(session, wave=wave)
        session.flush()
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        written = tmp_path / "results.xlsx"
        write_results(session, wave_code=wave.code, unit=None, format="xlsx", out=written)
    (tmp_path / "out").mkdir()
    again, before = sheets(converted(written, "xlsx", tmp_path / "out")), sheets(written)
    assert list(again) == list(before)
    for name in before:
        assert [[_plain(v) for v in line if v != ""] for line in again[name] if any(line)] == [
            [_plain(v) for v in line if v != ""] for line in before[name] if any(line)
        ]


def _plain(value: object) -> object:
    return round(value, 9) if isinstance(value, float) else value
