"""Words of indicators."""

from enum import StrEnum


class Perspective(StrEnum):
    """The four perspectives of the scorecard."""

    USERS = "users"
    PROCESSES = "processes"
    EMPLOYEES = "employees"
    ECONOMY = "economy"


class Direction(StrEnum):
    """Whether more is better."""

    UP = "up"
    DOWN = "down"


class Band(StrEnum):
    """The traffic light of a value."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNSURE = "unsure"
    NONE = "none"
