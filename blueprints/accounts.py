"""Signing in and out, one's own account, and passwords by one-time link."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from blueprints import languages, sign_in_state
from blueprints.access import account, actor, public, seconds_to_wait, signed_in, unit_tree
from blueprints.redirects import safe_next
from blueprints.request_scope import reading, session, settings
from forms.accounts import ChangePasswordForm, LanguageForm, NewPasswordForm, ResetForm, SignInForm
from surveyor.accounts import attempts, services
from surveyor.accounts.models import Account
from surveyor.accounts.queries import live_link, normal_email
from surveyor.accounts.spec import ROLE_DUTIES, ROLE_NAMES
from surveyor.errors import InvalidInput, NotFound

bp = Blueprint("accounts", __name__)
LINK = "link"  # where the browser keeps the token of a one-time link, out of every address
CLEAR = '"cache", "cookies", "storage"'

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@bp.get("/logg-inn")
@public
def sign_in() -> Page:
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return render_template("accounts/sign_in.html", form=SignInForm(), left="ute" in request.args)


@bp.post("/logg-inn")
@public
def begin_session() -> Page:
    form = SignInForm(request.form)
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    subjects = _sign_in_subjects(form.email.data)
    if wait := seconds_to_wait(*subjects):
        return _slow_down("accounts/sign_in.html", form, wait)
    try:
        found, session_id = _sign_in(form)
    except InvalidInput as error:
        form.add_problems(error.problems)
        return render_template("accounts/sign_in.html", form=form), 422
    attempts.forget_attempts(session(), settings(), *subjects)
    return _let_in(found, session_id)


@bp.post("/logg-ut")
@public
def sign_out() -> Response:
    if current_user.is_authenticated:
        services.sign_out(session(), session_id=current_user.session_id)
    cookie.clear()
    response = redirect(url_for("accounts.sign_in", ute=1), 303)
    response.headers["Clear-Site-Data"] = CLEAR
    return response


@bp.get("/glemt-passord")
@public
def ask_reset() -> str:
    return render_template("accounts/ask_reset.html", form=ResetForm())


@bp.post("/glemt-passord")
@public
def send_reset() -> Page:
    form = ResetForm(request.form)
    if not form.validate():
        return render_template("accounts/ask_reset.html", form=form), 422
    per_account = (attempts.RESET_ACCOUNT, normal_email(form.email.data))
    if wait := seconds_to_wait((attempts.RESET_ADDRESS, _network()), per_account):
        return _slow_down("accounts/ask_reset.html", form, wait)
    services.request_reset(session(), settings(), email=form.email.data, letter=_reset_letter)
    return render_template("accounts/reset_sent.html")


@bp.get("/passord/<token>")
@public
def follow_link(token: str) -> Response:
    """The token goes into the signed cookie and out of the address; looking does not use it up."""
    cookie[LINK] = token
    return redirect(url_for("accounts.choose_password"), 303)


@bp.get("/passord")
@public
def choose_password() -> Page:
    try:
        live_link(session(), token=cookie.get(LINK, ""))
    except NotFound:
        return render_template("accounts/dead_link.html"), 404
    return render_template("accounts/choose_password.html", form=NewPasswordForm())


@bp.post("/passord")
@public
def set_password() -> Page:
    form, token = NewPasswordForm(request.form), cookie.get(LINK, "")
    if wait := seconds_to_wait((attempts.LINK_ADDRESS, _network())):
        return _slow_down("accounts/choose_password.html", form, wait)
    try:
        form.validate_or_refuse()
        found = services.set_password_by_link(session(), settings(), token=token, password=form.password.data)
    except InvalidInput as error:
        form.add_problems(error.problems)
        return render_template("accounts/choose_password.html", form=form), 422
    except NotFound:
        return render_template("accounts/dead_link.html"), 404
    attempts.forget_attempts(session(), settings(), *_sign_in_subjects(found.email))
    cookie.clear()
    flash(_("Passordet er lagret. Nå kan du logge inn."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@bp.get("/konto")
@signed_in
def own() -> str:
    return _own_page(ChangePasswordForm())


@bp.post("/konto/passord")
@signed_in
def change_password() -> Page:
    form = ChangePasswordForm(request.form)
    try:
        form.validate_or_refuse()
        session_id = services.change_password(
            session(), settings(), account=account(), current=form.current.data, password=form.password.data
        )
    except InvalidInput as error:
        form.add_problems(error.problems)
        return _own_page(form), 422
    sign_in_state.begin(account(), session_id)
    flash(_("Passordet er byttet. Du er logget ut alle andre steder."), "success")
    return redirect(url_for("accounts.own"), 303)


@bp.post("/konto/spraak")
@signed_in
def choose_language() -> Response:
    language = LanguageForm(request.form).language.data
    services.set_language(session(), account=account(), language=language)
    response = redirect(url_for("accounts.own"), 303)
    languages.remember(response, language)
    return response


@bp.post("/konto/logg-ut-overalt")
@signed_in
def sign_out_everywhere() -> Response:
    services.sign_out_everywhere(session(), account=account(), actor=actor())
    cookie.clear()
    response = redirect(url_for("accounts.sign_in", ute=1), 303)
    response.headers["Clear-Site-Data"] = CLEAR
    return response


def link_address(token: str) -> str:
    """The full address of a one-time link, by the configured host and never by the request's."""
    return settings().base_url.rstrip("/") + url_for("accounts.follow_link", token=token)


