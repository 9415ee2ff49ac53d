"""Tables of whom we ask: never a status, never a date."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import FORGOTTEN, Base, new_id
from surveyor.invitations.enums import Credential


class SampleMember(Base):
    """A person we ask, as imported: one row, one participation."""

    __tablename__ = "sample_member"
    __table_args__ = (UniqueConstraint("wave_id", "unit_code", "email"),)

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), index=True)
    unit_code: Mapped[str]
    name: Mapped[str] = mapped_column(info=FORGOTTEN)
    email: Mapped[str | None] = mapped_column(info=FORGOTTEN)
    phone: Mapped[str | None] = mapped_column(info=FORGOTTEN)
    language: Mapped[str]
    # group by register variable; for response rates only
    register: Mapped[dict[str, Any] | None] = mapped_column(info=FORGOTTEN)


class Participation(Base):
    """The right to answer once. Credentials are kept as hashes; the mail token also under the mail key."""

    __tablename__ = "participation"

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), index=True)
    sample_member_id: Mapped[UUID] = mapped_column(
        ForeignKey("sample_member.id", ondelete="CASCADE"), unique=True
    )
    segment_code: Mapped[str]
    credential: Mapped[Credential]
    credential_hash: Mapped[bytes] = mapped_column(unique=True, info=FORGOTTEN)
    # under the mail key until the wave closes
    token_sealed: Mapped[bytes | None] = mapped_column(info=FORGOTTEN)


class ResponseRate(Base):
    """How many of the invited have answered, in steps of five per cent: written hourly, read by everybody."""

    __tablename__ = "response_rate"

    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(primary_key=True)
    percent: Mapped[int]
