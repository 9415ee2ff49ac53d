"""Writing accounts: creating, roles, passwords by one-time link, signing in and out."""

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts import passwords
from surveyor.accounts.enums import LinkPurpose, Role
from surveyor.accounts.models import Account, AccountLink, RoleGrant
from surveyor.accounts.queries import (
    account_by_email,
    account_by_id,
    live_link,
    n_administrators,
    normal_email,
)
from surveyor.accounts.sessions import end_all_sessions, end_session, start_session
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.config import Settings
from surveyor.errors import N_, InvalidInput, NotFound, Problem, Refused
from surveyor.mail.services import queue_mail
from surveyor.units.queries import tree_as_of
from surveyor.wording import LANGUAGES

LINK_LIVES = timedelta(minutes=60)
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")

NO_UNIT = Problem(N_("Enheten finnes ikke. Les inn enhetene først, eller velg en annen."), field="unit")

Letter = Callable[[Account, str], tuple[str, str]]


def create_account(
    session: Session, *, email: str, name: str, role: Role, unit_code: str, actor: Actor
) -> tuple[Account, str]:
    """A new account with one role, and the token of its first one-time link; raises InvalidInput."""
    email, name = normal_email(email), " ".join(name.split())
    unit_id = _unit_id(session, unit_code)
    if problems := _problems_of_new(session, email, name, unit_id):
        raise InvalidInput(*problems)
    account = Account(email=email, name=name, password_hash=None, created_at=clock.now(), disabled_at=None)
    account.grants.append(RoleGrant(role=role, unit_id=unit_id))
    session.add(account)
    session.flush()  # links refer to the account's id
    _record(session, actor, "account.created", account, role=role.value, unit=unit_code)
    return account, issue_link(session, account=account, actor=actor)


def issue_link(session: Session, *, account: Account, actor: Actor) -> str:
    """The token of a new one-time link to set a password; earlier ones die. Raises Refused when shut."""
    if account.disabled_at:
        raise Refused(N_("Brukeren er stengt. Åpne den igjen før du lager en ny lenke."))
    purpose = LinkPurpose.RESET_PASSWORD if account.password_hash else LinkPurpose.FIRST_PASSWORD
    _record(session, actor, "account.link_issued", account, purpose=purpose.value)
    return _new_link(session, account, purpose)


def request_reset(session: Session, settings: Settings, *, email: str, letter: Letter) -> None:
    """Mail a one-time link to the open account with this e-mail, if any; tells nobody whether there is."""
    account = account_by_email(session, email=email)
    if account is None or account.disabled_at:
        return
    token = _new_link(session, account, LinkPurpose.RESET_PASSWORD)
    _record(
        session,
        Actor(account.email),
        "account.link_issued",
        account,
        purpose=LinkPurpose.RESET_PASSWORD.value,
    )
    subject, body = letter(account, token)
    key = f"account-link:{sha256(token.encode()).hexdigest()}"
    queue_mail(session, settings, key=key, kind="account_link", to=account.email, subject=subject, body=body)


def set_password_by_link(session: Session, settings: Settings, *, token: str, password: str) -> Account:
    """Set the password and use up the link; every session ends. Raises NotFound or InvalidInput."""
    account = account_by_id(session, account_id=live_link(session, token=token).account_id)
    if account.disabled_at:
        raise NotFound(N_("Lenken er brukt eller for gammel. Be om en ny."))
    _set_password(session, settings, account, password)
    return account


def change_password(
    session: Session, settings: Settings, *, account: Account, current: str, password: str
) -> str:
    """Replace one's own password; every session ends and a new one begins: its id. Raises InvalidInput."""
    if not passwords.is_right(account.password_hash, current):
        raise InvalidInput(Problem(N_("Det nåværende passordet er feil."), field="current"))
    _set_password(session, settings, account, password)
    return start_session(session, account=account)


