"""Answers on paper keyed by staff: a code, the sheet once, the sheet twice, the differences."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, Signer
from werkzeug.wrappers import Response

from blueprints.access import account, actor, roles, seconds_to_wait
from blueprints.errors import translate
from blueprints.filters import current_language
from blueprints.request_scope import session, settings
from blueprints.wave_access import holds_whole
from forms.keying import DecisionForm, KeyingForm, SheetCodeForm, keying_form_class
from surveyor.accounts.attempts import KEYING_ACCOUNT, Subject, forget_attempts
from surveyor.accounts.enums import Role
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import wave_by_code, waves
from surveyor.errors import N_, DomainError, NotFound, Refused
from surveyor.fieldwork import keying
from surveyor.fieldwork.keying import PaperSheet
from surveyor.instruments.queries import questionnaire_of
from surveyor.invitations.credentials import new_code, normal_code, show_code

bp = Blueprint("keying", __name__, url_prefix="/papirsvar")
KEYERS = (Role.SURVEY_ADMIN, Role.SCORECARD_OFFICE)
Page = Response | str | tuple[str, int]


@bp.get("/")
@roles(*KEYERS)
def index() -> str:
    found = [each for each in waves(session()) if each.state is WaveState.OPEN and holds_whole(each, *KEYERS)]
    titles = {
        each.code: questionnaire_of(each.instrument_version).title_in(current_language()) for each in found
    }
    return render_template("keying/index.html", waves=found, titles=titles)


@bp.get("/<code>")
@roles(*KEYERS)
def wave(code: str) -> str:
    found = _wave(code)
    fresh = show_code(new_code()) if found.open_link and "ny" in request.args else ""
    return _code_page(found, SheetCodeForm(data={"code": fresh}), fresh=fresh)


@bp.post("/<code>/ark")
@roles(*KEYERS)
def begin(code: str) -> Page:
    found, form = _wave(code), SheetCodeForm(request.form)
    written = normal_code(form.code.data or "") if form.validate() else None
    if wait := seconds_to_wait(*_limits()):
        return _code_page(found, form, wait=wait), 429
    try:
        sheet = _sheet(found, written)
    except DomainError as refused:
        form.code.errors = form.code.errors or [translate(problem) for problem in refused.problems]
        return _code_page(found, form), refused.status
    forget_attempts(session(), settings(), *_limits())
    keying.note_keying(session(), wave=found, actor=actor())
    return _sheet_page(found, sheet, _form(sheet)())


@bp.post("/<code>/forste")
@roles(*KEYERS)
def keep(code: str) -> Page:
    found = _wave(code)
    sheet = _ticketed(found)
    form = _form(sheet)(request.form)
    if not form.validate():
        return _sheet_page(found, sheet, form), 422
    if "sikker" not in request.form and (doubts := _doubts(sheet, form)):
        return _sheet_page(found, sheet, form, doubts=doubts)
    keying.keep_first(session(), sheet=sheet, answers=form.answers)
    flash(_("Første tasting er lagret. Legg arket i bunken for andre tasting."), "success")
    return _to(found)


@bp.post("/<code>/andre")
@roles(*KEYERS)
def compare(code: str) -> Page:
    found = _wave(code)
    sheet = _ticketed(found)
    form = _form(sheet)(request.form)
    if not form.validate():
        return _sheet_page(found, sheet, form), 422
    if keying.differences(sheet, form.answers):
        return _differences_page(found, sheet, form, _decisions(sheet, form))
    return _sent(found, sheet, form.answers)


@bp.post("/<code>/send")
@roles(*KEYERS)
def decide(code: str) -> Page:
    found = _wave(code)
    sheet = _ticketed(found)
    form = _form(sheet)(request.form)
    decisions = _decisions(sheet, form, request.form)
    if not (form.validate() and decisions.validate()):
        return _differences_page(found, sheet, form, decisions), 422
    return _sent(found, sheet, decisions.answers)


@bp.post("/<code>/kast")
@roles(*KEYERS)
def discard(code: str) -> Response:
    found = _wave(code)
    keying.drop_first(session(), sheet=_ticketed(found))
    flash(_("Første tasting er kastet. Arket må tastes to ganger på nytt."), "success")
    return _to(found)


def _wave(code: str) -> Wave:
    """The wave, for those who may key for it; for others it does not exist."""
    found = wave_by_code(session(), code=code)
    return found if holds_whole(found, *KEYERS) else abort(404)


def _sheet(wave: Wave, code: str | None) -> PaperSheet:
    if code is None:
        raise NotFound(N_("Koden er ikke riktig. Sjekk arket og prøv igjen."))
    return keying.open_sheet(session(), settings(), wave_code=wave.code, code=code)


def _ticketed(wave: Wave) -> PaperSheet:
    """The sheet whose code was typed on the page before; raises Refused for a page that was not ours."""
    try:
        wave_code, _bar, code = _tickets().unsign(request.form.get("ark", "")).decode().partition("|")
    except BadSignature as error:
        raise Refused(N_("Siden kunne ikke leses. Skriv inn koden på arket på nytt.")) from error
    return _sheet(wave, code if wave_code == wave.code else None)


def _tickets() -> Signer:
    """Only the page where codes are typed, which counts the wrong ones, makes a ticket for a sheet."""
    return Signer([*settings().secret_key_fallbacks, settings().secret_key], salt="surveyor/paper-sheet/v1")


def _limits() -> tuple[Subject, ...]:
    return ((KEYING_ACCOUNT, account().email),)


def _language(sheet: PaperSheet) -> str:
    wanted = current_language()
    return wanted if wanted in sheet.questions.languages else sheet.questions.default_language


def _form(sheet: PaperSheet) -> type[KeyingForm]:
    return keying_form_class(sheet.questions, _language(sheet))


def _doubts(sheet: PaperSheet, form: KeyingForm) -> keying.Doubts:
    return keying.doubts(sheet.questions, form.answers, _language(sheet))


def _decisions(sheet: PaperSheet, form: KeyingForm, formdata: Any = None) -> DecisionForm:
    pairs = [(each.item, each.first, each.second) for each in keying.differences(sheet, form.answers)]
    return DecisionForm(form, pairs, formdata)


def _sent(wave: Wave, sheet: PaperSheet, answers: dict[str, str]) -> Response:
    keying.send_sheet(session(), settings(), sheet=sheet, answers=answers)
    flash(_("Svaret er sendt inn. Legg arket i bunken som skal makuleres."), "success")
    return _to(wave)


def _code_page(wave: Wave, form: SheetCodeForm, *, wait: int = 0, fresh: str = "") -> str:
    waiting = keying.n_waiting_at_least(session(), wave_id=wave.id)
    return render_template(
        "keying/code.html", wave=wave, form=form, wait=wait, fresh=fresh, waiting=waiting, title=_title(wave)
    )


def _sheet_page(wave: Wave, sheet: PaperSheet, form: KeyingForm, **words: object) -> str:
    return render_template("keying/sheet.html", form=form, **_about(wave, sheet), **words)


def _differences_page(wave: Wave, sheet: PaperSheet, form: KeyingForm, decisions: DecisionForm) -> str:
    return render_template("keying/differences.html", form=decisions, keyed=form, **_about(wave, sheet))


def _about(wave: Wave, sheet: PaperSheet) -> dict[str, object]:
    ticket = _tickets().sign(f"{wave.code}|{sheet.code}").decode()
    return {
        "wave": wave, "sheet": sheet, "ticket": ticket, "title": _title(wave), "code": show_code(sheet.code)
    }  # fmt: skip


def _title(wave: Wave) -> str:
    return questionnaire_of(wave.instrument_version).title_in(current_language())


def _to(wave: Wave) -> Response:
    return redirect(url_for("keying.wave", code=wave.code))
