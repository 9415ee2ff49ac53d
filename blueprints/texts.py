"""Moderating free text: what may name somebody is masked, themes are set, then the comments are released."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from blueprints.access import actor, roles
from blueprints.filters import current_language
from blueprints.request_scope import session
from blueprints.wave_access import holds_whole
from forms.texts import CodeForm, ReleaseForm, ReviewForm, ThemeForm
from surveyor.accounts.enums import Role
from surveyor.campaigns.enums import Audience, WaveOutcome
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import wave_by_code, waves
from surveyor.errors import InvalidInput
from surveyor.instruments.queries import questionnaire_of
from surveyor.releases.comment_lists import moderation
from surveyor.releases.comments import freeze_comments
from surveyor.texts import queries, services
from surveyor.texts.enums import ReviewState
from surveyor.texts.finders import find_marks
from surveyor.texts.spec import Coded, Comment, OpenItem, ThemeRule

bp = Blueprint("texts", __name__, url_prefix="/kommentarer")
MODERATORS = (Role.SURVEY_ADMIN, Role.HR)
LAST_PAGE = 100_000  # no address asks for a row that no database can number
PAGE = 20
TOLD = {
    ReviewState.SHOWN: lazy_gettext("Kommentaren vises."),
    ReviewState.WITHHELD: lazy_gettext("Kommentaren holdes tilbake."),
}


def may_moderate(wave: Wave) -> bool:
    """Survey administrators of every unit of the wave; HR of all of them too, among employees."""
    held = MODERATORS if wave.audience is Audience.EMPLOYEE else (Role.SURVEY_ADMIN,)
    return holds_whole(wave, *held)


def moderated() -> list[tuple[Wave, list[OpenItem]]]:
    """The released waves this account may moderate, with how far each question has come."""
    return [
        (wave, items)
        for wave in waves(session())
        if wave.outcome is WaveOutcome.RELEASED and may_moderate(wave) and (items := _items(wave))
    ]


@bp.get("/")
@roles(*MODERATORS)
def index() -> str:
    return render_template("texts/index.html", waves=moderated(), language=current_language())


@bp.get("/<wave_code>/<item>")
@roles(*MODERATORS)
def queue(wave_code: str, item: str) -> str:
    wave, progress = _place(wave_code, item)
    return _queue_page(wave, progress, None)


@bp.post("/<wave_code>/<item>/<uuid:text_id>/<state>")
@roles(*MODERATORS)
def decide(wave_code: str, item: str, text_id: UUID, state: str) -> Response | tuple[str, int]:
    wave, progress = _open_place(wave_code, item)
    decision = {"vis": ReviewState.SHOWN, "hold-tilbake": ReviewState.WITHHELD}.get(state) or abort(404)
    comment = queries.comment(session(), wave_id=wave.id, item=item, text_id=text_id)
    form = _review_form(comment, request.form)
    if not form.validate():
        return _queue_page(wave, progress, (text_id, form)), 422
    services.decide(
        session(), wave=wave, item=item, text_id=text_id, state=decision, masked=form.masked.data or (),
        words=form.own_words, actor=actor(),
    )  # fmt: skip
    flash(str(TOLD[decision]), "success")
    return redirect(url_for("texts.queue", wave_code=wave_code, item=item))


@bp.get("/<wave_code>/<item>/avgjort")
@roles(*MODERATORS)
def decided(wave_code: str, item: str) -> str:
    wave, progress = _open_place(wave_code, item)
    lists = [
        (state, queries.reviews(session(), wave_id=wave.id, item=item, state=state, page=_page(), limit=PAGE))
        for state in ReviewState
    ]
    n_pages = max(1, -(-max(progress.n_shown, progress.n_withheld) // PAGE))
    return render_template(
        "texts/decided.html", **_frame(wave, progress), lists=lists, page=_page(), n_pages=n_pages
    )


@bp.post("/<wave_code>/<item>/<uuid:text_id>/angre")
@roles(*MODERATORS)
def take_back(wave_code: str, item: str, text_id: UUID) -> Response:
    wave, _progress = _open_place(wave_code, item)
    services.take_back(session(), wave=wave, item=item, text_id=text_id, actor=actor())
    flash(_("Avgjørelsen er angret. Kommentaren venter på gjennomgang igjen."), "success")
    return redirect(url_for("texts.decided", wave_code=wave_code, item=item))


@bp.get("/<wave_code>/<item>/temaer")
@roles(*MODERATORS)
def themes(wave_code: str, item: str) -> str:
    wave, progress = _open_place(wave_code, item)
    return _theme_page(wave, progress, ThemeForm())


@bp.post("/<wave_code>/<item>/temaer")
@roles(*MODERATORS)
def add_theme(wave_code: str, item: str) -> Response | tuple[str, int]:
    (wave, progress), form = _open_place(wave_code, item), ThemeForm(request.form)
    try:
        form.validate_or_refuse()
        services.add_theme(
            session(), wave=wave, item=item, name=form.name.data, keywords=form.keywords.data or "",
            actor=actor(),
        )  # fmt: skip
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _theme_page(wave, progress, form), 422
    return _to_themes(wave_code, item)


@bp.post("/<wave_code>/<item>/temaer/<uuid:theme_id>/slett")
@roles(*MODERATORS)
def remove_theme(wave_code: str, item: str, theme_id: UUID) -> Response:
    wave, _progress = _open_place(wave_code, item)
    services.remove_theme(session(), wave=wave, item=item, theme_id=theme_id, actor=actor())
    return _to_themes(wave_code, item)


@bp.post("/<wave_code>/<item>/<uuid:text_id>/temaer")
@roles(*MODERATORS)
def code(wave_code: str, item: str, text_id: UUID) -> Response:
    wave, _progress = _open_place(wave_code, item)
    rules = queries.themes(session(), wave_id=wave.id, item=item)
    form = _code_form(rules, formdata=request.form)
    chosen = [UUID(one) for one in form.themes.data or ()] if form.validate() else abort(400)
    services.code_comment(
        session(), wave=wave, item=item, text_id=text_id, chosen=chosen, actor=actor()
    )  # fmt: skip
    return redirect(url_for("texts.themes", wave_code=wave_code, item=item, page=_page()) + f"#k-{text_id}")


@bp.get("/<wave_code>/<item>/frigi")
@roles(*MODERATORS)
def releasing(wave_code: str, item: str) -> str:
    return _release_page(*_open_place(wave_code, item), ReleaseForm())


@bp.post("/<wave_code>/<item>/frigi")
@roles(*MODERATORS)
def release(wave_code: str, item: str) -> Response | tuple[str, int]:
    (wave, progress), form = _open_place(wave_code, item), ReleaseForm(request.form)
    if not form.validate():
        return _release_page(wave, progress, form), 422
    freeze_comments(session(), wave=wave, item=item, actor=actor())
    flash(_("Kommentarene er frigitt."), "success")
    return redirect(url_for("texts.index"))


# What the pages share


def _items(wave: Wave) -> list[OpenItem]:
    return moderation(session(), wave=wave, asked=questionnaire_of(wave.instrument_version))


def _place(wave_code: str, item: str) -> tuple[Wave, OpenItem]:
    """A free-text question of a released wave, for those who may moderate it; for others it is not there."""
    wave = wave_by_code(session(), code=wave_code)
    if wave.outcome is not WaveOutcome.RELEASED or not may_moderate(wave):
        abort(404)
    return wave, next((one for one in _items(wave) if one.item == item), None) or abort(404)


def _open_place(wave_code: str, item: str) -> tuple[Wave, OpenItem]:
    """The same while the comments may be read and are not released."""
    wave, progress = _place(wave_code, item)
    return (wave, progress) if progress.has_enough and not progress.is_frozen else abort(404)


def _page() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


def _to_themes(wave_code: str, item: str) -> Response:
    return redirect(url_for("texts.themes", wave_code=wave_code, item=item))


def _frame(wave: Wave, progress: OpenItem) -> dict[str, Any]:
    label = questionnaire_of(wave.instrument_version).text(progress.label, current_language())
    here = (label or progress.item, url_for("texts.queue", wave_code=wave.code, item=progress.item))
    return {
        "wave": wave,
        "progress": progress,
        "label": label or progress.item,
        "breadcrumbs": [(_("Kommentarer"), url_for("texts.index")), here],
        "where": {"wave_code": wave.code, "item": progress.item},
    }


def _review_form(comment: Comment, formdata: Any = None) -> ReviewForm:
    marks = find_marks(comment.body)
    given = {"masked": [mark.key for mark in marks]}
    prefix = f"k{comment.id.hex}"
    form = ReviewForm(formdata, data=given, body=comment.body, marks=marks)
    for field in form:
        field.id = f"{prefix}-{field.name}"
    return form


def _queue_page(wave: Wave, progress: OpenItem, wrong: tuple[UUID, ReviewForm] | None) -> str:
    waiting = []
    if progress.has_enough and not progress.is_frozen:
        waiting = list(queries.waiting_comments(session(), wave_id=wave.id, item=progress.item))
    forms = {comment.id: _review_form(comment) for comment in waiting} | dict([wrong] if wrong else [])
    shown = [(comment, forms[comment.id]) for comment in waiting]
    return render_template("texts/queue.html", **_frame(wave, progress), waiting=shown, states=ReviewState)


def _theme_page(wave: Wave, progress: OpenItem, form: ThemeForm) -> str:
    rules = queries.themes(session(), wave_id=wave.id, item=progress.item)
    coded = queries.coded_comments(session(), wave_id=wave.id, item=progress.item)
    n_pages = max(1, -(-len(coded) // PAGE))
    page = min(_page(), n_pages)
    near = coded[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "texts/themes.html", **_frame(wave, progress), form=form, rules=rules, page=page, n_pages=n_pages,
        counts={rule.id: sum(rule.id in one.themes for one in coded) for rule in rules}, n=len(coded),
        coded=[(one, _code_form(rules, one)) for one in near],
    )  # fmt: skip


def _code_form(rules: tuple[ThemeRule, ...], one: Coded | None = None, formdata: Any = None) -> CodeForm:
    chosen = [str(theme) for theme in one.themes] if one else []
    form = CodeForm(formdata, data={"themes": chosen}, themes=[(str(r.id), r.name) for r in rules])
    if one:
        form.themes.id = f"k{one.id.hex}"
    return form


def _release_page(wave: Wave, progress: OpenItem, form: ReleaseForm) -> str:
    return render_template("texts/release.html", **_frame(wave, progress), form=form)
