from __future__ import annotations

import numpy as np
import pytest

from analysis import scales
from analysis.intervals import mean_interval
from analysis.scales import ItemRange
from analysis.tables import Scored, to_index
from tests.analysis.golden import assert_compared, bfi, golden, near

SCALES = golden("bfi_scales")["scales"]
GENDER = golden("bfi_gender")["scales"]


def _histogram(name: str, units: np.ndarray, n_units: int) -> scales.ScaleHistogram:
    columns = []
    for key in SCALES[name]["keys"]:
        item = ItemRange(1, 6, reverse=key.startswith("-"))
        lookup = [scales.NOT_ANSWERED] + [scales.item_steps(item, score, 5) for score in range(1, 7)]
        answers = bfi()[key.lstrip("-")].fillna(0).astype(int).to_numpy()
        columns.append(np.array(lookup)[answers])
    return scales.scale_histogram(units, np.stack(columns, axis=1), n_units, 5)


def _scores(name: str, units: np.ndarray, n_units: int = 1) -> list[Scored]:
    histogram = _histogram(name, units, n_units)
    return [scales.scale_scores(histogram, row, 1, 6) for row in histogram.counts]


@pytest.mark.parametrize("name", sorted(SCALES))
def test_scales_agree_with_the_reference(name: str) -> None:
    expected = SCALES[name]["scale_score"]["at_least_half_items"]
    (table,) = _scores(name, np.zeros(len(bfi()), dtype=np.int64))
    assert table.n == expected["n"]
    assert [table.mean, table.sd] == near([expected["mean"], expected["sd"]])
    interval = mean_interval(table)
    assert [interval.low, interval.high] == near(expected["ci95_t"])
    histogram = _histogram(name, np.zeros(len(bfi()), dtype=np.int64), 1)
    index = scales.scale_scores(histogram, histogram.counts[0])
    assert [index.mean, index.sd] == near([expected["index0_100"], expected["index_sd"]])


@pytest.mark.parametrize("name", sorted(SCALES))
def test_published_index_is_the_mean_of_the_item_indexes(name: str) -> None:
    items = golden("bfi_items")["items"]
    indexes = []
    for key in SCALES[name]["keys"]:
        index = to_index(items[key.lstrip("-")]["mean"], 1, 6)
        indexes.append(100 - index if key.startswith("-") else index)
    assert scales.index_of_scale(indexes) == near(SCALES[name]["mean_of_item_means"]["index0_100"])


def test_index_of_a_scale_needs_every_item() -> None:
    assert scales.index_of_scale([50.0, None]) is None
    assert scales.index_of_scale([]) is None


@pytest.mark.parametrize("name", sorted(GENDER))
def test_scales_by_gender_agree_with_the_reference(name: str) -> None:
    men, women = _scores(name, bfi()["gender"].to_numpy(dtype=np.int64) - 1, 2)
    assert_compared(men, women, GENDER[name])


@pytest.mark.parametrize("name", sorted(SCALES))
def test_alpha_agrees_with_the_reference(name: str) -> None:
    expected = SCALES[name]["alpha"]
    keyed = bfi()[[key.lstrip("-") for key in SCALES[name]["keys"]]].dropna().astype(int)
    for key in SCALES[name]["keys"]:
        if key.startswith("-"):
            keyed[key[1:]] = 7 - keyed[key[1:]]
    x = keyed.to_numpy(dtype=np.int64)
    found = scales.alpha(len(x), x.sum(axis=0), x.T @ x)
    assert found.n == expected["n_listwise"]
    assert [found.raw, found.standardised] == near([expected["raw_listwise"], expected["std_listwise"]])


def test_histograms_of_units_add_up() -> None:
    units = np.arange(len(bfi())) % 7
    parts = _histogram("C", units, 7)
    whole = _histogram("C", np.zeros_like(units), 1)
    together = scales.scale_scores(parts, parts.counts.sum(axis=0))
    assert together == scales.scale_scores(whole, whole.counts[0])
    assert scales.scale_n(parts).sum() == together.n


def test_items_of_different_ranges_count_alike() -> None:
    ranges = [ItemRange(1, 5), ItemRange(0, 10), ItemRange(1, 4, reverse=True)]
    steps = scales.steps_for(ranges, [range(1, 6), range(11), range(1, 5)])
    assert steps == 60
    answers = np.array([[scales.item_steps(r, s, steps) for r, s in zip(ranges, (5, 10, 1), strict=True)]])
    histogram = scales.scale_histogram(np.zeros(1, dtype=np.int64), answers, 1, steps)
    assert scales.scale_scores(histogram, histogram.counts[0]).mean == 100.0


def test_fewer_than_half_the_items_make_no_score() -> None:
    answers = np.array([[5, -1, -1, -1, -1], [5, 0, -1, -1, -1], [5, 0, 4, -1, -1], [-1] * 5])
    histogram = scales.scale_histogram(np.zeros(4, dtype=np.int64), answers, 1, 5)
    assert scales.scale_n(histogram).tolist() == [1]
    assert scales.scale_scores(histogram, histogram.counts[0]).mean == 60.0


def test_units_are_counted_apart_and_an_empty_one_has_no_score() -> None:
    answers = np.array([[2, 2], [1, 3], [4, 4], [0, 1]])
    histogram = scales.scale_histogram(np.array([0, 0, 2, 2]), answers, 3, 5)
    found = [scales.scale_scores(histogram, row) for row in histogram.counts]
    assert [one.mean for one in found] == [40.0, None, 45.0]


def test_alpha_without_spread_is_nothing() -> None:
    x = np.array([[1, 2], [1, 3]])
    assert scales.alpha(2, x.sum(axis=0), x.T @ x) is None


def test_steps_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="steps"):
        scales.item_steps(ItemRange(1, 5), 2.5, 4)
    with pytest.raises(ValueError, match="steps"):
        scales.scale_histogram(np.zeros(1, dtype=np.int64), np.array([[6]]), 1, 5)
