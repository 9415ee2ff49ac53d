"""Results of samples: weighted figures beside plain ones, and who answered."""

import io
from collections.abc import Mapping

from flask import Blueprint, abort, render_template, request, send_file
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from analysis.sensitivity import Shift
from blueprints.access import roles
from blueprints.filters import current_language
from blueprints.request_scope import session, settings
from blueprints.result_access import READERS, TAKERS, Place, require_place, require_wave
from blueprints.result_figures import Labels
from blueprints.result_frame import frame, labels_of
from blueprints.result_trends import before_of
from blueprints.sample_words import (
    CAUTIONS,
    NO_EVENNESS,
    VARIABLES,
    category_name,
    group_name,
    report_margins,
    weight_problems,
)
from forms.samples import KINDS
from surveyor.campaigns.enums import SampleKind
from surveyor.exports.samples import sample_file, write_sample_figures
from surveyor.releases.enums import CellKind
from surveyor.releases.sample_queries import (
    Bounds,
    Responses,
    WeightedUnit,
    bounds,
    weighted_changes,
    weighted_unit,
)
from surveyor.releases.sample_queries import responses as responses_of
from surveyor.releases.spec import WeightedRow

bp = Blueprint("sample_results", __name__, url_prefix="/resultater/<wave_code>")
FILE_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@bp.get("/enhet/<code>/vektet")
@roles(*READERS)
def weighted(wave_code: str, code: str) -> str:
    place = require_place(wave_code, code)
    report = place.wave.method.get("weights") or abort(404)
    labels, tree = labels_of(place.wave), place.sight.tree
    found = weighted_unit(session(), release_id=place.wave.release_id, unit=code)
    return render_template(
        "results/weighted.html", **frame(place, labels), report=report,
        kind=KINDS[SampleKind(report["kind"])],
        problems=weight_problems(report, labels, tree), margins=report_margins(report, labels, tree),
        scales=_scales(labels, found.rows), items=_items(labels, found.rows), can_take=_can_take(place),
        changes=_changes(place, found),
        has_hidden=any(row.value is None for rows in found.rows.values() for row in rows.values()),
    )  # fmt: skip


@bp.get("/svar")
@roles(*READERS)
def responses(wave_code: str) -> str:
    place = _whole(wave_code)
    found = responses_of(session(), release_id=place.wave.release_id) or abort(404)
    labels = labels_of(place.wave)
    reason = place.wave.method["responses"]["reason"]
    return render_template(
        "results/responses.html", **frame(place, labels), found=found, can_take=_can_take(place),
        cautions=[CAUTIONS[one] for one in found.cautions], reason=NO_EVENNESS.get(reason, ""),
        variables=VARIABLES, bounds=_bounds(place, found),
        group_name=lambda name, group: group_name(name, group, place.sight.tree),
        asks_bounds="grenser" in request.args,
        has_hidden=any(not group.is_shown for one in found.variables for group in one.groups)
        or None in found.figures.values(),
    )  # fmt: skip


@bp.get("/utvalg/fil/<file_format>")
@roles(*TAKERS)
def download(wave_code: str, file_format: str) -> Response:
    place = _whole(wave_code)
    if file_format not in FILE_KINDS or not _can_take(place):
        abort(404)
    out = _excel(wave_code) if file_format == "xlsx" else _csv(wave_code)
    name = f"{secure_filename(wave_code) or 'resultater'}-utvalg.{file_format}"
    return send_file(out, FILE_KINDS[file_format], as_attachment=True, download_name=name)


def _excel(wave_code: str) -> io.BytesIO:
    return sample_file(
        session(), wave_code=wave_code, language=current_language(), municipality=settings().municipality
    )


def _csv(wave_code: str) -> io.BytesIO:
    out = io.BytesIO()
    write_sample_figures(session(), wave_code=wave_code, format="csv", out=out)
    out.seek(0)
    return out


def _changes(place: Place, found: WeightedUnit) -> Mapping[tuple[CellKind, str], Shift]:
    """Weighted changes since last time, if one may see the unit in that wave."""
    before = before_of(place)
    if before is None or not before.method.get("weights", {}).get("usable"):
        return {}
    return weighted_changes(session(), now=found, before=before.release_id, release_id=place.wave.release_id)


def _whole(wave_code: str) -> Place:
    """The whole wave, for those who may see its root; for others it does not exist."""
    sight = require_wave(wave_code)
    root = sight.tree.root
    if root is None or root.code not in sight.readable:
        abort(404)
    return Place(sight, root)


def _can_take(place: Place) -> bool:
    """Whether the files are for this account: they hold the whole wave's figures."""
    root = place.sight.tree.root
    return root is not None and root.code in place.sight.takeable


def _scales(
    labels: Labels, rows: Mapping[tuple[CellKind, str], Mapping[str, WeightedRow]]
) -> list[tuple[str, WeightedRow]]:
    found = ((one.label, rows.get((CellKind.SCALE, one.name), {}).get("index")) for one in labels.scales())
    return [(label, row) for label, row in found if row is not None]


def _items(
    labels: Labels, rows: Mapping[tuple[CellKind, str], Mapping[str, WeightedRow]]
) -> list[tuple[str, WeightedRow | None, list[tuple[str, WeightedRow]]]]:
    """Each question with its index, and the shares of its options in words."""
    found = []
    for item in labels.questionnaire.substance_items:
        mine = rows.get((CellKind.ITEM, item.name), {})
        shares = [
            (labels.questionnaire.text(option.label, labels.language) or option.code, mine[measure])
            for option in labels.options(item)
            if (measure := f"share:{option.code}") in mine
        ]
        if mine:
            found.append((labels.item(item).label, mine.get("index"), shares))
    return found


def _bounds(place: Place, found: Responses) -> list[tuple[str, str, Bounds]]:
    """On request: each share with what it could be at the least and the most, in words."""
    n_invited = found.figures.get("invited")
    if "grenser" not in request.args or not n_invited:
        return []
    labels = labels_of(place.wave)
    given = bounds(
        session(), release_id=place.wave.release_id, unit=place.unit.code, n_invited=int(n_invited)
    )
    named = []
    for one in given:
        item = labels.questionnaire.item(one.item)
        named.append(
            (labels.item(item).label, category_name(one.item, one.code, labels, place.sight.tree), one)
        )
    return named
