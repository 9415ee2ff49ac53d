"""States of a job."""

from enum import StrEnum


class JobState(StrEnum):
    """A job waits, runs under a lease, and ends done or dead."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
