"""The job table."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import Base, new_id
from surveyor.jobs.enums import JobState


class Job(Base):
    """Work to be done by the worker; the key makes enqueueing twice the same as once."""

    __tablename__ = "job"

    id: Mapped[UUID] = new_id()
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING, index=True)
    run_after: Mapped[datetime] = mapped_column(index=True)
    lease_until: Mapped[datetime | None]
    n_attempts: Mapped[int] = mapped_column(default=0)
    n_done: Mapped[int] = mapped_column(default=0)
    n_total: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
