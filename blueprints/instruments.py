"""Questionnaires: imported from files or taken from the catalogue, looked over, and frozen."""

import io

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, public, roles
from blueprints.languages import LANGUAGES
from blueprints.request_scope import session
from blueprints.uploaded import uploaded_file
from forms.answers import page_form_class
from forms.instruments import UploadForm
from surveyor.accounts.enums import Role
from surveyor.errors import N_, InvalidInput, NotFound
from surveyor.instruments import queries, services
from surveyor.instruments.checklist import checklist
from surveyor.instruments.export import export_file
from surveyor.instruments.models import InstrumentVersion
from surveyor.instruments.spec import Page, Questionnaire

bp = Blueprint("instruments", __name__, url_prefix="/skjema")
_KEPT = 86_400
READERS = (Role.ADMIN, Role.SURVEY_ADMIN, Role.HR, Role.CONTROLLER)
AUTHORS = (Role.ADMIN, Role.SURVEY_ADMIN, Role.CONTROLLER)


@bp.context_processor
def _names() -> dict[str, object]:
    """Each language by its own name; a code where the interface does not know it."""
    return {"language_name": lambda code: LANGUAGES.get(code, code)}


@bp.get("/")
@roles(*READERS)
def index() -> str:
    versions = [(v, queries.questionnaire_of(v)) for v in queries.newest_versions(session())]
    taken = {version.instrument.code for version, _q in versions}
    catalogue = [each for each in queries.catalogue() if each.code not in taken]
    return render_template("instruments/index.html", versions=versions, catalogue=catalogue)


@bp.get("/les-inn")
@roles(*AUTHORS)
def upload() -> str:
    return render_template("instruments/upload.html", form=UploadForm(), problems=())


@bp.post("/les-inn")
@roles(*AUTHORS)
def import_file() -> Response | tuple[str, int]:
    form = UploadForm(request.form)
    problems: tuple[object, ...] = ()
    try:
        content, filename = uploaded_file()
        if form.validate():
            return _imported(content, filename, form.code.data or None)
    except InvalidInput as refused:
        problems = tuple(refused.problems)
    return render_template("instruments/upload.html", form=form, problems=problems), 422


def _imported(content: bytes, filename: str, code: str | None) -> Response:
    version = services.import_instrument(session(), file=content, filename=filename, code=code, actor=actor())
    flash(_("Skjemaet er lest inn. Se over sidene før du låser det."), "success")
    return _to(version)


@bp.post("/katalog/<code>")
@roles(*AUTHORS)
def take(code: str) -> Response:
    version = services.import_from_catalogue(session(), code=code, actor=actor())
    flash(_("Skjemaet er hentet fra katalogen som et utkast."), "success")
    return _to(version)


@bp.get("/<code>/<int:number>")
@roles(*READERS)
def show(code: str, number: int) -> str:
    version = queries.version(session(), code=code, number=number)
    return render_template(
        "instruments/show.html",
        version=version,
        versions=queries.versions(session(), code=code),
        questionnaire=queries.questionnaire_of(version),
        notices=queries.notices(version),
        checks=checklist(queries.questionnaire_of(version)),
    )


@bp.get("/<code>/<int:number>/vis/<page>/<language>")
@roles(*READERS)
def preview(code: str, number: int, page: str, language: str) -> str:
    version = queries.version(session(), code=code, number=number)
    questionnaire = queries.questionnaire_of(version)
    shown = _page(questionnaire, page, language)
    form = page_form_class(questionnaire, page, language)(everything=True)
    conditions = [item for item in shown.items if item.relevant]
    return render_template(
        "instruments/preview.html",
        version=version,
        questionnaire=questionnaire,
        page=shown,
        language=language,
        form=form,
        conditions=conditions,
    )


@bp.post("/<code>/<int:number>/laas")
@roles(*AUTHORS)
def freeze(code: str, number: int) -> Response:
    version = queries.version(session(), code=code, number=number)
    services.freeze_version(session(), version=version, actor=actor())
    flash(_("Skjemaet er låst og kan brukes."), "success")
    return _to(version)


@bp.post("/<code>/<int:number>/nytt-utkast")
@roles(*AUTHORS)
def redraft(code: str, number: int) -> Response:
    version = queries.version(session(), code=code, number=number)
    draft = services.redraft_version(session(), version=version, actor=actor())
    flash(_("Et nytt utkast er laget. Den låste versjonen er uendret."), "success")
    return _to(draft)


@bp.get("/<code>/<int:number>/fil")
@roles(*READERS)
def download(code: str, number: int) -> Response:
    version = queries.version(session(), code=code, number=number)
    content = io.BytesIO(version.source_file)
    kind = "application/octet-stream"
    return send_file(content, kind, as_attachment=True, download_name=version.source_name)


@bp.get("/<code>/<int:number>/eksport/<any(xlsx, md):kind>")
@roles(*READERS)
def export(code: str, number: int, kind: str) -> Response:
    version = queries.version(session(), code=code, number=number)
    questionnaire = queries.questionnaire_of(version)
    shown = queries.media_of(session(), questionnaire=questionnaire)
    name, content = export_file(questionnaire, kind=kind, media=shown)
    return send_file(io.BytesIO(content), "application/octet-stream", as_attachment=True, download_name=name)


@bp.get("/medier/<sha256>")
@public
def media(sha256: str) -> Response:
    """Whoever was shown the page knows this address, and nobody can guess it; a browser may keep the file."""
    found = queries.media_file(session(), sha256=sha256)
    content = io.BytesIO(found.content)
    response = send_file(content, found.media_type, etag=found.sha256, max_age=_KEPT, conditional=True)
    response.headers["Cache-Control"] = f"private, max-age={_KEPT}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _page(questionnaire: Questionnaire, name: str, language: str) -> Page:
    """The page to look over; raises NotFound for an unknown page, 404 for a language it is not in."""
    if language not in questionnaire.languages:
        abort(404)
    if name not in questionnaire.pages_by_name:
        raise NotFound(N_("Siden finnes ikke i dette skjemaet."))
    return questionnaire.page(name)


def _to(version: InstrumentVersion) -> Response:
    target = url_for("instruments.show", code=version.instrument.code, number=version.number)
    return redirect(target)
