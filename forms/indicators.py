"""Forms of indicators and their values."""

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import FileField, IntegerField, SelectField, StringField
from wtforms.fields import Field
from wtforms.validators import NumberRange, Optional, ValidationError

from forms.base import Choices, Form, at_most, options, required
from surveyor.indicators.enums import Direction, Perspective
from surveyor.indicators.spec import (
    DIRECTION_NAMES,
    FIRST_PERIOD,
    LAST_PERIOD,
    PERSPECTIVE_NAMES,
    Definition,
    parse_number,
    parse_types,
)

YEAR = [
    required(_("Skriv et år.")),
    NumberRange(FIRST_PERIOD, LAST_PERIOD, _("Skriv et år, for eksempel 2026.")),
]


class NumberField(StringField):  # type: ignore[misc]  # WTForms has no types
    """A number as people write it: 7,3 or 7.3; empty is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data = None
        if text := valuelist[0].strip():
            try:
                self.data = parse_number(text)
            except ValueError:
                raise ValueError(_("Skriv et tall, for eksempel 7,3.")) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.15g}".replace(".", ",")


class IndicatorForm(Form):
    """A definition. `types` are the unit types there are."""

    name = StringField(
        _("Navn"), [required(_("Skriv et navn.")), at_most(120, _("Navnet kan ha høyst 120 tegn."))]
    )
    code = StringField(
        _("Kode"),
        [required(_("Skriv en kode.")), at_most(60, _("Koden kan ha høyst 60 tegn."))],
        description=_("Et kort navn uten mellomrom, for eksempel sykefravaer. Brukes i filer."),
    )
    perspective = SelectField(_("Perspektiv"), [required(_("Velg et perspektiv."))])
    source = StringField(
        _("Kilde"),
        [required(_("Skriv hvor tallene kommer fra.")), at_most(200, _("Kilden kan ha høyst 200 tegn."))],
        description=_(
            "Velg en av kildene i listen, eller skriv selv: manual (føres for hånd), csv (leses fra fil), "
            "survey:undersøkelse/scale:indeks/index, "
            "survey:undersøkelse/item:spørsmål/mean, form:skjema/on_time, form:skjema/met_share eller "
            "form:skjema/open_deviations."
        ),
    )
    direction = SelectField(_("Hva er best?"), [required(_("Velg hva som er best."))])
    measured_in = StringField(
        _("Måles i"), [at_most(30, _("Høyst 30 tegn."))], description=_("For eksempel poeng, % eller kroner.")
    )
    target = NumberField(_("Måltall"), [Optional()])
    green_from = NumberField(
        _("Grønt fra og med"), [Optional()], description=_("Tomt felt: grønt når måltallet er nådd.")
    )
    yellow_from = NumberField(
        _("Gult fra og med"), [Optional()], description=_("Tomt felt: det som ikke er grønt, er under målet.")
    )
    unit_types = StringField(_("Enhetstyper"), [at_most(400, _("Høyst 400 tegn."))])

    def __init__(self, *args: Any, types: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.perspective.choices = options((one.value, _(PERSPECTIVE_NAMES[one])) for one in Perspective)
        self.direction.choices = options((one.value, _(DIRECTION_NAMES[one])) for one in Direction)
        self.unit_types.description = _(
            "Komma mellom. Tomt felt: alle enheter. Typene som finnes: %(types)s.",
            types=", ".join(types) or "–",
        )

    def definition(self) -> Definition:
        """What the form says."""
        return Definition(
            self.code.data, self.name.data, Perspective(self.perspective.data), self.source.data,
            Direction(self.direction.data), self.target.data, self.green_from.data, self.yellow_from.data,
            self.measured_in.data or "", parse_types(self.unit_types.data or ""),
        )  # fmt: skip


class ImportForm(Form):
    """A file of definitions or of values."""

    file = FileField(_("Fil"), description=_("CSV eller Excel (.xlsx)."))


class ValueForm(Form):
    """One value written in by hand."""

    unit = SelectField(_("Enhet"), [required(_("Velg en enhet."))])
    period = IntegerField(_("År"), YEAR)
    value = NumberField(_("Verdi"))

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit.choices = options(units)

    def validate_value(self, field: Field) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(_("Skriv et tall."))


class CountForm(Form):
    """Which form to count into values, and for which year."""

    instrument = SelectField(_("Skjema"), [required(_("Velg et skjema."))])
    period = IntegerField(_("År"), YEAR)

    def __init__(self, *args: Any, instruments: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument.choices = options(instruments)


class PeriodForm(Form):
    """Which year to show."""

    period = SelectField(_("År"), coerce=int)

    def __init__(self, *args: Any, periods: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.period.choices = options((period, str(period)) for period in periods)
