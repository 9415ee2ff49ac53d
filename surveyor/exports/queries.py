"""Reading ordered results files."""

from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from surveyor.config import Settings
from surveyor.errors import N_, NotFound
from surveyor.exports.spec import OrderedFile
from surveyor.jobs.enums import JobState
from surveyor.jobs.queries import job_by_key

KIND = "exports.results"
FOLDER = "exports"


def job_key(order_id: UUID) -> str:
    """The key of the job that writes an ordered file."""
    return f"{KIND}:{order_id}"


def file_path(settings: Settings, *, order_id: UUID, file_format: str) -> Path:
    """Where an ordered file lies once it is written."""
    return settings.instance / FOLDER / f"{order_id}.{file_format}"


def ordered_file(session: Session, settings: Settings, *, order_id: UUID) -> OrderedFile:
    """An ordered file and how far it has come; raises NotFound."""
    job = job_by_key(session, key=job_key(order_id))
    if job is None:
        raise NotFound(N_("Filen finnes ikke. Lag den på nytt."))
    wanted = job.payload
    path = file_path(settings, order_id=order_id, file_format=wanted["format"])
    return OrderedFile(
        order_id,
        wanted["wave_code"],
        wanted["unit"],
        wanted["format"],
        path,
        is_ready=path.exists(),
        is_waiting=job.state in (JobState.WAITING, JobState.RUNNING),
        n_done=job.n_done,
        n_total=job.n_total,
    )
