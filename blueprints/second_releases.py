"""After a wave is closed: withdraw an answer, and release the figures a second time."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, roles
from blueprints.request_scope import session, settings
from blueprints.wave_access import managed_wave
from forms.campaigns import WithdrawalForm
from surveyor.accounts.enums import Role
from surveyor.errors import InvalidInput
from surveyor.fieldwork.late import withdraw_answer
from surveyor.releases.pending import again_job, pending
from surveyor.releases.services import order_again

bp = Blueprint("second_releases", __name__, url_prefix="/undersokelser")


@bp.get("/<code>/ny-frigivelse")
@roles(Role.SURVEY_ADMIN)
def show(code: str) -> str:
    return _page(code, WithdrawalForm())


@bp.post("/<code>/ny-frigivelse/trekk")
@roles(Role.SURVEY_ADMIN)
def withdraw(code: str) -> Response | tuple[str, int]:
    wave, form = managed_wave(code), WithdrawalForm(request.form)
    if form.validate():
        try:
            withdraw_answer(session(), settings(), wave=wave, code=form.code.data, actor=actor())
        except InvalidInput as refused:
            form.add_problems(refused.problems)
        else:
            flash(_("Svaret er slettet. Tallene som er ute, endres ikke."), "success")
            return redirect(url_for("second_releases.show", code=code))
    return _page(code, form), 422


@bp.post("/<code>/ny-frigivelse")
@roles(Role.SURVEY_ADMIN)
def order(code: str) -> Response:
    order_again(session(), wave=managed_wave(code), actor=actor())
    flash(_("Tallene regnes ut på nytt. Det kan ta noen minutter."), "success")
    return redirect(url_for("second_releases.show", code=code))


def _page(code: str, form: WithdrawalForm) -> str:
    wave = managed_wave(code)
    return render_template(
        "campaigns/second_release.html", wave=wave, form=form, job=again_job(session(), wave=wave),
        pending=pending(session(), wave=wave),
    )  # fmt: skip
