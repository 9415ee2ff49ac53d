"""What a leader's page costs to render for releases of 1,000 and 100,000 answers, and what closing costs.

Run: python -m benchmarks.results
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from surveyor import create_app
from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.db import make_engine, unit_of_work
from surveyor.installation import ensure_instance
from surveyor.instruments.spec import Questionnaire, Scale
from surveyor.releases.services import freeze_release
from tests.factories import make_tree, sign_in_as
from tests.releases_data import add_answers, choice, code_list, make_wave, one_page

SIZES = (1_000, 100_000)
N_UNITS, N_SCALES, PER_SCALE, N_READS, GOAL = 60, 5, 4, 30, 2.0
UNITS = {"U0": None} | {f"U{one}": f"U{(one - 1) // 4}" for one in range(1, N_UNITS)}


def questionnaire() -> Questionnaire:
    """Five scales of four statements."""
    scales = [Scale(f"s{one}", {}, tuple(f"s{one}q{n}" for n in range(PER_SCALE))) for one in range(N_SCALES)]
    items = [choice(name, "c5", scale=scale.name) for scale in scales for name in scale.items]
    return one_page("bench", [code_list("c5", 1, 5)], items, scales)


def make_release(session: Session, settings: Settings, n: int) -> Iterator[tuple[str, float]]:
    """A released wave of n answers in 60 units; yields the seconds of counting and of freezing."""
    rng, asked = np.random.default_rng(n), questionnaire()
    leaves = [f"U{one}" for one in range((N_UNITS - 1) // 4 + 1, N_UNITS)]
    wave = make_wave(session, asked, UNITS, code=f"W{n}", survey=f"S{n}")
    answers = pd.DataFrame({item.name: rng.integers(1, 6, n) for item in asked.coded_items})
    add_answers(session, wave, asked, list(rng.choice(leaves, n)), answers)
    yield "count", seconds(lambda: build_cube(session, wave=wave))
    yield "freeze", seconds(lambda: freeze_release(session, settings, wave=wave, actor=COMMAND_LINE))
    wave.state, wave.outcome = WaveState.CLOSED, WaveOutcome.RELEASED


def leader(app: Flask) -> FlaskClient:
    """A browser in which the director of the whole tree is signed in."""
    client = app.test_client()
    sign_in_as(client, Role.DIRECTOR, "U0")
    return client


def render(client: FlaskClient, code: str) -> None:
    """A leader's overview of one unit and those below it, as HTML."""
    page = client.get(f"/resultater/{code}/enhet/U1")
    assert page.status_code == 200, page.status


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Medians in milliseconds for both sizes and their ratio; the goal is at most 2."""
    medians = []
    with tempfile.TemporaryDirectory() as folder:
        settings = ensure_instance(Path(folder))
        engine = make_engine(settings.database_url)
        with unit_of_work(engine) as session:
            make_tree(session, [(code, code, "enhet", parent) for code, parent in UNITS.items()])
        for n in SIZES:
            with unit_of_work(engine) as session:
                for step, spent in make_release(session, settings, n):
                    sys.stdout.write(f"{n:>7} answers: {step} {spent:.2f} s\n")
        client = leader(create_app(settings))
        for n in SIZES:
            render(client, f"W{n}")
            medians.append(
                statistics.median(seconds(partial(render, client, f"W{n}")) for _ in range(N_READS))
            )
            sys.stdout.write(f"{n:>7} answers: page {medians[-1] * 1000:.1f} ms\n")
        engine.dispose()
    sys.stdout.write(f"ratio {medians[1] / medians[0]:.2f} (goal: at most {GOAL:.0f})\n")


if __name__ == "__main__":
    main()
