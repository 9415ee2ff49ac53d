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


class DeviationState(StrEnum):
    """A deviation is open until every action on it is done and it is closed."""

    OPEN = "open"
    CLOSED = "closed"
