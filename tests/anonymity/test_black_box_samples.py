"""ANON-7 from outside for samples: weighted figures and who answered, as each role reads and takes them.

As in test_black_box.py two installations differ only in what is held back: two hidden units of one stratum
have changed their answers with one another. What is shown is then read back and attacked by rank.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import SampleKind, WaveOutcome, WaveState
from surveyor.campaigns.models import WaveDesign
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.exports.samples import write_sample_figures
from surveyor.releases.services import freeze_release
from surveyor.responses.models import RegisterCount
from tests.anonymity.installations import copied_app
from tests.anonymity.sight import differing, seen
from tests.factories import app_session
from tests.releases_data import Units, add_answers, add_frame, make_wave
from tests.samples_data import citizen_questionnaire

pytestmark = pytest.mark.usefixtures("one_day")
UNITS: Units = {"K": None, "N": "K", "S": "K", "C": "K", "N1": "N", "N2": "N", "N3": "N"}
SIZES = {"N1": 110, "N2": 4, "N3": 4, "S": 150, "C": 160}
STRATA = {"N": 2000, "S": 3000, "C": 5000}
FORM = citizen_questionnaire()
ROLES = (
    (Role.HR, "K"),
    (Role.DIRECTOR, "N"),
    (Role.LEADER, "N2"),
    (Role.SURVEY_ADMIN, "K"),
    (Role.READER, "K"),
)
# unit, gender and age: invited and answered; women and one age are nearly the same people
REGISTER = {
    ("N", "k", "1"): (100, 60), ("N", "m", "2"): (100, 58), ("S", "k", "1"): (140, 80),
    ("S", "m", "2"): (120, 70),
    ("C", "k", "1"): (150, 85), ("C", "m", "2"): (120, 72), ("C", "k", "2"): (3, 3),
}  # fmt: skip


def answers(swapped: bool) -> pd.DataFrame:
    rng, n = np.random.default_rng(11), sum(SIZES.values())
    frame = pd.DataFrame({f"q{k}": rng.choice([1, 2, 3, 4, 5, 9], n) for k in (1, 2, 3)})
    frame["gender"], frame["age"], frame["bus"] = rng.choice([1, 2], n), rng.choice([1, 2, 3, 4, 5], n), 1
    frame["bus"] = rng.choice([0, 1], n)
    if swapped:
        few = frame.iloc[110:118].to_numpy()
        frame.iloc[110:118] = np.concatenate([few[4:], few[:4]])
    return frame


def fill(session: Session, settings: Settings, swapped: bool, careless: int = 0) -> None:
    """A released sample; the careless one counts some more who answered in a group that is told."""
    wave = make_wave(session, FORM, UNITS, code="W1", closes=date(2026, 5, 31))
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    add_answers(session, wave, FORM, segments, answers(swapped), {"bus": ["yes", "no"]})
    add_frame(session, wave, {unit: (n + 40, n) for unit, n in SIZES.items()})
    design = {"kind": SampleKind.STRATIFIED, "n_population": 10_000, "n_clusters": None, "n_by_unit": STRATA,
              "margins": {"gender": {"1": 0.5, "2": 0.5}}}  # fmt: skip
    session.add(WaveDesign(wave_id=wave.id, **design))
    for place, ((unit, gender, age), (invited, n)) in enumerate(REGISTER.items()):
        more = careless if (unit, gender) == ("S", "k") else 0
        session.add(
            RegisterCount(
                wave_id=wave.id, position=place, groups={"unit": unit, "gender": gender, "age_band": age},
                n_invited=invited, n_answered=n + more,
            )
        )  # fmt: skip
    session.flush()
    build_cube(session, wave=wave)
    freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    wave.state, wave.outcome = WaveState.CLOSED, WaveOutcome.RELEASED


@pytest.fixture
def make(tmp_path: Path, settings: Settings) -> Iterator[object]:
    apps: list[Flask] = []

    def made(name: str, *, swapped: bool = False, careless: int = 0) -> Flask:
        app, ours = copied_app(tmp_path / name, settings)
        with app_session(app) as session:
            fill(session, ours, swapped, careless)
        apps.append(app)
        return app

    yield made
    for app in apps:
        app.extensions["surveyor.engine"].dispose()


@pytest.mark.soak
def test_what_is_held_back_changes_no_weighted_figure_nor_rate(make) -> None:  # type: ignore[no-untyped-def]
    one, hidden, shown = make("one"), make("hidden", swapped=True), make("shown", careless=12)
    for role, unit in ROLES:
        before = seen(one, role, unit)
        assert differing(before, seen(hidden, role, unit)) == set(), role
        is_whole = any(url.endswith("/svar") for url in before)
        assert is_whole is ((role, unit) in ((Role.HR, "K"), (Role.SURVEY_ADMIN, "K")))
        if is_whole:  # negative control
            assert any(url.endswith("/svar") for url in differing(before, seen(shown, role, unit)))
        if role is Role.HR:
            assert any(url.endswith("/vektet") for url in before)
            assert any("/utvalg/fil/csv" in url for url in before)


def records(app: Flask) -> list[dict[str, str]]:
    out = io.BytesIO()
    with app_session(app) as session:
        write_sample_figures(session, wave_code="W1", format="csv", out=out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))


def test_rates_of_groups_isolate_nobody(make) -> None:  # type: ignore[no-untyped-def]
    """Every rate with the whole beside it: no sum or difference of two is about fewer than ten invited."""
    rows = [row for row in records(make("one")) if row["table"] == "responses"]
    told = {(r["variable"], r["category"]) for r in rows if r["measure"] == "rate" and r["state"] == "shown"}
    assert told
    n = np.array([invited for invited, _ in REGISTER.values()])
    names = ("unit", "gender", "age_band")

    def smallest(groups: set[tuple[str, str]]) -> int:
        every = [np.ones(len(n))]
        for name, group in sorted(groups):
            every.append(np.array([float(key[names.index(name)] == group) for key in REGISTER]))
        sums = [a + sign * b for a in every for b in every for sign in (1, -1)]
        sums += [a + b - every[0] for a in every[1:] for b in every[1:]]
        return min(int(n[one != 0].sum()) for one in sums if one.any())

    assert smallest(told) >= 10
    every = {(name, key[names.index(name)]) for name in names for key in REGISTER}
    assert smallest(every) < 10  # negative control: gender and age differ by three


def test_weighted_figures_isolate_nobody(make) -> None:  # type: ignore[no-untyped-def]
    """Units that show a weighted figure: each, and what it leaves of the one above, is ten or nobody."""
    rows = [row for row in records(make("one")) if row["table"] == "weighted" and row["state"] == "shown"]
    assert {row["unit"] for row in rows} <= {"K", "N", "S", "C"}
    given = answers(False)
    unit = np.array([{"N1": "N", "N2": "N", "N3": "N"}.get(u, u) for u, k in SIZES.items() for _ in range(k)])
    for item in ("q1", "q2", "q3"):
        valid = (given[item] != 9).to_numpy()
        shown = {row["unit"] for row in rows if row["item"] == item}
        n = {one: int((valid & (unit == one)).sum()) for one in STRATA}
        assert shown
        left = sum(k for one, k in n.items() if one not in shown) if "K" in shown else 10
        assert left == 0 or left >= 10
        for row in rows:
            if row["item"] == item:
                assert int(row["n"]) == (n[row["unit"]] if row["unit"] != "K" else int(valid.sum()))
                places = {"index": 1, "mean": 2}.get(row["measure"], 3)
                assert float(row["value"]) == round(float(row["value"]), places)
