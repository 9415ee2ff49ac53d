"""Ordering results files that take long to write."""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.exports.queries import KIND, job_key
from surveyor.jobs.services import enqueue
from surveyor.releases.spec import WaveRelease


def order_results_file(
    session: Session, *, wave: WaveRelease, unit: str, file_format: str, language: str, actor: Actor
) -> UUID:
    """Let the worker write a file of a unit and what lies below; returns the order's number."""
    order_id = uuid4()
    payload = {
        "order_id": str(order_id),
        "wave_code": wave.wave_code,
        "unit": unit,
        "format": file_format,
        "language": language,
    }
    enqueue(session, kind=KIND, key=job_key(order_id), payload=payload)
    record(
        session,
        actor=actor,
        action="results.file_ordered",
        subject_type="wave",
        subject_id=wave.wave_id,
        unit=unit,
        format=file_format,
    )
    return order_id
