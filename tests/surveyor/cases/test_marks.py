"""Marks, lowest thirds, and days in Norway."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from surveyor.cases.deadlines import lateness
from surveyor.cases.enums import Lateness
from surveyor.cases.marks import description, mark, marks
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.xlsform import read_xlsform
from tests.case_rounds import CODE, FORM

DEADLINE = date(2026, 3, 15)


@pytest.fixture(scope="module")
def form() -> Questionnaire:
    return read_xlsform(FORM.encode(), filename="form.md", code=CODE).questionnaire


def low(form: Questionnaire, **answers: str) -> list[str]:
    return [each.item.name for each in marks(form, answers) if each.is_low]


def test_a_no_is_a_deviation_and_partly_is_not(form: Questionnaire) -> None:
    assert low(form, routines="no", training="partly") == ["routines"]
    assert low(form, routines="yes", training="na") == []


def test_the_lowest_third_of_a_die_is_a_deviation_turned_round_for_reverse_items(form: Questionnaire) -> None:
    assert [code for code in "123456" if low(form, mark=code)] == ["1", "2"]
    assert [code for code in "123456" if low(form, trouble=code)] == ["5", "6"]


def test_marks_stand_in_the_range_and_not_relevant_has_none(form: Questionnaire) -> None:
    item = form.item("routines")
    assert [mark(form, item, code) for code in ("yes", "partly", "no", "na", "", "zz")] == [
        1, Fraction(1, 2), 0, None, None, None,
    ]  # fmt: skip


def test_a_deviation_says_what_is_missing(form: Questionnaire) -> None:
    words = description(form, form.item("routines"), {"routines": "no", "routines_gap": "Alt."})
    assert words == "Finnes det rutiner? – Nei: Alt."


@pytest.mark.parametrize(
    ("filed_at", "expected"),
    [
        (datetime(2026, 3, 15, 22, 59, 59, tzinfo=UTC), Lateness.FILED_IN_TIME),  # 23.59.59 in Oslo
        (datetime(2026, 3, 15, 23, 0, 0, tzinfo=UTC), Lateness.FILED_LATE),  # midnight in Oslo
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), Lateness.FILED_IN_TIME),
    ],
)
def test_the_deadline_day_ends_at_midnight_in_oslo(filed_at: datetime, expected: Lateness) -> None:
    assert lateness(filed_at, deadline_on=DEADLINE, today=date(2026, 6, 1)) is expected


def test_in_summer_oslo_is_two_hours_ahead() -> None:
    just_late = datetime(2026, 7, 15, 22, 0, tzinfo=UTC)
    assert lateness(just_late, deadline_on=date(2026, 7, 15), today=date(2026, 8, 1)) is Lateness.FILED_LATE


def test_what_is_not_filed_is_late_from_the_day_after() -> None:
    assert lateness(None, deadline_on=DEADLINE, today=DEADLINE) is Lateness.NOT_DUE
    assert lateness(None, deadline_on=DEADLINE, today=date(2026, 3, 16)) is Lateness.LATE
