from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.nonresponse import Caution, cautions, early_and_late, propensities, representativity
from analysis.rates import Dispositions, Outcome, outcome, response_rates
from analysis.reasons import Reason


def test_the_six_rates_of_aapor() -> None:
    found = response_rates(Dispositions(50, 10, 15, 20, 5, 30, 20), e=0.5)
    assert (found.rr1, found.rr2) == (50 / 150, 60 / 150)
    assert (found.rr3, found.rr4) == (50 / 125, 60 / 125)
    assert (found.rr5, found.rr6) == (50 / 100, 60 / 100)


def test_with_a_named_list_rr1_equals_rr5() -> None:
    found = response_rates(Dispositions(50, 10, 15, 20, 5))
    assert found.rr1 == found.rr3 == found.rr5
    assert response_rates(Dispositions(0)) is Reason.NO_ANSWERS
    with pytest.raises(ValueError, match="people"):
        Dispositions(-1)
    with pytest.raises(ValueError, match="0..1"):
        response_rates(Dispositions(1), e=math.nan)


@pytest.mark.parametrize(
    ("answered", "word"),
    [
        (10, Outcome.COMPLETE),
        (8, Outcome.COMPLETE),
        (7, Outcome.PARTIAL),
        (5, Outcome.PARTIAL),
        (4, Outcome.BREAK_OFF),
    ],
)
def test_an_answer_is_complete_partial_or_broken_off(answered: int, word: Outcome) -> None:
    assert outcome(answered, 10) is word
    assert outcome(0, 0) is Reason.NO_ANSWERS
    with pytest.raises(ValueError, match="asked"):
        outcome(11, 10)


CATEGORIES = np.array([[a, b] for a in range(2) for b in range(3)])
INVITED = np.array([100, 80, 60, 90, 70, 50])
ANSWERED = np.array([70, 50, 30, 75, 40, 20])


def test_response_is_fitted_by_a_logit_on_main_effects() -> None:
    design = np.column_stack(
        [np.ones(6), CATEGORIES[:, 0] == 1, CATEGORIES[:, 1] == 1, CATEGORIES[:, 1] == 2]
    ).astype(float)
    model = sm.GLM(np.column_stack([ANSWERED, INVITED - ANSWERED]), design, family=sm.families.Binomial())
    expected = model.fit(tol=1e-14).fittedvalues
    assert propensities(INVITED, ANSWERED, CATEGORIES) == pytest.approx(expected, rel=1e-9)


def test_the_r_indicator_and_its_parts() -> None:
    found = representativity(INVITED, ANSWERED, CATEGORIES)
    rho = propensities(INVITED, ANSWERED, CATEGORIES)
    everybody = np.repeat(rho, INVITED)
    assert found.r == pytest.approx(1 - 2 * everybody.std(ddof=1), rel=1e-12)
    assert found.cv == pytest.approx(everybody.std(ddof=1) / everybody.mean(), rel=1e-12)
    assert found.rate == pytest.approx(everybody.mean(), rel=1e-9)
    district = found.variables[1]
    assert [part.partial > 0 for part in district.categories] == [True, False, False]
    assert district.partial == pytest.approx(
        math.sqrt(sum(p.partial**2 for p in district.categories)), rel=1e-12
    )
    assert district.partial <= everybody.std() + 1e-12
    assert district.chi_square.p < 1e-6
    assert found.cautions == (Caution.SOMEWHAT_UNEVEN,)


def test_even_response_is_fully_representative() -> None:
    found = representativity(INVITED, INVITED // 2, CATEGORIES)
    assert found.r == pytest.approx(1, abs=1e-9)
    assert found.cautions == ()


@pytest.mark.parametrize(
    ("rate", "cv", "words"),
    [
        (0.6, 0.05, ()),
        (0.6, 0.1, ("somewhat_uneven",)),
        (0.4, 0.21, ("low_rate", "uneven")),
        (0.5, 0.2, ("somewhat_uneven",)),
    ],
)
def test_cautions_follow_the_rate_and_the_unevenness(rate: float, cv: float, words: tuple[str, ...]) -> None:
    assert cautions(rate, cv) == words


def test_what_cannot_be_judged_says_why() -> None:
    assert representativity(INVITED // 10, ANSWERED // 10, CATEGORIES) is Reason.TOO_FEW
    assert representativity(INVITED, INVITED, CATEGORIES) is Reason.ONE_OPTION
    assert representativity(INVITED, 0 * INVITED, CATEGORIES) is Reason.ONE_OPTION
    assert representativity(INVITED, np.array([0, 50, 30, 0, 40, 20]), CATEGORIES) is Reason.SEPARATED
    assert representativity(np.zeros(6, int), np.zeros(6, int), CATEGORIES) is Reason.TOO_FEW
    with pytest.raises(ValueError, match="invited"):
        representativity(ANSWERED, INVITED, CATEGORIES)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=6, max_size=6))
def test_the_indicator_is_finite_or_says_why(cells: list[tuple[int, int]]) -> None:
    answered, silent = (np.array(column) for column in zip(*cells, strict=True))
    found = representativity(answered + silent, answered, CATEGORIES, least=20)
    if not isinstance(found, Reason):
        assert math.isfinite(found.r + found.cv)
        assert found.r <= 1 + 1e-9


def test_late_answers_are_compared_with_early_ones() -> None:
    assert early_and_late([40, 30, 30], [10, 20, 40]).p < 0.001
    assert early_and_late([0, 0], [0, 0]) is Reason.NO_ANSWERS
