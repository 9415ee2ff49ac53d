"""Employees at /medarbeider: those invited by e-mail or letter answer about their own work."""

from flask_babel import lazy_gettext as _

from blueprints.answering import AudienceSpec, audience_blueprint
from surveyor.campaigns.enums import Audience

SPEC = AudienceSpec(
    audience=Audience.EMPLOYEE,
    url_prefix="/medarbeider",
    who=_("Du er invitert fordi du arbeider i kommunen. Bare du kan svare med lenken eller koden din."),
    purpose=_("Lederen og medarbeiderne bruker resultatene til å gjøre arbeidsplassen bedre."),
    catalogue=("employee",),
)
bp = audience_blueprint("employee", SPEC)
