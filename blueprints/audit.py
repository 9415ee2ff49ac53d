"""The log for administrators: who changed what, when."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from blueprints.access import roles
from blueprints.request_scope import session
from forms.audit import AuditFilterForm
from surveyor.accounts.enums import Role
from surveyor.audit.actions import ACTIONS
from surveyor.audit.queries import AuditFilter, audit_page

bp = Blueprint("audit", __name__, url_prefix="/logg")
LABELS = {name: action.label for name, action in ACTIONS.items()}


@bp.get("/")
@roles(Role.ADMIN)
def index() -> tuple[str, int]:
    form = AuditFilterForm(request.args, actions=LABELS)
    is_right = form.validate()
    wanted = AuditFilter(
        actor=form.actor.data or "", action=form.action.data or "", subject=form.subject.data or "",
        from_on=form.from_on.data, to_on=form.to_on.data,
    ) if is_right else AuditFilter()  # fmt: skip
    found = audit_page(session(), wanted=wanted, page=is_right and form.page.data or 1)
    page = render_template(
        "audit/index.html", form=form, found=found, labels=LABELS, page_url=_page_url, wanted=wanted
    )
    return page, 200 if is_right else 422


def _page_url(page: int) -> str:
    kept: dict[str, Any] = {**request.args.to_dict(), "page": page}
    return url_for("audit.index", **kept)
