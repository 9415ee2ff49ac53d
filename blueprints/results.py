"""Results for leaders and HR: a unit's figures in one wave, over time, how they were made, and as files."""

import io
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from analysis.verdicts import EVIDENCE_P, PRECISION_N, SIZE_G, SIZE_INDEX
from blueprints.access import actor, roles
from blueprints.filters import current_language
from blueprints.request_scope import session, settings
from blueprints.result_access import (
    READERS,
    TAKERS,
    Place,
    Sight,
    require_place,
    require_wave,
    visible_waves,
    waves_of_unit,
)
from blueprints.result_brief import brief
from blueprints.result_figures import History, Labels, Subject, any_hidden, subject_lines, unit_lines
from blueprints.result_frame import frame, is_large, items_only, labels_of, title_of
from blueprints.result_trends import changes
from forms.results import FileForm
from surveyor.exports.queries import ordered_file
from surveyor.exports.reproduction import write_package
from surveyor.exports.results import write_results
from surveyor.exports.services import order_results_file
from surveyor.exports.spec import OrderedFile
from surveyor.instruments.spec import Item
from surveyor.releases import wording
from surveyor.releases.comment_lists import comment_list, released_comments
from surveyor.releases.enums import CellKind
from surveyor.releases.queries import (
    headline_figures,
    item_figures,
    response_rates,
    scale_figure,
    shown_counts,
    shown_units,
    unit_figures,
)
from surveyor.releases.spec import Figure, WaveRelease
from surveyor.texts.spec import K_TEXT
from surveyor.units.spec import UnitNode

bp = Blueprint("results", __name__, url_prefix="/resultater")
PACKAGE_CELLS = 200_000  # a few seconds; larger packages are written on the command line
PAGE_SIZE = 50
VIEWS = ("index", "rest", "last")
FILE_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@bp.get("/")
@roles(*READERS)
def index() -> str:
    surveys: dict[str, list[tuple[Sight, frozenset[str], Mapping[str, object]]]] = {}
    for sight in visible_waves():
        tops = [node.code for node in sight.tops]
        shown = shown_units(session(), release_id=sight.wave.release_id, units=tops)
        rates = response_rates(session(), release_id=sight.wave.release_id, units=tops)
        surveys.setdefault(sight.wave.survey_code, []).append((sight, shown, rates))
    return render_template("results/index.html", surveys=surveys, title_of=title_of)


@bp.get("/<wave_code>")
@roles(*READERS)
def wave(wave_code: str) -> Response:
    sight = require_wave(wave_code)
    code = request.args.get("unit") or sight.tops[0].code
    return redirect(url_for("results.unit", wave_code=wave_code, code=code))


@bp.get("/<wave_code>/enhet/<code>")
@roles(*READERS)
def unit(wave_code: str, code: str) -> str:
    place = require_place(wave_code, code)
    labels, n_pages = labels_of(place.wave), _n_pages(place.children)
    page = min(max(request.args.get("page", 1, type=int), 1), n_pages)
    view = request.args.get("view", VIEWS[0])
    return render_template(
        "results/unit.html", **frame(place, labels), **_overview(place, labels.headlines(), page),
        view=view if view in VIEWS else VIEWS[0], page=page, n_pages=n_pages,
    )  # fmt: skip


@bp.get("/<wave_code>/enhet/<code>/tema/<scale>")
@roles(*READERS)
def scale(wave_code: str, code: str, scale: str) -> str:
    place = require_place(wave_code, code)
    labels = labels_of(place.wave)
    subject = next((one for one in labels.scales() if one.name == scale), None) or abort(404)
    near = place.children[:PAGE_SIZE]
    found = _figures(place.wave, [node.code for node in near], [subject])
    return render_template(
        "results/scale.html",
        **frame(place, labels),
        **_questions(place, labels, labels.items_of(scale)),
        subject=subject,
        figure=scale_figure(session(), release_id=place.wave.release_id, unit=code, scale=scale),
        below=unit_lines([(node.code, node.name) for node in near], subject, found),
        history=_history(place, [subject]),
        teams=wording.teams_sentence(place.wave.holds_between_teams(code, subject.kind, scale)),
    )


