"""Server-side sessions: the browser holds a random id, the database its SHA-256; deleting the row ends it."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account, AccountSession

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
LONGEST_ADMIN = timedelta(hours=8)


def start_session(session: Session, *, account: Account) -> str:
    """A new session for the account; returns the id that only the browser keeps."""
    session_id, now = token_urlsafe(32), clock.now()
    is_admin = any(grant.role is Role.ADMIN for grant in account.grants)
    session.execute(delete(AccountSession).where(AccountSession.expires_at <= now))
    session.add(
        AccountSession(
            id_hash=_hash(session_id), account_id=account.id, created_at=now,
            expires_at=now + (LONGEST_ADMIN if is_admin else LONGEST),
        )
    )  # fmt: skip
    return session_id


def end_session(session: Session, *, session_id: str) -> None:
    """End one session, known by the browser's id."""
    session.execute(delete(AccountSession).where(AccountSession.id_hash == _hash(session_id)))


def end_all_sessions(session: Session, *, account_id: UUID) -> None:
    """End every session of an account: after a new password, a change of roles, or when it is disabled."""
    session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))


def account_of_session(session: Session, *, session_id: str) -> Account | None:
    """The account a live session belongs to; None when it has ended or the account is disabled."""
    row = session.get(AccountSession, _hash(session_id))
    if row is None or row.expires_at <= clock.now():
        return None
    account = session.get(Account, row.account_id)
    return account if account and not account.disabled_at else None


def _hash(session_id: str) -> bytes:
    return sha256(session_id.encode()).digest()
