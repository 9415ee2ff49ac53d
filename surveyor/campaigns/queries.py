"""Reading surveys and waves."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.accounts.models import Account
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import (
    N_APPROVERS,
    OpeningApproval,
    Survey,
    Wave,
    WaveDesign,
    WaveSegment,
    WaveThanks,
    WaveUnit,
)
from surveyor.campaigns.spec import Approver, SampleDesign
from surveyor.errors import N_, NotFound
from surveyor.jobs.models import Job
from surveyor.units.queries import tree_in_force
from surveyor.units.spec import UnitNode, UnitTree


def waves(session: Session) -> Sequence[Wave]:
    """Every wave, the latest to open first."""
    return session.scalars(select(Wave).order_by(Wave.opens.desc(), Wave.code)).unique().all()


def wave_by_code(session: Session, *, code: str) -> Wave:
    """The wave of this code; raises NotFound."""
    found = session.scalars(select(Wave).where(Wave.code == code)).unique().first()
    if found is None:
        raise NotFound(N_("Det finnes ingen måling med koden «%(code)s»."), code=code)
    return found


def lock_wave(session: Session, *, wave: Wave, shared: bool = False) -> WaveState:
    """The wave's state as it is now, held to the end of the transaction: launch and import take turns.

    Shared, it holds off the closing only. Raises NotFound.
    """
    locked = select(Wave.state).where(Wave.id == wave.id).with_for_update(of=Wave, read=shared)
    state = session.scalar(locked)
    if state is None:
        raise NotFound(N_("Det finnes ingen måling med koden «%(code)s»."), code=wave.code)
    return state


def survey_by_code(session: Session, *, code: str) -> Survey | None:
    """The survey of this code, if there is one."""
    return session.scalar(select(Survey).where(Survey.code == code))


def surveys(session: Session) -> Sequence[Survey]:
    """Every survey by code."""
    return session.scalars(select(Survey).order_by(Survey.code)).all()


def wave_tree(session: Session, *, wave: Wave) -> UnitTree:
    """The tree a wave covers: as frozen at launch, before that as it would be frozen now."""
    if wave.launched_at is None:
        return covered_tree(tree_in_force(session, wave.opens), wave.scope)
    rows = session.scalars(select(WaveUnit).where(WaveUnit.wave_id == wave.id).order_by(WaveUnit.position))
    return UnitTree.of(UnitNode(row.unit_id, row.code, row.name, row.type, row.parent_code) for row in rows)


def covered_tree(tree: UnitTree, scope: Sequence[str]) -> UnitTree:
    """The chosen units with all below them, joined under the lowest unit above them all; one root."""
    chosen = [code for code in scope if code in tree] or [node.code for node in tree if not node.parent]
    codes = {below for code in chosen for below in tree.subtree_codes(code)}
    paths = [[node.code for node in tree.path(code)] for code in chosen]
    shared = [steps[0] for steps in zip(*paths, strict=False) if len(set(steps)) == 1]
    for path in paths:
        codes |= set(path[max(len(shared) - 1, 0) :])
    nodes = [node for node in tree if node.code in codes]
    return UnitTree.of(
        node if node.parent in codes else UnitNode(node.id, node.code, node.name, node.type, None)
        for node in nodes
    )


def askable_units(tree: UnitTree, scope: Sequence[str]) -> frozenset[str]:
    """Units whose people may be asked: the chosen ones and all below; not those that only join them."""
    return frozenset(below for code in scope for below in tree.subtree_codes(code)) or frozenset(tree.nodes)


def wave_segments(session: Session, *, wave_id: UUID) -> dict[str, tuple[str, ...]]:
    """Stored segments of a launched wave: code -> units whose people are kept there."""
    rows = session.scalars(
        select(WaveSegment).where(WaveSegment.wave_id == wave_id).order_by(WaveSegment.code)
    )
    return {row.code: tuple(row.member_units) for row in rows}


def sample_design(session: Session, *, wave_id: UUID) -> SampleDesign | None:
    """How the wave's sample was drawn; None when it asks everybody, or whoever wants to."""
    row = session.get(WaveDesign, wave_id)
    if row is None:
        return None
    return SampleDesign(row.kind, row.n_population, row.n_clusters, dict(row.n_by_unit), dict(row.margins))


def sends_thanks(session: Session, *, wave_id: UUID) -> bool:
    """Whether those who answer are thanked by e-mail."""
    return session.get(WaveThanks, wave_id) is not None


def opening_approvers(session: Session, *, wave_id: UUID) -> tuple[Approver, ...]:
    """Who has agreed to open the wave's answers, the first first."""
    rows = session.execute(
        select(Account.id, Account.name, OpeningApproval.approved_at)
        .join(OpeningApproval, OpeningApproval.account_id == Account.id)
        .where(OpeningApproval.wave_id == wave_id)
        .order_by(OpeningApproval.approved_at, Account.email)
    )
    return tuple(Approver(*row) for row in rows)


def may_be_opened(session: Session, *, wave: Wave) -> bool:
    """Whether as many have agreed to open the wave's answers as was promised at launch."""
    return not wave.two_approvers or len(opening_approvers(session, wave_id=wave.id)) >= N_APPROVERS


def closing_key(wave: Wave) -> str:
    """The key of the job that closes a wave; later tries, after one was given up, add a mark each."""
    return f"waves.close:{wave.id}"


def closing_job(session: Session, *, wave: Wave) -> Job | None:
    """The latest job that closes the wave, with its progress; None before the closing is ordered."""
    return session.scalar(
        select(Job).where(Job.key.startswith(closing_key(wave))).order_by(Job.created_at.desc()).limit(1)
    )
