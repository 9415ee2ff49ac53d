"""One case: the unit fills its form page by page and hands it in; the controller returns or approves it."""

import io
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, roles
from blueprints.case_access import case_for, case_to_read, form_language, form_of, sides, translate
from blueprints.case_files import attach_posted, has_uploads, save_page, with_files
from blueprints.errors import translate as words_of
from blueprints.locating import let_locate
from blueprints.request_scope import roll_back, session, settings
from blueprints.uploaded import uploaded_file
from forms.answers import AnswerField, PageForm, page_form_class
from forms.cases import BACK, HERE, LATER, NEXT, ApproveForm, EvidenceForm, ReturnForm, StepForm
from surveyor.cases.enums import CaseStep, Party
from surveyor.cases.evidence import attach_evidence, detach_evidence, drop_unasked_files, stored_evidence
from surveyor.cases.marks import marks
from surveyor.cases.models import Case
from surveyor.cases.policy import FILLERS, FOLLOWERS, READERS
from surveyor.cases.queries import (
    account_names,
    case_deviations,
    case_events,
    case_evidence,
    case_row,
    evidence_by_id,
    last_revision,
)
from surveyor.cases.services import approve_case, return_case, submit_case
from surveyor.cases.spec import EditedElsewhere
from surveyor.cases.workflow import WITH_UNIT, next_state, steps_from
from surveyor.errors import DomainError, InvalidInput
from surveyor.exports.case_archive import case_archive
from surveyor.instruments.answers import short_label
from surveyor.instruments.enums import ItemType
from surveyor.instruments.routing import asked_pages, next_page, previous_page, progress, validate_all
from surveyor.instruments.spec import Answers, Page, Questionnaire
from surveyor.uploads import MEDIA_TYPES

Result = Response | tuple[str, int]
_DOWNLOAD_CSP = "default-src 'none'; sandbox"


@roles(*READERS)
def case(case_id: UUID) -> str:
    return _case_page(case_to_read(case_id))


@roles(*FILLERS)
def page(case_id: UUID, name: str) -> str:
    found = case_for(case_id, CaseStep.SAVE)
    form = _page_form(found, name)
    if request.args.get("feil"):
        form.validate()  # files were kept, so that the page was fetched anew with what is wrong
    return _question_page(found, form)


@roles(*FILLERS)
def save(case_id: UUID, name: str) -> Result:
    found, step = case_for(case_id, CaseStep.SAVE), StepForm(request.form)
    try:
        has_files = attach_posted(found, name)
    except InvalidInput as refused:
        roll_back()
        return _refused_page(case_to_read(case_id), name, refused), 422
    form, to = _page_form(found, name), step.to.data or NEXT
    is_good = form.validate()
    if to == NEXT and not (is_good or form.appeared or has_files):
        return _question_page(found, form), 422
    try:
        rev = step.rev.data if step.validate() else -1
        found = save_page(case_id, rev, form.answers)
    except EditedElsewhere:
        roll_back()
        return _conflict_page(case_to_read(case_id), name), 409
    return redirect(_after(found, form, to, is_good=is_good))


@roles(*FILLERS)
def review(case_id: UUID) -> str:
    return _review_page(case_for(case_id, CaseStep.SUBMIT))


@roles(*FILLERS)
def submit(case_id: UUID) -> Result:
    found, step = case_for(case_id, CaseStep.SUBMIT), StepForm(request.form)
    language = form_language(form_of(found))
    try:
        rev = step.rev.data if step.validate() else -1
        drop_unasked_files(session(), case_id=case_id, actor=actor())
        submit_case(session(), case_id=case_id, rev=rev, actor=actor(), language=language)
    except (InvalidInput, EditedElsewhere) as refused:
        is_edited = isinstance(refused, EditedElsewhere)
        return _review_page(case_to_read(case_id), is_edited=is_edited), refused.status
    flash(_("Skjemaet er levert."), "success")
    return redirect(url_for(".case", case_id=case_id))


@roles(*FOLLOWERS)
def send_back(case_id: UUID) -> Result:
    found, form = case_for(case_id, CaseStep.RETURN), ReturnForm(request.form)
    if not form.validate():
        return _case_page(found, send_back=form), 422
    return_case(
        session(), settings(), case_id=case_id, comment=form.comment.data, actor=actor(), translate=translate
    )
    flash(_("Skjemaet er sendt tilbake til enheten."), "success")
    return redirect(url_for(".case", case_id=case_id))


