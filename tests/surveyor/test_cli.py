"""The command line's contract: its commands, its exit codes, its messages."""

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from surveyor.cli import COMMANDS, main
from surveyor.commands.lazy import MOST_PROBLEMS_SHOWN, RefusedCommand
from surveyor.errors import InvalidInput, Problem

Run = Callable[..., Result]
CONTRACT = {
    ("db", "upgrade"): {"revision"},
    ("db", "downgrade"): {"revision"},
    ("demo",): {"--reset"},
    ("units", "import"): {"file", "--on"},
    ("units", "list"): {"--on"},
    ("instruments", "import"): {"file", "--code", "--freeze"},
    ("instruments", "export"): {"code", "--kind", "--to"},
    ("instruments", "try"): {"code", "--times", "--seed"},
    ("waves", "create"): {
        "code", "--instrument", "--survey", "--audience", "--opens", "--closes", "--unit",
        "--k-mean", "--k-spread", "--two-approvers",
    },
    ("waves", "sample"): {"code", "--kind", "--population", "--clusters", "--units", "--margins"},
    ("waves", "launch"): {"code"},
    ("waves", "close"): {"code"},
    ("waves", "list"): set(),
    ("waves", "show"): {"code"},
    ("invitations", "import"): {"wave_code", "file"},
    ("responses", "import"): {"wave_code", "file", "--mode", "--late"},
    ("results",): {"wave_code", "--unit", "--format", "--sample", "--out"},
    ("norms", "import"): {"wave_code", "file", "--title"},
    ("indicators", "import"): {"file"},
    ("indicators", "publish"): {"wave_code"},
    ("scorecards", "show"): {"unit_code", "--period", "--format"},
    ("accounts", "create"): {"email", "--role", "--unit", "--name"},
    ("accounts", "disable"): {"email"},
    ("backup",): {"folder"},
    ("restore-check",): {"folder"},
    ("worker",): {"--once"},
}  # fmt: skip
TREE = "code,name,type,parent\nR,Rot,kommune,\nA,Avdeling,avdeling,R\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SURVEYOR_INSTANCE", str(tmp_path / "i"))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments], prog_name="surveyor")


def command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = main
    for word in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found, path
        command = found
    return command


@pytest.mark.parametrize("path", CONTRACT, ids=" ".join)
def test_the_contract_stands(path: tuple[str, ...]) -> None:
    found = {p.opts[0] for p in command_at(path).params if "--help" not in p.opts}
    assert found == CONTRACT[path]
    assert command_at(path).help


def test_help_lists_every_command_without_importing_one(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert all(name in result.output for name in COMMANDS)
    groups = {name: command_at((name,)) for name in COMMANDS}
    told = {name: group.help for name, group in groups.items() if isinstance(group, click.Group)}
    assert told == {name: COMMANDS[name][1] for name in told}


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("units", "import"),
        ("units", "import", "missing.csv"),
        ("units", "list", "--on", "i dag"),
        ("db", "downgrade", "9999"),
        ("waves", "create", "w", "--audience", "everybody"),
        ("results", "w", "--format", "pdf", "--out", "x"),
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


def test_what_is_refused_is_exit_code_1_with_row_and_column_and_changes_nothing(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text(TREE + "B,Barnehage,barnehage,X\n", encoding="utf-8")
    result = run("units", "import", "bad.csv")
    assert result.exit_code == 1
    assert result.stderr.startswith("rad 4, kolonne parent: ")
    assert run("units", "list").output == ""


def test_what_is_done_is_exit_code_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(TREE, encoding="utf-8")
    assert run("units", "import", "units.csv", "--on", "2024-01-01").exit_code == 0
    assert run("units", "list").output.splitlines() == ["R  Rot  (kommune)", "  A  Avdeling  (avdeling)"]
    assert run("units", "list", "--on", "31.12.2023").output == ""
    link = run("accounts", "create", "anne@fjordvik.test", "--role", "admin", "--unit", "R")
    assert link.output.startswith("http://127.0.0.1:8000/passord/")
    assert run("accounts", "create", "anne@fjordvik.test", "--role", "admin", "--unit", "R").exit_code == 1
    assert run("worker", "--once").exit_code == 0
    assert run("backup", "b").exit_code == 0
    assert run("restore-check", "b").exit_code == 0
    assert run("db", "downgrade", "base").exit_code == 0
    assert run("db", "upgrade").exit_code == 0


def test_an_unknown_wave_is_refused(run: Run) -> None:
    for words in (("waves", "launch", "x"), ("waves", "close", "x"), ("waves", "show", "x")):
        result = run(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr


def test_a_folder_that_cannot_be_written_is_told_in_words(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    told = run("backup", str(tmp_path / "file" / "folder"))
    assert told.exit_code == 1
    assert told.stderr.startswith("Error: Filen kan ikke leses eller skrives")
    assert "Traceback" not in told.output


def test_problems_are_listed_up_to_a_limit() -> None:
    problems = [Problem("Feil nr. %(n)s.", {"n": n}, sheet="survey", row=n, column="type") for n in range(60)]
    lines = RefusedCommand(InvalidInput(*problems)).message.splitlines()
    assert lines[3] == "ark survey, rad 3, kolonne type: Feil nr. 3."
    assert lines[MOST_PROBLEMS_SHOWN:] == ["... og 10 til."]
