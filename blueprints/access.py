"""Who may enter: deny by default, one declaration per view, units checked against the role's grant."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from blueprints import request_scope, sign_in_state
from surveyor import clock
from surveyor.accounts.attempts import Subject, count_attempts
from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account
from surveyor.audit.spec import Actor
from surveyor.units.queries import tree_as_of
from surveyor.units.spec import UnitTree

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
RESPONDENT = "respondent"
SIGNED_IN = "signed in"


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # our own server-side sessions decide
    manager.user_loader(_load_signed_in)
    app.before_request(_refuse_undeclared)
    app.context_processor(lambda: {"can": can})


def public(view: View) -> View:
    """Anybody may see this page."""
    return _marked(view, PUBLIC)


def respondents(view: View) -> View:
    """An answering page: the view checks the respondent's credential; no account is ever looked at."""
    return _marked(view, RESPONDENT)


def signed_in(view: View) -> View:
    """Anybody with an account, whatever the roles."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs) if current_user.is_authenticated else _to_sign_in()

    return _marked(cast(View, guarded), SIGNED_IN)


def roles(*allowed: Role) -> Callable[[View], View]:
    """Signed-in staff with one of these roles on some unit; the view narrows to units by `require_unit`."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return _to_sign_in()
            if not set(allowed) & held_roles():
                abort(403)
            return view(*args, **kwargs)

        return _marked(cast(View, guarded), allowed)

    return declare


def _marked(view: View, allowed: str | tuple[Role, ...]) -> View:
    view.allowed = allowed  # type: ignore[attr-defined]  # a mark on the function, read when it is called
    return view


def account() -> Account:
    """The signed-in account."""
    return cast(Account, current_user.account)


def held_roles() -> frozenset[Role]:
    """The roles of whoever is here, on any unit; none for the signed-out."""
    if not current_user or not current_user.is_authenticated:
        return frozenset()
    return frozenset(grant.role for grant in account().grants)


def can(endpoint: str) -> bool:
    """Whether whoever is here would be let in: for links and buttons in templates."""
    allowed = getattr(current_app.view_functions.get(endpoint), "allowed", ())
    if isinstance(allowed, str):
        return allowed != SIGNED_IN or bool(current_user and current_user.is_authenticated)
    return bool(set(allowed) & held_roles())


def actor() -> Actor:
    """The signed-in account as the audit names it."""
    return Actor(account().email)


def unit_tree() -> UnitTree:
    """Today's tree."""
    return tree_as_of(request_scope.session(), clock.today())


def granted_units(*allowed: Role, tree: UnitTree | None = None) -> frozenset[str]:
    """Codes of today's units on which the account holds one of these roles, subtrees included."""
    tree = tree or unit_tree()
    codes: set[str] = set()
    for grant in account().grants:
        if grant.role in allowed and (node := tree.by_id.get(grant.unit_id)):
            codes |= set(tree.subtree_codes(node.code))
    return frozenset(codes)


def require_unit(code: str, *allowed: Role) -> None:
    """404 unless the account holds one of these roles on the unit: what you may not see does not exist."""
    if code not in granted_units(*allowed):
        abort(404)


def seconds_to_wait(*subjects: Subject) -> int:
    """Count an attempt; seconds until the next, 0 when this one may go on. Call it before any writing."""
    if "db_session" in g:
        g.db_session.rollback()  # its write lock would keep the count waiting
    return count_attempts(request_scope.engine(), request_scope.settings(), *subjects)


def _load_signed_in(session_id: str) -> sign_in_state.SignedIn | None:
    """Whoever is signed in; nobody on answering pages, even in a browser where a member of staff is."""
    view = current_app.view_functions.get(request.endpoint or "")
    is_answering = getattr(view, "allowed", None) == RESPONDENT
    return None if is_answering else sign_in_state.load_signed_in(session_id)


def _refuse_undeclared() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static":
        return None
    if not hasattr(view, "allowed"):
        abort(403)
    return None


def _to_sign_in() -> Response:
    back = request.full_path.removesuffix("?") if request.method == "GET" else "/"
    return redirect(url_for("accounts.sign_in", next=back))
