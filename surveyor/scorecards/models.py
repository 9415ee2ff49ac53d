"""Tables of scorecards and the templates that say what is on them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveyor.db import Base, new_id
from surveyor.indicators.enums import Band, Perspective
from surveyor.scorecards.enums import CardState


class CardTemplate(Base):
    """What units of one type have on their card; the type "" is the skeleton all share."""

    __tablename__ = "card_template"

    id: Mapped[UUID] = new_id()
    unit_type: Mapped[str] = mapped_column(unique=True)
    vision: Mapped[str] = mapped_column(default="")
    lines: Mapped[list["TemplateLine"]] = relationship(
        lazy="selectin", order_by="TemplateLine.position", cascade="all, delete-orphan"
    )


class TemplateLine(Base):
    """One indicator on a template: the goal and success factor it serves, and its target there."""

    __tablename__ = "template_line"
    __table_args__ = (UniqueConstraint("template_id", "indicator_id"),)

    id: Mapped[UUID] = new_id()
    template_id: Mapped[UUID] = mapped_column(ForeignKey("card_template.id", ondelete="CASCADE"))
    indicator_id: Mapped[UUID] = mapped_column(ForeignKey("indicator.id"))
    position: Mapped[int]
    goal: Mapped[str]
    success_factor: Mapped[str] = mapped_column(default="")
    target: Mapped[float | None]


class Scorecard(Base):
    """One version of one unit's card for one period."""

    __tablename__ = "scorecard"
    __table_args__ = (UniqueConstraint("unit_id", "period", "version"),)

    id: Mapped[UUID] = new_id()
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"), index=True)
    period: Mapped[int]
    version: Mapped[int]
    state: Mapped[CardState] = mapped_column(default=CardState.DRAFT)
    vision: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    lines: Mapped[list["ScorecardLine"]] = relationship(
        lazy="selectin", order_by="ScorecardLine.position", cascade="all, delete-orphan"
    )


class ScorecardLine(Base):
    """One indicator on one card, as it stood: frozen when the card is approved."""

    __tablename__ = "scorecard_line"
    __table_args__ = (UniqueConstraint("scorecard_id", "code"),)

    id: Mapped[UUID] = new_id()
    scorecard_id: Mapped[UUID] = mapped_column(ForeignKey("scorecard.id", ondelete="CASCADE"))
    indicator_id: Mapped[UUID] = mapped_column(ForeignKey("indicator.id"))
    position: Mapped[int]
    perspective: Mapped[Perspective]
    goal: Mapped[str]
    success_factor: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    measured_in: Mapped[str]
    target: Mapped[float | None]
    value: Mapped[float | None]
    n: Mapped[int | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    band: Mapped[Band]
    last: Mapped[float | None]
    source: Mapped[str]
    release_sha256: Mapped[str | None]
