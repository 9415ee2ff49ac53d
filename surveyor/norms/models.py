"""Tables of benchmarks: only figures over all organisations, never those of one."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import Base, new_id
from surveyor.norms.enums import NormKind


class Norm(Base):
    """The benchmark of a survey; a new file takes the place of the former."""

    __tablename__ = "norm"

    id: Mapped[UUID] = new_id()
    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"), unique=True)
    title: Mapped[str]
    imported_on: Mapped[date]


class NormFigure(Base):
    """An index 0-100 over all organisations, and the middle half of the organisations' own."""

    __tablename__ = "norm_figure"

    norm_id: Mapped[UUID] = mapped_column(ForeignKey("norm.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[NormKind] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    n_organisations: Mapped[int]
    value: Mapped[float]
    low: Mapped[float]  # a quarter of the organisations lie below
    high: Mapped[float]  # a quarter lie above
