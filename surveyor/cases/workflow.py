"""The way of a case: one table (state, step) -> (state, who)."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from surveyor.cases.enums import CaseState, CaseStep, Party
from surveyor.errors import N_, Refused

_ASSIGNED, _DRAFT, _SUBMITTED, _RETURNED, _APPROVED = CaseState
_UNIT, _CONTROLLER = Party

WORKFLOW: Mapping[tuple[CaseState, CaseStep], tuple[CaseState, Party]] = MappingProxyType(
    {
        (_ASSIGNED, CaseStep.SAVE): (_DRAFT, _UNIT),
        (_ASSIGNED, CaseStep.ATTACH): (_DRAFT, _UNIT),
        (_DRAFT, CaseStep.SAVE): (_DRAFT, _UNIT),
        (_DRAFT, CaseStep.ATTACH): (_DRAFT, _UNIT),
        (_DRAFT, CaseStep.DETACH): (_DRAFT, _UNIT),
        (_DRAFT, CaseStep.SUBMIT): (_SUBMITTED, _UNIT),
        (_RETURNED, CaseStep.SAVE): (_RETURNED, _UNIT),
        (_RETURNED, CaseStep.ATTACH): (_RETURNED, _UNIT),
        (_RETURNED, CaseStep.DETACH): (_RETURNED, _UNIT),
        (_RETURNED, CaseStep.SUBMIT): (_SUBMITTED, _UNIT),
        (_SUBMITTED, CaseStep.RETURN): (_RETURNED, _CONTROLLER),
        (_SUBMITTED, CaseStep.APPROVE): (_APPROVED, _CONTROLLER),
    }
)
WITH_UNIT = frozenset({_ASSIGNED, _DRAFT, _RETURNED})
"""States in which the unit has something to do."""

_NO = {
    CaseState.ASSIGNED: N_("Skjemaet er ikke begynt på ennå."),
    CaseState.DRAFT: N_("Skjemaet er ikke levert ennå."),
    CaseState.SUBMITTED: N_("Skjemaet er levert og venter på controller. Det kan ikke endres nå."),
    CaseState.RETURNED: N_("Skjemaet er sendt tilbake til enheten og er ikke levert på nytt."),
    CaseState.APPROVED: N_("Skjemaet er godkjent og kan ikke endres."),
}


def next_state(state: CaseState, step: CaseStep) -> CaseState:
    """The state after a step; raises Refused when the step cannot be taken from here."""
    if (state, step) not in WORKFLOW:
        raise Refused(_NO[state])
    return WORKFLOW[state, step][0]


def steps_from(state: CaseState, parties: Collection[Party]) -> frozenset[CaseStep]:
    """The steps these parties may take from a state."""
    return frozenset(step for (at, step), (_, who) in WORKFLOW.items() if at is state and who in parties)


def who_takes(step: CaseStep) -> Party:
    """The one party that takes a step, whatever the state."""
    return next(who for (_, taken), (_, who) in WORKFLOW.items() if taken is step)
