"""Closed vocabularies of questionnaires."""

from enum import StrEnum


class ItemType(StrEnum):
    """What kind of answer an item takes; notes and calculations take none."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    RANGE = "range"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    NOTE = "note"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    RANK = "rank"
    ACKNOWLEDGE = "acknowledge"
    GEOPOINT = "geopoint"
    UPLOAD = "upload"
    CALCULATE = "calculate"
    HIDDEN = "hidden"
    REPEAT = "repeat"


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
