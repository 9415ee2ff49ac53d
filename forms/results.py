"""Forms of the results pages."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from forms.base import Choices, Form, options

FORMATS = ("xlsx", "csv")


class UnitForm(Form):
    """Which unit to look at, among those one may see."""

    unit = SelectField(_("Enhet"))

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit.choices = options(choices)


class FileForm(Form):
    """Which kind of file to make."""

    format = SelectField(_("Filtype"), choices=options((one, one) for one in FORMATS), default=FORMATS[0])
