"""The privacy forecast uses the real gate: sure where everybody answers, and its advice helps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analysis.disclosure.tree import Tree
from analysis.rollup import roll_up
from surveyor.releases.forecast import Limits, Outlook, forecast, outlook
from tests.analysis.oracles import is_safe

LIMITS = Limits(5, 10, 5)
TREE = {"K": None, "A": "K", "B": "K", "A1": "A", "A2": "A", "A3": "A", "B1": "B", "B2": "B"}


def test_small_units_are_blank_and_together_they_are_not() -> None:
    people = {"A1": 60, "A2": 6, "A3": 7, "B1": 40, "B2": 9}
    found = forecast(TREE, people, LIMITS, rate=0.6)
    units = {unit.code: unit for unit in found.units}
    assert found.n_invited == 122
    assert units["K"].means is units["K"].spreads is Outlook.SHOWN
    assert units["A1"].n_invited == 60
    assert units["A2"].mean_share < 0.5
    assert units["A3"].mean_share < 0.5
    merged = {merge.parent: merge for merge in found.merges}
    assert merged["A"].units == ("A2", "A3")
    assert merged["A"].mean_share > 0.5 > max(units["A2"].mean_share, units["A3"].mean_share)
    assert found == forecast(TREE, people, LIMITS, rate=0.6)  # the same plan, the same forecast
    assert found.n_blank == sum(unit.mean_share < 0.5 for unit in found.units)


def test_a_tiny_unit_takes_its_smallest_sibling_with_it() -> None:
    found = forecast({"K": None, "A": "K", "B": "K", "C": "K"}, {"A": 90, "B": 30, "C": 4}, LIMITS, rate=0.8)
    assert {unit.code for unit in found.units if unit.mean_share < 0.5} == {"B", "C"}
    assert [merge.units for merge in found.merges] == [("B", "C")]


def test_nobody_asked_gives_no_units() -> None:
    assert forecast(TREE, {}, LIMITS, rate=0.7).units == ()
    assert forecast(TREE, {"A1": 4}, LIMITS, rate=0.7).units == ()
    with pytest.raises(ValueError, match="rate"):
        forecast(TREE, {"A1": 40}, LIMITS, rate=1.2)


@hypothesis_settings(max_examples=40)
@given(sizes=st.lists(st.integers(0, 25), min_size=5, max_size=5))
def test_when_all_answer_the_forecast_is_certain_and_safe(sizes: list[int]) -> None:
    people = dict(zip(("A1", "A2", "A3", "B1", "B2"), sizes, strict=True))
    found = forecast(TREE, people, LIMITS, rate=1.0, n_runs=3)
    assert all(unit.mean_share in (0.0, 1.0) for unit in found.units)
    if not found.units:
        return
    codes = tuple(TREE)
    parent = np.array([codes.index(above) if above else -1 for above in TREE.values()])
    n = roll_up(parent, np.array([people.get(code, 0) for code in codes]))
    shown = np.array([unit.mean_share == 1.0 for unit in found.units])
    tree = Tree(codes, parent, np.zeros(len(codes), dtype=np.bool_))
    if all(size == 0 or size >= 5 for size in sizes):  # nothing is stored together with a neighbour
        assert is_safe(tree, shown, n, 5)
        assert not shown[n < 5].any()
    assert all(unit.spread_share <= unit.mean_share for unit in found.units)


def test_background_questions_with_many_answers_single_people_out() -> None:
    people = {"A1": 60, "A2": 40, "A3": 30, "B1": 40, "B2": 35}
    two, eight = forecast(TREE, people, LIMITS, rate=0.7, backgrounds={"sex": 2, "age": 8}).backgrounds
    assert (two.item, two.n_categories, eight.n_categories) == ("sex", 2, 8)
    assert eight.shown_share < two.shown_share
    assert eight.fewest < 5 < two.fewest


@pytest.mark.parametrize(
    ("share", "word"), [(1.0, "shown"), (0.9, "shown"), (0.5, "likely"), (0.49, "unlikely"), (0.0, "blank")]
)
def test_words(share: float, word: str) -> None:
    assert outlook(share) == word
