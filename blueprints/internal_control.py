"""Internal control: the controller's yearly form to the units (kommuneloven § 25-1)."""

from flask_babel import lazy_gettext as _

from blueprints.casework import FormOffice, office_blueprint
from surveyor.cases.enums import FormKind

OFFICE = FormOffice(
    FormKind.INTERNAL_CONTROL,
    _("Internkontroll"),
    _(
        "Enhetene svarer på om oppgaver, rutiner, avvik og dokumentasjon er på plass, slik kommuneloven "
        "§ 25-1 krever. Et nei blir et avvik som følges opp med tiltak."
    ),
)
bp = office_blueprint("internal_control", OFFICE)
