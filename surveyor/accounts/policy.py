"""Who may administer whom: an administrator of a part of the tree reaches no further than that part."""

from collections.abc import Collection

from surveyor.accounts.models import Account
from surveyor.units.spec import UnitTree


def may_manage(account: Account, *, tree: UnitTree, administered: Collection[str]) -> bool:
    """Whether every role of the account lies on units one administers; past units belong to the root's."""
    root = tree.root
    if root and root.code in administered:
        return True
    nodes = [tree.by_id.get(grant.unit_id) for grant in account.grants]
    return bool(nodes) and all(node is not None and node.code in administered for node in nodes)
