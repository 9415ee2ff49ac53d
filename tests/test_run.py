"""`./run`: works from any folder, serves the web and the worker, and stops both."""

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from surveyor.config import ROOT
from tests.ports import free_port

RUN = ROOT / "run"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"SURVEYOR_INSTANCE": "here", "PORT": str(free_port())}


def run(environment: dict[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RUN, *words], env=environment, cwd=folder, capture_output=True, text=True, timeout=100
    )


def test_without_words_it_says_what_there_is(environment: dict[str, str], tmp_path: Path) -> None:
    shown = run(environment, tmp_path)
    assert shown.returncode == 0
    assert all(f"./run {word}" in shown.stdout for word in ("demo", "serve", "cli", "test"))
    assert run(environment, tmp_path, "nonsense").returncode == 2


def test_commands_see_the_folder_they_are_called_from(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("code,name,type,parent\nR,Rot,kommune,\n")
    assert run(environment, tmp_path, "cli", "units", "import", "units.csv").returncode == 0
    assert (tmp_path / "here" / "surveyor.sqlite").exists()
    assert run(environment, tmp_path, "cli", "units", "import", "missing.csv").returncode == 2
    assert run(environment, tmp_path, "cli", "waves", "close", "none").returncode == 1


@pytest.fixture
def serving(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    assert run(environment, tmp_path, "cli", "db", "upgrade").returncode == 0
    process = subprocess.Popen(
        [RUN, "serve"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(20)


def test_it_serves_and_stops_with_all_it_started(
    serving: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    address = f"http://127.0.0.1:{environment['PORT']}"
    assert serving.stdout
    said = ""
    while address not in said:
        line = serving.stdout.readline()
        assert line, said
        said += line
    with urllib.request.urlopen(f"{address}/logg-inn", timeout=20) as page:
        assert page.status == 200
    children = _children_of(serving.pid)
    assert len(children) == 2
    serving.send_signal(signal.SIGINT)
    assert serving.wait(20) == 0
    assert not [pid for pid in children if _is_alive(pid)]


def test_a_taken_port_is_told(
    serving: subprocess.Popen[str], environment: dict[str, str], tmp_path: Path
) -> None:
    assert serving.stdout
    assert serving.stdout.readline() == "\n"  # it answers now
    other = run(environment, tmp_path, "serve")
    assert other.returncode == 1
    assert "opptatt" in other.stdout


def _children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def _is_alive(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return Path(f"/proc/{pid}").exists()


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_the_demo_is_there_in_a_minute_and_again_at_once(environment: dict[str, str], tmp_path: Path) -> None:
    for patience in (90, 6):
        started_at = time.monotonic()
        process = subprocess.Popen(
            [RUN, "demo"],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert time.monotonic() - started_at < patience
        assert "admin@fjordvik.example" in said
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
