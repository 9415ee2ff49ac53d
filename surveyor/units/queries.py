"""Reading the unit tree as of a date."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from surveyor.units.models import OrgUnit, UnitVersion
from surveyor.units.spec import UnitNode, UnitTree

__all__ = ["UnitNode", "UnitTree", "tree_as_of"]


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
