"""Reading what a release holds of class MOMENT."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.releases.models import MomentCell
from surveyor.releases.moment_rows import MomentRow

_COLUMNS = tuple(getattr(MomentCell, name) for name in MomentRow._fields)


def moment_rows(
    session: Session, *, release_id: UUID, units: Collection[str] | None = None
) -> list[MomentRow]:
    """Rows of a release in order, of some units or of all."""
    query = select(*_COLUMNS).where(MomentCell.release_id == release_id).order_by(MomentCell.position)
    if units is not None:
        query = query.where(MomentCell.unit.in_(units))
    return [MomentRow(*row) for row in session.execute(query)]


def moment_units(session: Session, *, release_id: UUID) -> frozenset[str]:
    """Codes of the units a release has such rows of."""
    query = select(MomentCell.unit).where(MomentCell.release_id == release_id).distinct()
    return frozenset(session.scalars(query))
