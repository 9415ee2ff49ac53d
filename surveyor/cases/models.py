"""Tables of form cases: identified by nature, kept with a trail."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveyor.cases.enums import CaseState, DeviationState, FormKind
from surveyor.db import Base, new_id


class CaseRound(Base):
    """One sending of a form to units, with a deadline."""

    __tablename__ = "case_round"

    id: Mapped[UUID] = new_id()
    kind: Mapped[FormKind]
    title: Mapped[str]
    instrument_version_id: Mapped[UUID] = mapped_column(ForeignKey("instrument_version.id"))
    period: Mapped[int]
    deadline_on: Mapped[date]
    sent_at: Mapped[datetime]
    simulated: Mapped[bool] = mapped_column(default=False)


class Case(Base):
    """One unit's form."""

    __tablename__ = "case"
    __table_args__ = (UniqueConstraint("round_id", "unit_id"),)

    id: Mapped[UUID] = new_id()
    round_id: Mapped[UUID] = mapped_column(ForeignKey("case_round.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"), index=True)
    state: Mapped[CaseState] = mapped_column(default=CaseState.ASSIGNED)
    answers: Mapped[dict[str, Any]]
    rev: Mapped[int] = mapped_column(default=0)
    first_submitted_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    round: Mapped[CaseRound] = relationship(lazy="joined")


class CaseRevision(Base):
    """What a case held each time it was submitted: append-only."""

    __tablename__ = "case_revision"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[UUID] = new_id()
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    number: Mapped[int]
    answers: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class CaseEvent(Base):
    """One step of the workflow with its comment, as shown on the case."""

    __tablename__ = "case_event"

    id: Mapped[UUID] = new_id()
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    step: Mapped[str]
    comment: Mapped[str | None]
    at: Mapped[datetime]
    by: Mapped[str]


class Evidence(Base):
    """A file attached to a case, stored outside the web root under a random name."""

    __tablename__ = "evidence"

    id: Mapped[UUID] = new_id()
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    item: Mapped[str | None]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    stored_name: Mapped[str] = mapped_column(unique=True)
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class Deviation(Base):
    """What a form revealed: a "no" or a low mark."""

    __tablename__ = "deviation"
    __table_args__ = (UniqueConstraint("case_id", "item"),)

    id: Mapped[UUID] = new_id()
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    item: Mapped[str]
    description: Mapped[str]
    state: Mapped[DeviationState] = mapped_column(default=DeviationState.OPEN)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    actions: Mapped[list["Action"]] = relationship(lazy="selectin", order_by="Action.due_on")


class Action(Base):
    """What is done about a deviation: owner and date."""

    __tablename__ = "action"

    id: Mapped[UUID] = new_id()
    deviation_id: Mapped[UUID] = mapped_column(ForeignKey("deviation.id", ondelete="CASCADE"), index=True)
    what: Mapped[str]
    owner: Mapped[str]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
