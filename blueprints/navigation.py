"""What the header shows: the municipality, and the rooms this account may enter."""

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _
from flask_login import current_user

from blueprints import request_scope
from blueprints.access import can

# endpoint, label: shown when the account has one of the roles the endpoint's view allows
ROOMS = (
    ("scorecards.index", _("Styringskort")),
    ("results.index", _("Resultater")),
    ("quality.index", _("Kvalitet")),
    ("texts.index", _("Kommentarer")),
    ("campaigns.index", _("Undersøkelser")),
    ("keying.index", _("Papirsvar")),
    ("instruments.index", _("Spørreskjema")),
    ("internal_control.index", _("Internkontroll")),
    ("it_security.index", _("IT-sikkerhet")),
    ("indicators.index", _("Indikatorer")),
    ("units.index", _("Enheter")),
    ("account_admin.index", _("Brukere")),
    ("outbox.index", _("Utboks")),
    ("audit.index", _("Logg")),
)
# rooms that are entered through another: the header marks that one
WITHIN = {
    "forecasts": "campaigns",
    "invitations": "campaigns",
    "restatements": "quality",
    "result_groups": "results",
    "sample_results": "results",
    "samples": "campaigns",
    "second_releases": "campaigns",
}


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"settings": request_scope.settings(), "nav_items": _items()})


def _items() -> list[tuple[str, str, bool]]:
    if not current_user or not current_user.is_authenticated:
        return []
    entered = (request.endpoint or "").split(".")[0]
    room = WITHIN.get(entered, entered)
    return [
        (str(label), url_for(endpoint), endpoint.split(".")[0] == room)
        for endpoint, label in ROOMS
        if can(endpoint)
    ]
