"""Forms of the questionnaire pages."""

from flask_babel import lazy_gettext as _
from wtforms import FileField, StringField
from wtforms.validators import Length, Optional, Regexp

from forms.base import Form
from surveyor.instruments.findings import CODE


class UploadForm(Form):
    """A questionnaire file; without a code of its own the file says which instrument it is."""

    file = FileField(
        _("Skjema som fil"),
        description=_(
            "En XLSForm-arbeidsbok (.xlsx, .xls) eller tabell (.md). "
            "Henter skjemaet svar fra CSV-filer, eller viser det bilder, lyd eller film, "
            "legger du alt i en .zip."
        ),
    )
    code = StringField(
        _("Kode"),
        description=_("La feltet stå tomt for å bruke koden i filen."),
        validators=[
            Optional(),
            Length(max=64, message=_("Koden kan ha høyst 64 tegn.")),
            Regexp(CODE.pattern + r"\Z", message=_("Bruk bokstavene a–z, tall, bindestrek og understrek.")),
        ],
    )
