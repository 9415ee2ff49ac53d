"""The privacy forecast of a planned wave: what will be shown, before anything is promised."""

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _

from blueprints.access import roles
from blueprints.filters import current_language
from blueprints.request_scope import session
from blueprints.wave_access import managed_wave
from forms.forecasts import RateForm
from surveyor.accounts.enums import Role
from surveyor.campaigns.queries import wave_tree
from surveyor.instruments.queries import questionnaire_of
from surveyor.releases.forecast import Outlook, wave_forecast

bp = Blueprint("forecasts", __name__, url_prefix="/undersokelser/<code>/personvern")
DEFAULT_RATE = 70
WORDS = {
    Outlook.SHOWN: (_("Vises"), "success"),
    Outlook.LIKELY: (_("Vises trolig"), "info"),
    Outlook.UNLIKELY: (_("Blir trolig tom"), "warning"),
    Outlook.BLANK: (_("Blir tom"), "warning"),
}


@bp.get("/")
@roles(Role.SURVEY_ADMIN)
def show(code: str) -> str | tuple[str, int]:
    wave = managed_wave(code)
    form = RateForm(request.args if "rate" in request.args else None, data={"rate": DEFAULT_RATE})
    is_good = "rate" not in request.args or form.validate()
    found = wave_forecast(session(), wave=wave, rate=form.rate.data / 100) if is_good else None
    asked = questionnaire_of(wave.instrument_version)
    labels = {item.name: asked.text(item.label, current_language()) for item in asked.background_items}
    page = render_template(
        "forecasts/show.html", wave=wave, form=form, found=found, tree=wave_tree(session(), wave=wave),
        words=WORDS, labels=labels,
    )  # fmt: skip
    return page if is_good else (page, 422)
