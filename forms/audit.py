"""What to look for in the log."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange, Optional

from forms.base import Form, at_most, options

_TOO_LONG = _("Dette er for langt.")


class AuditFilterForm(Form):
    """Person, kind of change, subject and days."""

    actor = StringField(_("Hvem"), [at_most(100, _TOO_LONG)])
    action = SelectField(_("Hendelse"), [Optional()])
    subject = StringField(_("Gjelder"), [at_most(100, _TOO_LONG)])
    from_on = DateField(_("Fra og med"), [Optional()])
    to_on = DateField(_("Til og med"), [Optional()])
    page = IntegerField(validators=[Optional(), NumberRange(1, 100_000)])

    def __init__(self, *args: Any, actions: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(
            ((name, str(_(label))) for name, label in actions.items()), key=lambda a: a[1].casefold()
        )
        self.action.choices = options([("", _("Alle")), *named])
