"""What a leader's page costs to read out of releases of 1,000 and 100,000 answers, and what closing costs.

Run: python -m benchmarks.results
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings, load_settings
from surveyor.cubes.services import build_cube
from surveyor.db import make_engine, open_session, unit_of_work
from surveyor.instruments.spec import Questionnaire, Scale
from surveyor.models import METADATA
from surveyor.releases.enums import CellKind
from surveyor.releases.queries import item_figures, overview, response_rates, trend, wave_release
from surveyor.releases.services import freeze_release
from tests.releases_data import add_answers, choice, code_list, make_wave, one_page

SIZES = (1_000, 100_000)
N_UNITS, N_SCALES, PER_SCALE, N_READS, GOAL = 60, 5, 4, 30, 2.0


def questionnaire() -> Questionnaire:
    """Five scales of four statements."""
    scales = [Scale(f"s{one}", {}, tuple(f"s{one}q{n}" for n in range(PER_SCALE))) for one in range(N_SCALES)]
    items = [choice(name, "c5", scale=scale.name) for scale in scales for name in scale.items]
    return one_page("bench", [code_list("c5", 1, 5)], items, scales)


def make_release(session: Session, settings: Settings, n: int) -> Iterator[tuple[str, float]]:
    """A released wave of n answers in 60 units; yields the seconds of counting and of freezing."""
    rng, asked = np.random.default_rng(n), questionnaire()
    units = {"U0": None} | {f"U{one}": f"U{(one - 1) // 4}" for one in range(1, N_UNITS)}
    leaves = [f"U{one}" for one in range((N_UNITS - 1) // 4 + 1, N_UNITS)]
    wave = make_wave(session, asked, units, code=f"W{n}", survey=f"S{n}")
    answers = pd.DataFrame({item.name: rng.integers(1, 6, n) for item in asked.coded_items})
    add_answers(session, wave, asked, list(rng.choice(leaves, n)), answers)
    yield "count", seconds(lambda: build_cube(session, wave=wave))
    yield "freeze", seconds(lambda: freeze_release(session, settings, wave=wave, actor=COMMAND_LINE))


def read_page(session: Session, code: str) -> None:
    """All a leader's pages show of one unit and those below it."""
    wave = wave_release(session, wave_code=code)
    units = ["U0", "U1", "U2", "U3", "U4"]
    overview(session, release_id=wave.release_id, units=units)
    response_rates(session, release_id=wave.release_id, units=units)
    item_figures(session, release_id=wave.release_id, unit="U1")
    trend(session, survey_id=wave.survey_id, unit="U1", kind=CellKind.SCALE, item="s0")


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Medians in milliseconds for both sizes and their ratio; the goal is at most 2."""
    medians = []
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(Path(folder))
        engine = make_engine(settings.database_url)
        for metadata in METADATA:
            metadata.create_all(engine)
        for n in SIZES:
            with unit_of_work(engine) as session:
                for step, spent in make_release(session, settings, n):
                    sys.stdout.write(f"{n:>7} answers: {step} {spent:.2f} s\n")
        for n in SIZES:
            with open_session(engine, read_only=True) as session:
                read_page(session, f"W{n}")
                medians.append(
                    statistics.median(seconds(lambda: read_page(session, f"W{n}")) for _ in range(N_READS))  # noqa: B023
                )
            sys.stdout.write(f"{n:>7} answers: read {medians[-1] * 1000:.1f} ms\n")
        engine.dispose()
    sys.stdout.write(f"ratio {medians[1] / medians[0]:.2f} (goal: at most {GOAL:.0f})\n")


if __name__ == "__main__":
    main()
