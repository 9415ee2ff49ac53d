"""Deviations: opened by low marks, withdrawn with the answer, closed by their actions."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.cases.deviations import add_action, change_action, close_deviation, complete_action
from surveyor.cases.enums import DeviationState, FormKind
from surveyor.cases.models import Action, Case, Deviation
from surveyor.cases.queries import case_deviations, case_events, deviation_rows
from surveyor.cases.services import return_case
from surveyor.cases.spec import DEVIATION_WITHDRAWN
from surveyor.config import Settings
from surveyor.errors import InvalidInput, Refused
from tests.case_rounds import BAD, CONTROLLER, GOOD, LEADER, file_case

OPEN, CLOSED = DeviationState


def test_the_same_action_sent_twice_is_one(session: Session, deviation: Deviation) -> None:
    plan = {"what": "Skriv rutinen", "owner": "Kari", "due_on": clock.today(), "actor": LEADER}
    first = add_action(session, deviation=deviation, **plan)
    assert add_action(session, deviation=deviation, **plan) is first
    complete_action(session, action=first, deviation=deviation, actor=LEADER)
    assert add_action(session, deviation=deviation, **plan) is not first  # it has to be done once more
    assert len(deviation.actions) == 2


def test_what_another_did_meanwhile_is_seen(session: Session, deviation: Deviation) -> None:
    """As when two press the same button: what the second had read is no longer so."""
    plan = {"what": "Skriv rutinen", "owner": "Kari", "due_on": clock.today()}
    assert not deviation.actions
    added = insert(Action).values(id=uuid4(), deviation_id=deviation.id, **plan).returning(Action.id)
    key = session.connection().execute(added).scalar_one()  # past what this session knows
    assert add_action(session, deviation=deviation, actor=LEADER, **plan).id == key
    (action,) = deviation.actions
    session.connection().execute(update(Action).values(done_on=clock.today()))
    assert action.done_on is None  # the control: so it was read
    with pytest.raises(Refused, match="allerede utført"):
        complete_action(session, action=action, deviation=deviation, actor=LEADER)
    session.connection().execute(update(Deviation).values(state=DeviationState.CLOSED))
    with pytest.raises(Refused, match="lukket"):
        close_deviation(session, deviation=deviation, actor=LEADER)


@pytest.fixture
def deviation(session: Session, case: Case) -> Deviation:
    file_case(session, case, BAD)
    (found,) = case_deviations(session, case=case)
    return found


def file_again(session: Session, settings: Settings, case: Case, answers: dict[str, str]) -> None:
    return_case(session, settings, case_id=case.id, comment="Rett.", actor=CONTROLLER)
    file_case(session, case, answers)


def states(session: Session, case: Case) -> list[tuple[str, DeviationState]]:
    return [(each.item, each.state) for each in case_deviations(session, case=case)]


def act(session: Session, deviation: Deviation, what: str = "Skriv rutiner", days: int = 30) -> None:
    due_on = clock.today() + timedelta(days=days)
    add_action(session, deviation=deviation, what=what, owner="Kari", due_on=due_on, actor=LEADER)


def test_a_no_opens_one_deviation_however_often_it_is_handed_in(
    session: Session, settings: Settings, case: Case, deviation: Deviation
) -> None:
    assert deviation.description == "Finnes det rutiner? – Nei: Alt."
    for gap in ("Alt.", "Nesten alt."):
        file_again(session, settings, case, {**BAD, "routines_gap": gap})
    assert states(session, case) == [("routines", OPEN)]
    assert deviation.description.endswith("Nesten alt.")


def test_a_changed_answer_withdraws_it_with_a_trail_and_brings_it_back(
    session: Session, settings: Settings, case: Case, deviation: Deviation
) -> None:
    file_again(session, settings, case, GOOD)
    assert (deviation.state, deviation.closed_on) == (CLOSED, clock.today())
    assert DEVIATION_WITHDRAWN in {event.step for event in case_events(session, case=case)}
    file_again(session, settings, case, BAD)
    assert (deviation.state, deviation.closed_on) == (OPEN, None)


def test_a_deviation_that_was_put_right_is_not_opened_by_the_same_answer(
    session: Session, settings: Settings, case: Case, deviation: Deviation
) -> None:
    act(session, deviation)
    complete_action(session, action=deviation.actions[0], deviation=deviation, actor=LEADER)
    close_deviation(session, deviation=deviation, actor=CONTROLLER)
    file_again(session, settings, case, BAD)
    assert states(session, case) == [("routines", CLOSED)]


def test_it_closes_when_something_was_decided_and_all_is_done(session: Session, deviation: Deviation) -> None:
    with pytest.raises(Refused):
        close_deviation(session, deviation=deviation, actor=CONTROLLER)
    act(session, deviation)
    act(session, deviation, "Lær dem bort")
    for action in deviation.actions:
        with pytest.raises(Refused):
            close_deviation(session, deviation=deviation, actor=CONTROLLER)
        complete_action(session, action=action, deviation=deviation, actor=LEADER)
    close_deviation(session, deviation=deviation, actor=CONTROLLER)
    assert (deviation.state, deviation.closed_on) == (CLOSED, clock.today())
    with pytest.raises(Refused):
        act(session, deviation)


def test_an_action_needs_what_who_and_a_day_to_come(session: Session, deviation: Deviation) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_action(session, deviation=deviation, what=" ", owner="", due_on=clock.today(), actor=LEADER)
    assert [problem.field for problem in refused.value.problems] == ["what", "owner"]
    with pytest.raises(InvalidInput):
        act(session, deviation, days=-1)


def test_an_overdue_action_may_be_reworded_and_moved_but_not_into_the_past(
    session: Session, deviation: Deviation
) -> None:
    act(session, deviation, days=1)
    (action,), due_on = deviation.actions, deviation.actions[0].due_on
    with clock.fixed_at(clock.now() + timedelta(days=10)):
        words = {"action": action, "deviation": deviation, "owner": "Ola", "actor": LEADER}
        change_action(session, what="Noe nytt", due_on=due_on, **words)
        with pytest.raises(InvalidInput):
            change_action(session, what="Noe nytt", due_on=due_on + timedelta(days=1), **words)
        change_action(session, what="Noe nytt", due_on=clock.today(), **words)
    assert (action.what, action.owner) == ("Noe nytt", "Ola")


def test_the_list_counts_late_actions(session: Session, deviation: Deviation) -> None:
    act(session, deviation, days=0)
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        (row,) = deviation_rows(session, kind=FormKind.INTERNAL_CONTROL, units=None)
        assert (row.n_actions, row.n_late_actions, row.unit_code) == (1, 1, "B1")
        complete_action(session, action=deviation.actions[0], deviation=deviation, actor=LEADER)
        (row,) = deviation_rows(session, kind=FormKind.INTERNAL_CONTROL, units=None)
        assert (row.n_late_actions, row.next_due_on) == (0, None)
