"""Forms of samples: how one was drawn, and what is known of the population."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import FileField, IntegerField, RadioField
from wtforms.validators import NumberRange, Optional

from forms.base import Form, options, required
from surveyor.campaigns.enums import SampleKind

KINDS = {
    SampleKind.SIMPLE: _("Enkelt utvalg: alle hadde like stor sjanse til å bli trukket"),
    SampleKind.STRATIFIED: _("Stratifisert utvalg: det er trukket for seg i hver enhet"),
    SampleKind.CLUSTER: _("Klyngeutvalg: først er noen enheter trukket, så personer i dem"),
}


class SampleForm(Form):
    """How the sample was drawn."""

    kind = RadioField(
        _("Slik er utvalget trukket"), validators=[required(_("Velg hvordan utvalget er trukket."))]
    )
    n_population = IntegerField(
        _("Personer målingen gjelder"),
        description=_("Alle det kunne trekkes blant, ikke bare de inviterte."),
        validators=[Optional(), NumberRange(1, 10**9)],
    )
    n_clusters = IntegerField(
        _("Klynger i alt"),
        description=_("Bare for klyngeutvalg: enheter det kunne trekkes blant."),
        validators=[Optional(), NumberRange(1, 10**6)],
    )
    file = FileField(
        _("Personer i hver enhet"),
        description=_(
            "Ikke for enkelt utvalg. CSV eller Excel (.xlsx) med kolonnene enhet og antall. Ta med hvert "
            "stratum, eller hver klynge som er trukket."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = options(KINDS.items())


class MarginsForm(Form):
    """A file of what is known of the population."""

    margins = FileField(
        _("Fil med fordelinger"),
        description=_(
            "CSV eller Excel (.xlsx) med kolonnene variabel, kategori og enten antall eller andel."
        ),
    )
