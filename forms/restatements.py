"""Forms of restating a wave's figures for the units of a later one."""

import json
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import FileField, SelectField, StringField
from wtforms.validators import ValidationError

from forms.base import Choices, Form, options, required

MOST_PAIRS = 5_000


class LaterForm(Form):
    """Which later wave the units are those of."""

    later = SelectField(_("Senere måling"), description=_("Tallene regnes om for enhetene i denne målingen."))

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.later.choices = options(choices)


class MappingForm(LaterForm):
    """A later wave, and a file of which units became which."""

    file = FileField(
        _("Fil"),
        description=_(
            "CSV eller Excel (.xlsx) med kolonnene før og nå, og én rad for hver gammel enhet. "
            "Bruk enhetskoder."
        ),
    )


class ConfirmForm(LaterForm):
    """The same, as it was previewed."""

    mapping = StringField(validators=[required(_("Velg filen på nytt."))])

    def validate_mapping(self, field: StringField) -> None:
        """Pairs of texts, as the preview wrote them."""
        try:
            found = json.loads(field.data)
        except (ValueError, RecursionError):
            found = None
        if not _are_pairs(found):
            raise ValidationError(_("Velg filen på nytt."))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Unit before and unit now; only after validation."""
        return tuple((before, now) for before, now in json.loads(self.mapping.data))


def _are_pairs(found: Any) -> bool:
    return (
        isinstance(found, list)
        and 0 < len(found) <= MOST_PAIRS
        and all(
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
            for pair in found
        )
    )
