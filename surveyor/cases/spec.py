"""What is fixed about forms: their two rooms, and what is read out of many cases at once."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from surveyor.cases.enums import CaseState, CaseStep, DeviationState, FormKind, Lateness
from surveyor.errors import N_, Refused

PATHS = {FormKind.INTERNAL_CONTROL: "/internkontroll", FormKind.IT_SECURITY: "/it-sikkerhet"}
"""Where each room stands on the web: mails point there."""

STATE_NAMES = {
    CaseState.ASSIGNED: N_("Ikke begynt"),
    CaseState.DRAFT: N_("Påbegynt"),
    CaseState.SUBMITTED: N_("Levert"),
    CaseState.RETURNED: N_("Sendt tilbake"),
    CaseState.APPROVED: N_("Godkjent"),
}
LATENESS_NAMES = {
    Lateness.NOT_DUE: N_("Innen fristen"),
    Lateness.LATE: N_("Forsinket"),
    Lateness.FILED_IN_TIME: N_("Levert i tide"),
    Lateness.FILED_LATE: N_("Levert for sent"),
}
SENT, REMINDED, DEVIATION_WITHDRAWN = "sent", "remind", "deviation_withdrawn"
EVENT_NAMES = {
    SENT: N_("Skjemaet ble sendt ut"),
    REMINDED: N_("Påminnelse sendt"),
    DEVIATION_WITHDRAWN: N_("Avvik falt bort fordi svaret ble endret"),
    CaseStep.ATTACH: N_("La ved fil"),
    CaseStep.DETACH: N_("Fjernet fil"),
    CaseStep.SUBMIT: N_("Leverte skjemaet"),
    CaseStep.RETURN: N_("Sendte skjemaet tilbake"),
    CaseStep.APPROVE: N_("Godkjente skjemaet"),
}
DEVIATION_NAMES = {DeviationState.OPEN: N_("Åpent"), DeviationState.CLOSED: N_("Lukket")}

MAX_COMMENT, MAX_WHAT, MAX_OWNER, MAX_TITLE = 2_000, 500, 120, 120
FIRST_PERIOD, LAST_PERIOD = 2000, 2100


class EditedElsewhere(Refused):
    """Somebody else saved the case since this page was fetched; nothing of either is lost."""

    def __init__(self) -> None:
        super().__init__(N_("Skjemaet er endret av noen andre etter at du åpnet siden."))


@dataclass(frozen=True)
class CaseRow:
    """One case in a list, with the unit as it was named."""

    id: UUID
    unit_code: str
    unit_name: str
    unit_type: str
    state: CaseState
    lateness: Lateness
    deadline_on: date
    title: str
    period: int
    n_open_deviations: int
    name: str = ""
    """What the author's form calls itself once it is handed in."""


@dataclass(frozen=True)
class RoundRow:
    """One sending of a form, counted over the cases one may see."""

    id: UUID
    title: str
    period: int
    deadline_on: date
    n_cases: int
    n_waiting: int
    n_late: int
    n_to_approve: int
    n_approved: int


@dataclass(frozen=True)
class DeviationRow:
    """One deviation in a list."""

    id: UUID
    case_id: UUID
    unit_code: str
    unit_name: str
    description: str
    state: DeviationState
    opened_on: date
    n_actions: int
    n_late_actions: int
    next_due_on: date | None


@dataclass(frozen=True)
class FormRates:
    """What the cases of a unit and all below it add up to in one period."""

    n_cases: int = 0
    n_due: int = 0
    n_in_time: int = 0
    n_filed: int = 0
    n_checks: int = 0
    met: float = 0.0
    n_open: int = 0

    def __add__(self, other: "FormRates") -> "FormRates":
        return FormRates(
            self.n_cases + other.n_cases,
            self.n_due + other.n_due,
            self.n_in_time + other.n_in_time,
            self.n_filed + other.n_filed,
            self.n_checks + other.n_checks,
            self.met + other.met,
            self.n_open + other.n_open,
        )

    @property
    def on_time(self) -> float | None:
        """Share first filed by the deadline, of the cases that are filed or past it; None before that."""
        return self.n_in_time / self.n_due if self.n_due else None

    @property
    def met_share(self) -> float | None:
        """Share of the checks met, of those answered and relevant in filed forms; None without any."""
        return self.met / self.n_checks if self.n_checks else None

    @property
    def open_deviations(self) -> int | None:
        """Deviations still open; None while no form is filed, since none could have been found."""
        return self.n_open if self.n_filed else None
