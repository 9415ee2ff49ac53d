"""Reading the unit tree as of a date."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.errors import N_, NotFound
from surveyor.units.models import OrgUnit, UnitLineage, UnitVersion
from surveyor.units.spec import UnitName, UnitNode, UnitTree


def tree_as_of(session: Session, day: date) -> UnitTree:
    """The tree valid on a day; empty before the first import."""
    parent = select(OrgUnit.id, OrgUnit.code).subquery()
    rows = session.execute(
        select(OrgUnit.id, OrgUnit.code, UnitVersion.name, UnitVersion.type, parent.c.code)
        .join(UnitVersion, UnitVersion.unit_id == OrgUnit.id)
        .outerjoin(parent, parent.c.id == UnitVersion.parent_id)
        .where(UnitVersion.valid_from <= day, or_(UnitVersion.valid_to.is_(None), UnitVersion.valid_to > day))
    )
    return UnitTree.of(UnitNode(*row) for row in rows)


def tree_in_force(session: Session, day: date) -> UnitTree:
    """The tree of a day; before the first import, the first tree known: waves may open in the past."""
    first = session.scalar(select(func.min(UnitVersion.valid_from)))
    return tree_as_of(session, max(day, first) if first else day)


def unit_history(session: Session, code: str) -> tuple[list[UnitVersion], list[UnitLineage]]:
    """Versions of a unit, newest first, and the reorganisations it took part in; raises NotFound."""
    unit_id = session.scalar(select(OrgUnit.id).where(OrgUnit.code == code))
    if unit_id is None:
        raise NotFound(N_("Det finnes ingen enhet med koden %(code)s."), code=code)
    versions = (
        select(UnitVersion).where(UnitVersion.unit_id == unit_id).order_by(UnitVersion.valid_from.desc())
    )
    steps = (
        select(UnitLineage)
        .where(or_(UnitLineage.from_unit_id == unit_id, UnitLineage.to_unit_id == unit_id))
        .order_by(UnitLineage.on_date.desc())
    )
    return list(session.scalars(versions)), list(session.scalars(steps))


def unit_codes(session: Session) -> dict[UUID, str]:
    """Every unit there ever was, by id."""
    return dict(session.execute(select(OrgUnit.id, OrgUnit.code)).all())


def unit_ids(session: Session) -> dict[str, UUID]:
    """Every unit there ever was, by code."""
    return {code: unit_id for unit_id, code in unit_codes(session).items()}


def unit_names(session: Session) -> dict[UUID, UnitName]:
    """The newest name of every unit there ever was."""
    rows = session.execute(
        select(OrgUnit.id, OrgUnit.code, UnitVersion.name, UnitVersion.type)
        .join(UnitVersion, UnitVersion.unit_id == OrgUnit.id)
        .where(UnitVersion.valid_from <= clock.today())
        .order_by(UnitVersion.valid_from)
    )
    return {unit_id: UnitName(code, name, type_) for unit_id, code, name, type_ in rows}


def reorganised_between(session: Session, start: date, end: date) -> frozenset[UUID]:
    """Units moved, merged or split after start and up to end: not the same for a comparison over time."""
    rows = session.execute(
        select(UnitLineage.from_unit_id, UnitLineage.to_unit_id).where(
            UnitLineage.on_date > start, UnitLineage.on_date <= end
        )
    )
    return frozenset(unit_id for row in rows for unit_id in row)


def tree_days(session: Session) -> list[date]:
    """The days on which the tree changed, newest first."""
    days = select(UnitVersion.valid_from).union(
        select(UnitVersion.valid_to).where(UnitVersion.valid_to.is_not(None))
    )
    return sorted(session.scalars(days), reverse=True)