def sign_in(
    session: Session, *, email: str, password: str, reading: Session | None = None
) -> tuple[Account, str]:
    """The account and the id of a new session; raises InvalidInput, the same whatever was wrong.

    The slow work is done on the reading session, so that guesses do not hold the one write lock of SQLite.
    """
    known = account_by_email(reading or session, email=email)
    stored = known.password_hash if known else None
    is_right = passwords.is_right(stored, password)
    account = session.get(Account, known.id) if known and is_right else None
    if (
        account is None
        or account.disabled_at
        or account.password_hash is None
        or account.password_hash != stored
    ):
        raise InvalidInput(N_("E-post eller passord er feil."))
    if passwords.is_outdated(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return account, start_session(session, account=account)


def sign_out(session: Session, *, session_id: str) -> None:
    """End this session."""
    end_session(session, session_id=session_id)


def sign_out_everywhere(session: Session, *, account: Account, actor: Actor) -> None:
    """End every session of the account."""
    end_all_sessions(session, account_id=account.id)
    _record(session, actor, "account.signed_out_everywhere", account)


def grant_role(session: Session, *, account: Account, role: Role, unit_code: str, actor: Actor) -> None:
    """Give a role on a unit and what lies below it; the account must sign in again. Raises InvalidInput."""
    unit_id = _unit_id(session, unit_code)
    if unit_id is None:
        raise InvalidInput(NO_UNIT)
    if any(grant.role is role and grant.unit_id == unit_id for grant in account.grants):
        raise InvalidInput(Problem(N_("Brukeren har allerede denne rollen på enheten."), field="role"))
    account.grants.append(RoleGrant(role=role, unit_id=unit_id))
    end_all_sessions(session, account_id=account.id)
    _record(session, actor, "account.role_granted", account, role=role.value, unit=unit_code)


def revoke_role(session: Session, *, account: Account, grant_id: UUID, actor: Actor) -> None:
    """Take a role away; one must sign in again. Raises NotFound; Refused for the last administrator."""
    grant = next((grant for grant in account.grants if grant.id == grant_id), None)
    if grant is None:
        raise NotFound(N_("Rollen finnes ikke."))
    others = [g.role for g in account.grants if g is not grant]
    if grant.role is Role.ADMIN and Role.ADMIN not in others:
        _refuse_to_lose_last_administrator(session, account)
    account.grants.remove(grant)
    end_all_sessions(session, account_id=account.id)
    node = tree_as_of(session, clock.today()).by_id.get(grant.unit_id)
    unit = node.code if node else str(grant.unit_id)
    _record(session, actor, "account.role_revoked", account, role=grant.role.value, unit=unit)


def disable_account(session: Session, *, account: Account, actor: Actor) -> None:
    """Shut an account: its sessions and links end. Raises Refused for oneself and the last administrator."""
    if actor.name == account.email:
        raise Refused(N_("Du kan ikke stenge din egen bruker."))
    if account.disabled_at:
        return
    if any(grant.role is Role.ADMIN for grant in account.grants):
        _refuse_to_lose_last_administrator(session, account)
    account.disabled_at = clock.now()
    end_all_sessions(session, account_id=account.id)
    _delete_links(session, account.id)
    _record(session, actor, "account.disabled", account)


def enable_account(session: Session, *, account: Account, actor: Actor) -> None:
    """Open a disabled account again; its password is as before."""
    if account.disabled_at:
        account.disabled_at = None
        _record(session, actor, "account.enabled", account)


def set_language(session: Session, *, account: Account, language: str) -> None:
    """Choose the language of one's own pages and mails; raises InvalidInput."""
    if language not in LANGUAGES:
        raise InvalidInput(Problem(N_("Velg et av språkene."), field="language"))
    session.execute(update(Account).where(Account.id == account.id).values(language=language))


def _problems_of_new(session: Session, email: str, name: str, unit_id: UUID | None) -> list[Problem]:
    problems = []
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        problems.append(Problem(N_("Skriv en gyldig e-postadresse."), field="email"))
    elif account_by_email(session, email=email):
        problems.append(Problem(N_("Det finnes allerede en bruker med denne e-posten."), field="email"))
    if not name or len(name) > 200:
        problems.append(Problem(N_("Skriv navnet, høyst 200 tegn."), field="name"))
    if unit_id is None:
        problems.append(NO_UNIT)
    return problems


def _unit_id(session: Session, code: str) -> UUID | None:
    node = tree_as_of(session, clock.today()).nodes.get(code)
    return node.id if node else None


def _set_password(session: Session, settings: Settings, account: Account, password: str) -> None:
    context = (account.name, account.email, settings.municipality)
    if problems := passwords.problems_of(password, context=context):
        raise InvalidInput(*problems)
    account.password_hash = passwords.hash_password(password)
    end_all_sessions(session, account_id=account.id)
    _delete_links(session, account.id)
    _record(session, Actor(account.email), "account.password_changed", account)


def _new_link(session: Session, account: Account, purpose: LinkPurpose) -> str:
    _delete_links(session, account.id)
    token = token_urlsafe(32)
    session.add(
        AccountLink(
            token_hash=sha256(token.encode()).digest(), account_id=account.id, purpose=purpose,
            expires_at=clock.now() + LINK_LIVES,
        )
    )  # fmt: skip
    return token


def _delete_links(session: Session, account_id: UUID) -> None:
    session.execute(delete(AccountLink).where(AccountLink.account_id == account_id))


def _refuse_to_lose_last_administrator(session: Session, account: Account) -> None:
    administrators = select(RoleGrant.account_id).where(RoleGrant.role == Role.ADMIN)
    turn = select(Account.id).where(Account.id.in_(administrators)).order_by(Account.id).with_for_update()
    session.execute(turn)  # two who shut out each other at once take turns
    if not n_administrators(session, other_than=account.id):
        raise Refused(N_("Det må alltid finnes minst én administrator."))


def _record(session: Session, actor: Actor, action: str, account: Account, **details: str) -> None:
    record(session, actor=actor, action=action, subject_type="account", subject_id=account.email, **details)
