from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analysis.intervals import centred, half_width, mean_interval, pooled_sd, welch, wilson
from analysis.power import smallest_difference
from analysis.significance import adjust_bh, hedges_g, mann_whitney, small_sample_factor
from analysis.tables import Scored, scored
from analysis.verdicts import Verdict, as_good_as_equal, seen_at_80, verdict
from tests.analysis.golden import assert_compared, bfi, golden, item_counts

GENDER = golden("bfi_gender")
table_counts = st.lists(st.integers(0, 30), min_size=5, max_size=5)


def _groups(name: str) -> tuple[Scored, Scored]:
    data = bfi()
    men, women = (item_counts(data.loc[data["gender"] == sex, name]) for sex in (1, 2))
    return scored(range(1, 7), men), scored(range(1, 7), women)


@pytest.mark.parametrize("name", sorted(GENDER["items"]))
def test_items_by_gender_agree_with_the_reference(name: str) -> None:
    assert_compared(*_groups(name), GENDER["items"][name])


@given(table_counts, table_counts)
def test_mann_whitney_equals_scipy(first: list[int], second: list[int]) -> None:
    found = mann_whitney(scored(range(1, 6), first), scored(range(1, 6), second))
    if not sum(first) or not sum(second):
        assert found is None
        return
    x, y = (np.repeat(np.arange(1, 6), counts) for counts in (first, second))
    if len(set(x) | set(y)) == 1:
        assert found.p == 1.0
        return
    expected = stats.mannwhitneyu(x, y, method="asymptotic")
    assert found.u1 == expected.statistic
    assert found.p == pytest.approx(expected.pvalue, rel=1e-12, abs=1e-12)


def test_mann_whitney_compares_tables_with_different_scores() -> None:
    found = mann_whitney(scored([0.5, 2], [3, 4]), scored([1, 2, 7], [2, 5, 1]))
    x, y = [0.5] * 3 + [2] * 4, [1] * 2 + [2] * 5 + [7]
    assert found.p == pytest.approx(stats.mannwhitneyu(x, y, method="asymptotic").pvalue, rel=1e-12)


def test_all_tied_is_no_evidence_and_no_interval() -> None:
    same = scored(range(1, 6), [0, 0, 12, 0, 0])
    assert mann_whitney(same, same).p == 1.0
    assert welch(same, same) is None
    assert hedges_g(same, same) is None
    assert mean_interval(same) is None


def test_one_answer_gives_no_figure_that_needs_two() -> None:
    one, many = scored([1, 2], [1, 0]), scored([1, 2], [4, 9])
    assert welch(one, many) is None
    assert hedges_g(one, many) is None
    assert mean_interval(one) is None


def test_welch_equals_scipy_when_one_side_is_constant() -> None:
    a, b = scored([1, 2, 3], [0, 7, 0]), scored([1, 2, 3], [4, 1, 4])
    x, y = (np.repeat([1, 2, 3], table.counts) for table in (a, b))
    expected = stats.ttest_ind(x, y, equal_var=False)
    assert welch(a, b).p == pytest.approx(expected.pvalue, rel=1e-10)


@pytest.mark.parametrize("df", [2, 7, 50, 999, 1000, 1001, 100_000])
def test_small_sample_factor_is_smooth(df: int) -> None:
    approximate = 1 - 3 / (4 * df - 1)
    assert small_sample_factor(df) == pytest.approx(approximate, abs=0.3 / df**2)
    exact = math.exp(math.lgamma(df / 2) - 0.5 * math.log(df / 2) - math.lgamma((df - 1) / 2))
    assert small_sample_factor(df) == pytest.approx(exact, rel=1e-9)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30))
def test_adjusted_p_counts_only_the_tests_made(p_values: list[float | None]) -> None:
    made = [p for p in p_values if p is not None]
    adjusted = adjust_bh(p_values)
    assert [p is None for p in adjusted] == [p is None for p in p_values]
    if made:
        expected = multipletests(made, method="fdr_bh")[1]
        assert [p for p in adjusted if p is not None] == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_a_p_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="p must lie"):
        adjust_bh([0.1, math.nan])