@bp.get("/<wave_code>/enhet/<code>/sporsmal")
@roles(*READERS)
def questions(wave_code: str, code: str) -> str:
    place = require_place(wave_code, code)
    labels = labels_of(place.wave)
    return render_template(
        "results/questions.html", **frame(place, labels), **_questions(place, labels, labels.other_items())
    )


@bp.get("/<wave_code>/enhet/<code>/kommentarer")
@roles(*READERS)
def comments(wave_code: str, code: str) -> str:
    place = require_place(wave_code, code)
    labels, page = labels_of(place.wave), request.args.get("page", 1, type=int)
    below = sorted(place.sight.tree.subtree_codes(code))
    lists = [
        (labels.open_label(one.item), comment_list(session(), release=one, unit=code, below=below, page=page))
        for one in released_comments(session(), wave_id=place.wave.wave_id)
    ]
    return render_template("results/comments.html", **frame(place, labels), lists=lists)


@bp.get("/<wave_code>/enhet/<code>/over-tid")
@roles(*READERS)
def over_time(wave_code: str, code: str) -> str:
    place = require_place(wave_code, code)
    labels = labels_of(place.wave)
    history = _history(place, labels.headlines())
    rates = [
        response_rates(session(), release_id=one.release_id, units=[code]).get(code) for one in history.waves
    ]
    figures = [*rates, *(figure for one in history.figures for figure in one.values())]
    return render_template(
        "results/over_time.html", **frame(place, labels), subjects=labels.headlines(), history=history,
        rates=rates, has_hidden=any_hidden(*figures), any_shown=any(one and one.is_shown for one in figures),
        **changes(place, labels, labels.headlines()),
    )  # fmt: skip


@bp.get("/<wave_code>/slik-regner-vi")
@roles(*READERS)
def method(wave_code: str) -> str:
    sight = require_wave(wave_code)
    limits = {"n": PRECISION_N, "points": SIZE_INDEX, "g": SIZE_G, "chance": EVIDENCE_P, **sight.wave.method}
    return render_template(
        "results/method.html", sight=sight, wave=sight.wave, title=title_of(sight.wave), limits=limits,
        verdicts=wording.VERDICTS, counts=shown_counts(session(), release_id=sight.wave.release_id),
        k_text=max(K_TEXT, int(limits["k_spread"])), package=_package_size(sight),
        themes=items_only(sight.wave, labels_of(sight.wave)),
    )  # fmt: skip


@bp.get("/<wave_code>/regn-etter.zip")
@roles(*TAKERS)
def package(wave_code: str) -> Response:
    sight = require_wave(wave_code)
    if not _package_size(sight):
        abort(404)
    out = io.BytesIO()
    write_package(session(), wave_code=wave_code, out=out)
    out.seek(0)
    name = secure_filename(f"{wave_code}-regn-etter") or "regn-etter"
    return send_file(out, "application/zip", as_attachment=True, download_name=f"{name}.zip")


def _package_size(sight: Sight) -> int:
    """Rows in the package; 0 for those who may not take the whole wave, or where it is too large."""
    n_cells = int(sight.wave.method["n_cells"])
    return n_cells if set(sight.tree.nodes) <= sight.takeable and n_cells <= PACKAGE_CELLS else 0


# Files


@bp.get("/<wave_code>/enhet/<code>/fil/<file_format>")
@roles(*TAKERS)
def download(wave_code: str, code: str, file_format: str) -> Response:
    place = require_place(wave_code, code, to_take=True)
    if file_format not in FILE_KINDS or is_large(place):
        abort(404)
    out = io.BytesIO()
    write_results(
        session(), wave_code=wave_code, unit=code, format=file_format, out=out,
        language=current_language(), municipality=settings().municipality,
    )  # fmt: skip
    out.seek(0)
    return _sent(out, place, file_format)


