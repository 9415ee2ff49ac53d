"""The signed-in state: a Flask-Login user over a server-side session row."""

from uuid import UUID

from flask_login import UserMixin

from blueprints import request_scope
from surveyor.accounts.models import Account


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        return str(self.account.id)


def load_signed_in(account_id: str) -> SignedIn | None:
    """The account if it may still act, else None."""
    account = request_scope.session().get(Account, UUID(account_id))
    return SignedIn(account) if account and not account.disabled_at else None
