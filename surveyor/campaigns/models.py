"""Tables of surveys, waves and the tree each wave was launched on."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from analysis.disclosure.floors import K_MEAN_FLOOR, K_SPREAD_FLOOR
from surveyor import clock
from surveyor.campaigns.enums import AnonymityLevel, Audience, SampleKind, WaveOutcome, WaveState
from surveyor.db import Base, new_id
from surveyor.instruments.models import InstrumentVersion

K_FLOOR_MEAN, K_FLOOR_SPREAD, K_FLOOR_INVITED = K_MEAN_FLOOR, K_SPREAD_FLOOR, 5
N_APPROVERS = 2
ANSWER_YEARS = 5  # surveys of citizens come every fourth year, and are compared with the last


def answers_until(closes: date) -> date:
    """The day the answers of a wave with this last day go."""
    return clock.years_later(closes, ANSWER_YEARS)


class Survey(Base):
    """A recurring programme, such as the yearly employee survey."""

    __tablename__ = "survey"

    id: Mapped[UUID] = new_id()
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[dict[str, Any]]
    audience: Mapped[Audience]


class Wave(Base):
    """One fielding of a survey; everything promised to respondents is frozen at launch."""

    __tablename__ = "wave"
    __table_args__ = (
        CheckConstraint("k_mean >= 5", name="k_mean_floor"),
        CheckConstraint("k_spread >= 10", name="k_spread_floor"),
        CheckConstraint("k_invited >= 5", name="k_invited_floor"),
        CheckConstraint("closes >= opens", name="period"),
    )

    id: Mapped[UUID] = new_id()
    code: Mapped[str] = mapped_column(unique=True)
    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"))
    instrument_version_id: Mapped[UUID] = mapped_column(ForeignKey("instrument_version.id"))
    audience: Mapped[Audience]
    state: Mapped[WaveState] = mapped_column(default=WaveState.PLANNED)
    outcome: Mapped[WaveOutcome | None]
    opens: Mapped[date]
    closes: Mapped[date]
    k_mean: Mapped[int] = mapped_column(default=K_FLOOR_MEAN)
    k_spread: Mapped[int] = mapped_column(default=K_FLOOR_SPREAD)
    k_invited: Mapped[int] = mapped_column(default=K_FLOOR_INVITED)
    level: Mapped[AnonymityLevel] = mapped_column(default=AnonymityLevel.L1)
    key_grace_days: Mapped[int]
    two_approvers: Mapped[bool] = mapped_column(default=False)
    open_link: Mapped[bool] = mapped_column(default=False)
    scope: Mapped[list[Any]]  # unit codes chosen; the wave covers them and what lies below
    simulated: Mapped[bool] = mapped_column(default=False)
    retention_on: Mapped[date]
    launched_at: Mapped[datetime | None]
    launch_manifest: Mapped[dict[str, Any] | None]
    manifest_sha256: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    survey: Mapped[Survey] = relationship(lazy="joined")
    instrument_version: Mapped[InstrumentVersion] = relationship(lazy="select")

    @property
    def answers_until(self) -> date:
        """The day the answers behind the released figures go, and the counts of them."""
        return answers_until(self.closes)


class WaveUnit(Base):
    """A unit of the tree the wave was launched on; position is topological, the root first."""

    __tablename__ = "wave_unit"
    __table_args__ = (UniqueConstraint("wave_id", "code"), UniqueConstraint("wave_id", "position"))

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("org_unit.id"))
    code: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    parent_code: Mapped[str | None]
    position: Mapped[int]


class WaveSegment(Base):
    """A stored segment: a leaf unit, or the pseudo-leaf <unit>/own that small siblings share."""

    __tablename__ = "wave_segment"
    __table_args__ = (UniqueConstraint("wave_id", "code"),)

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"))
    code: Mapped[str]
    unit_code: Mapped[str]  # the wave unit it belongs to
    member_units: Mapped[list[Any]]  # codes of the units whose people are stored here


class WaveThanks(Base):
    """That those who answer a wave are thanked by e-mail when the last day is over; frozen at launch."""

    __tablename__ = "wave_thanks"

    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True)


class OpeningApproval(Base):
    """That somebody agrees to open a wave that needs two; rows may come and go until it closes."""

    __tablename__ = "opening_approval"

    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    approved_at: Mapped[datetime]


class WaveDesign(Base):
    """That a wave asks a sample: how it was drawn and what is known of the population; frozen at launch."""

    __tablename__ = "wave_design"
    __table_args__ = (
        CheckConstraint("n_population > 0", name="population"),
        CheckConstraint("n_clusters > 0", name="clusters"),
    )

    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[SampleKind]
    n_population: Mapped[int]  # people the wave is about
    n_clusters: Mapped[int | None]  # clusters there are, drawn or not
    n_by_unit: Mapped[dict[str, Any]]  # people of each stratum, or of each drawn cluster, by unit code
    margins: Mapped[dict[str, Any]]  # variable -> {category: share}
