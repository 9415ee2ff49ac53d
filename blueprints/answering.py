"""What the audiences share: let in, answer, review, send, correct, withdraw. No JavaScript needed."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from blueprints import answering_saves, request_scope, respondent_pages, visit_choices, visits
from blueprints.access import respondents, seconds_to_wait
from blueprints.request_scope import connection, session, settings
from blueprints.visits import Visit
from forms.answering import (
    BACK,
    HERE,
    LATER,
    NEXT,
    PACE,
    REVIEW,
    CodeForm,
    ReceiptForm,
    StepForm,
    SubmissionForm,
)
from forms.answers import PageForm
from surveyor.accounts.attempts import CODE_ADDRESS, CODE_SURVEY, Subject, forget_attempts, network_of
from surveyor.campaigns.enums import Audience
from surveyor.errors import N_, DomainError, InvalidInput, NotFound
from surveyor.fieldwork import answering
from surveyor.fieldwork.answering import Entry, Submission
from surveyor.instruments.routing import page_after, page_before
from surveyor.instruments.spec import Page
from surveyor.invitations.credentials import normal_code
from surveyor.responses.spec import is_too_long

Result = Response | str | tuple[str, int]


@dataclass(frozen=True)
class AudienceSpec:
    """What sets one audience apart: who they are, how they get in, what they are told and asked with."""

    audience: Audience
    url_prefix: str
    who: Any
    purpose: Any
    catalogue: tuple[str, ...]
    k_mean: int = 5
    k_spread: int = 10
    has_open_link: bool = False


def audience_blueprint(name: str, spec: AudienceSpec) -> Blueprint:
    """A blueprint with every answering page of one audience."""
    bp = Blueprint(name, __name__, url_prefix=spec.url_prefix)
    bp.before_request(lambda: setattr(g, "audience", spec))
    bp.before_request(visit_choices.speak)
    bp.context_processor(lambda: {"audience": spec})
    bp.register_error_handler(DomainError, _stopped)
    bp.after_request(visit_choices.remember)
    for rule, view, method in (*_ROUTES, *answering_saves.ROUTES):
        if spec.has_open_link or view is not open_link:
            bp.add_url_rule(rule, view.__name__, view, methods=[method])
    return bp


@respondents
def by_link(token: str) -> Response:
    entry = visits.enter_by_link(token)
    return visits.let_in(visits.LINK, token, language=visits.language_for(entry))


@respondents
def code_entry() -> str:
    return render_template("answering/code.html", form=CodeForm())


@respondents
def by_code() -> Result:
    form = CodeForm(request.form)
    code = normal_code(form.code.data or "") if form.validate() else None
    if code and (wait := seconds_to_wait(*_code_limits())):
        return render_template("answering/code.html", form=form, wait=wait), 429
    try:
        if code is None:
            raise NotFound(_("Koden er ikke riktig. Sjekk brevet og prøv igjen."))
        entry = _entry_by_code(code)
    except NotFound as wrong:
        form.code.errors = form.code.errors or [_(wrong.problems[0].message)]
        return render_template("answering/code.html", form=form), 422
    return visits.let_in(visits.CODE, code, language=visits.language_for(entry))


@respondents
def open_link(wave_code: str) -> Response | str:
    wave = answering.enter_open_link(session(), wave_code=wave_code, secret="-").wave
    visits.require_audience(wave)
    answering.require_open(wave)
    if visits.has_answered_here(wave_code) and "ny" not in request.args:
        return render_template("answering/answered_here.html", wave=wave)
    return visits.let_in(visits.OPEN, f"{wave_code}|{visits.new_secret()}")


@respondents
def welcome(handle: str) -> str:
    here = visits.visit(handle)
    if here.entry.has_answered and not here.has_draft:
        return render_template("answering/answered.html", visit=here)
    return respondent_pages.show_welcome(here)


@respondents
def page(handle: str, number: int) -> Response | str:
    here = visits.visit(handle)
    shown = here.page(number)
    if here.is_open_link and number > 1:  # the answers so far were in the page before, which has been left
        return redirect(url_for(".page", handle=handle, number=1), 303)
    return respondent_pages.show_page(here, shown, came_from=request.args.get("fra", ""))


@respondents
def answer(handle: str, number: int) -> Result:
    here, step = visits.visit(handle), StepForm.read(request.form)
    shown = here.page(number)
    form = here.form(shown)(request.form, here.answers)
    step = replace(step, to=HERE) if form.turned_at else step
    if _was_overtaken(here, step, form):
        return respondent_pages.show_page(here, shown, form, came_from=step.came_from, conflict=True), 409
    if _is_wrong(form, step):
        overview = visits.with_answers(here, form.answers, form.reached)
        return respondent_pages.show_page(overview, shown, form, came_from=step.came_from), 422
    here = visits.keep(here, form.answers, form.reached)
    if step.to == PACE:
        return respondent_pages.go_on_at_other_pace(here, shown, came_from=_kept_origin(step))
    target, origin = _target(here, shown, step), _kept_origin(step)
    return respondent_pages.go(here, target, came_from=origin, at=form.turned_at)


@respondents
def kept(handle: str) -> str:
    return render_template("answering/kept.html", visit=visits.visit(handle))


@respondents
def review(handle: str) -> Response | str:
    here = visits.visit(handle)
    if here.is_open_link:
        return redirect(url_for(".page", handle=handle, number=1), 303)
    return respondent_pages.show_review(here)


@respondents
def change(handle: str) -> Response | str:
    """From the review to a question or a page, or the review in another language."""
    here, step = visits.visit(handle), StepForm.read(request.form)
    if step.question:
        place = str(here.number(here.page_with(step.question)))
        return respondent_pages.go(here, place, came_from=REVIEW, at=step.to)
    number = step.page_number
    target = REVIEW if number is None else str(here.number(here.landing(number)))
    return respondent_pages.go(here, target, came_from=REVIEW)


@respondents
def submit(handle: str) -> Result:
    form, here = SubmissionForm.read(request.form), None
    submission = _submission(form)
    try:
        here = visits.visit(handle)
        _send(here, submission)
    except DomainError as refused:
        request_scope.roll_back()
        if visits.was_received(submission):  # pressed twice, or the first answer never reached the browser
            return _receipt(handle, submission, here)
        if here and isinstance(refused, InvalidInput):
            return respondent_pages.show_review(here, form), 422
        raise
    return _receipt(handle, submission, here)


@respondents
def ask_withdrawal(handle: str) -> str:
    return render_template("answering/withdraw.html", visit=visits.visit(handle))


@respondents
def withdraw(handle: str) -> Response:
    here = visits.visit(handle)
    answering.withdraw_answers(connection(), entry=here.entry)
    request_scope.commit()
    page = Response(render_template("answering/withdrawn.html"), mimetype="text/html")
    return visits.let_out(page, handle, None)


@respondents
def protection(wave_code: str) -> str:
    wave = answering.asked_wave(session(), code=wave_code)
    visits.require_audience(wave)
    return render_template("answering/protection.html", wave=wave)


@respondents
def receipt_entry() -> str:
    return render_template("answering/receipt_entry.html", form=ReceiptForm())


@respondents
def withdraw_by_receipt() -> Result:
    form = ReceiptForm(request.form)
    if (wait := seconds_to_wait(*_code_limits())) > 0:
        return render_template("answering/receipt_entry.html", form=form, wait=wait), 429
    try:
        if not form.validate() or form.receipt_code is None:
            raise NotFound(_("Koden er ikke riktig. Den har 16 tegn, i fire grupper."))
        answering.withdraw_by_receipt(session(), settings(), code=form.receipt_code)
    except NotFound as wrong:
        form.code.errors = form.code.errors or [_(wrong.problems[0].message)]
        return render_template("answering/receipt_entry.html", form=form), 422
    forget_attempts(session(), settings(), *_code_limits())  # or a row would tell who came at this minute
    return render_template("answering/withdrawn.html", is_opened=True)


_ROUTES = (
    ("/s/<token>", by_link, "GET"),
    ("/kode", code_entry, "GET"),
    ("/kode", by_code, "POST"),
    ("/aapen/<wave_code>", open_link, "GET"),
    ("/svar/<handle>", welcome, "GET"),
    ("/svar/<handle>/side/<int:number>", page, "GET"),
    ("/svar/<handle>/side/<int:number>", answer, "POST"),
    ("/svar/<handle>/lagret", kept, "GET"),
    ("/svar/<handle>/kontroll", review, "GET"),
    ("/svar/<handle>/kontroll", change, "POST"),
    ("/svar/<handle>/send", submit, "POST"),
    ("/svar/<handle>/trekk", ask_withdrawal, "GET"),
    ("/svar/<handle>/trekk", withdraw, "POST"),
    ("/beskyttelse/<wave_code>", protection, "GET"),
    ("/kvittering", receipt_entry, "GET"),
    ("/kvittering", withdraw_by_receipt, "POST"),
)


def _stopped(error: DomainError) -> tuple[str, int]:
    """Why somebody cannot go on, and what to do instead."""
    request_scope.roll_back()
    page = render_template("answering/stopped.html", problems=error.problems, status=error.status)
    return page, error.status


def _entry_by_code(code: str) -> Entry:
    entry = answering.enter_by_code(session(), settings(), code=code)
    if entry.wave.audience != g.audience.audience:
        raise NotFound(N_("Koden er ikke riktig. Sjekk brevet og prøv igjen."))
    forget_attempts(session(), settings(), *_code_limits())
    return entry


def _code_limits() -> tuple[Subject, ...]:
    address = network_of(request.remote_addr)
    return (CODE_ADDRESS, address), (CODE_SURVEY, g.audience.audience)


def _was_overtaken(here: Visit, step: StepForm, form: PageForm) -> bool:
    """Another window has saved since this page was drawn, and this page says something else."""
    is_stale = not here.is_open_link and step.draft_rev != here.entry.draft_rev
    return is_stale and dict(form.answers) != dict(here.answers)


def _is_wrong(form: PageForm, step: StepForm) -> bool:
    """Going on needs good answers; every other way needs only that no text would be lost."""
    if (step.to or NEXT) == NEXT:
        return not form.validate()
    return any(is_too_long(value) for value in form.answers.values()) and not form.validate()


def _target(here: Visit, shown: Page, step: StepForm) -> str:
    """Where to go from a page: a page's number, the review, or the page that says it is kept."""
    to = step.to or NEXT
    if to == NEXT:
        following = page_after(here.questions, shown.name, here.now)
        found = here.unfinished_page() if step.came_from == REVIEW else following
    elif to == BACK:
        found = page_before(here.questions, shown.name, here.now) or shown
    elif to == LATER and not here.is_open_link:
        return LATER
    elif (number := step.page_number) is not None:
        found = here.landing(number)
    else:
        found = shown
    return str(here.number(found)) if found else REVIEW


def _kept_origin(step: StepForm) -> str:
    return REVIEW if step.came_from == REVIEW else ""


def _submission(form: SubmissionForm) -> Submission:
    """The marks of the review page; raises InvalidInput for a page that was not ours."""
    if form.submission_id is None or form.owner_id is None or form.receipt_code is None:
        raise InvalidInput(_("Siden kunne ikke leses. Gå tilbake til lenken og prøv igjen."))
    return Submission(form.submission_id, form.owner_id, form.receipt_code, form.seen_rev)


def _send(here: Visit, submission: Submission) -> None:
    answering.submit_answers(
        connection(),
        settings(),
        entry=here.entry,
        questionnaire=here.questions,
        answers=here.answers,
        submission=submission,
        language=here.language,
    )
    request_scope.commit()  # the receipt is shown only for what is stored


def _receipt(handle: str, submission: Submission, here: Visit | None) -> Response:
    body = respondent_pages.show_receipt(submission.receipt_code)
    return visits.let_out(Response(body, mimetype="text/html"), handle, here.wave if here else None)
