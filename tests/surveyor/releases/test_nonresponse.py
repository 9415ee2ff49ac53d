"""Who answered: rates and evenness of large waves, with cautions, and nothing that tells of one person."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.rates import Outcome
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.releases.beside_checks import response_holes
from surveyor.releases.enums import CellState
from surveyor.releases.models import ResponseCell
from surveyor.releases.nonresponse import (
    core_outcomes,
    is_ambiguous,
    near_groups,
    response_rows,
    told_by_variable,
    told_groups,
)
from surveyor.releases.respondents import Respondents
from surveyor.releases.services import freeze_release
from surveyor.releases.spec import ResponseRow
from surveyor.responses.models import RegisterCount
from tests.releases_data import add_answers, add_frame, make_wave
from tests.samples_data import citizen_questionnaire
from tests.surveyor.releases.turnouts import GROUPS, turnout

FORM = citizen_questionnaire()


def by_measure(rows: list[ResponseRow]) -> dict[tuple[str, str, str], ResponseRow]:
    return {(row.variable, row.category, row.measure): row for row in rows}


def test_rates_groups_and_evenness() -> None:
    rows, reason = response_rows(turnout())
    found = by_measure(rows)
    assert reason == ""
    assert found["", "", "answered"].value == 215
    assert found["", "", "rr2"].value == round(215 / 400, 2)
    assert found["gender", "k", "rate"].value == 0.6  # 130 of 210, in steps of five
    assert found["gender", "m", "rate"].value == 0.45
    assert found["gender", "k", "partial"].value > 0 > found["gender", "m", "partial"].value  # type: ignore[operator]
    assert found["gender", "", "v"].value is not None
    assert 0 < found["", "", "r"].value < 1  # type: ignore[operator]
    assert "caution:somewhat_uneven" in {row.measure for row in rows}


def test_what_stands_beside_a_rate_is_as_coarse() -> None:
    found = by_measure(response_rows(turnout())[0])
    kept = {key: (n, m + (1 if key == ("S", "k") else 0)) for key, (n, m) in GROUPS.items()}
    changed = by_measure(response_rows(turnout(kept))[0])
    for measure in ("rate", "partial"):
        assert found["gender", "k", measure] == changed["gender", "k", measure]
    assert found["gender", "", "p"].value in (0.001, 0.01, 0.05, 1.0)


def test_a_low_rate_is_a_caution() -> None:
    rows, _ = response_rows(turnout({key: (n, n // 4) for key, (n, _) in GROUPS.items()}))
    assert "caution:low_rate" in {row.measure for row in rows}


def test_undelivered_mail_is_of_unknown_eligibility() -> None:
    found = by_measure(response_rows(turnout(n_undelivered=20))[0])
    assert (found["", "", "rr1"].value, found["", "", "rr5"].value) == (
        round(215 / 400, 2),
        round(215 / 380, 2),
    )
    assert found["", "", "undelivered"].value == 20
    assert by_measure(response_rows(turnout(n_undelivered=3))[0])["", "", "undelivered"].value is None


def test_few_break_offs_hide_all_three_counts() -> None:
    outcomes = {Outcome.COMPLETE: 200, Outcome.PARTIAL: 12, Outcome.BREAK_OFF: 3}
    found = by_measure(response_rows(turnout(outcomes=outcomes))[0])
    assert {found["", "", one].state for one in outcomes} == {CellState.HIDDEN}
    assert found["", "", "rr1"].value == 0.5
    many = {Outcome.COMPLETE: 190, Outcome.PARTIAL: 15, Outcome.BREAK_OFF: 10}
    assert by_measure(response_rows(turnout(outcomes=many))[0])["", "", "partial"].value == 15


def test_answers_on_paper_leave_the_outcomes_open() -> None:
    outcomes = {Outcome.COMPLETE: 230, Outcome.PARTIAL: 0, Outcome.BREAK_OFF: 0}
    found = by_measure(response_rows(turnout(outcomes=outcomes))[0])
    assert found["", "", "rr1"].state is CellState.HIDDEN
    assert found["", "", "answered"].value == 215


@pytest.mark.parametrize("change", ["all", "none", "one_group", "separated"])
def test_edges_give_a_reason_and_never_a_nan(change: str) -> None:
    groups = dict(GROUPS)
    if change == "all":
        groups = {key: (n, n) for key, (n, _) in GROUPS.items()}
    elif change == "none":
        groups = {key: (n, 0) for key, (n, _) in GROUPS.items()}
    elif change == "one_group":
        groups = {("N", "k"): (400, 210)}
    elif change == "separated":
        groups = {key: (n, n if key[1] == "k" else m) for key, (n, m) in GROUPS.items()}
    rows, reason = response_rows(turnout(groups))
    assert reason
    assert by_measure(rows)["", "", "r"].state is CellState.HIDDEN
    assert all(row.value is None or np.isfinite(row.value) for row in rows)


_SIZES = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
)


@given(_SIZES)
def test_what_is_left_over_is_nobody_or_ten(groups: dict[str, tuple[int, int]]) -> None:
    told = told_groups(groups)
    left = [counts for group, counts in groups.items() if group not in told]
    n, answered = sum(n for n, _ in left), sum(answered for _, answered in left)
    assert not told or not left or (n >= 10 and 3 <= answered <= n - 3)
    for group in told:
        n, answered = groups[group]
        assert n >= 10
        assert 3 <= answered <= n - 3


@given(_SIZES)
def test_no_row_is_ever_without_sense(groups: dict[str, tuple[int, int]]) -> None:
    rows, _ = response_rows(turnout({("N", name): counts for name, counts in groups.items()}))
    for row in rows:
        assert row.value is None or np.isfinite(row.value)
        assert (row.state is CellState.SHOWN) is (row.value is not None)


def test_core_questions_decide_how_far_somebody_came() -> None:
    codes = np.array([[0, 0, 0, 0, -1, -1], [0, 0, -1, -1, 0, 0], [0, -1, -1, -1, 0, 0]], dtype=np.int8)
    people = Respondents(FORM, ("N",) * 3, codes)
    assert core_outcomes(people) == {Outcome.COMPLETE: 1, Outcome.PARTIAL: 1, Outcome.BREAK_OFF: 1}


def test_rates_are_frozen_and_the_counts_deleted(session: Session, settings: Settings) -> None:
    wave = make_wave(session, FORM, {"FJ": None, "N": "FJ", "S": "FJ"}, closes=date(2026, 5, 31))
    n = {unit: sum(m for (u, _), (_, m) in GROUPS.items() if u == unit) for unit in "NS"}
    frame = pd.DataFrame({f"q{k}": np.tile([1, 2, 3, 4, 5], 43) for k in (1, 2, 3)})
    frame["gender"], frame["age"], frame["bus"] = 1, 2, np.tile([0, 1, 1, 0, 1], 43)
    segments = [unit for unit in "NS" for _ in range(n[unit])]
    add_answers(session, wave, FORM, segments, frame, {"bus": ["yes", "no"]})
    # the rate of the whole is exact, so it may be said how many answered
    add_frame(session, wave, {"N": (220, n["N"]), "S": (180, n["S"])})
    for place, ((unit, gender), (invited, answered)) in enumerate(GROUPS.items()):
        groups = {"unit": unit, "gender": gender}
        row = {"position": place, "groups": groups, "n_invited": invited, "n_answered": answered}
        session.add(RegisterCount(wave_id=wave.id, **row))
    session.flush()
    build_cube(session, wave=wave)
    release = freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    stored = session.scalars(select(ResponseCell).order_by(ResponseCell.position)).all()
    assert len(stored) == release.method["responses"]["n_cells"] > 10
    assert [row.value for row in stored if row.measure == "rr1"] == [0.54]
    assert [row.value for row in stored if row.measure == "answered"] == [215]
    assert session.scalars(select(RegisterCount)).all() == []


def test_no_count_where_the_gate_shows_no_exact_rate() -> None:
    found = by_measure(response_rows(turnout(is_exact=False))[0])
    assert {found["", "", one].state for one in ("answered", "complete", "rr1")} == {CellState.HIDDEN}


def test_units_tell_no_rate_the_gate_on_rates_holds_back() -> None:
    found = by_measure(response_rows(turnout(exact_units=frozenset({"N"})))[0])
    assert {found["unit", unit, "rate"].value is None for unit in "NS"} == {False, True}
    every = by_measure(response_rows(turnout())[0])  # negative control
    assert every["unit", "S", "rate"].value is not None


def test_groups_of_two_variables_that_nearly_agree_are_not_both_told() -> None:
    """Fourteen in a unit, all but one of them men, and steps of five per cent are exact for so few."""
    groups = {("S", "m"): (13, 6), ("S", "k"): (1, 1), ("N", "k"): (400, 200)}
    plain = {v: told_groups(turnout(groups).by_group(v)) for v in ("unit", "gender")}
    assert plain == {"unit": {"N", "S"}, "gender": {"k", "m"}}  # negative control: each for itself is fine
    assert any(near_groups(turnout(groups), plain))
    told = told_by_variable(turnout(groups))
    assert not any(near_groups(turnout(groups), told))
    assert sum(map(len, told.values())) < 4
    assert told_by_variable(turnout()) == {"unit": {"N", "S"}, "gender": {"k", "m"}}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABC"), st.sampled_from("kmx")),
        st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (max(pair), min(pair))),
        min_size=2,
    )
)
def test_two_rates_never_tell_of_fewer_than_ten(groups: dict[tuple[str, str], tuple[int, int]]) -> None:
    given_ = turnout(groups)
    if given_.n_invited:
        assert response_holes(response_rows(given_)[0], given_) == []
    told = [(v, group) for v, known in told_by_variable(given_).items() for group in known]
    n = np.array([one.n_invited for one in given_.counts])
    rows = [np.ones(len(n))] + [
        np.array([one.groups[v] == group for one in given_.counts], dtype=float) for v, group in told
    ]
    for one, first in enumerate(rows):
        for other in rows[:one]:
            assert not 0 < n[(first - other) != 0].sum() < 10
            for third in rows:
                if first is not third and other is not third and rows[0] is third:
                    assert not 0 < n[(first + other - third) != 0].sum() < 10


def test_rounded_rates_leave_open_how_many_broke_off() -> None:
    """Two of thirty-one who broke off would be counted from their share."""
    few = {("N", "k"): (160, 15), ("N", "m"): (160, 16)}
    outcomes = {Outcome.COMPLETE: 22, Outcome.PARTIAL: 7, Outcome.BREAK_OFF: 2}
    found = by_measure(response_rows(turnout(few, outcomes=outcomes))[0])
    assert {found["", "", name].value for name in ("rr1", "rr2", "break_off_share", "break_off")} == {None}
    assert not is_ambiguous(turnout(few, outcomes=outcomes), (22, 7, 2), 0)
    assert is_ambiguous(turnout(), (200, 12, 3), 0)  # in a larger wave they stay


def test_tests_and_evenness_say_nothing_of_a_group_held_back() -> None:
    """With the whole known, V at two decimals would count the two silent of twelve."""
    small = {("N", "k"): (400, 200), ("N", "m"): (12, 10)}
    rows, reason = response_rows(turnout(small))
    found = by_measure(rows)
    assert {found[key].value for key in (("gender", "m", "rate"), ("gender", "", "v"), ("", "", "r"))} == {
        None
    }
    assert reason == "held_back"
    assert ("gender", "", "partial") not in found
    enough = by_measure(response_rows(turnout({**small, ("N", "m"): (12, 9)}))[0])  # negative control
    assert None not in {
        enough[key].value for key in (("gender", "m", "rate"), ("gender", "", "v"), ("", "", "r"))
    }
