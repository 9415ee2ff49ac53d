"""The outbox: mails that wait, are sent or were given up; readable only where nothing is ever sent."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, roles
from blueprints.request_scope import session, settings
from forms.outbox import OutboxFilter
from surveyor.accounts.enums import Role
from surveyor.mail.delivery import UNREACHABLE, UNREADABLE
from surveyor.mail.enums import MailState
from surveyor.mail.queries import outbox_page, readable_mail
from surveyor.mail.services import retry_mail

bp = Blueprint("outbox", __name__, url_prefix="/utboks")

STATES = {
    MailState.WAITING: (_("Venter"), "info"),
    MailState.SENT: (_("Sendt"), "success"),
    MailState.DEAD: (_("Gitt opp"), "danger"),
    MailState.WITHDRAWN: (_("Trukket tilbake"), "neutral"),
}
KINDS = {
    "invitation": _("Invitasjon"),
    "reminder": _("Påminnelse"),
    "account_link": _("Engangslenke"),
    "case_sent": _("Skjema å fylle ut"),
    "case_reminder": _("Påminnelse om skjema"),
    "case_returned": _("Skjema sendt tilbake"),
}


@bp.get("/")
@roles(Role.ADMIN)
def index() -> str:
    form = OutboxFilter(request.args)
    is_valid = form.validate()
    state = MailState(form.state.data) if is_valid and form.state.data else None
    number = (form.page.data if is_valid else None) or 1
    page = outbox_page(session(), settings(), state=state, number=number)
    return render_template("outbox/index.html", page=page, state=state, **_words())


@bp.get("/<uuid:mail_id>")
@roles(Role.ADMIN)
def show(mail_id: UUID) -> str:
    mail = readable_mail(session(), settings(), mail_id=mail_id)
    return render_template("outbox/show.html", mail=mail, **_words())


@bp.post("/<uuid:mail_id>/prov-igjen")
@roles(Role.ADMIN)
def retry(mail_id: UUID) -> Response:
    retry_mail(session(), mail_id=mail_id, actor=actor())
    flash(gettext("E-posten prøves på nytt om litt."), "success")
    return redirect(url_for("outbox.index"))


def _words() -> dict[str, object]:
    return {"states": STATES, "kinds": KINDS, "error_words": _error_words}


def _error_words(error: str | None) -> str:
    """What went wrong, in words: the outbox keeps only a code, never what the mail server wrote."""
    if not error:
        return ""
    if error == UNREACHABLE:
        return str(gettext("E-posttjeneren svarer ikke."))
    if error == UNREADABLE:
        return str(gettext("E-posten kan ikke leses: den hemmelige nøkkelen er byttet ut."))
    return str(gettext("E-posttjeneren tok ikke imot (%(code)s).", code=error.rpartition(" ")[2]))
