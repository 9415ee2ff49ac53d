"""In time or late: days are Norway's, and the deadline day itself is in time."""

from datetime import date, datetime

from surveyor.cases.enums import Lateness
from surveyor.clock import OSLO


def lateness(first_submitted_at: datetime | None, *, deadline_on: date, today: date) -> Lateness:
    """How a case stands to its deadline; a case sent back keeps the day it was first filed."""
    if first_submitted_at is None:
        return Lateness.LATE if today > deadline_on else Lateness.NOT_DUE
    filed_on = first_submitted_at.astimezone(OSLO).date()
    return Lateness.FILED_LATE if filed_on > deadline_on else Lateness.FILED_IN_TIME
