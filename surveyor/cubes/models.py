"""The cube table: personal data, read by releases alone."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import AnonymousBase


class Cube(AnonymousBase):
    """Counts of one wave per segment: arrays as compressed bytes, and what their axes mean."""

    __tablename__ = "cube"

    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    axes: Mapped[dict[str, Any]]
    arrays: Mapped[bytes]
