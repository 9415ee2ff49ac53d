"""Numbers and dates in three languages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import given
from hypothesis import strategies as st

from blueprints import filters
from surveyor.errors import Problem

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module", autouse=True)
def request_context() -> Iterator[None]:
    app = Flask(__name__)
    app.config.update(BABEL_DEFAULT_LOCALE="nb", BABEL_DEFAULT_TIMEZONE="Europe/Oslo")
    Babel(app)
    filters.init_app(app)
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (4.8, 2, "4,80"),
        (78.5, 1, "78,5"),
        (1.005, 2, "1,01"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
        (-0.04, 1, "0,0"),
        (1234567, 0, f"1{NBSP}234{NBSP}567"),
        (Decimal("4.125"), 2, "4,13"),
        (np.float64(4.8), 2, "4,80"),
        (np.int64(12), 0, "12"),
        (None, 2, "–"),
        (float("nan"), 1, "–"),
        (float("inf"), 1, "–"),
    ],
)
def test_number_in_bokmål(value: float | None, decimals: int, text: str) -> None:
    assert filters.number(value, decimals) == text


def test_number_in_english() -> None:
    with force_locale("en"):
        assert filters.number(-1234.5, 1) == "−1,234.5"
        assert filters.percent(0.785, 1) == "78.5%"


@pytest.mark.parametrize(("value", "text"), [(0.25, "+0,3"), (-0.25, "−0,3"), (0.01, "0,0"), (None, "–")])
def test_signed(value: float | None, text: str) -> None:
    assert filters.signed(value, 1) == text


@pytest.mark.parametrize(("share", "text"), [(0.78, "78"), (0.285, "29"), (0, "0"), (1, "100")])
def test_percent(share: float, text: str) -> None:
    assert filters.percent(share) == f"{text}{NBSP}%"


def test_missing_share_is_a_dash() -> None:
    assert filters.percent(None) == "–"


def test_between() -> None:
    assert filters.between(-2.1, 3.44, 1) == "−2,1 til 3,4"
    assert filters.between(None, 3, 1) == "–"


def test_dates() -> None:
    assert filters.day(date(2026, 2, 1)) == "01.02.2026"
    assert filters.instant(datetime(2026, 7, 1, 22, 5, tzinfo=UTC)) == "02.07.2026 kl. 00.05"
    assert filters.day(None) == filters.instant(None) == "–"
    with force_locale("en"):
        assert filters.day(date(2026, 11, 21)) == "21 Nov 2026"


def test_language_and_direction() -> None:
    assert (filters.current_language(), filters.current_direction()) == ("nb", "ltr")
    with force_locale("ar"):
        assert (filters.current_language(), filters.current_direction()) == ("ar", "rtl")


def test_place_of_a_problem() -> None:
    assert filters.problem_place(Problem("x", sheet="survey", row=3, column="name")) == (
        "Ark «survey», rad 3, kolonne «name»"
    )
    assert filters.problem_place(Problem("x")) == ""


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_written_numbers_read_back_within_half_a_step(value: float, decimals: int) -> None:
    text = filters.number(value, decimals).replace(NBSP, "").replace("−", "-").replace(",", ".")
    assert abs(Decimal(text) - Decimal(str(value))) <= Decimal(5).scaleb(-decimals - 1)
    assert text not in {"-0", "-0.0", "-0.00"}
