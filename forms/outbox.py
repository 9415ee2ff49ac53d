"""Forms of the outbox."""

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from forms.base import Form, options
from surveyor.mail.enums import MailState


class OutboxFilter(Form):
    """Which mails to show, and which page of them."""

    state = SelectField(
        choices=options([("", _("Alle")), *((state.value, state.value) for state in MailState)]), default=""
    )
    page = IntegerField(default=1, validators=[Optional(), NumberRange(min=1)])
