"""Writing audit entries."""

from typing import Any

from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.actions import ACTIONS
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import Actor


def record(
    session: Session, *, actor: Actor, action: str, subject_type: str, subject_id: object, **details: Any
) -> None:
    """Add one audit entry to the caller's transaction; raises ValueError for an undeclared action or key."""
    if action not in ACTIONS or set(details) - ACTIONS[action].keys:
        raise ValueError(f"undeclared audit action or keys: {action} {sorted(details)}")
    session.add(
        AuditEntry(
            at=clock.now(),
            actor=actor.name,
            action=action,
            subject_type=subject_type,
            subject_id=str(subject_id),
            details=details,
        )
    )
