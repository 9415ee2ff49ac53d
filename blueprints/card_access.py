"""Which cards the signed-in account may see and approve, and for which units it may write figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from flask import abort, g

from blueprints.access import granted_units, held_roles, unit_tree
from blueprints.request_scope import session
from surveyor.accounts.enums import Role
from surveyor.errors import N_, Forbidden
from surveyor.indicators.queries import tree_of_period
from surveyor.scorecards.policy import (
    APPROVING_ROLES,
    COMPARING_ROLES,
    DRAFT_ROLES,
    READER_ROLES,
    visible_card,
)
from surveyor.scorecards.queries import cards_of
from surveyor.scorecards.spec import Card
from surveyor.units.spec import UnitTree


@dataclass(frozen=True)
class Rights:
    """Codes of a year's units by what one may do with their cards."""

    tree: UnitTree
    drafts: frozenset[str]
    listed: frozenset[str]
    readable: frozenset[str]
    approvable: frozenset[str]


def rights(period: int) -> Rights:
    """What the account may do with the cards of a year, on that year's tree."""
    tree = year_tree(period)
    listed = granted_units(*READER_ROLES, tree=tree)
    compares = bool(held_roles() & set(COMPARING_ROLES))
    return Rights(
        tree,
        granted_units(*DRAFT_ROLES, tree=tree),
        listed,
        frozenset(tree.nodes) if compares else listed,
        granted_units(*APPROVING_ROLES, tree=tree),
    )


def visible_cards(mine: Rights, period: int, codes: Iterable[str]) -> list[Card]:
    """The newest cards one may see of units, in the order of the tree; units without one are left out."""
    cards = cards_of(session(), period=period, tree=mine.tree, codes=set(codes) & mine.readable)
    seen = (visible_card(pair, may_see_draft=code in mine.drafts) for code, pair in cards.items())
    return [card for card in seen if card is not None]


def require_readable(mine: Rights, code: str) -> None:
    """404 for a unit that was not there, or whose cards are none of the account's business."""
    if code not in mine.readable:
        abort(404)


def require_approvable(period: int, code: str) -> None:
    """404 for a unit whose cards the account may not approve."""
    if code not in rights(period).approvable:
        abort(404)


def holds_everywhere(*allowed: Role) -> bool:
    """Whether the account holds one of these roles on the whole municipality."""
    root = unit_tree().root
    return root is not None and root.code in granted_units(*allowed)


def require_everywhere(*allowed: Role) -> None:
    """What is common to all units is changed by who answers for all; raises Forbidden to others."""
    if not holds_everywhere(*allowed):
        raise Forbidden(
            N_("Indikatorer og maler er felles. Bare den som har rollen for hele kommunen, kan endre dem.")
        )


def writable(*allowed: Role) -> frozenset[str] | None:
    """Units one may write figures for; None is all, those of earlier years too."""
    return None if holds_everywhere(*allowed) else granted_units(*allowed)


def year_tree(period: int) -> UnitTree:
    """The tree of a year, read once a request."""
    trees = g.setdefault("year_trees", {})
    if period not in trees:
        trees[period] = tree_of_period(session(), period)
    return cast(UnitTree, trees[period])
