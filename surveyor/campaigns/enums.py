"""Words of surveys and waves."""

from enum import StrEnum


class Audience(StrEnum):
    """Who is asked; each has its own blueprint, entry and wording."""

    EMPLOYEE = "employee"
    USER = "user"
    CITIZEN = "citizen"


class WaveState(StrEnum):
    """planned -> open -> closing -> closed."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class AnonymityLevel(StrEnum):
    """L1: confidential until opening, anonymous from key destruction on."""

    L1 = "L1"


class WaveOutcome(StrEnum):
    """How a closed wave ended."""

    RELEASED = "released"
    TOO_FEW = "too_few"


class SampleKind(StrEnum):
    """How a sample was drawn; strata and clusters are units of the wave's tree."""

    SIMPLE = "simple"
    STRATIFIED = "stratified"
    CLUSTER = "cluster"


# The first part of every address respondents of an audience use.
AUDIENCE_PATHS = {Audience.EMPLOYEE: "medarbeider", Audience.USER: "bruker", Audience.CITIZEN: "innbygger"}
