"""The closed table of audited actions: what each is called on the log page, and the keys it may carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from surveyor.errors import N_


@dataclass(frozen=True)
class Action:
    """One kind of change: its name for readers of the log, and the only keys its details may hold."""

    label: str
    keys: frozenset[str]


def _action(label: str, *keys: str) -> Action:
    return Action(label, frozenset(keys))


# Sorted by room, then by name. Never an action for an anonymous respondent.
ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        # accounts
        "account.created": _action(N_("Opprettet bruker"), "role", "unit"),
        "account.disabled": _action(N_("Stengte bruker")),
        "account.enabled": _action(N_("Åpnet bruker igjen")),
        "account.link_issued": _action(N_("Laget engangslenke"), "purpose"),
        "account.password_changed": _action(N_("Byttet passord")),
        "account.role_granted": _action(N_("Ga rolle"), "role", "unit"),
        "account.role_revoked": _action(N_("Tok bort rolle"), "role", "unit"),
        "account.signed_out_everywhere": _action(N_("Logget ut overalt")),
        # campaigns
        # cases
        # indicators
        # instruments
        # invitations
        # mail
        # releases
        # responses
        # scorecards
        # units
    }
)
