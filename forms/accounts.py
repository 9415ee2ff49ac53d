"""Forms of signing in, of one's own account, and of administering accounts."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, PasswordField, SelectField, StringField
from wtforms.validators import NumberRange, Optional

from forms.base import Choices, Form, at_most, options, required
from surveyor.accounts.enums import Role
from surveyor.accounts.spec import LONGEST_PASSWORD, ROLE_DUTIES, ROLE_NAMES
from surveyor.wording import LANGUAGES

_ADVICE = _("Minst 12 tegn. Fire ord som ikke hører sammen, er lette å huske og vanskelige å gjette.")
_TOO_LONG = _("Dette er for langt.")


class SignInForm(Form):
    """E-mail and password."""

    email = StringField(_("E-post"), [required(_("Skriv e-postadressen din.")), at_most(254, _TOO_LONG)])
    password = PasswordField(
        _("Passord"), [required(_("Skriv passordet ditt.")), at_most(LONGEST_PASSWORD, _TOO_LONG)]
    )


class ResetForm(Form):
    """Ask for a link."""

    email = StringField(_("E-post"), [required(_("Skriv e-postadressen din.")), at_most(254, _TOO_LONG)])


class NewPasswordForm(Form):
    """A password chosen through a one-time link."""

    password = PasswordField(_("Nytt passord"), [required(_("Skriv et nytt passord."))], description=_ADVICE)


class ChangePasswordForm(Form):
    """Replace one's own password."""

    current = PasswordField(
        _("Nåværende passord"),
        [required(_("Skriv passordet du har nå.")), at_most(LONGEST_PASSWORD, _TOO_LONG)],
    )
    password = PasswordField(_("Nytt passord"), [required(_("Skriv et nytt passord."))], description=_ADVICE)


class LanguageForm(Form):
    """The language of one's pages and mails."""

    language = SelectField(_("Språk"), choices=options(LANGUAGES.items()))


class RoleForm(Form):
    """A role on a unit and what lies below it."""

    role = SelectField(_("Rolle"), [required(_("Velg en rolle."))])
    unit = SelectField(
        _("Enhet"),
        [required(_("Velg en enhet."))],
        description=_("Rollen gjelder enheten og alt som ligger under."),
    )

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        duties = ((role.value, f"{_(ROLE_NAMES[role])} – {_(ROLE_DUTIES[role])}") for role in Role)
        self.role.choices = options([("", _("Velg rolle")), *duties])
        self.unit.choices = options([("", _("Velg enhet")), *units])


class CreateAccountForm(RoleForm):
    """A new account with its first role."""

    name = StringField(_("Navn"), [required(_("Skriv navnet.")), at_most(200, _TOO_LONG)])
    email = StringField(_("E-post"), [required(_("Skriv en e-postadresse.")), at_most(254, _TOO_LONG)])


class AccountSearchForm(Form):
    """Words of a name or e-mail, and which page."""

    q = StringField(_("Søk etter navn eller e-post"), [at_most(100, _TOO_LONG)])
    page = IntegerField(validators=[Optional(), NumberRange(1, 100_000)])
