"""The page beside this file says which test shows what: it may not promise what is not there."""

import re
import subprocess
import sys
from pathlib import Path

from surveyor.jobs.registry import TASKS
from surveyor.worker import load_tasks

HERE, TESTS = Path(__file__).parent, Path(__file__).parents[1]
ROOT = TESTS.parent
WANTED = {
    *(f"SEC-{n}" for n in (*range(1, 10), 14, 15, 16, 17, 19, 24, 31, 32)),
    *(f"REL-{n}" for n in (1, 2, 8, 9, 13)),
    *(f"ANON-{n}" for n in (1, 2, 3, 4, 5, 9)),
}


def rows() -> dict[str, tuple[set[str], set[str]]]:
    """By id or job: the tests named, and the controls."""
    found = {}
    for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and "test_" in line:
            tests = set(re.findall(r"`(test_\w+)`", cells[-1] if len(cells) == 2 else cells[2]))
            controls = set(re.findall(r"`(test_\w+)`", cells[3])) if len(cells) == 4 else set()
            found[cells[0].strip("`")] = tests, controls
    return found


def existing() -> set[str]:
    sources = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    return {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}


def test_every_test_named_is_there() -> None:
    named = {name for tests, controls in rows().values() for name in tests | controls}
    assert named - existing() == set()
    assert {"test_that_nobody_wrote"} - existing()  # the control


def test_every_property_has_a_test_and_a_control() -> None:
    found = rows()
    assert WANTED - set(found) == set()
    assert [one for one, (tests, controls) in found.items() if "-" in one and not (tests and controls)] == []


def test_every_job_is_run_twice_somewhere() -> None:
    load_tasks()
    ours = {name for name, task in TASKS.items() if task.__module__.startswith("surveyor.")}
    assert ours - set(rows()) == set()


def built_statements(*paths: Path) -> str:
    """What the linter says about SQL put together from text."""
    program = Path(sys.executable).with_name("ruff")
    options = ["check", "--isolated", "--select", "S608", "--output-format", "concise"]
    done = subprocess.run([program, *options, *paths], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_no_statement_is_made_of_text() -> None:
    assert built_statements(ROOT / "surveyor", ROOT / "blueprints", ROOT / "forms") == ""


def test_a_statement_made_of_text_is_found(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "def f(name):\n    return f\"SELECT * FROM account WHERE name = '{name}'\"\n"
    )
    assert "S608" in built_statements(tmp_path / "bad.py")
