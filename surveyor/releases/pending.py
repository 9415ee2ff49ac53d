"""What waits for a second release of a wave, and the job that tries it."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import Wave
from surveyor.cubes.queries import cube_of
from surveyor.jobs.models import Job
from surveyor.releases.queries import release_of
from surveyor.responses.models import AnswerSet, LateAnswer

AGAIN = "waves.release_again"


@dataclass(frozen=True)
class Pending:
    """Answers of a released wave that are in no release, and withdrawn ones that are in one.

    number: how often the wave has been released, 0 for never; is_counted: the counts behind the figures are
    there still, without which nothing can be compared.
    """

    number: int
    is_counted: bool
    n_late: int
    n_withdrawn: int

    @property
    def may_try(self) -> bool:
        return self.number == 1 and self.is_counted and bool(self.n_late or self.n_withdrawn)


def pending(session: Session, *, wave: Wave) -> Pending:
    """How many answers came late or were withdrawn since the newest release."""
    release, cube = release_of(session, wave.id), cube_of(session, wave.id)
    if release is None or cube is None:
        return Pending(release.number if release else 0, cube is not None, 0, 0)
    n_late = _count(session, LateAnswer, wave)
    n_withdrawn = int(cube.n.sum()) + n_late - _count(session, AnswerSet, wave)
    return Pending(release.number, True, n_late, n_withdrawn)


def again_job(session: Session, *, wave: Wave) -> Job | None:
    """The latest try at a second release, None before the first."""
    tries = Job.key.startswith(f"{AGAIN}:{wave.id}")
    return session.scalar(select(Job).where(tries).order_by(Job.created_at.desc(), Job.key.desc()).limit(1))


def _count(session: Session, table: type[AnswerSet] | type[LateAnswer], wave: Wave) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.wave_id == wave.id)) or 0
