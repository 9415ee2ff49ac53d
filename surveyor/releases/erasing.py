"""The day the answers behind a wave's figures go: answer sets, counts, comments nobody released."""

from datetime import datetime, time

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import WORKER
from surveyor.campaigns.models import Wave
from surveyor.cubes.services import destroy_cube
from surveyor.jobs.services import enqueue
from surveyor.responses.models import AnswerSet, FreeText, LateAnswer
from surveyor.texts.models import CommentReview, ThemeMark

ERASE = "waves.erase_answers"


def schedule_erasing(session: Session, *, wave: Wave) -> None:
    """Let the worker delete a released wave's answers on their day."""
    midnight = datetime.combine(wave.answers_until, time(), clock.OSLO)
    enqueue(
        session, kind=ERASE, key=f"{ERASE}:{wave.code}", payload={"wave_code": wave.code}, run_after=midnight
    )


def erase_answers(session: Session, *, wave: Wave) -> None:
    """Delete what a wave's figures were counted from; released figures and comments stay."""
    if clock.today() < wave.answers_until:
        return
    destroy_cube(session, wave=wave)
    texts = select(FreeText.id).where(FreeText.wave_id == wave.id)
    session.execute(delete(ThemeMark).where(ThemeMark.text_id.in_(texts)))
    for table in (CommentReview, FreeText, LateAnswer):
        session.execute(delete(table).where(table.wave_id == wave.id))
    n_answers = session.scalar(select(func.count()).where(AnswerSet.wave_id == wave.id))
    session.execute(delete(AnswerSet).where(AnswerSet.wave_id == wave.id))
    if n_answers:
        record(
            session, actor=WORKER, action="wave.answers_erased", subject_type="wave", subject_id=wave.id,
            code=wave.code, n_answers=n_answers,
        )  # fmt: skip
