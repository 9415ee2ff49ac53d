"""What the saving script talks to: every change as the draft, what is stored by now, and shared machines."""

from typing import Any

from flask import Response as Page
from flask import jsonify, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from blueprints import languages, shared_devices, visits
from blueprints.access import respondents
from blueprints.parts import parts_in_words
from blueprints.security import sign_csrf
from blueprints.visits import Visit
from forms.answering import number_or_none
from forms.answers import PageForm
from forms.saves import SaveForm, control_values
from surveyor.errors import N_, Refused
from surveyor.fieldwork import answering
from surveyor.instruments.spec import Page as AskedPage


@respondents
def save(handle: str, number: int) -> Page:
    """Keep the changed answers of a page; raises Refused when another window was faster."""
    here, step = visits.visit(handle), SaveForm.read(request.form)
    form = here.form(here.page(number))(request.form, here.answers)
    _require_current(here, step, form)
    kept = visits.keep(here, form.answers)
    told = parts_in_words(kept, form.page)
    return jsonify(rev=kept.entry.draft_rev, unsaved=_left_out(form, kept), parts=told)


@respondents
def saved(handle: str) -> Page:
    """What is stored by now, and the key of the browser's own store; little when nothing is new."""
    here = visits.visit(handle)
    told: dict[str, Any] = {"rev": here.entry.draft_rev, "round": here.entry.rev, "csrf": sign_csrf()}
    if request.args.get("rev") == str(here.entry.draft_rev):
        return jsonify(told)
    pages = _asked_about(here)
    values = {name: value for page in pages for name, value in _values(here, page).items()}
    sides = {item.name: here.number(page) for page in pages for item in page.items}
    store = None if here.is_shared else _store(here)
    told["parts"] = parts_in_words(here, pages[0]) if pages else []
    return jsonify(**told, values=values, sides=sides, until=here.wave.closes.isoformat(), store=store)


@respondents
def parts(handle: str, number: int) -> Page:
    """The list of parts as it is with what a page of the open link says; nothing is kept."""
    here = visits.visit(handle)
    form = here.form(here.page(number))(request.form, here.answers)
    return jsonify(parts=parts_in_words(visits.with_answers(here, form.answers), form.page))


@respondents
def share(handle: str) -> Response:
    """The respondent says that others use the machine too."""
    visits.visit(handle)
    back = redirect(url_for(".welcome", handle=handle, _anchor="delt"), 303)
    shared_devices.choose(back, handle)
    languages.remember_briefly(back)
    return back


@respondents
def unshare(handle: str) -> Response:
    """The machine is the respondent's own after all."""
    visits.visit(handle)
    back = redirect(url_for(".welcome", handle=handle, _anchor="delt"), 303)
    shared_devices.forget(back, handle)
    return back


@respondents
def stay(handle: str) -> tuple[str, int]:
    """Somebody is still there."""
    visits.visit(handle)
    return "", 204


@respondents
def leave(handle: str) -> Response:
    """The visit is over on this machine; the draft waits for the link or the code."""
    here = visits.visit(handle)
    page = render_template("answering/ended.html", was_left="left" in request.form, visit=here)
    return visits.let_out(Response(page, mimetype="text/html"), handle, None)


ROUTES = (
    ("/svar/<handle>/side/<int:number>/lagring", save, "POST"),
    ("/svar/<handle>/side/<int:number>/oversikt", parts, "POST"),
    ("/svar/<handle>/lagring", saved, "GET"),
    ("/svar/<handle>/delt", share, "POST"),
    ("/svar/<handle>/egen", unshare, "POST"),
    ("/svar/<handle>/fortsatt", stay, "POST"),
    ("/svar/<handle>/avslutt", leave, "POST"),
)


def _asked_about(here: Visit) -> list[AskedPage]:
    """The pages the script asks about: one by number, those of some questions, or none; raises NotFound."""
    number, names = number_or_none(request.args.get("side", "")), set(request.args.get("items", "").split())
    if number is not None:
        return [here.page(number)]
    return [page for page in here.questions.pages if names & {item.name for item in page.items}]


def _values(here: Visit, page: AskedPage) -> dict[str, list[str]]:
    return control_values(here.form(page)(answers=here.answers), here.answers)


def _require_current(here: Visit, step: SaveForm, form: PageForm) -> None:
    """Raises Refused when the window has not seen what is stored, or its answer was sent meanwhile."""
    is_stale = step.draft_rev != here.entry.draft_rev and dict(form.answers) != dict(here.answers)
    if here.is_open_link or is_stale or step.seen_round not in (None, here.entry.rev):
        raise Refused(N_("Svarene er endret i et annet vindu."))


def _left_out(form: PageForm, kept: Visit) -> list[str]:
    """Names of the questions whose answers the draft has no room for."""
    named = (item.name for item in form.page.items)
    return [name for name in named if form.answers.get(name, "") != kept.answers.get(name, "")]


def _store(here: Visit) -> dict[str, str]:
    store = answering.browser_store(here.entry)
    return {"name": store.name, "key": store.key.hex()}
