"""What every results page of a unit stands in: title, the way there, units around, sibling pages."""

from flask import url_for
from flask_babel import gettext as _

from blueprints.filters import current_language
from blueprints.request_scope import session
from blueprints.result_access import Place
from blueprints.result_figures import Labels
from blueprints.unit_choices import indented
from forms.results import UnitForm
from surveyor.instruments.queries import questionnaire
from surveyor.releases.spec import WaveRelease

DIRECT_CELLS = 10_000  # about a second; more is written by the worker
MAX_LISTED = 200


def title_of(wave: WaveRelease) -> str:
    """The survey's title in the page's language."""
    return wave.title.get(current_language()) or next(iter(wave.title.values()), wave.survey_code)


def labels_of(wave: WaveRelease) -> Labels:
    """What the wave's questions are called in the page's language."""
    return Labels(questionnaire(session(), version_id=wave.instrument_version_id), current_language())


def frame(place: Place, labels: Labels) -> dict[str, object]:
    """What every page of a unit shows around its figures."""
    return {
        "breadcrumbs": _trail(place),
        "place": place,
        "wave": place.wave,
        "here": place.unit,
        "title": title_of(place.wave),
        "picker": UnitForm(data={"unit": place.unit.code}, choices=_choices(place)),
        "is_large": is_large(place),
        "has_scales": bool(labels.scales()),
        "has_others": bool(labels.other_items()),
        "has_comments": bool(labels.questionnaire.open_items),
        "cuts": cuts_of(place),
        "items_only": items_only(place.wave, labels),
    }


def items_only(wave: WaveRelease, labels: Labels) -> list[str]:
    """Themes that have no index in the wave, in words."""
    return [one.label for one in labels.scales() if one.name in wave.items_only]


def cuts_of(place: Place) -> list[str]:
    """Background items whose groups the unit may show: those of the release, for the highest units only."""
    depth = len(place.sight.tree.path(place.unit.code)) - 1
    return list(place.wave.method.get("cuts", ())) if depth <= place.wave.method.get("cut_levels", 0) else []


def _trail(place: Place) -> list[tuple[str, str]]:
    """The way here from the list of results, down the units one may see."""
    steps = [
        (node.name, url_for("results.unit", wave_code=place.wave.wave_code, code=node.code))
        for node in place.sight.path(place.unit.code)
    ]
    return [(_("Resultater"), url_for("results.index")), *steps]


def _choices(place: Place) -> list[tuple[str, str]]:
    """The units one may see, indented as the tree; of very many only those around this one."""
    sight = place.sight
    nodes = [node for node in sight.tree if node.code in sight.readable]
    if len(nodes) > MAX_LISTED:
        path = {node.code for node in sight.path(place.unit.code)}
        nodes = [node for node in nodes if node.code in path or node.parent in path]
    return indented(nodes, path=sight.path)


def is_large(place: Place) -> bool:
    """Whether a file of the unit and what lies below would keep somebody waiting."""
    n_below = len(place.sight.tree.subtree_codes(place.unit.code))
    return n_below * int(place.wave.method["n_cells"]) > DIRECT_CELLS * len(place.sight.tree)
