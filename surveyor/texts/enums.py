"""Closed vocabularies of free text."""

from enum import StrEnum


class ReviewState(StrEnum):
    """What a moderator decided about one comment."""

    SHOWN = "shown"
    WITHHELD = "withheld"


class MarkKind(StrEnum):
    """What in a comment may tell who somebody is."""

    NATIONAL_ID = "national_id"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    NAME = "name"
    WORD = "word"  # chosen by the moderator
