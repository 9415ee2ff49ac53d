"""Tables of organisation units: an identity, its versions in time, and where units came from."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import Base, new_id
from surveyor.units.enums import LineageKind


class OrgUnit(Base):
    """The identity of a unit; its code is the same as long as it is the same unit."""

    __tablename__ = "org_unit"

    id: Mapped[UUID] = new_id()
    code: Mapped[str] = mapped_column(unique=True)


class UnitVersion(Base):
    """What a unit was called, and where it stood, from valid_from up to (not including) valid_to."""

    __tablename__ = "unit_version"
    __table_args__ = (
        UniqueConstraint("unit_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
        CheckConstraint("parent_id IS NULL OR parent_id <> unit_id", name="not_own_parent"),
    )

    id: Mapped[UUID] = new_id()
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    name: Mapped[str]
    type: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UnitLineage(Base):
    """One step of a reorganisation: which unit became (part of) which, on which day."""

    __tablename__ = "unit_lineage"
    __table_args__ = (UniqueConstraint("from_unit_id", "to_unit_id", "on_date"),)

    id: Mapped[UUID] = new_id()
    from_unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    to_unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    kind: Mapped[LineageKind]
    on_date: Mapped[date]
