"""Changes under other assumptions: R's standard errors, and the same as from the tables themselves."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sensitivity import Group, overlap_ratio, same_mix
from analysis.tables import scored
from tests.analysis.golden import golden, near

WAVES = golden("bfi_waves")["scales"]


@pytest.mark.parametrize("scale", WAVES)
def test_the_overlap_gives_the_standard_error_of_the_reference(scale: str) -> None:
    wanted = WAVES[scale]
    before, after = (
        Group(n, mean, sd) for n, mean, sd in zip(wanted["n"], wanted["mean"], wanted["sd"], strict=True)
    )
    plain = wanted["overlap_correction"]["r00"]["se"]
    for case in wanted["overlap_correction"].values():
        ratio = overlap_ratio(before, after, case["overlap_share_of_smaller"], case["r"])
        assert ratio is not None
        assert ratio * plain == near(case["se"])


def test_without_spread_there_is_none() -> None:
    assert overlap_ratio(Group(10, 1.0, 0.0), Group(10, 1.0, 0.0), 0.5) is None
    assert overlap_ratio(Group(10, 1.0), Group(10, 1.0, 2.0), 0.5) is None
    with pytest.raises(ValueError, match="in 0..1"):
        overlap_ratio(Group(10, 1.0, 1.0), Group(10, 1.0, 1.0), 1.5)


counts = st.lists(st.integers(0, 20), min_size=5, max_size=5).filter(lambda row: sum(row) >= 2)


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=4))
def test_the_same_mix_is_what_the_tables_say(pairs: list[tuple[list[int], list[int]]]) -> None:
    tables = [[scored([1, 2, 3, 4, 5], row) for row in side] for side in zip(*pairs, strict=True)]
    groups = [[Group(one.n, one.mean or 0.0, one.sd) for one in side] for side in tables]
    found = same_mix(*groups)
    assert found is not None
    changes = [(after.mean or 0) - (before.mean or 0) for before, after in zip(*tables, strict=True)]
    assert found.value == pytest.approx(np.average(changes, weights=[one.n for one in tables[0]]), abs=1e-12)
    assert found.low is not None
    assert found.high is not None
    assert math.isfinite(found.low + found.high)
    assert found.low <= found.value <= found.high


def test_a_change_of_sizes_alone_is_none() -> None:
    """Negative control: the plain change is not nothing."""
    before, after = (
        [Group(50, 40.0, 10.0), Group(50, 80.0, 10.0)],
        [Group(10, 40.0, 9.0), Group(90, 80.0, 9.0)],
    )
    shift = same_mix(before, after)
    assert shift is not None
    assert shift.value == 0
    assert (10 * 40 + 90 * 80) / 100 - (50 * 40 + 50 * 80) / 100 == 16
    assert same_mix(before, [Group(10, 40.0), Group(90, 80.0)]).low is None  # type: ignore[union-attr]  # two groups
    assert same_mix(before, [Group(0, 0.0), Group(9, 1.0)]) is None
    with pytest.raises(ValueError, match="different groups"):
        same_mix(before, after[:1])