@roles(*FOLLOWERS)
def approve(case_id: UUID) -> Result:
    found, form = case_for(case_id, CaseStep.APPROVE), ApproveForm(request.form)
    if not form.validate():
        return _case_page(found, approve=form), 422
    approve_case(session(), case_id=case_id, comment=form.comment.data or "", actor=actor())
    flash(_("Skjemaet er godkjent."), "success")
    return redirect(url_for(".case", case_id=case_id))


@roles(*FILLERS)
def attach(case_id: UUID) -> Result:
    form = _evidence_form(case_for(case_id, CaseStep.ATTACH))
    try:
        form.validate_or_refuse()
        content, filename = uploaded_file()
        attach_evidence(
            session(), settings(), case_id=case_id, filename=filename, content=content, item=form.item.data,
            actor=actor(),
        )  # fmt: skip
    except DomainError as refused:
        form.file.errors = [words_of(problem) for problem in refused.problems]
        return _case_page(case_to_read(case_id), attach=form), refused.status
    flash(_("Filen er lagt ved."), "success")
    return redirect(url_for(".case", case_id=case_id, _anchor="vedlegg"))


@roles(*FILLERS)
def detach(case_id: UUID, evidence_id: UUID) -> Response:
    case_for(case_id, CaseStep.DETACH)
    detach_evidence(session(), case_id=case_id, evidence_id=evidence_id, actor=actor())
    flash(_("Filen er fjernet."), "success")
    return redirect(url_for(".case", case_id=case_id, _anchor="vedlegg"))


@roles(*READERS)
def evidence(case_id: UUID, evidence_id: UUID) -> Response:
    found = evidence_by_id(session(), case=case_to_read(case_id), evidence_id=evidence_id)
    path = stored_evidence(settings(), evidence=found)
    response = send_file(path, mimetype=found.media_type, as_attachment=True, download_name=found.file_name)
    response.headers["Content-Security-Policy"] = _DOWNLOAD_CSP
    return response


@roles(*READERS)
def download(case_id: UUID) -> Response:
    found = case_to_read(case_id)
    answers, _ = _answers_to_read(found, is_own=Party.UNIT in sides(found))
    language = form_language(form_of(found))
    content = case_archive(session(), settings(), case=found, answers=answers, language=language)
    return send_file(io.BytesIO(content), "application/zip", as_attachment=True, download_name="skjema.zip")


def _case_page(found: Case, **forms: ReturnForm | ApproveForm | EvidenceForm) -> str:
    own, form = sides(found), form_of(found)
    answers, made_at = _answers_to_read(found, is_own=Party.UNIT in own)
    events = case_events(session(), case=found)
    emails = {event.by for event in events}
    shown = {"send_back": ReturnForm(), "approve": ApproveForm(), "attach": _evidence_form(found), **forms}
    return render_template(
        "casework/case.html", case=found, row=case_row(session(), case=found), form=form, made_at=made_at,
        steps=steps_from(found.state, own), pages=_page_forms(found, form, answers), low=_low(form, answers),
        first=next(iter(asked_pages(form, found.answers)), None), events=events,
        names=account_names(session(), emails=emails), evidence=case_evidence(session(), case=found),
        item_labels=dict(_item_choices(form)), deviations=case_deviations(session(), case=found), forms=shown,
        accept=",".join(f".{kind}" for kind in MEDIA_TYPES),
    )  # fmt: skip


def _answers_to_read(found: Case, *, is_own: bool) -> tuple[Answers, object]:
    """The unit sees its draft; everyone else what was last submitted, if anything."""
    revision = last_revision(session(), case=found)
    if is_own and found.state in WITH_UNIT:
        return found.answers, None
    return (revision.answers, revision.made_at) if revision else ({}, None)


def _page_form(found: Case, name: str) -> PageForm:
    """The form of a page, bound to what was posted; 404 for an unknown page, Refused when handed in."""
    form = form_of(found)
    next_state(found.state, CaseStep.SAVE)
    if name not in form.pages_by_name:
        abort(404)
    posted = request.form if request.method == "POST" else None
    return with_files(found, page_form_class(form, name, form_language(form))(posted, found.answers))


def _refused_page(found: Case, name: str, refused: InvalidInput) -> str:
    form = _page_form(found, name)
    for problem in refused.problems:
        field = form[problem.field]
        field.errors = [*field.errors, f"{problem.column}: {words_of(problem)}"]
    return _question_page(found, form)


