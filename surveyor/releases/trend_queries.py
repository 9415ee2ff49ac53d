"""A change since last time under another assumption, out of what two releases show and nothing else."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from analysis.sensitivity import Group, Shift, overlap_ratio, same_mix
from surveyor.instruments.spec import Questionnaire
from surveyor.releases.enums import CellKind
from surveyor.releases.queries import cut_figures, released_waves, unit_figures
from surveyor.releases.spec import Figure, WaveRelease


def wave_before(session: Session, *, wave: WaveRelease) -> WaveRelease | None:
    """The released wave that changes since last time are counted from."""
    waves = released_waves(session, survey_id=wave.survey_id)
    return next((one for one in waves if one.wave_id != wave.wave_id and one.closes <= wave.closes), None)


def overlap_changes(
    session: Session, *, now: UUID, before: UUID, unit: str, kind: CellKind, names: Sequence[str],
    overlap_share: float,
) -> Mapping[str, Shift]:  # fmt: skip
    """Published changes with the interval they would have if this share of the fewer had answered twice."""
    later, earlier = (
        unit_figures(session, release_id=one, unit=unit, kind=kind, items=names) for one in (now, before)
    )
    found = {}
    for name, figure in later.items():
        change, old = figure.last, earlier.get(name)
        if change is None or change.difference is None or change.low is None or change.high is None:
            continue
        ratio = overlap_ratio(_group(old, 1.0), _group(figure, 1.0), overlap_share) if old else None
        if ratio is not None:
            half = (change.high - change.low) / 2 * ratio
            found[name] = Shift(change.difference, change.difference - half, change.difference + half)
    return found


def same_mix_changes(
    session: Session, *, asked: Questionnaire, now: UUID, before: UUID, unit: str, cut: str, kind: CellKind,
    names: Sequence[str],
) -> Mapping[str, Shift]:  # fmt: skip
    """Changes with every group of a background question as large as last time.

    Only of what is compared with last time, and only where every group is shown both times.
    """
    later, earlier = (
        cut_figures(session, release_id=one, unit=unit, cut=cut, kind=kind, items=names)
        for one in (now, before)
    )
    whole = unit_figures(session, release_id=now, unit=unit, kind=kind, items=names)
    groups = [one.code for one in asked.categories(asked.item(cut)) if not one.missing]
    found = {}
    for name, figure in whole.items():
        factor, key = _factor(asked, kind, name), (unit, kind, name)
        pairs = [(earlier.get(code, {}).get(key), later.get(code, {}).get(key)) for code in groups]
        shown = [(old, new) for old, new in pairs if old and new and old.is_shown and new.is_shown]
        if figure.last is None or not figure.last.is_shown or len(shown) < len(groups):
            continue
        shift = same_mix([_group(old, factor) for old, _ in shown], [_group(new, factor) for _, new in shown])
        if shift is not None:
            found[name] = shift
    return found


def _group(figure: Figure, factor: float) -> Group:
    return Group(figure.n or 0, figure.index or 0.0, None if figure.sd is None else figure.sd * factor)


def _factor(asked: Questionnaire, kind: CellKind, name: str) -> float:
    """Index points for one unit of the published SD."""
    names = [name]
    if kind is CellKind.SCALE:
        names = next(list(scale.items) for scale in asked.scales if scale.name == name)
    ranges = {asked.score_range(asked.item(one)) for one in names}
    only = ranges.pop() if len(ranges) == 1 else None
    return 100 / (float(only[1]) - float(only[0])) if only else 1.0
