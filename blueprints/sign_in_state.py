"""The signed-in state: a Flask-Login user over a server-side session, with a signed time of last use."""

from typing import cast

from flask import session as cookie
from flask_login import UserMixin, login_user

from blueprints import request_scope
from surveyor import clock
from surveyor.accounts.models import Account
from surveyor.accounts.sessions import IDLE, account_of_session

SEEN = "seen"
REFRESH_AFTER = 60  # seconds: not every response needs a new cookie


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """What Flask-Login carries: the account, and the id of its session."""

    def __init__(self, account: Account, session_id: str) -> None:
        self.account = account
        self.name = account.name
        self.session_id = session_id

    def get_id(self) -> str:
        return self.session_id


def begin(account: Account, session_id: str) -> None:
    """Let the browser carry a new session, and nothing of what it carried before."""
    cookie.clear()
    login_user(SignedIn(account, session_id))
    cookie[SEEN] = _now()


def load_signed_in(session_id: str) -> SignedIn | None:
    """The account of a live session that has been used within the idle time, else None."""
    idle_seconds = _now() - cast(int, cookie.get(SEEN, 0))
    if idle_seconds > IDLE.total_seconds():
        return None
    account = account_of_session(request_scope.session(), session_id=session_id)
    if account is None:
        return None
    if idle_seconds > REFRESH_AFTER:
        cookie[SEEN] = _now()
    return SignedIn(account, session_id)


def _now() -> int:
    return int(clock.now().timestamp())
