"""Results by background group: every theme of a unit for the groups of one background question."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template

from blueprints.access import roles
from blueprints.request_scope import session
from blueprints.result_access import READERS, Place, require_place
from blueprints.result_figures import Labels, Line, Subject, any_hidden
from blueprints.result_frame import cuts_of, frame, labels_of
from surveyor.releases import wording
from surveyor.releases.enums import CellKind, Verdict
from surveyor.releases.figures import Key
from surveyor.releases.queries import cut_figures
from surveyor.releases.spec import Figure

bp = Blueprint("result_groups", __name__, url_prefix="/resultater")


@dataclass(frozen=True)
class Comparison:
    """One theme or question: its figure in every group, and what may be said of them together."""

    subject: Subject
    lines: tuple[Line, ...]

    @property
    def overall(self) -> wording.Sentence:
        """Whether the groups differ at all, from what is said of each against the others."""
        return wording.groups_sentence(line.figure.rest for line in self.lines)

    @property
    def outstanding(self) -> list[Line]:
        """Groups that are clearly or possibly higher or lower than the others."""
        told = (Verdict.HIGHER, Verdict.LOWER, Verdict.POSSIBLE)
        return [line for line in self.lines if line.figure.rest and line.figure.rest.verdict in told]


@bp.get("/<wave_code>/enhet/<code>/grupper/<cut>")
@roles(*READERS)
def overview(wave_code: str, code: str, cut: str) -> str:
    place = _place(wave_code, code, cut)
    labels = labels_of(place.wave)
    return render_template(
        "results/groups.html", **frame(place, labels), **_page(place, labels, cut, _headlines(place, labels))
    )


@bp.get("/<wave_code>/enhet/<code>/grupper/<cut>/tema/<scale>")
@roles(*READERS)
def theme(wave_code: str, code: str, cut: str, scale: str) -> str:
    place = _place(wave_code, code, cut)
    labels = labels_of(place.wave)
    subject = next((one for one in labels.scales() if one.name == scale), None) or abort(404)
    items = [labels.item(item) for item in labels.items_of(scale) if labels.score_range(item)]
    return render_template(
        "results/group_theme.html",
        **frame(place, labels),
        **_page(place, labels, cut, items if scale in place.wave.items_only else [subject, *items]),
        subject=subject,
    )


@bp.get("/<wave_code>/enhet/<code>/grupper/<cut>/sporsmal")
@roles(*READERS)
def questions(wave_code: str, code: str, cut: str) -> str:
    place = _place(wave_code, code, cut)
    labels = labels_of(place.wave)
    items = [labels.item(item) for item in labels.other_items() if labels.score_range(item)]
    return render_template(
        "results/group_theme.html", **frame(place, labels), **_page(place, labels, cut, items), subject=None
    )


def _place(wave_code: str, code: str, cut: str) -> Place:
    """The unit, if it may be seen and shows groups of this background question at all."""
    place = require_place(wave_code, code)
    return place if cut in cuts_of(place) else abort(404)


def _headlines(place: Place, labels: Labels) -> list[Subject]:
    """The themes; of a theme that has no index in this wave, its questions."""
    found: list[Subject] = []
    for subject in labels.headlines():
        if subject.kind is CellKind.SCALE and subject.name in place.wave.items_only:
            found += [labels.item(item) for item in labels.items_of(subject.name) if labels.score_range(item)]
        else:
            found.append(subject)
    return found


def _page(place: Place, labels: Labels, cut: str, subjects: Sequence[Subject]) -> dict[str, object]:
    """The groups' figures on some themes or questions."""
    found = _found(place, cut, subjects)
    compared = [
        Comparison(subject, tuple(_lines(place, labels, cut, subject, found))) for subject in subjects
    ]
    figures = [line.figure for one in compared for line in one.lines]
    return {
        "cut": cut,
        "cut_labels": {name: labels.item(labels.questionnaire.item(name)).label for name in cuts_of(place)},
        "groups": [line.label for line in compared[0].lines] if compared else [],
        "compared": compared,
        "any_shown": any(figure.is_shown for figure in figures),
        "has_hidden": any_hidden(*figures),
        "wording": wording,
    }


def _found(place: Place, cut: str, subjects: Sequence[Subject]) -> Mapping[str, Mapping[Key, Figure]]:
    found: dict[str, dict[Key, Figure]] = {}
    for kind in {subject.kind for subject in subjects}:
        names = [subject.name for subject in subjects if subject.kind is kind]
        rows = cut_figures(
            session(), release_id=place.wave.release_id, unit=place.unit.code, cut=cut, kind=kind, items=names
        )
        for category, figures in rows.items():
            found.setdefault(category, {}).update(figures)
    return found


def _lines(
    place: Place, labels: Labels, cut: str, subject: Subject, found: Mapping[str, Mapping[Key, Figure]]
) -> Iterator[Line]:
    """One line a group, in the order of the question's options."""
    asked, key = labels.questionnaire, (place.unit.code, subject.kind, subject.name)
    for category in asked.categories(asked.item(cut)):
        if not category.missing:
            name = asked.text(category.label, labels.language) or category.code
            yield Line(category.code, name, found.get(category.code, {}).get(key) or Figure(*key))
