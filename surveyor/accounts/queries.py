"""Reading accounts and one-time links."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account, AccountLink, RoleGrant
from surveyor.errors import N_, NotFound

PAGE_SIZE = 50


@dataclass(frozen=True)
class AccountPage:
    """One page of the list of accounts."""

    accounts: tuple[Account, ...]
    n_accounts: int
    page: int

    @property
    def n_pages(self) -> int:
        return max(1, -(-self.n_accounts // PAGE_SIZE))


def account_by_email(session: Session, *, email: str) -> Account | None:
    """The account with this e-mail, however it is written."""
    return session.scalars(select(Account).where(Account.email == normal_email(email))).one_or_none()


def account_by_id(session: Session, *, account_id: UUID) -> Account:
    """An account; raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(N_("Brukeren finnes ikke."))
    return account


def account_page(
    session: Session, *, words: str = "", unit_ids: Collection[UUID] | None = None, page: int = 1
) -> AccountPage:
    """Accounts by name; with unit_ids only those with all roles there; words look in name and e-mail."""
    conditions = _matching(words) + ([] if unit_ids is None else _all_grants_on(unit_ids))
    n_accounts = session.scalar(select(func.count()).select_from(Account).where(*conditions)) or 0
    accounts = session.scalars(
        select(Account).where(*conditions).order_by(Account.name, Account.email).limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )  # fmt: skip
    return AccountPage(tuple(accounts), n_accounts, page)


def live_link(session: Session, *, token: str) -> AccountLink:
    """The one-time link of a token; raises NotFound when it is unknown, used, or too old."""
    link = session.get(AccountLink, sha256(token.encode()).digest())
    if link is None or link.expires_at <= clock.now():
        raise NotFound(N_("Lenken er brukt eller for gammel. Be om en ny."))
    return link


def has_one_account(session: Session) -> bool:
    """Whether nobody but the first administrator has an account yet."""
    return len(session.scalars(select(Account.id).limit(2)).all()) == 1


def open_accounts_with(session: Session, *, roles: Collection[Role]) -> Sequence[Account]:
    """Accounts not closed that hold one of these roles on some unit, by e-mail."""
    held = Account.grants.any(RoleGrant.role.in_(roles))
    return session.scalars(
        select(Account).where(held, Account.disabled_at.is_(None)).order_by(Account.email)
    ).all()


def n_administrators(session: Session, *, other_than: UUID) -> int:
    """How many other open accounts are administrators."""
    return session.scalar(
        select(func.count(func.distinct(Account.id)))
        .join(RoleGrant)
        .where(RoleGrant.role == Role.ADMIN, Account.disabled_at.is_(None), Account.id != other_than)
    ) or 0  # fmt: skip


def normal_email(email: str) -> str:
    """E-mail addresses are compared without regard to case and surrounding space."""
    return email.strip().casefold()


def _matching(words: str) -> list[ColumnElement[bool]]:
    return [
        or_(
            Account.email.contains(word, autoescape=True),
            *(Account.name.contains(form, autoescape=True) for form in _letter_cases(word)),
        )
        for word in words.casefold().split()[:5]
    ]


def _letter_cases(word: str) -> set[str]:
    """SQLite knows no capital Å, so the usual ways to write a word are tried one by one."""
    return {word, word.upper(), word.capitalize(), word.title()}


def _all_grants_on(unit_ids: Collection[UUID]) -> list[ColumnElement[bool]]:
    return [Account.grants.any(), ~Account.grants.any(RoleGrant.unit_id.not_in(unit_ids))]
