"""Whom a wave asks: participants from a file, letters, reminders."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints import request_scope
from blueprints.access import actor, roles
from blueprints.request_scope import session, settings
from blueprints.uploaded import uploaded_file
from blueprints.wave_access import managed_wave
from forms.invitations import MembersForm
from surveyor.accounts.enums import Role
from surveyor.campaigns.models import Wave
from surveyor.campaigns.services import choose_thanks
from surveyor.errors import InvalidInput
from surveyor.fieldwork.asking import queue_reminders
from surveyor.invitations.queries import frame_size
from surveyor.invitations.services import clear_members, draft_letters, import_members, issue_letters
from surveyor.invitations.spec import MemberReport

bp = Blueprint("invitations", __name__, url_prefix="/undersokelser/<code>")


@bp.get("/deltakere")
@roles(Role.SURVEY_ADMIN)
def members(code: str) -> str:
    return _page(managed_wave(code), ())


@bp.post("/deltakere")
@roles(Role.SURVEY_ADMIN)
def import_file(code: str) -> Response | tuple[str, int]:
    wave = managed_wave(code)
    try:
        content, filename = uploaded_file()
        report = import_members(
            session(), settings(), wave=wave, file=content, filename=filename, actor=actor()
        )
    except InvalidInput as refused:
        return _page(wave, refused.problems), 422
    return _told(wave, report)


@bp.post("/deltakere/tom")
@roles(Role.SURVEY_ADMIN)
def clear(code: str) -> Response:
    clear_members(session(), wave=managed_wave(code), actor=actor())
    flash(_("Listen over deltakere er tom."), "success")
    return redirect(url_for("invitations.members", code=code))


@bp.post("/brev")
@roles(Role.SURVEY_ADMIN)
def letters(code: str) -> Response:
    wave = managed_wave(code)
    batch = draft_letters(session(), settings(), wave=wave, with_forms="skjema" in request.form)
    request_scope.commit()  # others write while the PDF is set
    pdf = batch.pdf()
    issue_letters(session(), wave=wave, batch=batch, actor=actor())
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = "attachment; filename=brev.pdf"
    return response


@bp.post("/paaminnelse")
@roles(Role.SURVEY_ADMIN)
def remind(code: str) -> Response:
    queue_reminders(session(), settings(), wave=managed_wave(code), actor=actor())
    flash(_("Påminnelsen er på vei. Den går bare til dem som ikke har svart."), "success")
    return redirect(url_for("campaigns.show", code=code))


@bp.post("/takk")
@roles(Role.SURVEY_ADMIN)
def thank(code: str) -> Response:
    choose_thanks(session(), wave=managed_wave(code), wanted=True, actor=actor())
    flash(_("De som svarer på nett, får takk på e-post dagen etter siste dag."), "success")
    return redirect(url_for("campaigns.show", code=code))


@bp.post("/ingen-takk")
@roles(Role.SURVEY_ADMIN)
def thank_nobody(code: str) -> Response:
    choose_thanks(session(), wave=managed_wave(code), wanted=False, actor=actor())
    flash(_("Ingen får takk på e-post."), "success")
    return redirect(url_for("campaigns.show", code=code))


def _page(wave: Wave, problems: object) -> str:
    frame = frame_size(session(), wave_id=wave.id)
    return render_template(
        "invitations/members.html", wave=wave, frame=frame, form=MembersForm(), problems=problems
    )


def _told(wave: Wave, report: MemberReport) -> Response:
    words = _(
        "%(n)s deltakere er lest inn: %(mail)s får e-post og %(letter)s får brev.",
        n=report.n_added, mail=report.n_mail, letter=report.n_letter,
    )  # fmt: skip
    flash(words, "success")
    if report.n_phone_only:
        flash(
            _("%(n)s har bare telefon. De får brev, for SMS er ikke satt opp.", n=report.n_phone_only), "info"
        )
    if report.unknown_columns:
        flash(
            _("Disse kolonnene ble ikke brukt: %(names)s.", names=", ".join(report.unknown_columns)), "info"
        )
    return redirect(url_for("campaigns.show", code=wave.code))
