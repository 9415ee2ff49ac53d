"""Writing the unit tree: a whole tree as of a day, or one reorganisation step; history is never changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from types import EllipsisType
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.errors import N_, InvalidInput, NotFound, Refused
from surveyor.tabular import Source
from surveyor.units.enums import LineageKind
from surveyor.units.models import OrgUnit, UnitLineage, UnitVersion
from surveyor.units.queries import tree_as_of
from surveyor.units.rows import read_rows, tree_problems
from surveyor.units.spec import ImportReport, UnitNode, UnitRow, UnitTree


def import_units(
    session: Session, *, file: Source, filename: str, on: date | None, actor: Actor
) -> ImportReport:
    """Take a file as the whole tree from a day on; raises InvalidInput naming row and column, Refused."""
    rows = read_rows(file, filename)
    report = replace_tree(session, rows=rows, on=on or clock.today())
    _note(session, actor, "units.import", report.on, file=filename, **report.counts)
    return report


def replace_tree(session: Session, *, rows: Sequence[UnitRow], on: date) -> ImportReport:
    """Make rows the tree from a day on; raises InvalidInput for a broken tree, Refused if a later one is."""
    before = tree_as_of(session, on)
    _refuse_if_later(session, on)
    if problems := tree_problems(rows, known=_all_codes(session)):
        raise InvalidInput(*problems)
    ids = _ensure_units(session, rows)
    report = _compare(before, rows, on)
    _end_versions(session, [ids[code] for code in (*report.ended, *report.changed)], on)
    starting = set(report.started) | set(report.changed)
    for row in rows:
        if row.code in starting:
            parent_id = ids[row.parent] if row.parent else None
            place = {"name": row.name, "type": row.type, "parent_id": parent_id}
            session.add(UnitVersion(unit_id=ids[row.code], valid_from=on, **place))
    _record_lineage(session, on, rows, ids)
    session.flush()  # the tree is read again in the same transaction
    return report


def move_unit(session: Session, *, code: str, parent: str, on: date, actor: Actor) -> ImportReport:
    """Give a unit a new parent from a day on; raises NotFound, InvalidInput for a cycle."""
    tree = _tree_with(session, on, code, parent)
    rows = [_row(n, parent=parent if n.code == code else n.parent) for n in tree]
    report = replace_tree(session, rows=rows, on=on)
    _note(session, actor, "units.move", code, parent=parent, on=str(on))
    return report


def merge_units(
    session: Session, *, sources: Sequence[str], code: str, name: str, on: date, actor: Actor
) -> ImportReport:
    """Join units into one, new or one of them; it stands where the first stood and takes their children."""
    if len(set(sources)) < 2:
        raise InvalidInput(N_("Velg minst to enheter som skal slås sammen."))
    tree = _tree_with(session, on, *sources)
    if code in tree and code not in sources:
        raise InvalidInput(N_("Koden %(code)s er i bruk av en annen enhet."), code=code)
    first = tree.nodes[sources[0]]
    kept = [_row(n, parent=code if n.parent in sources else n.parent) for n in tree if n.code not in sources]
    merged = UnitRow(code, name, first.type, first.parent, from_codes=tuple(sources))
    report = replace_tree(session, rows=[*kept, merged], on=on)
    _note(session, actor, "units.merge", code, sources=list(sources), on=str(on))
    return report


def split_unit(
    session: Session, *, code: str, into: Sequence[tuple[str, str]], on: date, actor: Actor
) -> ImportReport:
    """Divide a leaf into (code, name) parts under the same parent; raises Refused if it is not a leaf."""
    tree = _tree_with(session, on, code)
    old = tree.nodes[code]
    if tree.children[code]:
        raise Refused(N_("%(name)s har enheter under seg. Flytt dem først."), name=old.name)
    if len(into) < 2:
        raise InvalidInput(N_("Oppgi minst to nye enheter."))
    parts = [UnitRow(c, n, old.type, old.parent, from_codes=(code,)) for c, n in into]
    report = replace_tree(session, rows=[*(_row(n) for n in tree if n.code != code), *parts], on=on)
    _note(session, actor, "units.split", code, parts=[c for c, _ in into], on=str(on))
    return report


def rename_unit(
    session: Session, *, code: str, name: str, type_: str, on: date, actor: Actor
) -> ImportReport:
    """Give a unit a new name or type from a day on; raises NotFound."""
    tree = _tree_with(session, on, code)
    rows = [UnitRow(n.code, name, type_, n.parent) if n.code == code else _row(n) for n in tree]
    report = replace_tree(session, rows=rows, on=on)
    _note(session, actor, "units.rename", code, name=name, type=type_, on=str(on))
    return report


def _note(session: Session, actor: Actor, action: str, subject: object, **details: object) -> None:
    record(session, actor=actor, action=action, subject_type="unit", subject_id=subject, **details)


def _row(node: UnitNode, parent: str | None | EllipsisType = ...) -> UnitRow:
    return UnitRow(node.code, node.name, node.type, node.parent if parent is ... else parent)


def _tree_with(session: Session, on: date, *codes: str) -> UnitTree:
    tree = tree_as_of(session, on)
    for code in codes:
        if code not in tree:
            raise NotFound(N_("Det finnes ingen enhet med koden %(code)s på denne datoen."), code=code)
    return tree


def _refuse_if_later(session: Session, on: date) -> None:
    later = session.scalar(select(func.max(UnitVersion.valid_from)).where(UnitVersion.valid_from > on))
    if later:
        raise Refused(
            N_("Det finnes alt endringer i enhetstreet fra %(later)s. Velg den datoen eller en senere."),
            later=later,
        )


def _all_codes(session: Session) -> frozenset[str]:
    return frozenset(session.scalars(select(OrgUnit.code)))


def _ensure_units(session: Session, rows: Sequence[UnitRow]) -> dict[str, UUID]:
    known = {code: unit_id for unit_id, code in session.execute(select(OrgUnit.id, OrgUnit.code))}
    new = [OrgUnit(code=row.code) for row in rows if row.code not in known]
    session.add_all(new)
    session.flush()  # ids of new units are needed as parents
    return known | {unit.code: unit.id for unit in new}


def _compare(before: UnitTree, rows: Sequence[UnitRow], on: date) -> ImportReport:
    now = {row.code: row for row in rows}
    both = [code for code in now if code in before]
    moved = [code for code in both if now[code].parent != before.nodes[code].parent]
    changed = [code for code in both if now[code].place != before.nodes[code].place]
    return ImportReport(
        on=on,
        n_units=len(now),
        started=tuple(code for code in now if code not in before),
        ended=tuple(node.code for node in before if node.code not in now),
        moved=tuple(moved),
        changed=tuple(changed),
    )


def _end_versions(session: Session, unit_ids: Iterable[UUID], on: date) -> None:
    ids = list(unit_ids)
    for start in range(0, len(ids), 500):
        chunk = UnitVersion.unit_id.in_(ids[start : start + 500])
        session.execute(delete(UnitVersion).where(chunk, UnitVersion.valid_from == on))
        for version in session.scalars(select(UnitVersion).where(chunk, UnitVersion.valid_to.is_(None))):
            version.valid_to = on


def _record_lineage(session: Session, on: date, rows: Sequence[UnitRow], ids: dict[str, UUID]) -> None:
    """What became of which unit on this day: moves against yesterday's tree, the rest as the rows say."""
    yesterday, now = tree_as_of(session, on - timedelta(days=1)), {row.code: row for row in rows}
    on_day = {
        (row.from_unit_id, row.to_unit_id): row
        for row in session.scalars(select(UnitLineage).where(UnitLineage.on_date == on))
    }
    steps = _merges_and_splits(rows, ids)
    for code, row in now.items():
        if code in yesterday and yesterday.nodes[code].parent != row.parent:
            steps.setdefault((ids[code], ids[code]), LineageKind.MOVE)
    present = {ids[code] for code in now}
    for pair, old in on_day.items():
        if (pair[0] == pair[1] or pair[1] not in present) and pair not in steps:
            session.delete(old)
    for pair, kind in steps.items():
        if pair not in on_day:
            session.add(UnitLineage(from_unit_id=pair[0], to_unit_id=pair[1], kind=kind, on_date=on))


def _merges_and_splits(rows: Sequence[UnitRow], ids: dict[str, UUID]) -> dict[tuple[UUID, UUID], LineageKind]:
    heirs = Counter(source for row in rows for source in row.from_codes)
    return {
        (ids[source], ids[row.code]): _kind(len(row.from_codes), heirs[source])
        for row in rows
        for source in row.from_codes
    }


def _kind(n_sources: int, n_heirs: int) -> LineageKind:
    if n_sources > 1:
        return LineageKind.MERGE
    return LineageKind.SPLIT if n_heirs > 1 else LineageKind.MOVE
