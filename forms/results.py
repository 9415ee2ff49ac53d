"""Forms of the results pages."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from forms.base import Form

FORMATS = ("xlsx", "csv")


class UnitForm(Form):
    """Which unit to look at, among those one may see."""

    unit = SelectField(_("Enhet"))

    def __init__(self, *args: object, choices: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.unit.choices = choices


class FileForm(Form):
    """Which kind of file to make."""

    format = SelectField(_("Filtype"), choices=[(one, one) for one in FORMATS], default=FORMATS[0])
