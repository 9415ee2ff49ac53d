"""Forms of the sampling frame."""

from flask_babel import lazy_gettext as _
from wtforms import FileField

from forms.base import Form


class MembersForm(Form):
    """A file of people to ask."""

    file = FileField(
        _("Fil med deltakere"),
        description=_("CSV eller Excel (.xlsx) med kolonnene enhet, navn, e-post, telefon og språk."),
    )
