"""Forms of the quality pages."""

from flask_babel import lazy_gettext as _
from wtforms import FileField, StringField

from forms.base import Form, at_most, required


class NormForm(Form):
    """A file of how people in other organisations answered, and whose answers they are."""

    title = StringField(
        _("Hvem er tallene fra?"),
        validators=[required(_("Skriv hvem tallene er fra.")), at_most(120, _("Skriv høyst 120 tegn."))],
    )
    file = FileField(_("Fil"), description=_("CSV eller Excel (.xlsx)."))
