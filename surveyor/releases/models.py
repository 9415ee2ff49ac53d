"""Tables of releases: frozen by trigger once written."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import AnonymousBase, Base, new_id
from surveyor.releases.enums import CellKind, CellState, MomentMeasure


class Release(Base):
    """One release of one wave: the hash covers every cell and the method.

    The newest number stands for the wave. With `restated_for` it is none of these, but the wave's figures for
    units of a later wave's tree.
    """

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("wave_id", "number"),)

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id"))
    number: Mapped[int] = mapped_column(default=1)
    restated_for: Mapped[UUID | None] = mapped_column(ForeignKey("wave.id"))
    frozen_on: Mapped[date]
    method: Mapped[dict[str, Any]]  # thresholds, multiplicity families, number of cells, software version
    manifest_sha256: Mapped[str]


class ReleaseCell(Base):
    """One row of the results, as in the tidy CSV; empty strings mean "not applicable"."""

    __tablename__ = "release_cell"
    __table_args__ = (
        Index("ix_release_cell_unit", "release_id", "unit"),
        Index("ix_release_cell_item", "release_id", "kind", "item"),
        CheckConstraint(
            "state = 'shown' OR (n IS NULL AND value IS NULL AND low IS NULL AND high IS NULL AND"
            " difference IS NULL AND p IS NULL AND p_adjusted IS NULL AND effect IS NULL AND verdict = '')",
            name="hidden_holds_no_number",
        ),
    )

    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # order in the file; units in tree order
    unit: Mapped[str]
    cut: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    kind: Mapped[CellKind]
    item: Mapped[str] = mapped_column(default="")
    measure: Mapped[str]
    n: Mapped[int | None]
    value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    compared_to: Mapped[str] = mapped_column(default="")
    difference: Mapped[float | None]
    p: Mapped[float | None]
    p_adjusted: Mapped[float | None]
    effect: Mapped[float | None]
    verdict: Mapped[str] = mapped_column(default="")
    state: Mapped[CellState]


class CommentRelease(Base):
    """The released comments to one question of a wave, after moderation; the hash covers all of them."""

    __tablename__ = "comment_release"
    __table_args__ = (UniqueConstraint("wave_id", "item"),)

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id"))
    item: Mapped[str]
    frozen_on: Mapped[date]
    method: Mapped[dict[str, Any]]  # threshold, names of the themes, software version
    manifest_sha256: Mapped[str]


class ReleasedComment(AnonymousBase):
    """One comment under a random key, at the smallest unit whose comments may be read."""

    __tablename__ = "released_comment"

    id: Mapped[UUID] = new_id()
    comment_release_id: Mapped[UUID] = mapped_column(index=True)
    unit: Mapped[str]
    body: Mapped[str]


class ReleasedTheme(Base):
    """How many of a unit's comments touch a theme; the empty theme: how many comments there are to read."""

    __tablename__ = "released_theme"
    __table_args__ = (
        CheckConstraint(
            "state = 'shown' OR (n IS NULL AND value IS NULL AND low IS NULL AND high IS NULL)",
            name="hidden_holds_no_number",
        ),
    )

    comment_release_id: Mapped[UUID] = mapped_column(ForeignKey("comment_release.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(index=True)
    theme: Mapped[str]
    n: Mapped[int | None]
    value: Mapped[float | None]  # share 0-1 of the comments
    low: Mapped[float | None]
    high: Mapped[float | None]
    state: Mapped[CellState]


class WeightedCell(Base):
    """One weighted figure, rounded, of the whole wave or a unit right below; deff and n_eff stand beside."""

    __tablename__ = "weighted_cell"
    __table_args__ = (
        CheckConstraint(
            "state = 'shown' OR (n IS NULL AND n_eff IS NULL AND value IS NULL AND se IS NULL AND low IS NULL"
            " AND high IS NULL AND difference IS NULL AND deff IS NULL)",
            name="hidden_holds_no_number",
        ),
    )

    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(index=True)
    kind: Mapped[CellKind]
    item: Mapped[str]
    measure: Mapped[str]
    state: Mapped[CellState]
    n: Mapped[int | None]
    n_eff: Mapped[float | None]
    value: Mapped[float | None]
    se: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    difference: Mapped[float | None]  # weighted less unweighted, in the measure's own units
    deff: Mapped[float | None]


class ResponseCell(Base):
    """One figure about who answered a wave: rates, groups of the register, indicators of evenness."""

    __tablename__ = "response_cell"
    __table_args__ = (
        CheckConstraint("state = 'shown' OR (n IS NULL AND value IS NULL)", name="hidden_holds_no_number"),
    )

    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    variable: Mapped[str]  # empty: about everybody invited
    category: Mapped[str]
    measure: Mapped[str]
    state: Mapped[CellState]
    n: Mapped[int | None]
    value: Mapped[float | None]


class MomentCell(Base):
    """A released figure that rests on several answers of each person: reliability, correlation, driver."""

    __tablename__ = "moment_cell"
    __table_args__ = (
        CheckConstraint(
            "state = 'shown' OR (n IS NULL AND value IS NULL AND low IS NULL AND high IS NULL)",
            name="hidden_holds_no_number",
        ),
    )

    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str]
    measure: Mapped[MomentMeasure]
    subject: Mapped[str]  # a scale, an item, or the outcome
    other: Mapped[str] = mapped_column(default="")  # what it is held against
    state: Mapped[CellState]
    n: Mapped[int | None]  # complete answers
    value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    reason: Mapped[str] = mapped_column(default="")  # why there is no figure, where the questionnaire says it
