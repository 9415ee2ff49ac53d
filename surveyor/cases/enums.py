"""Words of form cases."""

from enum import StrEnum


class FormKind(StrEnum):
    """Which office collects the form; each has its own blueprint."""

    INTERNAL_CONTROL = "internal_control"
    IT_SECURITY = "it_security"


class CaseState(StrEnum):
    """assigned -> draft -> submitted -> approved, or back through returned."""

    ASSIGNED = "assigned"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


class CaseStep(StrEnum):
    """What somebody does to a case."""

    SAVE = "save"
    ATTACH = "attach"
    DETACH = "detach"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"


class Party(StrEnum):
    """The two sides of a case: the unit that fills the form, and the controller who follows it up."""

    UNIT = "unit"
    CONTROLLER = "controller"


class Lateness(StrEnum):
    """How the first submission stands to the deadline; the day is Norway's, the deadline day included."""

    NOT_DUE = "not_due"
    LATE = "late"
    FILED_IN_TIME = "filed_in_time"
    FILED_LATE = "filed_late"


class DeviationState(StrEnum):
    """A deviation is open until every action on it is done and it is closed."""

    OPEN = "open"
    CLOSED = "closed"
