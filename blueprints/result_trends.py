"""Changes since last time under other assumptions, for the page of a unit over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from analysis.sensitivity import Shift
from blueprints.request_scope import session
from blueprints.result_access import Place, sight_of
from blueprints.result_figures import Labels, Subject
from blueprints.result_frame import cuts_of
from forms.results import OverlapForm
from surveyor.releases.enums import CellKind
from surveyor.releases.queries import unit_figures
from surveyor.releases.spec import Change, WaveRelease
from surveyor.releases.trend_queries import overlap_changes, same_mix_changes, wave_before

DEEPEST_MIX = 1


@dataclass(frozen=True)
class Changed:
    """One subject: its change as published, with people in common, and with the groups of last time."""

    label: str
    change: Change
    overlap: Shift | None
    mixes: tuple[Shift | None, ...]


def changes(place: Place, labels: Labels, subjects: Sequence[Subject]) -> dict[str, object]:
    """What the page shows below the series; nothing where there is no last time."""
    before, form = before_of(place), OverlapForm(request.args if "samme" in request.args else None)
    if before is None or not subjects:
        return {"changed": [], "mix_labels": [], "overlap_form": form}
    given = {"now": place.wave.release_id, "before": before.release_id, "unit": place.unit.code,
             "kind": subjects[0].kind, "names": [one.name for one in subjects]}  # fmt: skip
    asks = "samme" in request.args and form.validate()
    overlap = overlap_changes(session(), **given, overlap_share=form.samme.data / 100) if asks else {}  # type: ignore[arg-type]  # as above
    mixes = _mixes(place, labels, before, given)
    return {
        "changed": list(_lines(place, subjects, overlap, list(mixes.values()))),
        "mix_labels": [labels.item(labels.questionnaire.item(cut)).label for cut in mixes],
        "overlap_form": form,
    }


def before_of(place: Place) -> WaveRelease | None:
    """The wave before, if one may see the unit in it."""
    found = wave_before(session(), wave=place.wave)
    return found if found and place.unit.code in sight_of(found).readable else None


def _mixes(
    place: Place, labels: Labels, before: WaveRelease, given: Mapping[str, object]
) -> dict[str, Mapping[str, Shift]]:
    """By background question, for the highest units; only questions with something to tell."""
    if len(place.sight.tree.path(place.unit.code)) - 1 > DEEPEST_MIX:
        return {}
    cuts = [cut for cut in cuts_of(place) if cut in before.method.get("cuts", ())]
    found = {
        cut: same_mix_changes(session(), asked=labels.questionnaire, cut=cut, **given)  # type: ignore[arg-type]  # as above
        for cut in cuts
    }
    return {cut: shifts for cut, shifts in found.items() if shifts}


def _lines(
    place: Place,
    subjects: Sequence[Subject],
    overlap: Mapping[str, Shift],
    mixes: Sequence[Mapping[str, Shift]],
) -> list[Changed]:
    kind: CellKind = subjects[0].kind
    found = unit_figures(
        session(), release_id=place.wave.release_id, unit=place.unit.code, kind=kind,
        items=[one.name for one in subjects],
    )  # fmt: skip
    lines = []
    for one in subjects:
        figure = found.get(one.name)
        if figure and figure.last and figure.last.difference is not None:
            shifts = tuple(mix.get(one.name) for mix in mixes)
            lines.append(Changed(one.label, figure.last, overlap.get(one.name), shifts))
    return lines
