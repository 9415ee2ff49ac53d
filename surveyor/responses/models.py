"""Tables of answers, anonymous by construction: no foreign key to people, no instant, no sequence."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import AnonymousBase, new_id


class WaveKey(AnonymousBase):
    """The public half of a wave's key pair; the private half lives in the two key stores."""

    __tablename__ = "wave_key"

    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    kid: Mapped[str]
    public_key: Mapped[bytes]
    destroyed_on: Mapped[date | None]


class Envelope(AnonymousBase):
    """A sealed response."""

    __tablename__ = "envelope"

    participation_id: Mapped[UUID] = mapped_column(primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(index=True)
    rev: Mapped[int]
    submission_id: Mapped[UUID]
    sealed: Mapped[bytes]


class Draft(AnonymousBase):
    """Answers under way, encrypted under a key that only the respondent's link gives."""

    __tablename__ = "draft"

    participation_id: Mapped[UUID] = mapped_column(primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(index=True)
    rev: Mapped[int]
    sealed: Mapped[bytes]


class Keying(AnonymousBase):
    """A paper sheet keyed once, encrypted under the code on the sheet until it is keyed again."""

    __tablename__ = "keying"

    sheet_id: Mapped[UUID] = mapped_column(primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(index=True)
    sealed: Mapped[bytes]


class AnswerSet(AnonymousBase):
    """One opened response, shuffled, with nothing that leads back to a person."""

    __tablename__ = "answer_set"
    __table_args__ = (
        # What is counted, without the rest: SQLite counts from it in a third of the time. PostgreSQL keeps
        # long values apart by itself, and its indexes take no long ones.
        Index("ix_answer_set_counted", "wave_id", "segment_code", "codes").ddl_if(dialect="sqlite"),
    )

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(index=True)
    segment_code: Mapped[str]
    instrument_version_id: Mapped[UUID]
    body: Mapped[dict[str, Any]]
    codes: Mapped[bytes]  # int8 per select_one item in instrument order: option index, -1 no answer
    receipt_hash: Mapped[bytes | None] = mapped_column(index=True)


class LateAnswer(AnonymousBase):
    """That an answer set came after its wave's newest release; gone once a release holds it."""

    __tablename__ = "late_answer"

    answer_set_id: Mapped[UUID] = mapped_column(primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(index=True)


class FreeText(AnonymousBase):
    """One comment, unbundled from the answer set it came in."""

    __tablename__ = "free_text"

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(index=True)
    segment_code: Mapped[str]
    item: Mapped[str]
    body: Mapped[str]


class Opening(AnonymousBase):
    """That a batch was opened: how many, and the hash of its manifest."""

    __tablename__ = "opening"

    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_no: Mapped[int] = mapped_column(primary_key=True)
    opened_on: Mapped[date]
    n: Mapped[int]
    manifest_sha256: Mapped[str]


class SegmentCount(AnonymousBase):
    """Invited and answered per segment that has a sampling frame, counted in the opening's transaction."""

    __tablename__ = "segment_count"

    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment_code: Mapped[str] = mapped_column(primary_key=True)
    n_invited: Mapped[int | None]
    n_answered: Mapped[int | None]  # answered by invited people: the numerator of the response rate


class RegisterCount(AnonymousBase):
    """Invited and answered by groups of the register, counted at the opening, gone when rates are frozen."""

    __tablename__ = "register_count"

    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    groups: Mapped[dict[str, Any]]  # register variable -> group; the empty variable: what could be delivered
    n_invited: Mapped[int]
    n_answered: Mapped[int]
