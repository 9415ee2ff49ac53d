"""Rates for indicators: own cases, and parents as sums over what lies below."""

from datetime import timedelta

from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.cases.queries import form_rates
from surveyor.cases.services import return_case, save_answers
from surveyor.cases.spec import FormRates
from surveyor.config import Settings
from surveyor.units.queries import tree_as_of
from tests.case_rounds import BAD, CODE, CONTROLLER, GOOD, LEADER, file_case, make_round
from tests.factories import make_tree


def rates(session: Session, period: int = 2026) -> dict[str, FormRates]:
    tree = tree_as_of(session, clock.today())
    return form_rates(session, instrument_code=CODE, period=period, tree=tree)


def seen(found: FormRates) -> tuple[float | None, float | None, int | None, int]:
    return found.on_time, found.met_share, found.open_deviations, found.n_cases


def test_before_the_deadline_nothing_is_said_of_those_who_have_not_filed(
    session: Session, settings: Settings
) -> None:
    make_tree(session)
    _, cases = make_round(session, settings)
    save_answers(session, case_id=cases["B1"].id, rev=0, answers=BAD, actor=LEADER)
    assert seen(rates(session)["B1"]) == (None, None, None, 1)
    assert "S1" not in rates(session)
    assert rates(session, period=2025) == {}


def test_parents_add_up_the_cases_below(session: Session, settings: Settings) -> None:
    make_tree(session)
    _, cases = make_round(session, settings, units=("B1", "B2", "S1"), deadline_on=clock.today())
    file_case(session, cases["B1"], {"routines": "yes", "training": "na", "mark": "6"})
    file_case(session, cases["B2"], BAD)
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        found = rates(session)
    assert seen(found["B1"]) == (1.0, 1.0, 0, 1)  # "not relevant" does not count
    assert seen(found["B2"]) == (1.0, 0.25, 1, 1)  # no and partly
    assert seen(found["S1"]) == (0.0, None, None, 1)
    assert seen(found["OPP"]) == (1.0, 2.5 / 4, 1, 2)
    assert seen(found["FK"]) == (2 / 3, 2.5 / 4, 1, 3)


def test_late_is_late_even_when_it_comes(session: Session, settings: Settings) -> None:
    make_tree(session)
    _, cases = make_round(session, settings, deadline_on=clock.today())
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        file_case(session, cases["B1"], GOOD)
        assert rates(session)["B1"].on_time == 0.0


def test_a_returned_form_counts_as_it_was_handed_in(session: Session, settings: Settings) -> None:
    make_tree(session)
    _, cases = make_round(session, settings)
    case = file_case(session, cases["B1"], BAD)
    return_case(session, settings, case_id=case.id, comment="Rett.", actor=CONTROLLER)
    save_answers(session, case_id=case.id, rev=case.rev, answers=GOOD, actor=LEADER)
    assert seen(rates(session)["B1"]) == (1.0, 0.25, 1, 1)