@bp.post("/<wave_code>/enhet/<code>/fil")
@roles(*TAKERS)
def order(wave_code: str, code: str) -> Response:
    place = require_place(wave_code, code, to_take=True)
    form = FileForm(request.form)
    file_format = form.format.data if form.validate() else abort(400)
    order_id = order_results_file(
        session(), wave=place.wave, unit=code, file_format=file_format, language=current_language(),
        actor=actor(),
    )  # fmt: skip
    return redirect(url_for("results.ordered", order_id=order_id))


@bp.get("/filer/<uuid:order_id>")
@roles(*TAKERS)
def ordered(order_id: UUID) -> str:
    file, place = _ordered(order_id)
    return render_template("results/file.html", file=file, **frame(place, labels_of(place.wave)))


@bp.get("/filer/<uuid:order_id>/hent")
@roles(*TAKERS)
def fetch(order_id: UUID) -> Response:
    file, place = _ordered(order_id)
    return _sent(file.path.open("rb"), place, file.format) if file.is_ready else abort(404)


def _ordered(order_id: UUID) -> tuple[OrderedFile, Place]:
    file = ordered_file(session(), settings(), order_id=order_id)
    return file, require_place(file.wave_code, file.unit, to_take=True)


def _sent(content: Any, place: Place, file_format: str) -> Response:
    name = secure_filename(f"{place.wave.wave_code}-{place.unit.code}") or "resultater"
    return send_file(
        content, FILE_KINDS[file_format], as_attachment=True, download_name=f"{name}.{file_format}"
    )


# What the pages share


def _figures(wave: WaveRelease, codes: Sequence[str], subjects: Sequence[Subject]) -> Mapping[Any, Any]:
    if not subjects:
        return {}
    return headline_figures(
        session(), release_id=wave.release_id, units=codes, kind=subjects[0].kind,
        items=[subject.name for subject in subjects],
    )  # fmt: skip


def _overview(place: Place, subjects: Sequence[Subject], page: int) -> dict[str, object]:
    """A unit's own figures, and those of one page of the units below it."""
    near = place.children[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    codes = [place.unit.code, *(node.code for node in near)]
    found = _figures(place.wave, codes, subjects)
    lines = subject_lines(subjects, place.unit.code, found)
    rates = response_rates(session(), release_id=place.wave.release_id, units=codes)
    return {
        "lines": lines,
        "subjects": subjects,
        "matrix": [(node, subject_lines(subjects, node.code, found)) for node in near],
        "rates": rates,
        "has_hidden": any_hidden(*found.values(), *rates.values()),
        "short": brief(lines),
        "unsure": [line for line in lines if _is_unsure(place, line.figure)],
    }


def _is_unsure(place: Place, figure: Figure) -> bool:
    """Whether a sure difference may be chance after all, when the units below are what is drawn."""
    return place.wave.holds_between_teams(figure.unit, figure.kind, figure.item) is False


def _questions(place: Place, labels: Labels, items: Sequence[Item]) -> dict[str, object]:
    """The items of a page: their figures as lines, and how they were answered."""
    found = item_figures(
        session(), release_id=place.wave.release_id, unit=place.unit.code, items=[item.name for item in items]
    )
    scored = [item for item in items if labels.score_range(item)]
    keyed = {(figure.unit, figure.kind, figure.item): figure for figure in found.values()}
    return {
        "lines": subject_lines([labels.item(item) for item in scored], place.unit.code, keyed),
        "reversed_items": {item.name for item in items if item.reverse},
        "has_hidden": any_hidden(*found.values(), *(s for f in found.values() for s in f.shares)),
        "groups": labels.distributions(items, found),
        "ranges": {item.name: labels.score_range(item) for item in scored},
    }


def _history(place: Place, subjects: Sequence[Subject]) -> History:
    """The unit's figures in every wave of the survey."""
    kind = subjects[0].kind if subjects else CellKind.SCALE
    names = [subject.name for subject in subjects]
    waves = waves_of_unit(place)
    found = [
        unit_figures(session(), release_id=wave.release_id, unit=place.unit.code, kind=kind, items=names)
        for wave in waves
    ]
    return History(tuple(waves), tuple(found))


def _n_pages(children: Sequence[UnitNode]) -> int:
    return max(1, -(-len(children) // PAGE_SIZE))
