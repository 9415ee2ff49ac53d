"""The closed list of audited actions and the keys each may carry."""

ACTIONS: dict[str, frozenset[str]] = {}


def declare(action: str, *keys: str) -> str:
    """Declare an audited action with its allowed detail keys, and return its name."""
    ACTIONS[action] = frozenset(keys)
    return action
