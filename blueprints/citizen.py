"""Citizens at /innbygger: by invitation, or anybody by a wave's open link."""

from flask_babel import lazy_gettext as _

from blueprints.answering import AudienceSpec, audience_blueprint
from surveyor.campaigns.enums import Audience

SPEC = AudienceSpec(
    audience=Audience.CITIZEN,
    url_prefix="/innbygger",
    who=_("Kommunen vil vite hva du som bor her, mener."),
    purpose=_(
        "Politikerne og kommunens ledere bruker resultatene når de planlegger tjenester og stedet vi bor på."
    ),
    catalogue=("citizen",),
    has_open_link=True,
)
bp = audience_blueprint("citizen", SPEC)
