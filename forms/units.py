"""Forms of the unit tree."""

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, FileField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from forms.base import Choices, Form, at_most, options, required

NAME = [required(_("Skriv et navn.")), at_most(120, _("Navnet kan ha høyst 120 tegn."))]
CODE = [required(_("Skriv en kode.")), at_most(40, _("Koden kan ha høyst 40 tegn."))]
TYPE = [required(_("Skriv en enhetstype.")), at_most(60, _("Typen kan ha høyst 60 tegn."))]
_PART = re.compile(r"\s*[^\s,][^,]*,.*\S")
DAY = [required(_("Velg en dato."))]


class ImportForm(Form):
    """A whole tree from a day on."""

    file = FileField(
        _("Fil med enheter"),
        description=_("CSV eller Excel (.xlsx) med kolonnene code, name, type, parent og eventuelt from."),
    )
    on = DateField(_("Gjelder fra"), validators=[Optional()])


class DayForm(Form):
    """Which day's tree to show."""

    on = DateField(_("Slik treet var"), validators=[Optional()])


class _Step(Form):
    on = DateField(_("Gjelder fra"), validators=DAY)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("data", {"on": today})
        super().__init__(*args, **kwargs)

    def name_apart(self, prefix: str) -> None:
        """Give every field an id of its own: several of these forms stand on one page."""
        for field in self:
            field.id = f"{prefix}-{field.name}"


class MoveForm(_Step):
    """A new parent."""

    parent = SelectField(_("Ny overordnet enhet"), validators=[required(_("Velg en enhet."))])

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parent.choices = options(choices)


class RenameForm(_Step):
    """A new name or type."""

    name = StringField(_("Navn"), validators=NAME)
    type = StringField(_("Enhetstype"), validators=TYPE)


class MergeForm(_Step):
    """Other units that become one with this."""

    others = SelectMultipleField(_("Slås sammen med"), validators=[required(_("Velg minst én enhet."))])
    code = StringField(_("Kode for den nye enheten"), validators=CODE)
    name = StringField(_("Navn på den nye enheten"), validators=NAME)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others.choices = options(choices)


class SplitForm(_Step):
    """The parts a unit becomes."""

    parts = TextAreaField(
        _("Nye enheter"),
        validators=[required(_("Skriv minst to linjer."))],
        description=_("Én linje per enhet: kode, komma, navn."),
    )

    def validate_parts(self, field: TextAreaField) -> None:
        """Every line must be a code and a name."""
        wrong = [line for line in (field.data or "").splitlines() if line.strip() and not _PART.match(line)]
        if wrong:
            raise ValidationError(
                _("Linjen «%(line)s» må ha kode, komma og navn.", line=wrong[0].strip()[:60])
            )

    def part_list(self) -> list[tuple[str, str]]:
        """(code, name) of every line that has both."""
        lines = (line.split(",", 1) for line in (self.parts.data or "").splitlines() if "," in line)
        return [(code.strip(), name.strip()) for code, name in lines if code.strip() and name.strip()]
