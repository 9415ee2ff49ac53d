"""Forms of waves: planning, and a later closing date."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from forms.base import Choices, Form, options, required
from surveyor.campaigns.enums import Audience
from surveyor.campaigns.spec import CODE, WavePlan

AUDIENCES = {
    Audience.EMPLOYEE: _("Medarbeidere"),
    Audience.USER: _("Brukere og pårørende"),
    Audience.CITIZEN: _("Innbyggere"),
}
CODE_WRONG = _("Koden kan bare ha bokstaver, tall, punktum, bindestrek og understrek, og høyst 64 tegn.")


class PlanForm(Form):
    """What can be changed until the wave starts."""

    instrument = SelectField(_("Spørreskjema"), validators=[required(_("Velg et spørreskjema."))])
    opens = DateField(_("Åpner"), validators=[required(_("Velg dagen målingen åpner."))])
    closes = DateField(_("Siste dag å svare"), validators=[required(_("Velg siste dag å svare."))])
    units = SelectMultipleField(
        _("Enheter"),
        description=_(
            "Enhetene du velger, og alle under dem, er med. Velger du ingen, er alle dine enheter med."
        ),
    )
    k_mean = IntegerField(
        _("Minste antall svar for å vise gjennomsnitt"),
        description=_("Minst 5."),
        validators=[InputRequired(_("Skriv et helt tall."))],
    )
    k_spread = IntegerField(
        _("Minste antall svar for å vise fordeling"),
        description=_("Minst 10."),
        validators=[InputRequired(_("Skriv et helt tall."))],
    )
    open_link = BooleanField(
        _("Åpen lenke"),
        description=_(
            "Alle som har lenken, kan svare. Da kan svarprosent og påminnelser ikke brukes for dem."
        ),
    )

    two_approvers = BooleanField(
        _("To må godkjenne at svarene åpnes"),
        description=_(
            "Målingen avsluttes først når to personer har godkjent det. Valget låses når målingen starter."
        ),
    )

    def __init__(self, *args: Any, instruments: Choices, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument.choices = options([("", _("Velg et spørreskjema")), *instruments])
        self.units.choices = options(units)

    def plan(self, units: Sequence[str]) -> WavePlan:
        """The plan as the services take it, on these units when none was chosen."""
        return WavePlan(
            self.opens.data, self.closes.data, tuple(self.units.data or units), self.k_mean.data,
            self.k_spread.data, bool(self.open_link.data), bool(self.two_approvers.data),
        )  # fmt: skip


class NewWaveForm(PlanForm):
    """A new wave; its code, survey and audience never change."""

    code = StringField(
        _("Kode"),
        description=_("Kort navn på målingen, for eksempel medarbeider-2026."),
        validators=[required(_("Skriv en kode.")), Regexp(rf"{CODE}\Z", message=CODE_WRONG)],
    )
    audience = SelectField(_("Målgruppe"), validators=[required(_("Velg en målgruppe."))])
    survey = StringField(
        _("Undersøkelse"),
        description=_("Kode for undersøkelsen målingen hører til. Tomt felt gir samme kode som skjemaet."),
        validators=[Optional(), Length(max=64)],
    )
    title = StringField(
        _("Tittel"),
        description=_("Slik de som svarer, ser den. Tomt felt: tittelen undersøkelsen har, eller skjemaets."),
        validators=[Optional(), Length(max=200)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.audience.choices = options((audience.value, label) for audience, label in AUDIENCES.items())


class ClosingForm(Form):
    """A later last day."""

    closes = DateField(_("Ny siste dag å svare"), validators=[required(_("Velg en dato."))])


class WithdrawalForm(Form):
    """The code a respondent was shown after answering."""

    code = StringField(
        _("Kvitteringskode"),
        description=_("Koden på 16 tegn som den som svarte, fikk til slutt."),
        validators=[required(_("Skriv kvitteringskoden."))],
    )
