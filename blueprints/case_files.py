"""Files given as answers: kept while a page is saved, shown where the question stands."""

from uuid import UUID

from flask import abort, request, url_for

from blueprints.access import actor
from blueprints.case_access import form_of
from blueprints.request_scope import session, settings
from forms.answers import PREFIX, AttachedFile, PageForm
from surveyor.cases.evidence import attach_evidence, drop_unnamed_files
from surveyor.cases.models import Case
from surveyor.cases.queries import case_evidence
from surveyor.cases.services import save_answers
from surveyor.errors import DomainError, InvalidInput, Problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Answers


def attach_posted(found: Case, page: str) -> bool:
    """Keep the files chosen on a page; whether there were any. Raises InvalidInput for each bad one."""
    form = form_of(found)
    if page not in form.pages_by_name:
        abort(404)
    uploads = [item.name for item in form.page(page).items if item.type is ItemType.UPLOAD]
    chosen = [
        (name, file) for name in uploads for file in request.files.getlist(PREFIX + name) if file.filename
    ]
    problems: list[Problem] = []
    for name, file in chosen:
        try:
            attach_evidence(
                session(), settings(), case_id=found.id, filename=file.filename or "", content=file.read(),
                item=name, actor=actor(),
            )  # fmt: skip
        except DomainError as refused:
            called = file.filename
            problems += [
                Problem(each.message, each.params, column=called, field=name) for each in refused.problems
            ]
    if problems:
        raise InvalidInput(*problems)
    return bool(chosen)


def save_page(case_id: UUID, rev: int, answers: Answers) -> Case:
    """Keep a page's answers, and erase files they no longer name; raises EditedElsewhere or Refused."""
    drop_unnamed_files(session(), case_id=case_id, answers=answers, actor=actor())
    return save_answers(session(), case_id=case_id, rev=rev, answers=answers, actor=actor())


def with_files(found: Case, form: PageForm) -> PageForm:
    """The form with the files that its answers name, each as it is called and where it is fetched."""
    if has_uploads(form):
        kept = {str(file.id): file for file in case_evidence(session(), case=found)}
        for name, field in form._fields.items():
            named = form.stored.get(name, "").split()
            if field.item.type is ItemType.UPLOAD:
                there = [kept[each] for each in named if each in kept]
                field.files = tuple(
                    _attached(found, str(each.id), each.file_name, each.size) for each in there
                )
                field.n_gone = len(named) - len(there)
    return form


def has_uploads(form: PageForm) -> bool:
    """Whether a page asks for a file."""
    return any(item.type is ItemType.UPLOAD for item in form.page.items)


def _attached(found: Case, file: str, name: str, size: int) -> AttachedFile:
    return AttachedFile(file, name, size, url_for(".evidence", case_id=found.id, evidence_id=file))
