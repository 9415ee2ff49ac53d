"""Live response rates never tell that everybody in a group has answered, not even together."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from surveyor.fieldwork.rates import SILENT, Turnout, live_percents

Parents = dict[str, str | None]
PAIR: Parents = {"R": None, "A": "R", "B": "R"}


@pytest.mark.parametrize(("n_invited", "highest"), [(10, 70), (12, 75), (20, 85), (40, 95), (400, 100)])
def test_a_unit_stops_where_three_may_be_silent(n_invited: int, highest: int) -> None:
    told = {live_percents({"R": None}, {"R": Turnout(n_invited, n)})["R"] for n in range(n_invited + 1)}
    assert max(told) == highest
    assert {0, 50} <= told


def test_a_unit_of_ten_and_its_sister_do_not_tell_by_difference() -> None:
    """A: four of ten are silent. If the parent counted B's last three, 80 % would say that B has none."""
    told = [
        live_percents(PAIR, {"R": Turnout(), "A": Turnout(10, 6), "B": Turnout(10, n)}) for n in (7, 8, 9, 10)
    ]
    assert told == [{"R": 65, "A": 60, "B": 70}] * 4
    assert silences({"R": 80, "A": 60, "B": 70}, PAIR, {"A": 10, "B": 10}) == set()
    assert naive({"A": Turnout(10, 6), "B": Turnout(10, 10)}) == {"R": 80, "A": 60, "B": 70}


def test_control_capping_each_unit_alone_lets_the_difference_tell() -> None:
    """Each figure stops in time by itself, yet only one turnout of B fits them all: ten of ten."""
    sizes = {"A": 10, "B": 10}
    fits = [
        (a, b)
        for a, b in product(range(11), repeat=2)
        if naive({"A": Turnout(10, a), "B": Turnout(10, b)}) == {"R": 80, "A": 60, "B": 70}
    ]
    assert fits == [(6, 10)]
    told = live_percents(PAIR, {"R": Turnout(), "A": Turnout(10, 6), "B": Turnout(10, 10)})
    assert {b for _, b in silences(told, PAIR, sizes)} >= {0, 1, 2, 3}


def naive(own: Mapping[str, Turnout]) -> dict[str, int]:
    """Every unit stops where three of its own may be silent, whatever the others say."""
    whole = sum(own.values(), Turnout())
    return {
        unit: live_percents({"R": None}, {"R": one})["R"] for unit, one in {"R": whole, **own}.items()
    }  # fmt: skip


def silences(told: Mapping[str, int], parents: Parents, sizes: Mapping[str, int]) -> set[tuple[int, ...]]:
    """Every number of silent people by unit that gives just these rates."""
    found = set()
    for silent in product(*(range(n + 1) for n in sizes.values())):
        own = {unit: Turnout(n, n - s) for (unit, n), s in zip(sizes.items(), silent, strict=True)}
        if live_percents(parents, {"R": Turnout(), **own}) == told:
            found.add(silent)
    return found


@st.composite
def organisations(draw: st.DrawFn) -> tuple[Parents, dict[str, Turnout]]:
    parents: Parents = {"u0": None}
    for i in range(1, draw(st.integers(1, 12))):
        parents[f"u{i}"] = f"u{draw(st.integers(0, i - 1))}"
    sizes = {unit: draw(st.sampled_from([0, 0, 5, 9, 10, 13, 20, 60])) for unit in parents}
    return parents, {unit: Turnout(n, draw(st.integers(0, n))) for unit, n in sizes.items()}


def smallest_groups(parents: Parents, shown: set[str]) -> Iterator[list[str]]:
    """Units that are told of only together: nearest to the same shown unit."""
    nearest: dict[str, list[str]] = {}
    for unit in parents:
        place: str | None = unit
        while place is not None and place not in shown:
            place = parents[place]
        if place is not None:
            nearest.setdefault(place, []).append(unit)
    yield from nearest.values()


@hypothesis_settings(max_examples=200)
@given(organisations(), st.data())
def test_the_last_three_of_a_group_change_nothing(
    organisation: tuple[Parents, dict[str, Turnout]], chance: st.DataObject
) -> None:
    parents, own = organisation
    told = live_percents(parents, own)
    groups = [
        group for group in smallest_groups(parents, set(told)) if any(own[one].n_invited for one in group)
    ]
    for group in groups:
        n_silent = sum(own[one].n_invited - own[one].n_answered for one in group)
        if n_silent > SILENT:
            continue
        everybody = {
            unit: Turnout(one.n_invited, one.n_invited) if unit in group else one for unit, one in own.items()
        }
        assert live_percents(parents, everybody) == told
    if groups:  # negative control: a fourth silent person is counted, before rounding
        sizes = [sum(own[one].n_invited for one in group) for group in groups]
        n = chance.draw(st.sampled_from(sizes))
        assert Turnout(n, n - SILENT - 1).told < Turnout(n, n - SILENT).told == Turnout(n, n).told
