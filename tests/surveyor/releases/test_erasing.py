"""Answers and counts go on the day respondents were told; what was released stays as it was."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.models import Cube
from surveyor.db import unit_of_work
from surveyor.releases import erasing
from surveyor.releases.erasing import schedule_erasing
from surveyor.releases.models import ReleaseCell
from surveyor.releases.pending import pending
from surveyor.responses.models import AnswerSet, FreeText
from surveyor.texts.enums import ReviewState
from surveyor.texts.models import CommentReview, ThemeMark
from surveyor.texts.queries import waiting_comments
from surveyor.texts.services import decide
from surveyor.worker import load_tasks
from tests.card_data import release_wave
from tests.comment_data import ITEM, make_commented_wave
from tests.factories import make_tree
from tests.planned_waves import work_at

load_tasks()

SOURCES = (AnswerSet, Cube, FreeText, CommentReview, ThemeMark)


@pytest.fixture
def wave(engine: Engine, settings: Settings) -> Wave:
    """A released wave with its deletion planned."""
    with unit_of_work(engine) as session:
        make_tree(session)
        wave = release_wave(session, settings, closes=date(2026, 5, 31))
        schedule_erasing(session, wave=wave)
    return wave


def count(session: Session, *tables: type[object]) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_the_sources_go_at_the_promised_midnight_and_the_figures_stay(
    engine: Engine, settings: Settings, wave: Wave
) -> None:
    midnight = datetime.combine(date(2031, 5, 31), time(), clock.OSLO)
    assert wave.answers_until == midnight.date()
    with unit_of_work(engine) as session:
        [n_answers, n_cells] = count(session, AnswerSet, ReleaseCell)
        assert n_answers
        assert n_cells
    work_at(engine, settings, midnight - timedelta(seconds=1))
    with unit_of_work(engine) as session:
        assert count(session, AnswerSet, Cube) == [n_answers, 1]
    work_at(engine, settings, midnight)
    with unit_of_work(engine) as session:
        assert count(session, AnswerSet, Cube, ReleaseCell) == [0, 0, n_cells]
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "wave.answers_erased"))
        assert entry.details["n_answers"] == n_answers
        assert not pending(session, wave=session.get_one(Wave, wave.id)).may_try


def test_comments_nobody_released_go_with_them(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave = make_commented_wave(session, settings, {"A1": 12})
        first = waiting_comments(session, wave_id=wave.id, item=ITEM, limit=1)[0]
        decide(session, wave=wave, item=ITEM, text_id=first.id, state=ReviewState.SHOWN, actor=COMMAND_LINE)
        assert count(session, Cube, FreeText, CommentReview) == [1, 12, 1]
        with clock.fixed_at(datetime.combine(wave.answers_until, time(), clock.OSLO)):
            erasing.erase_answers(session, wave=wave)
            erasing.erase_answers(session, wave=wave)  # twice is as once
        assert count(session, *SOURCES) == [0] * len(SOURCES)


def test_another_waves_answers_stay(engine: Engine, settings: Settings, wave: Wave) -> None:
    with unit_of_work(engine) as session:
        later = release_wave(session, settings, code="W2", closes=date(2027, 5, 31))
        [n_both] = count(session, AnswerSet)
        with clock.fixed_at(datetime.combine(wave.answers_until, time(), clock.OSLO)):
            erasing.erase_answers(session, wave=session.get_one(Wave, wave.id))
            erasing.erase_answers(session, wave=later)  # its own day has not come
        assert count(session, AnswerSet, Cube) == [n_both // 2, 1]
