"""`surveyor instruments export` and `try` on an installation."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from surveyor.cli import main
from surveyor.instruments.xlsform import read_xlsform
from tests.surveyor.instruments.forms import TRIAL, survey, trial


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("SURVEYOR_INSTANCE", str(tmp_path / "i"))
    runner = CliRunner()
    assert runner.invoke(main, ["db", "upgrade"]).exit_code == 0
    return runner


def test_out_and_tried(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "trial.md").write_text(TRIAL, encoding="utf-8")
    assert runner.invoke(main, ["instruments", "import", str(tmp_path / "trial.md")]).exit_code == 0
    found = runner.invoke(main, ["instruments", "export", "trial", "--kind", "md", "--to", str(tmp_path)])
    assert found.exit_code == 0
    written = Path(found.output.strip())
    assert read_xlsform(written.read_bytes(), filename=written.name).questionnaire.hash == trial().hash
    tried = runner.invoke(main, ["instruments", "try", "trial", "--times", "20"])
    assert tried.exit_code == 0
    assert "finished 20 of 20" in tried.output
    assert "minutes" in tried.output
    printed = runner.invoke(main, ["instruments", "paper", "trial", "--to", str(tmp_path)])
    assert Path(printed.output.strip()).read_bytes().startswith(b"%PDF")
    assert runner.invoke(main, ["instruments", "paper", "trial", "--language", "fr"]).exit_code != 0


def test_a_dead_end_is_an_error(runner: CliRunner, tmp_path: Path) -> None:
    form = survey(
        "integer | a | A | yes | . > 5 and . < 3", columns="type | name | label | required | constraint"
    )
    (tmp_path / "stuck.md").write_text(form, encoding="utf-8")
    runner.invoke(main, ["instruments", "import", str(tmp_path / "stuck.md")])
    tried = runner.invoke(main, ["instruments", "try", "stuck", "--times", "3"])
    assert tried.exit_code == 1
    assert "dead end a 3" in tried.output
