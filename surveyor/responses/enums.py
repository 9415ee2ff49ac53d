"""Words of how answers came in."""

from enum import StrEnum


class Mode(StrEnum):
    """How answers were collected; told to the audit, never kept with an answer."""

    WEB = "web"
    PAPER = "paper"
    TELEPHONE = "telephone"
