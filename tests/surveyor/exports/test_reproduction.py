"""The package's own script agrees with the release, uses nothing of ours, and notices what is changed."""

import io
import json
import math
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from scipy.stats import t as student
from sqlalchemy.orm import Session

from analysis import significance, verdicts
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.config import Settings, load_settings
from surveyor.cubes.services import build_cube
from surveyor.db import make_engine, open_session
from surveyor.exports import recount
from surveyor.exports.reproduction import write_package
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.services import freeze_release
from surveyor.releases.spec import Row
from tests.conftest import MadeOnce, make_schema
from tests.releases_data import add_answers, bfi, bfi_questionnaire, make_wave
from tests.surveyor.exports.unpacked import rewrite, run_script

pytestmark = pytest.mark.either


def make_package(folder: Path) -> None:
    url = f"sqlite:///{folder / 'surveyor.sqlite'}"
    make_schema(url)
    with open_session(make_engine(url)) as session:
        unpack_package(session, load_settings(folder, database_url=url), folder / "p")


@pytest.fixture(scope="module")
def unpacked(made_once: MadeOnce) -> Path:
    """The second of two waves' packages, for all tests that change one."""
    return made_once("package", make_package) / "p"


@pytest.fixture
def package(unpacked: Path, tmp_path: Path) -> Path:
    """A package of one's own."""
    return Path(shutil.copytree(unpacked, tmp_path / "p"))


def unpack_package(session: Session, settings: Settings, folder: Path) -> None:
    write_waves(session, settings)
    out, again = io.BytesIO(), io.BytesIO()
    write_package(session, wave_code="W2026", out=out)
    write_package(session, wave_code="W2026", out=again)
    assert again.getvalue() == out.getvalue()
    zipfile.ZipFile(out).extractall(folder)


def write_waves(session: Session, settings: Settings) -> None:
    """Two waves of bfi in uneven units, both released."""
    answers, units = bfi()
    asked = replace(bfi_questionnaire(), settings={"outcome": "N4"})
    for year, part in ((2025, answers.iloc[::2]), (2026, answers.iloc[1::2])):
        wave = make_wave(session, asked, units, code=f"W{year}", closes=date(year, 5, 31))
        add_answers(session, wave, asked, list(part["unit"]), part)
        build_cube(session, wave=wave)
        session.flush()
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        wave.state = WaveState.CLOSED
        session.flush()


def test_the_script_agrees_on_both_systems(session: Session, settings: Settings, tmp_path: Path) -> None:
    unpack_package(session, settings, tmp_path / "p")
    code, told = run_script(tmp_path / "p")
    assert (code, told.splitlines()[-1]) == (0, "Alt stemmer."), told


def test_a_changed_verdict_is_noticed(package: Path) -> None:
    release = recount.Release(package)
    verdicts = {row["verdict"] for row in release.compared}
    assert {"none", "possible"} <= verdicts
    assert {row["compared_to"] for row in release.compared} == {"rest", "last"}
    by_g = [
        row for row in release.compared
        if row["measure"] == "index" and abs(row["difference"]) < 5 and row["verdict"] == "possible"
    ]  # fmt: skip
    assert by_g  # verdicts that only Hedges' g decides
    rewrite(package, {"verdict": "higher"}, verdict="none", measure="index")
    code, told = run_script(package)
    assert code == 1
    assert "vurdering" in told
    assert "kontrollsum" in told


def test_a_changed_p_and_a_number_in_a_hidden_row_are_noticed(package: Path) -> None:
    p = next(row["p"] for row in recount.Release(package).compared if row["p"])
    rewrite(package, {"p_adjusted": 0.999}, p=p, measure="index")
    rewrite(package, {"n": 4}, state="hidden")
    code, told = run_script(package)
    assert code == 1
    assert "justert" in told
    assert "skjult rad" in told


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"p": 0.5}, {"measure": "index", "compared_to": "rest", "kind": "item", "verdict": "lower"}),
        ({"value": 3.0}, {"measure": "mean", "compared_to": "", "kind": "item", "state": "shown"}),
        ({"value": 0.25}, {"measure": "share:2", "state": "shown"}),
    ],
)
def test_figures_are_worked_out_again_from_distributions(
    package: Path, change: dict[str, object], where: dict[str, object]
) -> None:
    n, wrong = recount.from_distributions(recount.Release(package))
    assert n > 500
    assert not wrong
    rewrite(package, change, **where)
    assert recount.from_distributions(recount.Release(package))[1]


def test_changed_figures_on_several_answers_are_noticed(package: Path) -> None:
    file = package / "sammenhenger.jsonl"
    rows = [dict(zip(recount.MOMENT_FIELDS, json.loads(line), strict=True)) for line in file.open()]
    changes = {
        "alpha": {"low": 0.1}, "spearman": {"high": 0.99}, "icc1": {"value": 0.3}, "driver": {"value": 0.9},
    }  # fmt: skip
    for measure, change in changes.items():
        next(row for row in rows if row["measure"] == measure and row["state"] == "shown").update(change)
    file.write_text("".join(json.dumps([*row.values()]) + "\n" for row in rows))
    code, told = run_script(package)
    assert code == 1
    assert "kontrollsum for sammenhenger" in told
    for measure in ("alpha", "spearman", "icc1", "explained"):
        assert f"STEMMER IKKE, {measure}:" in told


def test_the_script_knows_the_same_rules_as_we_do() -> None:
    ours = verdicts.PRECISION_N, verdicts.SIZE_INDEX, verdicts.SIZE_G, verdicts.EVIDENCE_P
    assert ours == (recount.ENOUGH, recount.POINTS, recount.SPREADS, recount.CHANCE)
    assert Row._fields == recount.FIELDS
    assert MomentRow._fields == recount.MOMENT_FIELDS
    values = [0.04, 0.01, 0.5, 0.01, 1.0]
    assert recount.adjusted(values) == significance.adjust_bh(values)


@pytest.mark.parametrize("df", [1.5, 3.0, 9.7, 30.0, 112.25, 5000.0])
def test_its_t_distribution_is_students(df: float) -> None:
    assert recount.t_975(df) == pytest.approx(student.ppf(0.975, df), rel=1e-11)


@pytest.mark.parametrize(
    ("sd", "n", "other", "m"), [(1.2, 12, 0.9, 300), (20.0, 10, 31.0, 10), (1.0, 50, 0.0, 40)]
)
def test_the_other_sides_spread_comes_back_out_of_the_interval(
    sd: float, n: int, other: float, m: int
) -> None:
    a, b = sd**2 / n, other**2 / m
    df = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1))
    half = float(student.ppf(0.975, df)) * math.sqrt(a + b)
    assert recount.other_variance(half, sd, n, m) == pytest.approx(other**2, rel=1e-8, abs=1e-8)
