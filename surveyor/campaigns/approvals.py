"""Two people who agree that a wave is closed and its answers opened: an option, promised at launch.

The database refuses as well (`surveyor/triggers.py`), and so does the opening, whoever runs it.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.accounts.queries import open_accounts_with
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import N_APPROVERS, OpeningApproval, Wave
from surveyor.campaigns.queries import closing_job, lock_wave, may_be_opened
from surveyor.campaigns.services import order_closing
from surveyor.errors import N_, Problem, Refused
from surveyor.units.queries import tree_in_force
from surveyor.units.spec import UnitTree


def approver_roles(wave: Wave) -> tuple[Role, ...]:
    """The roles that approve an opening, each on every unit of the wave."""
    hr = (Role.HR,) if wave.audience is Audience.EMPLOYEE else ()
    return (Role.SURVEY_ADMIN, *hr)


def approve_opening(session: Session, *, wave: Wave, account_id: UUID, actor: Actor) -> bool:
    """Agree to open a wave's answers; the second to agree orders the closing. Whether it is ordered now.

    Twice by one account is as once. Raises Refused unless the wave is open and asks for two.
    """
    _require_awaiting(session, wave)
    if session.get(OpeningApproval, (wave.id, account_id)) is None:
        session.add(OpeningApproval(wave_id=wave.id, account_id=account_id, approved_at=clock.now()))
        session.flush()  # counted right below
        _record(session, actor, "wave.opening_approved", wave)
    if not may_be_opened(session, wave=wave):
        return False
    order_closing(session, wave=wave, actor=actor)
    return True


def withdraw_approval(session: Session, *, wave: Wave, account_id: UUID, actor: Actor) -> None:
    """Agree no longer; raises Refused once two have agreed."""
    _require_awaiting(session, wave)
    if closing_job(session, wave=wave) is not None:
        raise Refused(N_("To har godkjent, og målingen avsluttes. Det kan ikke gjøres om."))
    if (own := session.get(OpeningApproval, (wave.id, account_id))) is not None:
        session.delete(own)
        _record(session, actor, "wave.opening_approval_withdrawn", wave)


def too_few_approvers(session: Session, *, wave: Wave) -> tuple[Problem, ...]:
    """What one should know before a launch: that fewer than two accounts could approve the opening."""
    if not wave.two_approvers:
        return ()
    tree, roles = tree_in_force(session, wave.opens), approver_roles(wave)
    whole = set(wave.scope) or set(tree.nodes)
    accounts = open_accounts_with(session, roles=roles)
    able = [
        one
        for one in accounts
        if any(
            whole <= _covered(tree, (grant.unit_id for grant in one.grants if grant.role is role))
            for role in roles
        )
    ]
    if len(able) >= N_APPROVERS:
        return ()
    message = N_(
        "To må godkjenne at svarene åpnes, men færre enn to brukere kan det. Be administratoren lage en til."
    )
    return (Problem(message),)


def _covered(tree: UnitTree, unit_ids: Iterable[UUID]) -> set[str]:
    nodes = (tree.by_id.get(unit_id) for unit_id in unit_ids)
    return {code for node in nodes if node for code in tree.subtree_codes(node.code)}


def _require_awaiting(session: Session, wave: Wave) -> None:
    if lock_wave(session, wave=wave) is not WaveState.OPEN or not wave.two_approvers:
        raise Refused(N_("Målingen venter ikke på at noen godkjenner åpningen."))


def _record(session: Session, actor: Actor, action: str, wave: Wave) -> None:
    record(session, actor=actor, action=action, subject_type="wave", subject_id=wave.id, code=wave.code)
