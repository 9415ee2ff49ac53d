"""Reading the sampling frame. Nothing here tells who has answered."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from surveyor.invitations.enums import Credential
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.spec import FrameSize


def n_by_unit(session: Session, *, wave_id: UUID) -> Mapping[str, int]:
    """How many people are asked, by their own unit."""
    statement = (
        select(SampleMember.unit_code, func.count())
        .where(SampleMember.wave_id == wave_id)
        .group_by(SampleMember.unit_code)
    )
    return dict(session.execute(statement).all())


def frame_size(session: Session, *, wave_id: UUID) -> FrameSize:
    """How many people are asked in all, and how many of them by letter."""
    by_letter = func.sum(case((SampleMember.email.is_(None), 1), else_=0))
    statement = select(func.count(), by_letter).where(SampleMember.wave_id == wave_id)
    n_members, n_letter = session.execute(statement).one()
    return FrameSize(n_members, n_letter or 0)


def addresses(session: Session, *, wave_id: UUID) -> frozenset[tuple[str, str]]:
    """Unit and e-mail of everyone who has an e-mail address."""
    statement = select(SampleMember.unit_code, SampleMember.email).where(
        SampleMember.wave_id == wave_id, SampleMember.email.is_not(None)
    )
    return frozenset((unit, email or "") for unit, email in session.execute(statement))


def people_by_credential(
    session: Session, *, wave_id: UUID, credential: Credential
) -> Sequence[tuple[Participation, SampleMember]]:
    """Everyone asked in this way, by unit and name, so that letters lie as they are handed out."""
    statement = (
        select(Participation, SampleMember)
        .join(SampleMember, SampleMember.id == Participation.sample_member_id)
        .where(Participation.wave_id == wave_id, Participation.credential == credential)
        .order_by(SampleMember.unit_code, SampleMember.name, SampleMember.id)
    )
    return session.execute(statement).all()


def code_hashes(session: Session, *, wave_id: UUID) -> Mapping[UUID, bytes]:
    """What the codes of the letters are known by now, by participation."""
    statement = select(Participation.id, Participation.credential_hash).where(
        Participation.wave_id == wave_id, Participation.credential == Credential.LETTER_CODE
    )
    return dict(session.execute(statement).all())
