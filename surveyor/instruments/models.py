"""Tables of questionnaires: drafts that may change and frozen versions that may not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveyor.db import Base, new_id
from surveyor.instruments.enums import VersionState


class Instrument(Base):
    """A questionnaire under one code, through all its versions."""

    __tablename__ = "instrument"

    id: Mapped[UUID] = new_id()
    code: Mapped[str] = mapped_column(unique=True)


class InstrumentVersion(Base):
    """One version: a draft until frozen; from then on its definition and hash never change."""

    __tablename__ = "instrument_version"
    __table_args__ = (UniqueConstraint("instrument_id", "number"),)

    id: Mapped[UUID] = new_id()
    instrument_id: Mapped[UUID] = mapped_column(ForeignKey("instrument.id"))
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(default=VersionState.DRAFT)
    definition: Mapped[dict[str, Any]]  # spec.Questionnaire.to_json()
    sha256: Mapped[str]
    source_name: Mapped[str]
    source_file: Mapped[bytes] = mapped_column(deferred=True)
    notices: Mapped[list[Any]] = mapped_column(deferred=True)  # findings.written
    created_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    instrument: Mapped[Instrument] = relationship(lazy="joined")


class InstrumentFile(Base):
    """A picture, sound or film that questionnaires show; its address is its own SHA-256."""

    __tablename__ = "instrument_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)


@event.listens_for(InstrumentVersion, "before_update")
@event.listens_for(InstrumentVersion, "before_delete")
def _refuse_change(_mapper: object, _connection: object, version: InstrumentVersion) -> None:
    """A frozen version is what respondents were asked: no code path may change or delete it."""
    history = inspect(version).attrs.state.history
    before = history.deleted[0] if history.deleted else version.state
    if before is VersionState.FROZEN:
        raise RuntimeError("a frozen instrument version does not change")
