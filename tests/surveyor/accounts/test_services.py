"""What the browser's door does not show: locks, races, refusals below the web."""

from threading import Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor.accounts import services
from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account, AccountLink, AccountSession
from surveyor.accounts.passwords import hash_password
from surveyor.accounts.sessions import account_of_session
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE, Actor
from surveyor.config import Settings
from surveyor.db import open_session
from surveyor.errors import InvalidInput, NotFound, Refused
from tests.factories import make_account, make_tree

PASSWORD = "blåbær tog lampe sky"


@pytest.fixture
def kari(session: Session) -> Account:
    make_tree(session)
    account = make_account(
        session, Role.LEADER, "B1", email="kari@x.no", password_hash=hash_password(PASSWORD)
    )
    session.commit()
    return account


def test_a_guess_takes_no_write_lock(engine: Engine, session: Session, kari: Account) -> None:
    session.rollback()
    with open_session(engine, read_only=True) as reading, pytest.raises(InvalidInput):
        services.sign_in(session, email="kari@x.no", password="feil passord her", reading=reading)
    assert not session.in_transaction()


def test_a_password_changed_meanwhile_lets_nobody_in(engine: Engine, session: Session, kari: Account) -> None:
    with open_session(engine, read_only=True) as reading:
        reading.get(Account, kari.id)
        kari.password_hash = hash_password("elg paraply kladd fjære")
        session.commit()
        with pytest.raises(InvalidInput):
            services.sign_in(session, email="kari@x.no", password=PASSWORD, reading=reading)


def test_ids_and_tokens_are_kept_as_hashes_only(session: Session, settings: Settings, kari: Account) -> None:
    _, session_id = services.sign_in(session, email="kari@x.no", password=PASSWORD)
    token = services.issue_link(session, account=kari, actor=COMMAND_LINE)
    session.flush()
    kept = [
        session.scalars(select(AccountSession.id_hash)).one(),
        session.scalars(select(AccountLink.token_hash)).one(),
    ]
    assert all(len(value) == 32 for value in kept)
    assert session_id.encode() not in kept
    assert token.encode() not in kept
    assert account_of_session(session, session_id=session_id) is kari


def test_a_used_link_and_every_other_link_die_with_the_new_password(
    session: Session, settings: Settings, kari: Account
) -> None:
    token = services.issue_link(session, account=kari, actor=COMMAND_LINE)
    services.set_password_by_link(session, settings, token=token, password="elg paraply kladd fjære")
    with pytest.raises(NotFound):
        services.set_password_by_link(session, settings, token=token, password="tre våte gensere ute")


def test_a_shut_account_gets_no_link_and_no_letter(
    session: Session, settings: Settings, kari: Account
) -> None:
    token = services.issue_link(session, account=kari, actor=COMMAND_LINE)
    services.disable_account(session, account=kari, actor=COMMAND_LINE)
    with pytest.raises(Refused):
        services.issue_link(session, account=kari, actor=COMMAND_LINE)
    with pytest.raises(NotFound):
        services.set_password_by_link(session, settings, token=token, password="elg paraply kladd fjære")
    written: list[str] = []
    services.request_reset(
        session, settings, email="kari@x.no", letter=lambda _account, link: (written.append(link) or "", "")
    )
    assert written == []


def test_everything_wrong_is_said_at_once_and_nothing_is_kept(session: Session) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.create_account(
            session, email="x", name=" ", role=Role.HR, unit_code="ZZ", actor=COMMAND_LINE
        )
    assert [problem.field for problem in refused.value.problems] == ["email", "name", "unit"]
    assert session.scalars(select(Account)).all() == []


def test_each_change_writes_one_entry_without_credentials(session: Session, settings: Settings) -> None:
    make_tree(session)
    account, token = services.create_account(
        session, email="Ny@X.no", name="Ny  Person", role=Role.HR, unit_code="FK", actor=COMMAND_LINE
    )
    services.set_password_by_link(session, settings, token=token, password=PASSWORD)
    services.disable_account(session, account=account, actor=COMMAND_LINE)
    services.enable_account(session, account=account, actor=COMMAND_LINE)
    services.enable_account(session, account=account, actor=COMMAND_LINE)
    entries = session.scalars(select(AuditEntry)).all()
    assert sorted(entry.action for entry in entries) == [
        "account.created", "account.disabled", "account.enabled", "account.link_issued",
        "account.password_changed",
    ]  # fmt: skip
    assert (account.email, account.name) == ("ny@x.no", "Ny Person")
    assert all(token not in str(entry.details) and PASSWORD not in str(entry.details) for entry in entries)


def test_two_administrators_cannot_shut_out_each_other_at_once(engine: Engine, session: Session) -> None:
    make_tree(session)
    for name in ("a", "b"):
        make_account(session, Role.ADMIN, "FK", email=f"{name}@x.no")
    session.commit()
    said: list[str] = []

    def shut(ours: Session, email: str, by: str) -> None:
        account = ours.scalars(select(Account).where(Account.email == email)).one()
        services.disable_account(ours, account=account, actor=Actor(by))

    def second() -> None:
        with open_session(engine) as theirs:
            try:
                shut(theirs, "b@x.no", "a@x.no")
            except Refused as refused:
                said.append(refused.problems[0].message)
            theirs.commit()

    shut(session, "a@x.no", "b@x.no")
    other = Thread(target=second)
    other.start()
    other.join(timeout=0.3)
    assert other.is_alive()  # it waits its turn
    session.commit()
    other.join()
    assert said == ["Det må alltid finnes minst én administrator."]