def _question_page(found: Case, form: PageForm, **conflict: object) -> str:
    step = progress(form.questionnaire, form.page.name, form.answers)
    if asks_for_place := any(item.type is ItemType.GEOPOINT for item in form.page.items):
        let_locate()
    rev = conflict.pop("rev", request.form.get("rev", found.rev))
    return render_template(
        "casework/page.html", case=found, has_uploads=has_uploads(form),
        asks_for_place=asks_for_place, row=case_row(session(), case=found), form=form, progress=step,
        rev=rev, heading=form.questionnaire.text(form.page.label, form.language), **conflict,
    )  # fmt: skip


def _conflict_page(found: Case, name: str) -> str:
    """What was written here stays in the form; what the other one saved stands beside it."""
    form = _page_form(found, name)
    theirs = with_files(found, page_form_class(form.questionnaire, name, form.language)(None, found.answers))
    pairs = [(field.label.text, _said(theirs[key]), _said(field)) for key, field in form._fields.items()]
    differing = [pair for pair in pairs if pair[1] != pair[2]]
    return _question_page(found, form, rev=found.rev, differing=differing, is_conflict=True)


def _said(field: AnswerField) -> str:
    if field.files:
        return ", ".join(file.name for file in field.files)
    chosen = [choice.label for choice in field.iter_choices() if choice.selected]
    return ", ".join(chosen) or field._value()


def _after(found: Case, page_form: PageForm, to: str, *, is_good: bool) -> str:
    form, name = page_form.questionnaire, page_form.page.name
    if to == LATER:
        flash(_("Utkastet er lagret. Du kan fortsette når du vil."), "success")
        return url_for(".case", case_id=found.id)
    if to == HERE or (to == NEXT and not is_good):
        if page_form.appeared:
            flash(_("Svaret gjør at det er litt mer å svare på."), "info")
        is_wrong = to == NEXT and bool(page_form.errors)
        return url_for(".page", case_id=found.id, name=name, feil="1" if is_wrong else None)
    turn = previous_page if to == BACK else next_page
    target = turn(form, name, found.answers)
    if target is None:
        return url_for(".case" if to == BACK else ".review", case_id=found.id)
    return url_for(".page", case_id=found.id, name=target.name)


def _review_page(found: Case, *, is_edited: bool = False) -> str:
    next_state(found.state, CaseStep.SUBMIT)
    form = form_of(found)
    problems = validate_all(form, found.answers, form_language(form))
    page_of = {item.name: item.page for item in form.all_items}
    return render_template(
        "casework/review.html", case=found, row=case_row(session(), case=found), form=form, page_of=page_of,
        pages=_page_forms(found, form, found.answers), problems=problems, low=_low(form, found.answers),
        is_edited=is_edited,
    )  # fmt: skip


def _page_forms(found: Case, form: Questionnaire, answers: Answers) -> list[tuple[Page, PageForm]]:
    language = form_language(form)
    pages = asked_pages(form, answers) if answers else ()
    return [
        (each, with_files(found, page_form_class(form, each.name, language)(None, answers))) for each in pages
    ]


def _low(form: Questionnaire, answers: Answers) -> frozenset[str]:
    return frozenset(mark.item.name for mark in marks(form, answers) if mark.is_low)


def _item_choices(form: Questionnaire) -> list[tuple[str, str]]:
    language = form_language(form)
    uploads = (item for item in form.all_items if item.type is ItemType.UPLOAD)
    return [(item.name, short_label(form, item, language)) for item in (*form.scored_items, *uploads)]


def _evidence_form(found: Case) -> EvidenceForm:
    return EvidenceForm(request.form or None, items=_item_choices(form_of(found)))


ROUTES = (
    ("/skjema/<uuid:case_id>", case, "GET"),
    ("/skjema/<uuid:case_id>/last-ned", download, "GET"),
    ("/skjema/<uuid:case_id>/side/<name>", page, "GET"),
    ("/skjema/<uuid:case_id>/side/<name>", save, "POST"),
    ("/skjema/<uuid:case_id>/se-over", review, "GET"),
    ("/skjema/<uuid:case_id>/lever", submit, "POST"),
    ("/skjema/<uuid:case_id>/send-tilbake", send_back, "POST"),
    ("/skjema/<uuid:case_id>/godkjenn", approve, "POST"),
    ("/skjema/<uuid:case_id>/vedlegg", attach, "POST"),
    ("/skjema/<uuid:case_id>/vedlegg/<uuid:evidence_id>", evidence, "GET"),
    ("/skjema/<uuid:case_id>/vedlegg/<uuid:evidence_id>/fjern", detach, "POST"),
)
