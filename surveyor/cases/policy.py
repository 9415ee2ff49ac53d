"""Who may do what with cases: the unit's leader fills, the controller follows up, others at most read."""

from collections.abc import Collection, Mapping
from uuid import UUID

from surveyor.accounts.enums import Role
from surveyor.cases.enums import Party

FILLERS = (Role.LEADER,)
FOLLOWERS = (Role.CONTROLLER, Role.ADMIN)
READERS = (*FILLERS, *FOLLOWERS, Role.DIRECTOR)

Scopes = Mapping[Role, Collection[UUID]]
"""The units of today's tree on which an account holds each role."""


def may_read(scopes: Scopes, unit_id: UUID) -> bool:
    """Whether a case of this unit exists for the account at all."""
    return any(unit_id in scopes.get(role, ()) for role in READERS)


def parties(scopes: Scopes, unit_id: UUID) -> frozenset[Party]:
    """On which sides of this unit's cases the account stands."""
    sides = {Party.UNIT: FILLERS, Party.CONTROLLER: FOLLOWERS}
    return frozenset(
        party for party, roles in sides.items() if any(unit_id in scopes.get(role, ()) for role in roles)
    )
