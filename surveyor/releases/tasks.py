"""Closing a wave: open, count, gate, freeze. A closing that was killed goes on where it was."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import WORKER, Actor
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.models import Cube
from surveyor.cubes.services import build_cube
from surveyor.db import unit_of_work, wipe_deleted
from surveyor.errors import N_, NotFound
from surveyor.fieldwork.closing import open_wave
from surveyor.jobs.registry import Progress, job, no_progress
from surveyor.releases.comments import WIPE
from surveyor.releases.erasing import ERASE, erase_answers, schedule_erasing
from surveyor.releases.models import Release
from surveyor.releases.pending import AGAIN
from surveyor.releases.queries import release_of
from surveyor.releases.services import freeze_again, freeze_release
from surveyor.releases.spec import CloseReport
from surveyor.responses.models import AnswerSet, FreeText, LateAnswer
from surveyor.texts.models import CommentReview, ThemeMark


def close_wave(
    engine: Engine, settings: Settings, *, wave_code: str, actor: Actor, progress: Progress = no_progress
) -> CloseReport:
    """Close a wave and release its figures; twice is as once. Raises NotFound and Refused."""
    with unit_of_work(engine) as session:
        wave_id = _wave(session, wave_code).id
        done = _report(session, wave_code)
    if done is not None:
        return done
    opened = open_wave(engine, settings, wave_id=wave_id, progress=progress, actor=actor)
    with unit_of_work(engine) as session:
        wave = _wave(session, wave_code)
        if opened.is_too_few:
            _end(session, wave, WaveOutcome.TOO_FEW, actor)
        elif release_of(session, wave_id) is None:
            build_cube(session, wave=wave)
            freeze_release(session, settings, wave=wave, actor=actor)
            _end(session, wave, WaveOutcome.RELEASED, actor)
            schedule_erasing(session, wave=wave)
        report = _report(session, wave_code)
    assert report is not None, "the wave has just been closed"
    return report


@job("waves.close")
def close_wave_job(
    engine: Engine, settings: Settings, payload: Mapping[str, Any], progress: Progress
) -> CloseReport:
    """`close_wave` for the worker; the payload names the wave and who asked."""
    actor = Actor(payload["actor"]) if "actor" in payload else WORKER
    return close_wave(engine, settings, wave_code=payload["wave_code"], actor=actor, progress=progress)


def release_again(engine: Engine, settings: Settings, *, wave_code: str, actor: Actor) -> CloseReport:
    """Release a wave a second time; raises NotFound and Refused, and then nothing is changed."""
    with unit_of_work(engine) as session:
        wave = _wave(session, wave_code)
        release = freeze_again(session, settings, wave=wave, actor=actor)
        outcome = WaveOutcome.RELEASED.value
        return CloseReport(wave_code, outcome, int(release.method["n_cells"]), release.manifest_sha256)


@job(AGAIN)
def release_again_job(
    engine: Engine, settings: Settings, payload: Mapping[str, Any], _progress: Progress
) -> CloseReport:
    """`release_again` for the worker."""
    return release_again(engine, settings, wave_code=payload["wave_code"], actor=Actor(payload["actor"]))


@job(ERASE, is_promise=True)
def erase_answers_job(
    engine: Engine, _settings: Settings, payload: Mapping[str, Any], _progress: Progress
) -> None:
    """Delete the answers behind a wave's figures once their day has come; twice is as once."""
    with unit_of_work(engine) as session:
        erase_answers(session, wave=_wave(session, payload["wave_code"]))
    if not wipe_deleted(engine, AnswerSet, LateAnswer, Cube, FreeText, CommentReview, ThemeMark):
        raise RuntimeError("the database is busy")


@job(WIPE, is_promise=True)
def wipe_comments(
    engine: Engine, _settings: Settings, _payload: Mapping[str, Any], _progress: Progress
) -> None:
    """Wipe what deleted comments leave in the database's files, names and all; twice is as once.

    Raises RuntimeError where others are busy in the database: then it is tried again.
    """
    if not wipe_deleted(engine, FreeText, CommentReview, ThemeMark):
        raise RuntimeError("the database is busy")


def _wave(session: Session, code: str) -> Wave:
    wave = session.scalar(select(Wave).where(Wave.code == code).with_for_update(of=Wave))
    if wave is None:
        raise NotFound(N_("Målingen %(code)s finnes ikke."), code=code)
    return wave


def _end(session: Session, wave: Wave, outcome: WaveOutcome, actor: Actor) -> None:
    if wave.state is not WaveState.CLOSED:
        wave.state, wave.closed_at = WaveState.CLOSED, clock.now()
    wave.outcome = outcome
    record(
        session,
        actor=actor,
        action="wave.closed",
        subject_type="wave",
        subject_id=wave.id,
        outcome=outcome.value,
    )
    session.flush()  # the report reads the state


def _report(session: Session, code: str) -> CloseReport | None:
    """How a closed wave ended, None while it is not closed."""
    wave = _wave(session, code)
    if wave.state is not WaveState.CLOSED or wave.outcome is None:
        return None
    release: Release | None = release_of(session, wave.id)
    if release is None:
        return CloseReport(code, wave.outcome.value)
    return CloseReport(code, wave.outcome.value, int(release.method["n_cells"]), release.manifest_sha256)
