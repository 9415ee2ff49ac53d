"""IT security: the form to the units about systems, access, back-ups and incidents."""

from flask_babel import lazy_gettext as _

from blueprints.casework import FormOffice, office_blueprint
from surveyor.cases.enums import FormKind

OFFICE = FormOffice(
    FormKind.IT_SECURITY,
    _("IT-sikkerhet"),
    _(
        "Enhetene svarer på om systemer, tilganger, sikkerhetskopier og beredskap er på plass. Et nei blir "
        "et avvik som følges opp med tiltak."
    ),
)
bp = office_blueprint("it_security", OFFICE)
