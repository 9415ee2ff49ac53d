"""Words of the sampling frame."""

from enum import StrEnum


class Credential(StrEnum):
    """How an invited person gets in: the one live credential of a participation."""

    MAIL_LINK = "mail_link"
    LETTER_CODE = "letter_code"
