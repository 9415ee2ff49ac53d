"""Which waves the signed-in account may see and manage: by the units they cover, on the tree of their day."""

from flask import abort

from blueprints.access import granted_units
from blueprints.request_scope import session
from surveyor.accounts.enums import Role
from surveyor.campaigns.approvals import approver_roles
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import wave_by_code
from surveyor.units.queries import tree_in_force


def holds_whole(wave: Wave, *allowed: Role) -> bool:
    """Whether every unit of the wave lies under the account's grants of these roles."""
    tree = tree_in_force(session(), wave.opens)
    whole = set(wave.scope) or set(tree.nodes)
    return whole <= granted_units(*allowed, tree=tree)


def may_manage(wave: Wave) -> bool:
    """Survey administrators of every unit of the wave."""
    return holds_whole(wave, Role.SURVEY_ADMIN)


def may_read(wave: Wave) -> bool:
    """Those who manage a wave, and HR for waves among the employees they are HR for."""
    return any(holds_whole(wave, role) for role in approver_roles(wave))


def managed_wave(code: str) -> Wave:
    """The wave, for those who manage it; for others it does not exist."""
    wave = wave_by_code(session(), code=code)
    return wave if may_manage(wave) else abort(404)


def read_wave(code: str) -> Wave:
    """The wave, for those who may read it; for others it does not exist."""
    wave = wave_by_code(session(), code=code)
    return wave if may_read(wave) else abort(404)
