"""Tables of staff accounts: grants, sessions, one-time links, rate limits."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveyor.accounts.enums import LinkPurpose, Role
from surveyor.db import Base, new_id


class Account(Base):
    """A member of staff who can sign in."""

    __tablename__ = "account"

    id: Mapped[UUID] = new_id()
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="nb")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    grants: Mapped[list["RoleGrant"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class RoleGrant(Base):
    """A role on a unit and everything below it."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("account_id", "role", "unit_id"),)

    id: Mapped[UUID] = new_id()
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[Role]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))


class AccountSession(Base):
    """A server-side session, known by the SHA-256 of its id; deleting the row ends it."""

    __tablename__ = "account_session"

    id_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AccountLink(Base):
    """A one-time link to set a password, known by the SHA-256 of its token."""

    __tablename__ = "account_link"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose]
    expires_at: Mapped[datetime]


class RateKey(Base):
    """The random half of one day's key for RateCount; gone the day after."""

    __tablename__ = "rate_key"

    on_day: Mapped[date] = mapped_column(primary_key=True)
    secret: Mapped[bytes]


class RateCount(Base):
    """Attempts counted in one window; the key is an HMAC under a key that changes daily."""

    __tablename__ = "rate_count"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    window_ends_at: Mapped[datetime]
    n_attempts: Mapped[int]
