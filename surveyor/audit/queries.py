"""Reading the log: newest first, by person, kind of change, subject and day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from surveyor.audit.models import AuditEntry
from surveyor.clock import OSLO

PAGE_SIZE = 50


@dataclass(frozen=True)
class AuditFilter:
    """What to look for; empty parts do not narrow."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True)
class AuditPage:
    """One page of the log."""

    entries: tuple[AuditEntry, ...]
    n_entries: int
    page: int

    @property
    def n_pages(self) -> int:
        return max(1, -(-self.n_entries // PAGE_SIZE))


def audit_page(session: Session, *, wanted: AuditFilter, page: int = 1) -> AuditPage:
    """Entries that match, newest first."""
    conditions = _conditions(wanted)
    n_entries = session.scalar(select(func.count()).select_from(AuditEntry).where(*conditions)) or 0
    entries = session.scalars(
        select(AuditEntry).where(*conditions).order_by(AuditEntry.at.desc(), AuditEntry.id)
        .limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    )  # fmt: skip
    return AuditPage(tuple(entries), n_entries, page)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.actor:
        found.append(func.lower(AuditEntry.actor).contains(wanted.actor.casefold(), autoescape=True))
    if wanted.action:
        found.append(AuditEntry.action == wanted.action)
    if wanted.subject:
        found.append(func.lower(AuditEntry.subject_id).contains(wanted.subject.casefold(), autoescape=True))
    if wanted.from_on:
        found.append(AuditEntry.at >= _midnight(wanted.from_on))
    if wanted.to_on:
        found.append(AuditEntry.at < _midnight(wanted.to_on + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OSLO)
