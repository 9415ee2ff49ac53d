"""The units a wave was launched on, as codes that answers are stored under."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from surveyor.campaigns.models import WaveUnit
from surveyor.db import Connected


def segments_of_units(session: Connected, *, wave_id: UUID) -> Mapping[str, str]:
    """By unit code, the segment of answers given for that very unit; the root comes first."""
    tree = select(WaveUnit.code, WaveUnit.parent_code).where(WaveUnit.wave_id == wave_id)
    units = session.execute(tree.order_by(WaveUnit.position)).all()
    inner = {parent for _, parent in units}
    return {code: f"{code}/own" if code in inner else code for code, _ in units}
