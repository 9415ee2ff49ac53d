"""Closing a wave from open envelopes to a release: once, also when it was stopped on the way."""

from datetime import date

import pytest
from sqlalchemy import Engine, func, select

from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.models import Cube
from surveyor.cubes.services import build_cube
from surveyor.db import unit_of_work
from surveyor.errors import NotFound, Refused
from surveyor.fieldwork.closing import open_wave
from surveyor.jobs.registry import TASKS, no_progress
from surveyor.releases.enums import CellKind
from surveyor.releases.models import Release, ReleaseCell
from surveyor.releases.queries import item_figures, released_waves, response_rates, trend, wave_release
from surveyor.releases.tasks import close_wave
from tests.waves import make_answered_wave


def state(engine: Engine, code: str) -> tuple[WaveState, WaveOutcome | None]:
    with unit_of_work(engine) as session:
        wave = session.scalars(select(Wave).where(Wave.code == code)).one()
        return wave.state, wave.outcome


def n_rows(engine: Engine, table: type) -> int:
    with unit_of_work(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_wave_is_closed_counted_and_released(engine: Engine, settings: Settings) -> None:
    wave = make_answered_wave(engine, settings, 24)
    report = close_wave(engine, settings, wave_code=wave.wave.code, actor=COMMAND_LINE)
    assert state(engine, wave.wave.code) == (WaveState.CLOSED, WaveOutcome.RELEASED)
    assert report.n_cells == n_rows(engine, ReleaseCell) > 0
    with unit_of_work(engine) as session:
        released = wave_release(session, wave_code=wave.wave.code)
        assert released.manifest_sha256 == report.manifest_sha256
        assert [one.wave_code for one in released_waves(session)] == [wave.wave.code]
        figures = item_figures(session, release_id=released.release_id, unit="FK")
        assert figures["w1"].n == 24
        assert figures["w1"].is_shown
        assert figures["w3"].is_shown is False
        assert "why" not in figures
        rates = response_rates(session, release_id=released.release_id, units=["FK", "B1"])
        assert rates["FK"].n == 24
        assert rates["FK"].is_band
        series = trend(session, survey_id=released.survey_id, unit="B1", kind=CellKind.ITEM, item="w1")
        assert [point.figure.n for point in series if point.figure] == [12]
        assert series[0].closes >= date(2020, 1, 1)


def test_closing_twice_is_closing_once(engine: Engine, settings: Settings) -> None:
    wave = make_answered_wave(engine, settings, 24)
    reports = [close_wave(engine, settings, wave_code=wave.wave.code, actor=COMMAND_LINE) for _ in range(2)]
    assert reports[0] == reports[1]
    assert n_rows(engine, Release) == n_rows(engine, Cube) == 1
    with unit_of_work(engine) as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert sorted(a for a in actions if a in ("wave.closed", "release.frozen")) == [
        "release.frozen",
        "wave.closed",
    ]


@pytest.mark.parametrize("stop", ["opened", "counted"])
def test_a_closing_that_was_stopped_goes_on(engine: Engine, settings: Settings, stop: str) -> None:
    wave = make_answered_wave(engine, settings, 24)
    open_wave(engine, settings, wave_id=wave.id)
    if stop == "counted":
        with unit_of_work(engine) as session:
            build_cube(session, wave=session.get_one(Wave, wave.id))
    assert state(engine, wave.wave.code) == (WaveState.CLOSING, None)
    close_wave(engine, settings, wave_code=wave.wave.code, actor=COMMAND_LINE)
    assert state(engine, wave.wave.code) == (WaveState.CLOSED, WaveOutcome.RELEASED)
    assert n_rows(engine, Release) == 1


def test_too_few_answers_end_without_a_release(engine: Engine, settings: Settings) -> None:
    wave = make_answered_wave(engine, settings, 4)
    report = close_wave(engine, settings, wave_code=wave.wave.code, actor=COMMAND_LINE)
    assert (report.outcome, report.n_cells) == ("too_few", 0)
    assert state(engine, wave.wave.code) == (WaveState.CLOSED, WaveOutcome.TOO_FEW)
    assert n_rows(engine, Release) == n_rows(engine, Cube) == 0
    with unit_of_work(engine) as session, pytest.raises(Refused, match="for få svar"):
        wave_release(session, wave_code=wave.wave.code)


def test_the_worker_knows_how_to_close_a_wave(engine: Engine, settings: Settings) -> None:
    wave = make_answered_wave(engine, settings, 24)
    payload = {"wave_code": wave.wave.code, "actor": "hr@fjordvik.test"}
    TASKS["waves.close"](engine, settings, payload, no_progress)
    assert state(engine, wave.wave.code) == (WaveState.CLOSED, WaveOutcome.RELEASED)


def test_a_wave_that_is_not_there(engine: Engine, settings: Settings) -> None:
    with pytest.raises(NotFound):
        close_wave(engine, settings, wave_code="nowhere", actor=COMMAND_LINE)
