"""Reading releases: the only source of every number on pages, in files and on scorecards."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from surveyor import clock
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.campaigns.models import Survey, Wave, WaveUnit
from surveyor.errors import N_, NotFound, Refused
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.figures import Key, figures, group_figures, share_of
from surveyor.releases.models import CommentRelease, Release, ReleaseCell
from surveyor.releases.spec import Figure, ReleasedUnit, Row, Share, TrendPoint, WaveRelease
from surveyor.units.spec import UnitNode, UnitTree

_COLUMNS = tuple(getattr(ReleaseCell, name) for name in Row._fields)
_TOTALS = ReleaseCell.cut == ""
_OTHER = aliased(Release)
IS_NEWEST = and_(
    Release.restated_for.is_(None),
    ~exists().where(
        _OTHER.wave_id == Release.wave_id, _OTHER.number > Release.number, _OTHER.restated_for.is_(None)
    ),
)
"""The release that stands for its wave."""
_BATCH = 5_000
_TREES: dict[UUID, UnitTree] = {}
_MAX_TREES = 32


def release_of(session: Session, wave_id: UUID) -> Release | None:
    """The newest release of a wave, None before it is closed."""
    return session.scalar(select(Release).where(Release.wave_id == wave_id, IS_NEWEST))


def comment_release(session: Session, *, wave_id: UUID, item: str) -> CommentRelease | None:
    """The released comments to a question, None before they are."""
    return session.scalar(
        select(CommentRelease).where(CommentRelease.wave_id == wave_id, CommentRelease.item == item)
    )


def _released() -> Select[Release, Wave, Survey]:
    return (
        select(Release, Wave, Survey)
        .join(Wave, Wave.id == Release.wave_id)
        .join(Survey, Survey.id == Wave.survey_id)
        .where(IS_NEWEST)
        .order_by(Wave.closes.desc(), Wave.code)
    )


def _wave_release(release: Release, wave: Wave, survey: Survey) -> WaveRelease:
    return WaveRelease(
        release.id,
        wave.id,
        wave.code,
        survey.id,
        survey.code,
        survey.title,
        wave.audience.value,
        wave.instrument_version_id,
        wave.opens,
        wave.closes,
        clock.day_of(wave.closed_at) if wave.closed_at else release.frozen_on,
        release.frozen_on,
        release.method,
        release.manifest_sha256,
        wave.open_link,
    )


def released_waves(session: Session, *, survey_id: UUID | None = None) -> list[WaveRelease]:
    """Every released wave, of one survey or of all, the newest first."""
    query = _released() if survey_id is None else _released().where(Survey.id == survey_id)
    return [_wave_release(row[0], row[1], row[2]) for row in session.execute(query)]


def wave_release(session: Session, *, wave_code: str) -> WaveRelease:
    """The release of a wave; raises NotFound for an unknown wave, Refused when nothing is released."""
    if row := session.execute(_released().where(Wave.code == wave_code)).first():
        return _wave_release(row[0], row[1], row[2])
    wave = session.scalar(select(Wave).where(Wave.code == wave_code))
    if wave is None:
        raise NotFound(N_("Målingen %(code)s finnes ikke."), code=wave_code)
    if wave.outcome is WaveOutcome.TOO_FEW:
        raise Refused(N_("Målingen %(code)s fikk for få svar. Ingen tall kan vises."), code=wave_code)
    if wave.state is WaveState.CLOSED:
        raise Refused(N_("Tallene fra målingen %(code)s er ikke frigitt."), code=wave_code)
    raise Refused(N_("Målingen %(code)s er ikke avsluttet. Tallene kommer når den er det."), code=wave_code)


def restated_for(session: Session, *, wave_id: UUID, unit: str) -> Mapping[UUID, Release]:
    """Earlier waves' figures put together for a unit of this wave's tree, by wave; the newest counts."""
    rows = session.scalars(select(Release).where(Release.restated_for == wave_id).order_by(Release.number))
    return {row.wave_id: row for row in rows if unit in {now for _, now in row.method["mapping"]}}


def released_units(session: Session, *, wave_id: UUID, under: str | None = None) -> list[ReleasedUnit]:
    """The wave's units in tree order, all or one and what lies below; raises NotFound for an unknown code."""
    rows = session.scalars(select(WaveUnit).where(WaveUnit.wave_id == wave_id).order_by(WaveUnit.position))
    units = [ReleasedUnit(row.code, row.name, row.type, row.parent_code) for row in rows]
    if under is None:
        return units
    inside: set[str] = set()
    for unit in units:
        if unit.code == under or unit.parent in inside:
            inside.add(unit.code)
    if not inside:
        raise NotFound(N_("Enheten %(code)s er ikke med i målingen."), code=under)
    return [unit for unit in units if unit.code in inside]


def release_tree(session: Session, *, wave_id: UUID) -> UnitTree:
    """The units of a released wave as they were when it was launched; they never change, so they are kept."""
    if wave_id not in _TREES:
        columns = (WaveUnit.unit_id, WaveUnit.code, WaveUnit.name, WaveUnit.type, WaveUnit.parent_code)
        rows = session.execute(select(*columns).where(WaveUnit.wave_id == wave_id))
        if len(_TREES) >= _MAX_TREES:
            _TREES.clear()
        _TREES[wave_id] = UnitTree.of(UnitNode(*row) for row in rows)
    return _TREES[wave_id]


