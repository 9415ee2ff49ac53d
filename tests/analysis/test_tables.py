from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import tables
from analysis.intervals import mean_interval, wilson
from analysis.rollup import roll_up
from analysis.tables import added, scored
from tests.analysis.golden import golden, near

ITEMS = golden("bfi_items")["items"]
counts_of_five = st.lists(st.integers(0, 40), min_size=5, max_size=5)


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_items_agree_with_the_reference(name: str) -> None:
    expected = ITEMS[name]
    table = scored(range(1, 7), expected["counts"])
    assert table.n == expected["n"]
    assert table.mean == near(expected["mean"])
    assert table.sd == near(expected["sd"])
    assert table.sd / math.sqrt(table.n) == near(expected["se"])
    assert tables.median(table) == expected["median"]
    assert tables.quantile(table, 0.25) == expected["q1_type7"]
    assert tables.quantile(table, 0.75) == expected["q3_type7"]
    assert tables.to_index(table.mean, 1, 6) == near(expected["index0_100"])
    interval = mean_interval(table)
    assert [interval.low, interval.high] == near(expected["ci95_t"])
    ends = [tables.to_index(end, 1, 6) for end in (interval.low, interval.high)]
    assert ends == near(expected["index_ci95"])
    assert tables.top2_count(table) == expected["top2"]["x"]
    band = wilson(expected["top2"]["x"], table.n)
    assert [band.low, band.high] == near(expected["top2"]["wilson95"])
    band = wilson(expected["bottom2"]["x"], table.n)
    assert [band.low, band.high] == near(expected["bottom2"]["wilson95"])


def test_mean_and_sd_are_exact_for_scores_that_are_not_consecutive() -> None:
    table = scored([0, 2, 5, 10], [3, 1, 0, 7])
    answers = [0] * 3 + [2] + [10] * 7
    assert table.mean == float(Fraction(sum(answers), len(answers)))
    assert table.sd == pytest.approx(np.std(answers, ddof=1), rel=1e-15)


def test_decimal_scores_share_a_denominator() -> None:
    table = scored([0.5, 1, 1.5], [1, 2, 1])
    assert (table.values, table.per) == ((1, 2, 3), 2)
    assert table.mean == 1.0


def test_equal_scores_are_added_and_order_does_not_matter() -> None:
    assert scored([3, 1, 3], [1, 2, 4]) == scored([1, 3], [2, 5])


def test_reverse_turns_scores_within_the_range_of_the_code_list() -> None:
    turned = tables.reversed_scores(scored(range(1, 7), [9, 0, 0, 0, 0, 1]), 1, 6)
    assert turned == scored(range(1, 7), [1, 0, 0, 0, 0, 9])


def test_describe_turns_a_reverse_item_before_everything_else() -> None:
    summary = tables.describe(scored(range(1, 6), [4, 3, 2, 1, 0]), 1, 5, reverse=True)
    assert summary.mean == 4.0
    assert summary.index == 75.0
    assert summary.top2_share == 0.7
    assert summary.bottom_share == 0.0


def test_nothing_is_nan_when_there_is_nothing() -> None:
    empty = scored(range(1, 6), [0] * 5)
    summary = tables.describe(empty, 1, 5)
    assert summary == tables.ItemSummary(0, None, None, None, None, None, None)
    assert scored([1, 2], [1, 0]).sd is None
    assert scored([1, 2], [9, 0]).sd == 0.0
    assert tables.shares([0, 0]) is None
    assert tables.top2_count(scored([1, 2, 3], [1, 1, 1])) is None


@pytest.mark.parametrize(
    ("scores", "counts"), [([1, math.nan], [1, 1]), ([1, math.inf], [1, 1]), ([1, 2], [1, -1]), ([1], [1, 2])]
)
def test_impossible_tables_are_refused(scores: list[float], counts: list[int]) -> None:
    with pytest.raises(ValueError, match="score|counts"):
        scored(scores, counts)


def test_an_item_with_one_score_has_no_index() -> None:
    with pytest.raises(ValueError, match="two different ends"):
        tables.to_index(3.0, 3, 3)


@given(st.lists(counts_of_five, min_size=1, max_size=6))
def test_statistics_of_the_union_are_those_of_the_added_counts(parts: list[list[int]]) -> None:
    whole = scored(range(1, 6), np.sum(parts, axis=0).tolist())
    assert added([scored(range(1, 6), part) for part in parts]) == whole
    answers = np.repeat(np.arange(1, 6), whole.counts)
    if whole.n >= 2:
        assert whole.sd == pytest.approx(np.std(answers, ddof=1), rel=1e-12, abs=1e-12)
        assert tables.quantile(whole, 0.3) == pytest.approx(np.quantile(answers, 0.3), rel=1e-12)


@given(st.data())
def test_roll_up_sums_everything_below(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 12))
    parent = np.array([-1] + [data.draw(st.integers(0, place - 1)) for place in range(1, size)])
    own = np.array([[data.draw(st.integers(0, 9)), 1] for _ in range(size)])
    total = roll_up(parent, own)
    for place in range(size):
        below = [p for p in range(size) if place in _line(parent, p)]
        assert total[place].tolist() == own[below].sum(axis=0).tolist()


def _line(parent: np.ndarray, place: int) -> list[int]:
    line = [place]
    while parent[line[-1]] >= 0:
        line.append(int(parent[line[-1]]))
    return line


def test_children_before_parents_are_refused() -> None:
    with pytest.raises(ValueError, match="parents first"):
        roll_up(np.array([1, -1]), np.array([1, 1]))
