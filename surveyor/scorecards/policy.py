"""Who may see which card: drafts by the unit's own, approved cards by those who learn from each other."""

from collections.abc import Iterable

from surveyor.accounts.enums import Role
from surveyor.scorecards.spec import Card, UnitCards

# See and discuss drafts on the units of the grant.
DRAFT_ROLES = (Role.SCORECARD_OFFICE, Role.DIRECTOR, Role.LEADER)
# See approved cards on the units of the grant.
READER_ROLES = (*DRAFT_ROLES, Role.CONTROLLER, Role.HR, Role.READER)
# See approved cards everywhere: units compare themselves with others to learn.
COMPARING_ROLES = (Role.SCORECARD_OFFICE, Role.DIRECTOR, Role.LEADER)
APPROVING_ROLES = (Role.DIRECTOR,)
OFFICE_ROLES = (Role.SCORECARD_OFFICE,)


def visible_card(cards: UnitCards, *, may_see_draft: bool) -> Card | None:
    """The newest card one may see; None when it is not approved yet and one may not see drafts."""
    return cards.newest if may_see_draft else cards.approved


def waiting(cards: Iterable[UnitCards]) -> list[Card]:
    """Drafts that can be approved: those with at least one figure."""
    return [one.draft for one in cards if one.draft and one.draft.n_values]
