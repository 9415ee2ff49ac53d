"""Forms of the results pages."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from forms.base import Choices, Form, options

FORMATS = ("xlsx", "csv")


class UnitForm(Form):
    """Which unit to look at, among those one may see."""

    unit = SelectField(_("Enhet"))

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit.choices = options(choices)


class OverlapForm(Form):
    """How many are thought to have answered both times, in per cent."""

    samme = IntegerField(
        _("Andel som svarte begge ganger"),
        description=_("I prosent av dem som svarte i den minste av de to målingene."),
        validators=[
            InputRequired(_("Skriv et helt tall.")),
            NumberRange(0, 100, _("Skriv et tall fra 0 til 100.")),
        ],
    )


class FileForm(Form):
    """Which kind of file to make."""

    format = SelectField(_("Filtype"), choices=options((one, one) for one in FORMATS), default=FORMATS[0])
