"""The table of states and steps: whatever is tried in whatever order, what must hold holds."""

from hypothesis import given
from hypothesis import strategies as st

from surveyor.cases.enums import CaseState, CaseStep, Party
from surveyor.cases.workflow import WITH_UNIT, WORKFLOW, next_state, steps_from, who_takes
from surveyor.errors import Refused

STEPS = st.lists(st.sampled_from(CaseStep), max_size=30)


def walk(steps: list[CaseStep]) -> list[CaseState]:
    """The states a case passes through; a refused step leaves it where it is."""
    states = [CaseState.ASSIGNED]
    for step in steps:
        try:
            states.append(next_state(states[-1], step))
        except Refused:
            states.append(states[-1])
    return states


@given(STEPS)
def test_approval_is_final_and_comes_only_after_submission(steps: list[CaseStep]) -> None:
    states = walk(steps)
    if CaseState.APPROVED in states:
        end = states.index(CaseState.APPROVED)
        assert set(states[end:]) == {CaseState.APPROVED}
        assert states[end - 1] is CaseState.SUBMITTED


@given(STEPS)
def test_a_case_is_returned_only_after_it_was_submitted(steps: list[CaseStep]) -> None:
    states = walk(steps)
    if CaseState.RETURNED in states:
        assert CaseState.SUBMITTED in states[: states.index(CaseState.RETURNED)]


def test_every_state_can_be_reached_and_all_but_the_last_can_be_left() -> None:
    assert {state for state, _ in WORKFLOW.values()} | {CaseState.ASSIGNED} == set(CaseState)
    assert {state for state, _ in WORKFLOW} == set(CaseState) - {CaseState.APPROVED}


def test_each_step_belongs_to_one_side_which_has_the_case_in_hand() -> None:
    for (state, step), (_, who) in WORKFLOW.items():
        assert who is who_takes(step)
        assert (who is Party.UNIT) == (state in WITH_UNIT)


def test_nobody_and_both_sides_see_their_steps() -> None:
    assert steps_from(CaseState.SUBMITTED, ()) == frozenset()
    assert steps_from(CaseState.SUBMITTED, {Party.UNIT}) == frozenset()
    assert steps_from(CaseState.SUBMITTED, {Party.CONTROLLER}) == {CaseStep.RETURN, CaseStep.APPROVE}
    assert steps_from(CaseState.APPROVED, Party) == frozenset()
