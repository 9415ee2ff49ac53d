"""States of a mail in the outbox."""

from enum import StrEnum


class MailState(StrEnum):
    """A mail waits, is sent, is given up after too many tries, or is withdrawn as no longer wanted."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    WITHDRAWN = "withdrawn"
