"""What every form shares: trimmed input, our own words for every error, and room for a service's problems."""

from collections.abc import Iterable, Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, Length, ValidationError

from surveyor.errors import InvalidInput, Problem

FIRST_YEAR, LAST_YEAR = 1900, 2199
Choices = Sequence[tuple[str, str]]
"""Values and labels to choose among."""


def required(message: Any) -> DataRequired:
    """An answer is needed; the message says which."""
    return DataRequired(message)


def at_most(n: int, message: Any) -> Length:
    """No longer than n characters."""
    return Length(max=n, message=message)


def options(choices: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Values and labels as the options of a select field."""
    return [SelectChoice(value, label) for value, label in choices]


# WTForms' own words, in ours
_WORDS = {
    "This field is required.": _("Dette må fylles ut."),
    "Not a valid choice.": _("Velg en av mulighetene i listen."),
    "Invalid Choice: could not coerce.": _("Velg en av mulighetene i listen."),
    "Choices cannot be None.": _("Velg en av mulighetene i listen."),
    "'%(value)s' is not a valid choice for this field.": _("Velg en av mulighetene i listen."),
    "'%(value)s' are not valid choices for this field.": _("Velg blant mulighetene i listen."),
    "Invalid choice(s): one or more data inputs could not be coerced.": _("Velg blant mulighetene i listen."),
    "Not a valid integer value.": _("Skriv et helt tall."),
    "Not a valid decimal value.": _("Skriv et tall."),
    "Not a valid float value.": _("Skriv et tall."),
    "Not a valid date value.": _("Skriv en dato, for eksempel 2026-11-21."),
    "Not a valid datetime value.": _("Skriv dato og klokkeslett."),
    "Not a valid time value.": _("Skriv et klokkeslett, for eksempel 14:30."),
    "Field must be at least %(min)d character long.": _("Skriv minst ett tegn."),
    "Field must be at least %(min)d characters long.": _("Skriv minst %(min)d tegn."),
    "Field cannot be longer than %(max)d character.": _("Skriv høyst ett tegn."),
    "Field cannot be longer than %(max)d characters.": _("Skriv høyst %(max)d tegn."),
    "Field must be between %(min)d and %(max)d characters long.": _("Skriv fra %(min)d til %(max)d tegn."),
    "Number must be at least %(min)s.": _("Tallet må være minst %(min)s."),
    "Number must be at most %(max)s.": _("Tallet kan være høyst %(max)s."),
    "Number must be between %(min)s and %(max)s.": _("Tallet må være fra %(min)s til %(max)s."),
    "Invalid email address.": _("Skriv en gyldig e-postadresse."),
    "Invalid input.": _("Dette kan ikke tas imot."),
}
_UNTRIMMED = (wtforms.PasswordField, wtforms.FormField, wtforms.FieldList)


class _OurWords:
    """What WTForms asks for its messages; one it adds later comes out as a plain refusal."""

    def gettext(self, message: str) -> str:
        return str(_WORDS.get(message, _WORDS["Invalid input."]))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)


def _trimmed(value: Any) -> Any:
    return value.replace("\0", "").strip() if isinstance(value, str) else value  # no database keeps a NUL


def _check_year(_form: wtforms.Form, field: Any) -> None:
    """Days one may count on from: near the first and the last year there is, a day before or after fails."""
    if field.data is not None and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        message = _("Skriv et årstall fra %(first)s til %(last)s.", first=FIRST_YEAR, last=LAST_YEAR)
        raise ValidationError(message)


class Form(wtforms.Form):  # type: ignore[misc]  # WTForms has no types
    """The house's form. Cross-site tokens are checked for every request before any form is."""

    class Meta:
        """Fields lose the space around what was typed, but for passwords."""

        locales = False

        def bind_field(self, form: "Form", unbound: UnboundField, options: dict[str, Any]) -> Any:
            if not issubclass(unbound.field_class, _UNTRIMMED):
                options["filters"] = [_trimmed, *unbound.kwargs.get("filters", ())]
            field = unbound.bind(form=form, **options)
            if isinstance(field, wtforms.DateField):
                field.validators = [*field.validators, _check_year]
            return field

        def get_translations(self, form: "Form") -> "_OurWords":
            return _OurWords()

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Put what a service said where the user looks: at the field it names, else on top of the form."""
        for problem in problems:
            message = gettext(problem.message, **problem.params)
            field = self._fields.get(problem.field or "")
            if field is None:
                self.form_errors.append(message)
            else:
                field.errors = [*field.errors, message]

    def validate_or_refuse(self) -> None:
        """Raise InvalidInput, without problems, when a field is wrong: the fields already say so."""
        if not self.validate():
            raise InvalidInput
