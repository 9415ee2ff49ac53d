"""Closed vocabularies of questionnaires."""

from enum import StrEnum


class ItemType(StrEnum):
    """What kind of answer an item takes; notes and calculations take none."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    NOTE = "note"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    CALCULATE = "calculate"


class ItemRole(StrEnum):
    """What an item is for when answers are counted."""

    ITEM = "item"
    BACKGROUND = "background"
    OPEN = "open"
    UNIT = "unit"


class VersionState(StrEnum):
    """A version is edited as a draft and asked as a frozen instrument."""

    DRAFT = "draft"
    FROZEN = "frozen"
