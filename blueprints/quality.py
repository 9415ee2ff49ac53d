"""How good a questionnaire is and what hangs together in it: for HR and controllers, never for leaders."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from analysis.verdicts import ALPHA_CAUTION, ALPHA_GOOD, RANKABLE
from blueprints.access import actor, granted_units, roles
from blueprints.errors import translate
from blueprints.filters import current_language
from blueprints.quality_figures import (
    alphas_over_time,
    drivers_of,
    keyed,
    norm_lines,
    scale_lines,
    scale_matrix,
)
from blueprints.request_scope import session, settings
from blueprints.result_access import tree_on
from blueprints.result_figures import Labels
from blueprints.result_frame import labels_of, title_of
from blueprints.uploaded import uploaded_file
from forms.quality import NormForm
from forms.results import UnitForm
from surveyor.accounts.enums import Role
from surveyor.errors import InvalidInput, Problem
from surveyor.exports.quality import quality_file
from surveyor.norms.queries import benchmark_of
from surveyor.norms.services import import_norm
from surveyor.releases import quality_wording
from surveyor.releases.figures import figures
from surveyor.releases.moment_queries import moment_rows, moment_units
from surveyor.releases.queries import cells_of, release_tree, released_waves
from surveyor.releases.spec import WaveRelease

bp = Blueprint("quality", __name__, url_prefix="/kvalitet")
JUDGES = (Role.HR, Role.SURVEY_ADMIN, Role.CONTROLLER)
KEEPERS = (Role.HR, Role.SURVEY_ADMIN)
MOST_WAVES = 6
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/")
@roles(*JUDGES)
def index() -> str:
    waves = [wave for wave in released_waves(session()) if _units(wave)]
    return render_template("quality/index.html", waves=waves, title_of=title_of)


@bp.get("/<wave_code>")
@roles(*JUDGES)
def wave(wave_code: str) -> str:
    return _page(_wave(wave_code), NormForm())


@bp.get("/<wave_code>/fil")
@roles(*JUDGES)
def download(wave_code: str) -> Response:
    found = _wave(wave_code)
    out = quality_file(
        session(), wave=found, units=[code for code, _name in _units(found)], language=current_language(),
        municipality=settings().municipality,
    )  # fmt: skip
    name = secure_filename(f"{wave_code}-kvalitet") or "kvalitet"
    return send_file(out, XLSX, as_attachment=True, download_name=f"{name}.xlsx")


@bp.post("/<wave_code>/sammenligningstall")
@roles(*KEEPERS)
def read_norm(wave_code: str) -> Response | tuple[str, int]:
    found, form = _wave(wave_code, to_keep=True), NormForm(request.form)
    if not form.validate():
        return _page(found, form), 422
    try:
        report = _import(found, form)
    except InvalidInput as refused:
        return _page(found, form, refused.problems), 422
    flash(" ".join(translate(line) for line in report), "success")
    return redirect(url_for("quality.wave", wave_code=wave_code) + "#andre")


def _import(found: WaveRelease, form: NormForm) -> Sequence[Problem]:
    """Store the uploaded benchmark for the wave's survey; raises InvalidInput."""
    content, filename = uploaded_file()
    return import_norm(
        session(), survey_id=found.survey_id, questionnaire=labels_of(found).questionnaire,
        title=form.title.data, file=content, filename=filename, actor=actor(),
        own=settings().municipality,
    ).lines  # fmt: skip


def _wave(code: str, *, to_keep: bool = False) -> WaveRelease:
    """The wave; 404 unless one may judge some unit of it, or keep what the whole of it is held against."""
    found = next((one for one in released_waves(session()) if one.wave_code == code), None) or abort(404)
    if not _units(found) or (to_keep and not _keeps(found)):
        abort(404)
    return found


def _units(wave: WaveRelease) -> list[tuple[str, str]]:
    """Units with such figures that one may judge, as (code, name), the highest first."""
    mine = granted_units(*JUDGES, tree=tree_on(wave.opens))
    there = moment_units(session(), release_id=wave.release_id) & mine
    nodes = [node for node in release_tree(session(), wave_id=wave.wave_id) if node.code in there]
    return [(node.code, node.name) for node in nodes]


def _roots(wave: WaveRelease) -> list[str]:
    return [node.code for node in release_tree(session(), wave_id=wave.wave_id) if node.parent is None]


def _keeps(wave: WaveRelease) -> bool:
    """Whether one may say what the whole wave is held against."""
    return set(_roots(wave)) <= granted_units(*KEEPERS, tree=tree_on(wave.opens))


def _page(wave: WaveRelease, form: NormForm, problems: Sequence[Problem] = ()) -> str:
    labels, units = labels_of(wave), _units(wave)
    code = request.args.get("unit", units[0][0])
    here = next((unit for unit in units if unit[0] == code), None) or abort(404)
    rows = keyed(moment_rows(session(), release_id=wave.release_id, units=[code]))
    about = wave.method["moments"]
    return render_template(
        "quality/wave.html", wave=wave, title=title_of(wave), here=here, about=about,
        picker=UnitForm(data={"unit": code}, choices=units),
        scales=scale_lines(labels, rows), matrix=scale_matrix(labels, rows, _("Temaene")),
        drivers=drivers_of(labels, rows, about["outcome"]),
        limits={"good": ALPHA_GOOD, "caution": ALPHA_CAUTION, "rankable": RANKABLE},
        **_norms(wave, labels, code), **_over_time(wave, labels, code),
        form=form, problems=problems, may_keep=_keeps(wave), words=quality_wording,
    )  # fmt: skip


def _norms(wave: WaveRelease, labels: Labels, code: str) -> dict[str, object]:
    """What is usual elsewhere, beside the top unit's own."""
    benchmark = benchmark_of(session(), survey_id=wave.survey_id)
    if code not in _roots(wave):
        return {"is_top": False, "benchmark": None, "norms": []}
    found = figures(cells_of(session(), release_id=wave.release_id, units=[code])) if benchmark else {}
    lines = norm_lines(labels, benchmark, code, found) if benchmark else []
    return {"is_top": True, "benchmark": benchmark, "norms": lines}


def _over_time(wave: WaveRelease, labels: Labels, code: str) -> dict[str, object]:
    """Reliability in the survey's latest waves, the oldest first; nothing for a single one."""
    waves = [one for one in released_waves(session(), survey_id=wave.survey_id) if one.closes <= wave.closes]
    waves = [one for one in waves[:MOST_WAVES] if code in dict(_units(one))][::-1]
    if len(waves) < 2:
        return {"waves": [], "alphas": []}
    rows = [keyed(moment_rows(session(), release_id=one.release_id, units=[code])) for one in waves]
    return {"waves": waves, "alphas": alphas_over_time(labels, rows)}