@pytest.mark.parametrize(
    ("n_unit", "n_other", "difference", "g", "p", "expected"),
    [
        (9, 500, 30.0, 1.0, 0.001, Verdict.TOO_FEW),
        (500, 9, 30.0, 1.0, 0.001, Verdict.TOO_FEW),
        (10, 10, 5.0, 0.1, 0.05, Verdict.HIGHER),
        (10, 10, -5.0, -0.1, 0.05, Verdict.LOWER),
        (10, 10, 4.9, 0.2, 0.01, Verdict.HIGHER),
        (10, 10, -4.9, -0.2, 0.01, Verdict.LOWER),
        (10, 10, 5.0, 0.5, 0.0501, Verdict.POSSIBLE),
        (10, 10, 5.0, 0.5, None, Verdict.POSSIBLE),
        (10, 10, (142 / 35 - 108 / 28) * 25, 0.1, 0.06, Verdict.POSSIBLE),  # five points, less the noise
        (10, 10, 4.999_999, 0.199_999, 0.01, Verdict.NONE),
        (9999, 9999, 4.9, 0.19, 1e-9, Verdict.NONE),
        (10, 10, 0.0, 0.0, 1.0, Verdict.NONE),
        (10, 10, 0.0, None, None, Verdict.NONE),
    ],
)
def test_verdict_needs_precision_evidence_and_size(
    n_unit: int, n_other: int, difference: float, g: float | None, p: float | None, expected: Verdict
) -> None:
    assert verdict(n_unit, n_other, difference, g, p) is expected


def test_ranks_that_point_the_other_way_are_no_evidence() -> None:
    """Four of ten at the bottom pull the mean down, though most answer higher than everybody else."""
    here, there = scored(range(1, 6), [40, 0, 0, 60, 0]), scored(range(1, 6), [0, 0, 100, 0, 0])
    ranks = mann_whitney(here, there)
    assert ranks is not None
    assert ranks.p < 0.01
    assert ranks.cliffs_delta > 0
    assert verdict(100, 100, -5.0, -0.2, ranks.p, ranks.cliffs_delta) is Verdict.POSSIBLE
    assert verdict(100, 100, 5.0, 0.2, ranks.p, ranks.cliffs_delta) is Verdict.HIGHER


def test_pooled_sd_is_the_spread_within_leaves() -> None:
    leaves = [scored(range(1, 6), counts) for counts in ([1, 2, 3, 0, 0], [0, 0, 1, 4, 4], [0, 1, 0, 0, 0])]
    answers = [np.repeat(np.arange(1, 6), leaf.counts) for leaf in leaves]
    within = sum((len(x) - 1) * np.var(x, ddof=1) for x in answers if len(x) > 1)
    pooled = pooled_sd(leaves)
    assert pooled.df == 13
    assert pooled.sd == pytest.approx(math.sqrt(within / 13), rel=1e-14)
    half = stats.t.ppf(0.975, 13) * pooled.sd / math.sqrt(5)
    assert half_width(5, pooled.sd, pooled.df) == pytest.approx(half, rel=1e-12)


def test_pooled_sd_without_spread_is_nothing() -> None:
    assert pooled_sd([]) is None
    assert pooled_sd([scored([1, 2], [1, 0]), scored([1, 2], [4, 0])]) is None


def test_intervals_can_be_centred_on_a_published_figure() -> None:
    a, b = scored([1, 2, 3], [4, 5, 6]), scored([1, 2, 3], [7, 2, 2])
    plain = mean_interval(a)
    assert 2 * half_width(a.n, a.sd) == pytest.approx(plain.high - plain.low, rel=1e-14)
    found = welch(a, b)
    moved = centred(found, found.difference)
    assert [moved.low, moved.high] == pytest.approx([found.low, found.high], rel=1e-13)
    with pytest.raises(ValueError, match="at least one"):
        half_width(0, 1.0, 13)
    with pytest.raises(ValueError, match="df be positive"):
        half_width(1, 1.0)


def test_wilson_at_the_edges() -> None:
    assert wilson(0, 0) is None
    assert wilson(0, 8).low == 0.0
    assert wilson(8, 8).high == 1.0
    with pytest.raises(ValueError, match="x must lie"):
        wilson(9, 8)


def test_as_good_as_equal_needs_the_whole_interval_within_five_points() -> None:
    assert as_good_as_equal(-4.9, 4.9)
    assert not as_good_as_equal(-5.0, 1.0)
    assert not as_good_as_equal(1.0, 5.0)
    assert not as_good_as_equal(None, 1.0)
    assert not as_good_as_equal(float("nan"), 1.0)


@given(st.integers(2, 500), st.integers(2, 500), st.floats(0.5, 40))
def test_what_would_have_been_seen_is_the_same_from_the_interval_as_from_the_sd(
    n1: int, n2: int, sd: float
) -> None:
    half = 1.959963984540054 * sd * math.sqrt(1 / n1 + 1 / n2)
    assert seen_at_80(3 - half, 3 + half) == pytest.approx(smallest_difference(n1, n2, sd), rel=1e-4)
