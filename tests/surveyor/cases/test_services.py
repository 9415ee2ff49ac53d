"""The way of a case on both databases: sent, filled by two, returned, approved, and then for good."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import Actor
from surveyor.cases.enums import CaseState, FormKind, Lateness
from surveyor.cases.models import Case, CaseRevision
from surveyor.cases.queries import case_events, case_rows, leaders, round_rows
from surveyor.cases.services import (
    Round,
    approve_case,
    remind_late,
    return_case,
    save_answers,
    send_round,
    submit_case,
)
from surveyor.cases.spec import EditedElsewhere
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import InvalidInput, Refused
from surveyor.mail.models import OutboxMail
from surveyor.units.queries import tree_as_of
from tests.case_rounds import (
    BAD,
    CONTROLLER,
    GOOD,
    LEADER,
    file_case,
    mail_settings,
    make_round,
    make_version,
)
from tests.factories import make_account, make_tree

KIND = FormKind.INTERNAL_CONTROL


def n_mails(session: Session, kind: str) -> int:
    return session.scalar(select(func.count()).where(OutboxMail.kind == kind)) or 0


def actions(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.at)))


def test_a_round_makes_one_case_a_unit_and_writes_to_each_leader_once(
    session: Session, settings: Settings
) -> None:
    make_tree(session)
    make_account(session, Role.LEADER, "OPP", language="en")
    make_account(session, Role.LEADER, "B1")
    round_, cases = make_round(session, mail_settings(settings), units=("B1", "B2", "OPP", "S1"), notify=True)
    assert set(cases) == {"B1", "B2", "OPP", "S1"}
    assert {case.state for case in cases.values()} == {CaseState.ASSIGNED}
    assert n_mails(session, "case_sent") == 2  # one about B1; one about B2 and OPP; nobody leads S1
    assert "cases.sent" in actions(session)
    (row,) = round_rows(session, kind=KIND, units=None)
    assert (row.n_cases, row.n_waiting, row.n_late, row.id) == (4, 4, 0, round_.id)


def test_a_unit_without_a_leader_is_led_from_above(session: Session) -> None:
    units = make_tree(session)
    above, own = make_account(session, Role.LEADER, "OPP"), make_account(session, Role.LEADER, "B1")
    make_account(session, Role.LEADER, "B1").disabled_at = clock.now()
    found = leaders(session, tree=tree_as_of(session, clock.today()))
    assert [found[units[code].id] for code in ("B1", "B2", "S1")] == [(own,), (above,), ()]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit_codes": ()}, "units"),
        ({"unit_codes": ("B1", "nowhere")}, "units"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"period": 1066}, "period"),
        ({"deadline_on": clock.today() - timedelta(days=1)}, "deadline_on"),
    ],
)
def test_a_bad_plan_is_refused_and_nothing_is_stored(
    session: Session, settings: Settings, change: dict[str, object], field: str
) -> None:
    make_tree(session)
    plan = Round(KIND, "Internkontroll", make_version(session), 2026, clock.today(), ("B1",))
    with pytest.raises(InvalidInput) as refused:
        send_round(session, settings, plan=plan._replace(**change), actor=CONTROLLER)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_the_same_round_is_not_sent_twice(session: Session, settings: Settings) -> None:
    make_tree(session)
    version = make_version(session)
    make_round(session, settings, version=version)
    with pytest.raises(InvalidInput):
        make_round(session, settings, version=version)


def test_a_draft_may_be_incomplete_and_takes_several_sittings(session: Session, case: Case) -> None:
    save_answers(session, case_id=case.id, rev=0, answers={"routines": "no"}, actor=LEADER)
    assert (case.state, case.rev) == (CaseState.DRAFT, 1)
    save_answers(session, case_id=case.id, rev=1, answers={**BAD}, actor=LEADER)
    assert (case.rev, case.answers) == (2, BAD)


def test_the_second_of_two_editors_is_told_and_nothing_is_lost(session: Session, case: Case) -> None:
    save_answers(session, case_id=case.id, rev=0, answers={"routines": "yes"}, actor=LEADER)
    with pytest.raises(EditedElsewhere):
        save_answers(session, case_id=case.id, rev=0, answers={"routines": "no"}, actor=LEADER)
    with pytest.raises(EditedElsewhere):
        submit_case(session, case_id=case.id, rev=0, actor=LEADER)
    assert case.answers == {"routines": "yes"}


def test_of_editors_at_the_very_same_time_one_wins_and_the_others_are_told(
    engine: Engine, session: Session, case: Case
) -> None:
    session.commit()

    def save(words: str) -> str:
        try:
            with unit_of_work(engine) as own:
                save_answers(own, case_id=UUID(str(case.id)), rev=0, answers={"mark": words}, actor=LEADER)
        except EditedElsewhere:
            return "told"
        return "saved"

    with ThreadPoolExecutor(4) as pool:
        outcomes = Counter(pool.map(save, "123456"))
    assert outcomes == {"saved": 1, "told": 5}


def test_an_incomplete_form_is_not_taken_in(session: Session, case: Case) -> None:
    save_answers(session, case_id=case.id, rev=0, answers={"routines": "no"}, actor=LEADER)
    with pytest.raises(InvalidInput) as refused:
        submit_case(session, case_id=case.id, rev=1, actor=LEADER)
    assert [problem.field for problem in refused.value.problems] == ["routines_gap", "training"]
    assert case.state is CaseState.DRAFT


def test_submitting_drops_what_is_no_longer_asked(session: Session, case: Case) -> None:
    file_case(session, case, {**GOOD, "routines_gap": "Fra før."})
    assert case.answers == GOOD


def test_returned_with_a_comment_handed_in_again_and_approved(
    session: Session, settings: Settings, case: Case
) -> None:
    make_account(session, Role.LEADER, "B1")
    file_case(session, case, BAD)
    first = case.first_submitted_at
    return_case(
        session, mail_settings(settings), case_id=case.id, comment="Skriv mer.\nTakk.", actor=CONTROLLER
    )
    assert n_mails(session, "case_returned") == 1
    file_case(session, case, GOOD)
    approve_case(session, case_id=case.id, actor=CONTROLLER, comment="Fint.")
    numbers = session.scalars(select(CaseRevision.number).order_by(CaseRevision.number)).all()
    assert (case.state, numbers) == (CaseState.APPROVED, [1, 2])
    assert case.first_submitted_at == first
    steps = [(event.step, event.comment) for event in case_events(session, case=case)]
    assert ("return", "Skriv mer.\nTakk.") in steps
    assert ("approve", "Fint.") in steps
    assert {"case.saved", "case.submitted", "case.returned", "case.approved"} <= set(actions(session))


def test_returning_needs_a_comment(session: Session, settings: Settings, case: Case) -> None:
    file_case(session, case)
    with pytest.raises(InvalidInput):
        return_case(session, settings, case_id=case.id, comment="  ", actor=CONTROLLER)
    assert case.state is CaseState.SUBMITTED


def test_nobody_approves_what_they_submitted(session: Session, case: Case) -> None:
    file_case(session, case, actor=Actor("both@fjordvik.test"))
    with pytest.raises(Refused):
        approve_case(session, case_id=case.id, actor=Actor("both@fjordvik.test"))
    assert approve_case(session, case_id=case.id, actor=CONTROLLER).approved_at


def test_an_approved_case_takes_no_step(session: Session, settings: Settings, case: Case) -> None:
    file_case(session, case)
    approve_case(session, case_id=case.id, actor=CONTROLLER)
    with pytest.raises(Refused):
        save_answers(session, case_id=case.id, rev=case.rev, answers=BAD, actor=LEADER)
    with pytest.raises(Refused):
        submit_case(session, case_id=case.id, rev=case.rev, actor=LEADER)
    with pytest.raises(Refused):
        return_case(session, settings, case_id=case.id, comment="Nei.", actor=CONTROLLER)


def test_the_database_itself_refuses_to_change_an_approved_case(session: Session, case: Case) -> None:
    file_case(session, case)
    session.flush()
    session.execute(update(Case).where(Case.id == case.id).values(rev=Case.rev))  # negative control
    approve_case(session, case_id=case.id, actor=CONTROLLER)
    session.flush()
    with pytest.raises(DatabaseError, match="frozen"):
        session.execute(update(Case).where(Case.id == case.id).values(answers=BAD))


def test_reminders_go_to_those_who_owe_the_form_once_a_day(session: Session, settings: Settings) -> None:
    make_tree(session)
    for unit in ("B1", "B2"):
        make_account(session, Role.LEADER, unit)
    settings = mail_settings(settings)
    round_, cases = make_round(session, settings)
    file_case(session, cases["B1"])
    everyone = list(cases.values())
    for expected in (1, 0):
        assert remind_late(session, settings, round_=round_, cases=everyone, actor=CONTROLLER) == expected
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        assert remind_late(session, settings, round_=round_, cases=everyone, actor=CONTROLLER) == 1


def test_who_is_late_is_told_in_the_lists(session: Session, settings: Settings) -> None:
    make_tree(session)
    _, cases = make_round(session, settings, deadline_on=clock.today())
    file_case(session, cases["B1"])
    with clock.fixed_at(clock.now() + timedelta(days=2)):
        rows = {row.unit_code: row.lateness for row in case_rows(session, kind=KIND, units=None)}
        (counts,) = round_rows(session, kind=KIND, units=None)
    assert rows == {"B1": Lateness.FILED_IN_TIME, "B2": Lateness.LATE}
    assert (counts.n_late, counts.n_waiting, counts.n_to_approve) == (1, 1, 1)


def test_lists_hold_the_units_asked_for_only(session: Session, case: Case) -> None:
    rows = case_rows(session, kind=KIND, units=[case.unit_id])
    assert [row.unit_code for row in rows] == ["B1"]
    assert case_rows(session, kind=KIND, units=[]) == []
    assert case_rows(session, kind=FormKind.IT_SECURITY, units=None) == []
