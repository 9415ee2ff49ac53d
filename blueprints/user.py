"""Users at /bruker: parents, patients and other users of a service answer about that service."""

from flask_babel import lazy_gettext as _

from blueprints.answering import AudienceSpec, audience_blueprint
from surveyor.campaigns.enums import Audience

SPEC = AudienceSpec(
    audience=Audience.USER,
    url_prefix="/bruker",
    who=_("Du er invitert fordi du eller en av dine bruker en tjeneste i kommunen."),
    purpose=_("De som arbeider i tjenesten, bruker resultatene til å gjøre den bedre."),
    catalogue=("kindergarten",),
)
bp = audience_blueprint("user", SPEC)
