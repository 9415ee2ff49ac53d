"""python -m benchmarks.answering [responses a round] [rounds]: prints both apps' medians, their ratio, and
where our time goes."""

import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.answering.split import split
from benchmarks.answering.visitor import Browser, Visitor, visit_bare, visit_surveyor
from surveyor import create_app
from surveyor.config import ROOT, load_settings
from surveyor.db import make_engine, unit_of_work
from surveyor.instruments.spec import Grid, Page, Questionnaire
from surveyor.migrations import upgrade
from tests.ports import free_port
from tests.waves import AGREE, make_open_wave, select_one, words

CLIENTS, WORKERS, THREADS = 8, 2, 4
GOAL = 0.5


def questionnaire() -> Questionnaire:
    """Twenty statements on two pages."""
    pages = []
    for number in (1, 2):
        first = 10 * (number - 1) + 1
        rows = tuple(
            select_one(f"q{n}", "agree", page=f"p{number}", required="true()")
            for n in range(first, first + 10)
        )
        grid = Grid(f"grid{number}", words("Hvor enig er du?"), rows)
        pages.append(Page(f"p{number}", words(f"Side {number}"), nodes=(grid,)))
    return Questionnaire(
        "fart", words("Fart"), ("nb",), "nb", pages=tuple(pages), code_lists={"agree": AGREE}
    )


def make_surveyor(folder: Path, n: int, asked: Questionnaire) -> tuple[list[str], dict[str, str]]:
    """An instance with n people invited to a questionnaire; their tokens and the server's environment."""
    environment = {
        "SURVEYOR_INSTANCE": str(folder),
        "SURVEYOR_SECRET_KEY": secrets.token_urlsafe(48),
        "SURVEYOR_CODE_PEPPER": secrets.token_urlsafe(48),
    }
    settings = load_settings(folder)
    upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, questionnaire=asked, invited={"B1": n})
    engine.dispose()
    return [person.token for person in wave.people], environment


def make_bare(folder: Path, n: int) -> tuple[list[str], dict[str, str]]:
    path = folder / "bare.sqlite"
    tokens = [secrets.token_urlsafe(20) for _ in range(n)]
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE invited (token TEXT PRIMARY KEY);"
        "CREATE TABLE draft (token TEXT, item TEXT, code TEXT, PRIMARY KEY (token, item));"
        "CREATE TABLE answer (response TEXT, item TEXT, code TEXT);"
    )
    connection.executemany("INSERT INTO invited VALUES (?)", [(token,) for token in tokens])
    connection.commit()
    connection.close()
    return tokens, {"BARE_DATABASE": str(path)}


@contextmanager
def running(app: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The app under granian; yields its port and its process id."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--log-level", "error", app,
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment, "SURVEYOR_BASE_URL": f"http://127.0.0.1:{port}"}
    )
    try:
        for _ in range(300):
            try:
                Visitor(port).socket.close()
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def visit_all(visit: Callable[[Browser, str], None], port: int, tokens: list[str]) -> None:
    """One client: a fresh browser for each person."""
    for token in tokens:
        visitor = Visitor(port)
        visit(visitor, token)
        visitor.socket.close()


def measure(
    visit: Callable[[Browser, str], None], port: int, pid: int, tokens: list[str]
) -> tuple[float, float]:
    """Completed responses a second with eight clients, and the server's CPU milliseconds a response."""
    context = get_context("fork")
    shares = [tokens[place::CLIENTS] for place in range(CLIENTS)]
    clients = [context.Process(target=visit_all, args=(visit, port, share)) for share in shares]
    used, started = cpu_seconds(pid), time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    took = time.perf_counter() - started
    assert all(client.exitcode == 0 for client in clients)
    return len(tokens) / took, (cpu_seconds(pid) - used) * 1000 / len(tokens)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it."""
    ticks, todo = 0, [pid]
    while todo:
        here = todo.pop()
        fields = Path(f"/proc/{here}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        todo += [int(child) for child in Path(f"/proc/{here}/task/{here}/children").read_text().split()]
    return ticks / os.sysconf("SC_CLK_TCK")


def main(n: int = 80, rounds: int = 11) -> None:
    """Both apps by turns in the same run, after a warm-up round each."""
    with TemporaryDirectory() as ours, TemporaryDirectory() as theirs:
        our_tokens, our_environment = make_surveyor(Path(ours), n * (rounds + 3), questionnaire())
        bare_tokens, bare_environment = make_bare(Path(theirs), n * (rounds + 1))
        with (
            running("wsgi:app", our_environment) as (our_port, our_pid),
            running("benchmarks.answering.bare:app", bare_environment) as (bare_port, bare_pid),
        ):
            found: dict[str, list[tuple[float, float]]] = {"surveyor": [], "bare": []}
            for turn in range(rounds + 1):
                part = slice(turn * n, (turn + 1) * n)
                found["bare"].append(measure(visit_bare, bare_port, bare_pid, bare_tokens[part]))
                found["surveyor"].append(measure(visit_surveyor, our_port, our_pid, our_tokens[part]))
        report({name: results[1:] for name, results in found.items()})
        os.environ.update(our_environment)
        app = create_app(load_settings(Path(ours)))
        report_split(split(app, visit_surveyor, our_tokens[-2 * n :]))


def report(found: dict[str, list[tuple[float, float]]]) -> None:
    say = sys.stdout.write
    rates = {name: median(rate for rate, _ in results) for name, results in found.items()}
    costs = {name: median(cost for _, cost in results) for name, results in found.items()}
    for name in found:
        say(f"{name:9} median {rates[name]:7.1f} responses/s  {costs[name]:6.2f} CPU ms a response\n")
    ratio = median(a / b for (a, _), (b, _) in zip(found["surveyor"], found["bare"], strict=True))
    say(f"ratio of responses/s {ratio:.2f} (goal {GOAL}), of CPU {costs['bare'] / costs['surveyor']:.2f}\n")


def report_split(spent: dict[str, float]) -> None:
    parts = sorted(spent.items(), key=lambda part: -part[1])
    say = ", ".join(f"{kind} {milliseconds:.2f}" for kind, milliseconds in parts)
    sys.stdout.write(f"milliseconds a response in one process: {say}; {sum(spent.values()):.2f} in all\n")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
