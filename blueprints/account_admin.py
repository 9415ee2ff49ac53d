"""Administering accounts: who may sign in, with which roles on which units."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, granted_units, roles, unit_tree
from blueprints.accounts import link_address
from blueprints.request_scope import session
from blueprints.unit_choices import indented
from forms.accounts import AccountSearchForm, CreateAccountForm, RoleForm
from surveyor.accounts import services
from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account
from surveyor.accounts.policy import may_manage
from surveyor.accounts.queries import account_by_id, account_page
from surveyor.accounts.spec import ROLE_NAMES
from surveyor.errors import InvalidInput
from surveyor.units.spec import UnitTree

bp = Blueprint("account_admin", __name__, url_prefix="/brukere")

Page = str | Response | tuple[str, int]


@bp.get("/")
@roles(Role.ADMIN)
def index() -> str:
    form, tree = AccountSearchForm(request.args), unit_tree()
    is_right = form.validate()
    administered = granted_units(Role.ADMIN, tree=tree)
    ids = None if _is_roots(tree, administered) else {tree.nodes[code].id for code in administered}
    page, words = (is_right and form.page.data) or 1, form.q.data or ""
    found = account_page(session(), words=words, unit_ids=ids, page=page)
    return render_template(
        "accounts/index.html", form=form, found=found, tree=tree, role_names=ROLE_NAMES, page_url=_page_url
    )


@bp.get("/ny")
@roles(Role.ADMIN)
def new() -> str:
    return render_template("accounts/new.html", form=CreateAccountForm(units=_unit_choices()))


@bp.post("/ny")
@roles(Role.ADMIN)
def create() -> Page:
    form = CreateAccountForm(request.form, units=_unit_choices())
    try:
        form.validate_or_refuse()
        created, token = services.create_account(
            session(), email=form.email.data, name=form.name.data, role=Role(form.role.data),
            unit_code=form.unit.data, actor=actor(),
        )  # fmt: skip
    except InvalidInput as error:
        form.add_problems(error.problems)
        return render_template("accounts/new.html", form=form), 422
    return render_template("accounts/link.html", account=created, address=link_address(token), is_new=True)


@bp.get("/<uuid:account_id>")
@roles(Role.ADMIN)
def show(account_id: UUID) -> str:
    return _account_page(_managed(account_id), RoleForm(units=_unit_choices()))


@bp.post("/<uuid:account_id>/roller")
@roles(Role.ADMIN)
def grant_role(account_id: UUID) -> Page:
    found, form = _managed(account_id), RoleForm(request.form, units=_unit_choices())
    try:
        form.validate_or_refuse()
        services.grant_role(
            session(), account=found, role=Role(form.role.data), unit_code=form.unit.data, actor=actor()
        )
    except InvalidInput as error:
        form.add_problems(error.problems)
        return _account_page(found, form), 422
    return _done(found, _("Rollen er gitt. Brukeren må logge inn på nytt."))


@bp.post("/<uuid:account_id>/roller/<uuid:grant_id>/ta-bort")
@roles(Role.ADMIN)
def revoke_role(account_id: UUID, grant_id: UUID) -> Response:
    found = _managed(account_id)
    services.revoke_role(session(), account=found, grant_id=grant_id, actor=actor())
    return _done(found, _("Rollen er tatt bort. Brukeren må logge inn på nytt."))


@bp.post("/<uuid:account_id>/steng")
@roles(Role.ADMIN)
def disable(account_id: UUID) -> Response:
    found = _managed(account_id)
    services.disable_account(session(), account=found, actor=actor())
    return _done(found, _("Brukeren er stengt og logget ut overalt."))


@bp.post("/<uuid:account_id>/aapne")
@roles(Role.ADMIN)
def enable(account_id: UUID) -> Response:
    found = _managed(account_id)
    services.enable_account(session(), account=found, actor=actor())
    return _done(found, _("Brukeren er åpnet igjen."))


@bp.post("/<uuid:account_id>/lenke")
@roles(Role.ADMIN)
def issue_link(account_id: UUID) -> str:
    found = _managed(account_id)
    token = services.issue_link(session(), account=found, actor=actor())
    return render_template("accounts/link.html", account=found, address=link_address(token), is_new=False)


def _managed(account_id: UUID) -> Account:
    """The account, if all its roles lie where this administrator reaches; else it does not exist."""
    found, tree = account_by_id(session(), account_id=account_id), unit_tree()
    if not may_manage(found, tree=tree, administered=granted_units(Role.ADMIN, tree=tree)):
        abort(404)
    return found


def _account_page(found: Account, form: RoleForm) -> str:
    return render_template(
        "accounts/show.html", shown=found, form=form, tree=unit_tree(), role_names=ROLE_NAMES, me=actor().name
    )


def _unit_choices() -> list[tuple[str, str]]:
    """Units this administrator reaches, in the order of the tree, indented by depth."""
    tree = unit_tree()
    administered = granted_units(Role.ADMIN, tree=tree)
    return indented([node for node in tree if node.code in administered], path=tree.path)


def _is_roots(tree: UnitTree, administered: frozenset[str]) -> bool:
    return tree.root is not None and tree.root.code in administered


def _page_url(page: int) -> str:
    return url_for("account_admin.index", q=request.args.get("q") or None, page=page)


def _done(found: Account, message: str) -> Response:
    flash(message, "success")
    return redirect(url_for("account_admin.show", account_id=found.id), 303)
