"""Forms of casework: sending, filling, following up."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    FileField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional

from forms.base import Choices, Form, at_most, options, required
from surveyor.cases.spec import FIRST_PERIOD, LAST_PERIOD, MAX_COMMENT, MAX_OWNER, MAX_TITLE, MAX_WHAT

LEAVES, EVERY = "", "*"
NEXT, BACK, LATER, HERE = "neste", "tilbake", "senere", "her"
OPEN, LATE, CLOSED, ALL = "apne", "forsinket", "lukket", "alle"


class UnitsForm(Form):
    """Which units to choose among: part of the tree, and a type."""

    under = SelectField(_("Enheter under"), validators=[Optional()])
    type = SelectField(_("Hvilke enheter"), validators=[Optional()])

    def __init__(self, *args: Any, units: Choices, types: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.under.choices = options(units)
        own = [(LEAVES, _("De som ikke har enheter under seg")), (EVERY, _("Alle"))]
        self.type.choices = options([*own, *((each, each) for each in types)])


class RoundForm(Form):
    """A sending of a form to units, with a deadline."""

    title = StringField(
        _("Navn på utsendingen"),
        description=_("Enhetene ser navnet. For eksempel «Internkontroll 2026»."),
        validators=[required(_("Gi utsendingen et navn.")), at_most(MAX_TITLE, _("Navnet er for langt."))],
    )
    version = SelectField(_("Skjema"), validators=[required(_("Velg et skjema."))])
    period = IntegerField(
        _("År"),
        description=_("Året skjemaet gjelder for. Styringskortet for dette året bruker svarene."),
        validators=[
            required(_("Skriv et årstall.")),
            NumberRange(FIRST_PERIOD, LAST_PERIOD, _("Skriv et årstall, for eksempel 2026.")),
        ],
    )
    deadline_on = DateField(
        _("Frist"),
        description=_("Siste dag enhetene kan levere i tide."),
        validators=[required(_("Velg en frist."))],
    )
    units = SelectMultipleField(_("Enheter"), validators=[required(_("Velg minst én enhet."))])

    def __init__(self, *args: Any, versions: Choices, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version.choices = options(versions)
        self.offer_units(units)

    def offer_units(self, units: Choices) -> None:
        """Which units the page lists."""
        self.units.choices = options(units)


class StepForm(Form):
    """Which version of the case the page was made from, and where to go."""

    rev = IntegerField(validators=[NumberRange(0)])
    to = StringField()


class ReturnForm(Form):
    """Why a form is sent back."""

    comment = TextAreaField(
        _("Hva må rettes?"),
        description=_("Enheten får kommentaren på e-post og ser den på skjemaet."),
        validators=[
            required(_("Skriv hva som må rettes.")),
            at_most(MAX_COMMENT, _("Kommentaren er for lang.")),
        ],
    )


class ApproveForm(Form):
    """A word along with the approval."""

    comment = TextAreaField(_("Kommentar"), validators=[at_most(MAX_COMMENT, _("Kommentaren er for lang."))])


class EvidenceForm(Form):
    """A file that shows what the form says."""

    file = FileField(
        _("Fil"),
        description=_("PDF, bilde, lyd, film, Word, Excel, OpenDocument eller ren tekst, høyst 10 MB."),
    )
    item = SelectField(_("Gjelder"), validators=[Optional()])

    def __init__(self, *args: Any, items: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item.choices = options([("", _("Hele skjemaet")), *items])


class ActionForm(Form):
    """What is done about a deviation."""

    what = TextAreaField(
        _("Hva skal gjøres?"),
        validators=[required(_("Skriv hva som skal gjøres.")), at_most(MAX_WHAT, _("Teksten er for lang."))],
    )
    owner = StringField(
        _("Hvem har ansvaret?"),
        validators=[
            required(_("Skriv hvem som har ansvaret.")),
            at_most(MAX_OWNER, _("Navnet er for langt.")),
        ],
    )
    due_on = DateField(_("Frist"), validators=[required(_("Velg en frist."))])


class DeviationsForm(Form):
    """Which deviations to show."""

    under = SelectField(_("Enheter under"), validators=[Optional()])
    state = SelectField(
        _("Vis"),
        choices=options(
            [
                (OPEN, _("Åpne avvik")),
                (LATE, _("Forsinkede tiltak")),
                (CLOSED, _("Lukkede avvik")),
                (ALL, _("Alle")),
            ]
        ),
        validators=[Optional()],
    )

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.under.choices = options(units)
