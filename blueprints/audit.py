"""The log for administrators: who changed what, when, in words."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.access import roles
from blueprints.request_scope import session
from forms.audit import AuditFilterForm
from surveyor.accounts.enums import Role
from surveyor.accounts.spec import ROLE_NAMES
from surveyor.audit.actions import ACTIONS
from surveyor.audit.queries import AuditFilter, audit_page
from surveyor.audit.spec import COMMAND_LINE, WORKER

bp = Blueprint("audit", __name__, url_prefix="/logg")
LABELS = {name: action.label for name, action in ACTIONS.items()}
LONGEST_VALUE = 80
SELVES = {COMMAND_LINE.name: _("Kommandolinjen"), WORKER.name: _("Surveyor")}
KEYS = {
    "closes": _("siste svardag"),
    "code": _("kode"),
    "deadline_on": _("frist"),
    "due_on": _("frist"),
    "fields": _("felt"),
    "file": _("fil"),
    "format": _("filtype"),
    "instrument": _("spørreskjema"),
    "item": _("punkt"),
    "kind": _("slag"),
    "manifest_sha256": _("kontrollsum"),
    "mode": _("måte"),
    "n_added": _("lagt til"),
    "n_answers": _("svar"),
    "n_cases": _("skjema"),
    "n_cells": _("tall"),
    "n_changed": _("endret"),
    "n_deviations": _("avvik"),
    "n_ended": _("avsluttet"),
    "n_invited": _("inviterte"),
    "n_letters": _("brev"),
    "n_lines": _("linjer"),
    "n_mails": _("e-poster"),
    "n_merged": _("slått sammen"),
    "n_moved": _("flyttet"),
    "n_new": _("nye"),
    "n_people": _("personer"),
    "n_started": _("nye"),
    "n_units": _("enheter"),
    "n_values": _("verdier"),
    "name": _("navn"),
    "number": _("versjon"),
    "on": _("fra"),
    "outcome": _("utfall"),
    "parent": _("overordnet"),
    "parts": _("deler"),
    "period": _("år"),
    "rev": _("utgave"),
    "revision": _("utgave"),
    "role": _("rolle"),
    "sha256": _("kontrollsum"),
    "size": _("størrelse"),
    "sources": _("kilder"),
    "survey": _("undersøkelse"),
    "title": _("tittel"),
    "type": _("type"),
    "unit": _("enhet"),
    "unit_type": _("enhetstype"),
    "version": _("versjon"),
}


@bp.get("/")
@roles(Role.ADMIN)
def index() -> tuple[str, int]:
    form = AuditFilterForm(request.args, actions=LABELS)
    is_right = form.validate()
    wanted = _wanted(form) if is_right else AuditFilter()
    found = audit_page(session(), wanted=wanted, page=is_right and form.page.data or 1)
    page = render_template(
        "audit/index.html", form=form, found=found, labels=LABELS, page_url=_page_url, wanted=wanted,
        in_words=_in_words, selves=SELVES, subject=_subject,
    )  # fmt: skip
    return page, 200 if is_right else 422


def _wanted(form: AuditFilterForm) -> AuditFilter:
    return AuditFilter(
        actor=form.actor.data or "", action=form.action.data or "", subject=form.subject.data or "",
        from_on=form.from_on.data, to_on=form.to_on.data,
    )  # fmt: skip


def _in_words(details: dict[str, Any]) -> str:
    """Details as a reader understands them; identifiers and purposes stay in the database."""
    shown = {key: value for key, value in details.items() if key in KEYS and value not in (None, "", [])}
    return ", ".join(f"{KEYS[key]}: {_value(key, value)}" for key, value in shown.items())


def _value(key: str, value: object) -> str:
    if key == "role" and value in list(Role):
        return str(gettext(ROLE_NAMES[Role(str(value))]))
    if isinstance(value, list):
        return _short(", ".join(map(str, value)))
    return str(value)[:12] if key.endswith("sha256") else _short(str(value))


def _subject(subject_id: str) -> str:
    """What was changed; of an identifier only the beginning, enough to tell two apart."""
    try:
        return str(UUID(subject_id))[:8]
    except ValueError:
        return subject_id


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _page_url(page: int) -> str:
    kept: dict[str, Any] = {**request.args.to_dict(), "page": page}
    return url_for("audit.index", **kept)
