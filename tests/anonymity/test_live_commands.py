"""What the operator's commands print about a live wave is the same, whoever has answered and however many."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from flask import Flask

from surveyor import clock
from surveyor.backup import MANIFEST
from surveyor.cli import main
from surveyor.config import Settings
from surveyor.migrations import make_config
from tests.anonymity.live_waves import ANSWERED, MORE_ANSWERED, NOW, MakeLive
from tests.planned_waves import CODE

UNKNOWN = "0000-0000-0000-0000"
COMMANDS: dict[tuple[str, ...], Sequence[str]] = {
    ("accounts", "create"): ("ny@fjordvik.test", "--role", "hr", "--unit", "FK"),
    ("accounts", "disable"): ("ny@fjordvik.test",),
    ("backup",): ("{folder}/kopi",),
    ("indicators", "import"): ("{folder}/indicators.csv",),
    ("indicators", "publish"): (CODE,),
    ("instruments", "export"): ("trivsel", "--to", "{folder}"),
    ("instruments", "import"): ("{folder}/kopi.md", "--code", "trivsel"),
    ("instruments", "paper"): ("trivsel", "--to", "{folder}"),
    ("instruments", "try"): ("trivsel", "--times", "3"),
    ("invitations", "import"): (CODE, "{folder}/people.csv"),
    ("norms", "import"): (CODE, "{folder}/norms.csv", "--title", "Andre"),
    ("responses", "import"): (CODE, "{folder}/answers.csv"),
    ("responses", "withdraw"): (CODE, UNKNOWN),
    ("restore-check",): ("{folder}/kopi",),
    ("results",): (CODE, "--format", "csv", "--out", "{folder}/results.csv"),
    ("scorecards", "show"): ("FK", "--period", "2026"),
    ("selfcheck",): (),
    ("units", "import"): ("{folder}/units.csv", "--on", "2026-06-04"),
    ("units", "list"): (),
    ("waves", "create"): (
        CODE, "--instrument", "trivsel", "--audience", "employee",
        "--opens", "2026-06-01", "--closes", "2026-06-20",
    ),
    ("waves", "launch"): (CODE,),
    ("waves", "list"): (),
    ("waves", "paper"): (CODE, "--to", "{folder}"),
    ("waves", "release-again"): (CODE,),
    ("waves", "restate"): (CODE, CODE, "{folder}/mapping.csv"),
    ("waves", "sample"): (CODE, "--kind", "simple", "--population", "100"),
    ("waves", "show"): (CODE,),
    ("worker",): ("--once",),
}  # fmt: skip
ELSEWHERE = {
    ("db", "upgrade"), ("db", "downgrade"), ("demo",),  # know nothing of any wave
    ("waves", "close"),  # ends what is live; test_killed and test_closing hold it
}  # fmt: skip
FILES = {
    "people.csv": "unit,name,email,phone,language\nB1,Ola Ny,ola@fjordvik.test,,nb\n",
    "answers.csv": "unit,w1,again\nB1,4,yes\n",
    "norms.csv": "organisation,item,code,count\n",
    "indicators.csv": "code,name,perspective,source\nx,X,Medarbeidere,manual\n",
    "mapping.csv": "before,now\nB1,B2\n",
    "units.csv": "code,name,type,parent\nFK,Fjordvik,kommune,\n",
    "kopi.md": "nothing\n",
}
FRESH = re.compile(
    r"\b[0-9a-f]{64}\b|/passord/[\w-]+|[0-9a-f]{8}-[0-9a-f-]{27}|\"(at|milliseconds)\": [^,}]+"
)


def leaves(group: click.Command = main, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(group, click.Group):
        return [path]
    context = click.Context(group)
    found = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
    return [leaf for name, command in found if command for leaf in leaves(command, (*path, name))]


def installed(app: Flask, settings: Settings, folder: Path) -> None:
    """An app's folder as the command line finds it, and the files the commands read."""
    with app.extensions["surveyor.engine"].begin() as connection:  # made without migrations, as tests' are
        MigrationContext.configure(connection).stamp(ScriptDirectory.from_config(make_config()), "head")
    secrets = f'secret_key = "{settings.secret_key}"\ncode_pepper = "{settings.code_pepper}"\n'
    (folder / "secrets.toml").write_text(secrets, encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")


def printed(folder: Path) -> dict[tuple[str, ...], tuple[int, str]]:
    """Exit code and all output of every command, without what is new every time."""
    found = {}
    for path, arguments in COMMANDS.items():
        words = [*path, *(one.format(folder=folder) for one in arguments)]
        with clock.fixed_at(NOW):
            done = CliRunner().invoke(main, words, env={"SURVEYOR_INSTANCE": str(folder)})
        assert done.exception is None or isinstance(done.exception, SystemExit), (path, done.exception)
        found[path] = (done.exit_code, FRESH.sub("", done.output.replace(str(folder), "")))
    return found


@pytest.fixture
def operated(
    make_live: MakeLive, settings: Settings, tmp_path: Path
) -> Callable[..., dict[tuple[str, ...], tuple[int, str]]]:
    def operate(name: str, *given: object, **options: bool) -> dict[tuple[str, ...], tuple[int, str]]:
        with clock.fixed_at(NOW):
            installed(make_live(name, *given, **options), settings, tmp_path / name)
        return printed(tmp_path / name)

    return operate


def test_every_command_is_held() -> None:
    assert set(leaves()) == set(COMMANDS) | ELSEWHERE
    assert not set(COMMANDS) & ELSEWHERE


def test_no_command_tells_who_or_how_many_have_answered(
    operated: Callable[..., dict[tuple[str, ...], tuple[int, str]]], tmp_path: Path
) -> None:
    one, more = operated("one", ANSWERED), operated("more", MORE_ANSWERED, mirrored=True)
    assert {path for path in COMMANDS if one[path] != more[path]} == set()
    assert one["waves", "show"][0] == one["backup",][0] == one["responses", "import"][0] == 0
    assert one["results",][0] == one["waves", "restate"][0] == 1
    copies = [(tmp_path / name / "kopi" / MANIFEST).read_text() for name in ("one", "more")]
    counts = [re.search(r'"envelope": (\d+)', copy) for copy in copies]
    assert counts[0]
    assert counts[1]
    assert (
        counts[0][1] != counts[1][1]
    )  # negative control: whoever holds the copy can count, the words do not