def shown_counts(session: Session, *, release_id: UUID) -> Mapping[str, tuple[int, int]]:
    """How many of a release's cells are shown, and how many there are: index, sd and rest."""
    rows = session.execute(
        select(ReleaseCell.measure, ReleaseCell.compared_to, ReleaseCell.state, func.count())
        .where(ReleaseCell.release_id == release_id, ReleaseCell.measure.in_(("index", "sd")), _TOTALS)
        .group_by(ReleaseCell.measure, ReleaseCell.compared_to, ReleaseCell.state)
    )
    found: dict[str, tuple[int, int]] = {}
    for measure, compared_to, state, n in rows:
        shown, total = found.get(compared_to or measure, (0, 0))
        found[compared_to or measure] = (shown + n * (state is CellState.SHOWN), total + n)
    return found


def shown_units(session: Session, *, release_id: UUID, units: Collection[str]) -> frozenset[str]:
    """Those of some units of which the release shows anything but the response rate."""
    shown = select(ReleaseCell.unit).where(
        ReleaseCell.release_id == release_id,
        ReleaseCell.unit.in_(units),
        ReleaseCell.kind != CellKind.WAVE,
        ReleaseCell.state == CellState.SHOWN,
        _TOTALS,
    )
    return frozenset(session.scalars(shown.distinct()))


def _unindexed(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """A column no index is searched for: SQLite would read the kind's rows of every unit to find a few."""
    return cast(column, Text).concat("")


def cells_of(
    session: Session,
    *,
    release_id: UUID,
    units: Sequence[str] | None = None,
    kind: CellKind | None = None,
    items: Sequence[str] | None = None,
    cut: str | None = "",
) -> Iterator[Row]:
    """Rows of a release in order: of some units, one kind, some items, or all.

    Units as a whole by default; `cut` names a background item whose groups are wanted, None gives everything.
    """
    query = select(*_COLUMNS).where(ReleaseCell.release_id == release_id)
    if cut is not None:
        query = query.where(ReleaseCell.cut == cut)
    if units is not None:
        query = query.where(ReleaseCell.unit.in_(units))
    if kind is not None:
        query = query.where(_unindexed(ReleaseCell.kind) == kind.value if units else ReleaseCell.kind == kind)
    if items is not None:
        query = query.where((_unindexed(ReleaseCell.item) if units else ReleaseCell.item).in_(items))
    is_narrow = units is not None or items is not None
    query = query.order_by(ReleaseCell.position + 0 if is_narrow else ReleaseCell.position)
    for batch in session.execute(query, execution_options={"yield_per": _BATCH}).partitions():
        yield from (Row(*row) for row in batch)


def overview(session: Session, *, release_id: UUID, units: Sequence[str]) -> Mapping[Key, Figure]:
    """Scales of some units, by (unit, kind, item); an instrument without scales gives none."""
    return figures(cells_of(session, release_id=release_id, units=units, kind=CellKind.SCALE))


def headline_figures(
    session: Session, *, release_id: UUID, units: Sequence[str], kind: CellKind, items: Sequence[str]
) -> Mapping[Key, Figure]:
    """Some scales or items of some units, by (unit, kind, item)."""
    return figures(cells_of(session, release_id=release_id, units=units, kind=kind, items=items))


def item_figures(
    session: Session, *, release_id: UUID, unit: str, items: Sequence[str] | None = None
) -> Mapping[str, Figure]:
    """Items of one unit with their distributions, by name in instrument order."""
    return unit_figures(session, release_id=release_id, unit=unit, kind=CellKind.ITEM, items=items)


def unit_figures(
    session: Session, *, release_id: UUID, unit: str, kind: CellKind, items: Sequence[str] | None = None
) -> Mapping[str, Figure]:
    """Scales or items of one unit, by name in instrument order."""
    rows = cells_of(session, release_id=release_id, units=[unit], kind=kind, items=items)
    return {figure.item: figure for figure in figures(rows).values()}


def cut_figures(
    session: Session, *, release_id: UUID, unit: str, cut: str, kind: CellKind, items: Sequence[str]
) -> Mapping[str, Mapping[Key, Figure]]:
    """Some scales or items of one unit by background group."""
    rows = cells_of(session, release_id=release_id, units=[unit], kind=kind, items=items, cut=cut)
    return group_figures(rows)


def scale_figure(session: Session, *, release_id: UUID, unit: str, scale: str) -> Figure | None:
    """One scale of one unit; None when the instrument does not have it."""
    rows = cells_of(session, release_id=release_id, units=[unit], kind=CellKind.SCALE, items=[scale])
    return next(iter(figures(rows).values()), None)


def response_rates(session: Session, *, release_id: UUID, units: Sequence[str]) -> Mapping[str, Share]:
    """Response rate of each unit: n is the number invited; exact, banded or hidden."""
    rows = cells_of(session, release_id=release_id, units=units, kind=CellKind.WAVE)
    return {row.unit: share_of(row) for row in rows if row.measure == "response_rate"}


def trend(session: Session, *, survey_id: UUID, unit: str, kind: CellKind, item: str) -> list[TrendPoint]:
    """One item or scale of a unit in every released wave of a survey, the oldest first."""
    points = []
    for wave in reversed(released_waves(session, survey_id=survey_id)):
        rows = cells_of(session, release_id=wave.release_id, units=[unit], kind=kind, items=[item])
        figure = next(iter(figures(rows).values()), None)
        points.append(TrendPoint(wave.wave_code, wave.closes, figure))
    return points
