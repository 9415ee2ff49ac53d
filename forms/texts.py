"""Forms of free text: moderating, themes, releasing."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField

from forms.base import Form, at_most, options, required
from surveyor.texts.enums import MarkKind
from surveyor.texts.spec import MAX_NAME, Mark

KINDS = {
    MarkKind.NATIONAL_ID: _("fødselsnummer"),
    MarkKind.EMAIL: _("e-postadresse"),
    MarkKind.PHONE: _("telefonnummer"),
    MarkKind.ADDRESS: _("adresse"),
    MarkKind.NAME: _("navn"),
}


class ReviewForm(Form):
    """One comment: which found places to mask, and words of the moderator's own."""

    masked = SelectMultipleField(_("Skjul dette"))
    words = StringField(
        _("Skjul også disse ordene"),
        description=_("Skriv komma mellom ordene, for eksempel et kallenavn."),
        validators=[at_most(300, _("Skriv høyst 300 tegn."))],
    )

    def __init__(self, *args: Any, body: str, marks: Sequence[Mark], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.masked.choices = options(
            (mark.key, f"{body[mark.start : mark.end]} ({KINDS[mark.kind]})") for mark in marks
        )

    @property
    def own_words(self) -> list[str]:
        return [word.strip() for word in (self.words.data or "").split(",") if word.strip()]


class ThemeForm(Form):
    """A new theme."""

    name = StringField(
        _("Tema"),
        validators=[required(_("Skriv et navn på temaet.")), at_most(MAX_NAME, _("Skriv høyst 60 tegn."))],
    )
    keywords = TextAreaField(
        _("Stikkord"),
        description=_(
            "Ett på hver linje. «lønn» finner ord som begynner slik."
            " «*tid» finner også ord som har det inni seg."
        ),
        validators=[at_most(2000, _("Skriv høyst 2000 tegn."))],
    )


class CodeForm(Form):
    """The themes of one comment."""

    themes = SelectMultipleField(_("Temaer"))

    def __init__(self, *args: Any, themes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.themes.choices = options(themes)


class ReleaseForm(Form):
    """Releasing the comments for good."""

    sure = BooleanField(
        _("Jeg har lest kommentarene og vil frigi dem"),
        validators=[required(_("Kryss av for at du vil frigi kommentarene."))],
    )
