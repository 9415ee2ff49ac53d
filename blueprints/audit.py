"""The log for administrators: who changed what, when, in words."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _

from blueprints.access import roles
from blueprints.audit_words import in_words, subjects
from blueprints.request_scope import session
from forms.audit import AuditFilterForm
from surveyor.accounts.enums import Role
from surveyor.audit.actions import ACTIONS
from surveyor.audit.queries import AuditFilter, audit_page
from surveyor.audit.spec import COMMAND_LINE, WORKER

bp = Blueprint("audit", __name__, url_prefix="/logg")
LABELS = {name: action.label for name, action in ACTIONS.items()}
SELVES = {COMMAND_LINE.name: _("Kommandolinjen"), WORKER.name: _("Surveyor")}


@bp.get("/")
@roles(Role.ADMIN)
def index() -> tuple[str, int]:
    form = AuditFilterForm(request.args, actions=LABELS)
    is_right = form.validate()
    wanted = _wanted(form) if is_right else AuditFilter()
    found = audit_page(session(), wanted=wanted, page=is_right and form.page.data or 1)
    page = render_template(
        "audit/index.html", form=form, found=found, labels=LABELS, page_url=_page_url, wanted=wanted,
        in_words=in_words, selves=SELVES, subjects=subjects(found.entries),
    )  # fmt: skip
    return page, 200 if is_right else 422


def _wanted(form: AuditFilterForm) -> AuditFilter:
    return AuditFilter(
        actor=form.actor.data or "", action=form.action.data or "", subject=form.subject.data or "",
        from_on=form.from_on.data, to_on=form.to_on.data,
    )  # fmt: skip


def _page_url(page: int) -> str:
    kept: dict[str, Any] = {**request.args.to_dict(), "page": page}
    return url_for("audit.index", **kept)
