"""States of a scorecard."""

from enum import StrEnum


class CardState(StrEnum):
    """A card is a draft until its director approves it; a newer approved version replaces it."""

    DRAFT = "draft"
    APPROVED = "approved"
    REPLACED = "replaced"