def _sign_in(form: SignInForm) -> tuple[Account, str]:
    with reading() as beside:
        return services.sign_in(session(), email=form.email.data, password=form.password.data, reading=beside)


def _let_in(found: Account, session_id: str) -> Response:
    sign_in_state.begin(found, session_id)
    response = redirect(safe_next(request.args.get("next")), 303)
    languages.remember(response, found.language)
    return response


def _own_page(form: ChangePasswordForm) -> str:
    return render_template(
        "accounts/own.html", form=form, language_form=LanguageForm(data={"language": account().language}),
        account=account(), tree=unit_tree(), role_names=ROLE_NAMES, role_duties=ROLE_DUTIES,
    )  # fmt: skip


def _slow_down(template: str, form: SignInForm | ResetForm | NewPasswordForm, wait: int) -> Page:
    minutes = -(-wait // 60)
    text = (
        _("For mange forsøk. Vent %(n)s sekunder og prøv igjen.", n=wait) if wait < 60
        else _("For mange forsøk. Vent %(n)s minutter og prøv igjen.", n=minutes)
    )  # fmt: skip
    form.form_errors.append(text)
    return render_template(template, form=form), 429, {"Retry-After": str(wait)}


def _sign_in_subjects(email: str) -> tuple[attempts.Subject, ...]:
    who, network = normal_email(email), _network()
    return (
        (attempts.SIGN_IN_PAIR, f"{who}|{network}"),
        (attempts.SIGN_IN_ACCOUNT, who),
        (attempts.SIGN_IN_ADDRESS, network),
    )


def _network() -> str:
    return attempts.network_of(request.remote_addr)


def _reset_letter(found: Account, token: str) -> tuple[str, str]:
    """Subject and body in the account's own language."""
    with force_locale(found.language):
        subject = _("Velg nytt passord i Surveyor")
        body = _(
            "Hei %(name)s\n\nDu, eller noen andre, har bedt om nytt passord i Surveyor. "
            "Åpne denne lenken for å velge et nytt passord:\n\n%(address)s\n\n"
            "Lenken virker i 60 minutter og kan brukes én gang. "
            "Var det ikke du som ba om den, trenger du ikke gjøre noe.",
            name=found.name, address=link_address(token),
        )  # fmt: skip
    return subject, body
