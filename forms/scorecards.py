"""Forms of scorecards: filters, templates, approval."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import FieldList, FormField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional

from forms.base import Form, at_most, options, required
from forms.indicators import NumberField, PeriodForm
from surveyor.indicators.enums import Perspective
from surveyor.indicators.spec import PERSPECTIVE_NAMES
from surveyor.scorecards.spec import MAX_TEXT, MAX_VISION

ALL = "alle"
_TEXT = [at_most(MAX_TEXT, _("Høyst 300 tegn."))]


class CompareForm(PeriodForm):
    """Which cards stand side by side."""

    type = SelectField(_("Enhetstype"))
    perspective = SelectField(_("Perspektiv"))

    def __init__(self, *args: Any, types: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type.choices = options([(ALL, _("Alle typer")), *((one, one) for one in types)])
        named = ((one.value, _(PERSPECTIVE_NAMES[one])) for one in Perspective)
        self.perspective.choices = options([(ALL, _("Alle perspektiver")), *named])

    @property
    def chosen_perspective(self) -> Perspective | None:
        """The perspective to show, None for all."""
        known = {one.value for one in Perspective}
        return Perspective(self.perspective.data) if self.perspective.data in known else None


class ApproveForm(Form):
    """What was on the page that is approved."""

    fingerprint = HiddenField(validators=[required(_("Se over kortet på nytt før du godkjenner."))])


class LineForm(Form):
    """What a template says of one indicator."""

    indicator = HiddenField()
    place = IntegerField(
        _("Plass"), [Optional(), NumberRange(1, 999, _("Skriv et tall fra 1 til 999."))],
        description=_("Laveste tall står først i perspektivet."),
    )  # fmt: skip
    goal = StringField(_("Mål"), _TEXT)
    success_factor = StringField(_("Suksessfaktor"), _TEXT)
    target = NumberField(_("Måltall"), [Optional()], description=_("Tomt felt: måltallet til indikatoren."))

    @property
    def is_used(self) -> bool:
        """Whether anything is said at all."""
        filled = (self.place.data, self.goal.data, self.success_factor.data, self.target.data)
        return any(one not in (None, "") for one in filled)


class TemplateForm(Form):
    """The template of one unit type: its vision, and a line for each indicator that applies."""

    vision = TextAreaField(
        _("Visjon"), [at_most(MAX_VISION, _("Visjonen kan ha høyst 500 tegn."))],
        description=_("Én setning som alle på enheten kjenner, for eksempel «Trygt og trivelig»."),
    )  # fmt: skip
    lines = FieldList(FormField(LineForm))
