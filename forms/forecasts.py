"""The form of the privacy forecast."""

from flask_babel import lazy_gettext as _
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from forms.base import Form


class RateForm(Form):
    """How many are expected to answer, in per cent."""

    rate = IntegerField(
        _("Svarprosent du regner med"),
        validators=[
            InputRequired(_("Skriv et helt tall.")),
            NumberRange(1, 100, _("Skriv et tall fra 1 til 100.")),
        ],
    )
