"""The audit table: append-only by trigger."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import Base, new_id


class AuditEntry(Base):
    """One change: who, when, what, on which subject, with the action's declared keys."""

    __tablename__ = "audit_entry"

    id: Mapped[UUID] = new_id()
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(index=True)
    subject_type: Mapped[str]
    subject_id: Mapped[str] = mapped_column(index=True)
    details: Mapped[dict[str, Any]]
