"""Tables of indicator definitions and their values."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import Base, new_id
from surveyor.indicators.enums import Direction, Perspective


class Indicator(Base):
    """What is measured, from which source, and where its bands lie."""

    __tablename__ = "indicator"

    id: Mapped[UUID] = new_id()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    perspective: Mapped[Perspective]
    source: Mapped[str]
    direction: Mapped[Direction]
    target: Mapped[float | None]
    green_from: Mapped[float | None]
    yellow_from: Mapped[float | None]
    measured_in: Mapped[str]
    unit_types: Mapped[list[Any]]  # empty: all
    position: Mapped[int] = mapped_column(default=0)


class IndicatorValue(Base):
    """A value of one unit in one period; a newer row replaces an older one, none is changed."""

    __tablename__ = "indicator_value"
    __table_args__ = (Index("ix_indicator_value_place", "unit_id", "period", "indicator_id"),)

    id: Mapped[UUID] = new_id()
    indicator_id: Mapped[UUID] = mapped_column(ForeignKey("indicator.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    period: Mapped[int]
    value: Mapped[float]
    n: Mapped[int | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    source: Mapped[str]  # what it came from, in words: wave code, form round, file name, who typed it
    release_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    replaced_at: Mapped[datetime | None]
