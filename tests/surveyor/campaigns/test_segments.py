"""ANON-6: no stored segment of fewer than k invited people, on any tree, and nothing merged needlessly."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyor.campaigns.segments import merge_small, segment_for
from surveyor.campaigns.spec import Segment

Parents = dict[str, str | None]


@st.composite
def organisations(draw: st.DrawFn) -> tuple[Parents, dict[str, int], int]:
    size = draw(st.integers(1, 25))
    parents: Parents = {"u0": None}
    for i in range(1, size):
        parents[f"u{i}"] = f"u{draw(st.integers(0, i - 1))}"
    few = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 30])
    return parents, {unit: draw(few) for unit in parents}, draw(st.integers(5, 8))


def path_up(unit: str, parents: Mapping[str, str | None]) -> list[str]:
    found, here = [unit], parents[unit]
    while here is not None:
        found.append(here)
        here = parents[here]
    return found


def too_small(segments: tuple[Segment, ...], k: int) -> list[Segment]:
    return [segment for segment in segments if segment.n_invited < k]


@settings(max_examples=300)
@given(organisations())
def test_every_person_is_stored_once_with_at_least_k_and_no_higher_than_needed(
    organisation: tuple[Parents, dict[str, int], int],
) -> None:
    parents, n_by_unit, k = organisation
    total = sum(n_by_unit.values())
    if 0 < total < k:
        with pytest.raises(ValueError, match="fewer than"):
            merge_small(parents, n_by_unit, k=k)
        return
    segments = merge_small(parents, n_by_unit, k=k)
    assert not too_small(segments, k)
    assert len({segment.code for segment in segments}) == len(segments)

    stored = {unit: segment for segment in segments for unit in segment.member_units}
    assert set(stored) == {unit for unit, n in n_by_unit.items() if n}
    assert sum(len(segment.member_units) for segment in segments) == len(stored)
    for segment in segments:
        assert segment.n_invited == sum(n_by_unit[unit] for unit in segment.member_units)
        assert all(segment.unit_code in path_up(unit, parents) for unit in segment.member_units)
        is_leaf = segment.unit_code not in parents.values()
        assert segment.code == (segment.unit_code if is_leaf else f"{segment.unit_code}/own")

    wanted = pools_of_at_least(k, parents, n_by_unit)
    left_at_root = total - sum(wanted.values())
    found = {segment.unit_code: segment.n_invited for segment in segments}
    if not 0 < left_at_root < k:
        assert found == wanted | ({"u0": left_at_root} if left_at_root else {})
        return
    (dissolved,) = set(wanted) - set(found)  # exactly one gives way, a smallest one
    assert wanted[dissolved] == min(wanted.values())
    assert found == {u: n for u, n in wanted.items() if u != dissolved} | {
        "u0": left_at_root + wanted[dissolved]
    }


def pools_of_at_least(k: int, parents: Parents, n_by_unit: dict[str, int]) -> dict[str, int]:
    """An independent recursion: which units below the root hold k people once the small ones moved up."""
    found: dict[str, int] = {}

    def rest(unit: str) -> int:
        own = n_by_unit[unit] + sum(rest(kid) for kid, parent in parents.items() if parent == unit)
        if own >= k and unit != "u0":
            found[unit] = own
        return 0 if own >= k else own

    rest("u0")
    return found


def test_the_rules_in_small() -> None:
    parents: Parents = {"R": None, "A": "R", "A1": "A", "A2": "A", "A3": "A", "B": "R"}
    segments = merge_small(parents, {"A1": 9, "A2": 3, "A3": 2, "B": 5}, k=5)
    assert [(s.code, s.n_invited, s.member_units) for s in segments] == [
        ("A/own", 5, ("A2", "A3")), ("A1", 9, ("A1",)), ("B", 5, ("B",)),
    ]  # fmt: skip


def test_a_rest_too_small_moves_up_and_at_the_root_takes_the_smallest_with_it() -> None:
    parents: Parents = {"R": None, "A": "R", "A1": "A", "A2": "A", "B": "R"}
    segments = merge_small(parents, {"A1": 9, "A2": 3, "B": 6}, k=5)
    assert [(s.code, s.n_invited) for s in segments] == [("R/own", 9), ("A1", 9)]


def test_nobody_invited_gives_no_segment() -> None:
    assert merge_small({"R": None}, {}, k=5) == ()


def test_a_unit_outside_the_tree_is_an_error() -> None:
    with pytest.raises(KeyError):
        merge_small({"R": None}, {"X": 9}, k=5)


def test_people_added_later_join_existing_segments_only() -> None:
    parents: Parents = {"R": None, "A": "R", "A1": "A", "A2": "A", "B": "R"}
    segments = {s.code: s.member_units for s in merge_small(parents, {"A1": 9, "A2": 3, "B": 6}, k=5)}
    assert segment_for("A1", parents, segments=segments) == "A1"
    assert segment_for("B", parents, segments=segments) == "R/own"
    assert segment_for("A", parents, segments=segments) == "R/own"
    assert segment_for("A1", parents, segments={}) is None


def test_control_storing_everybody_in_their_own_unit_is_caught() -> None:
    naive = tuple(Segment(unit, unit, (unit,), n) for unit, n in {"A1": 9, "A2": 3}.items())
    assert too_small(naive, 5)
