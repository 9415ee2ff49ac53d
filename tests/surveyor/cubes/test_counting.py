"""Counting equals pandas, whatever the batches, and a stored cube comes back as it was."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from analysis.scales import half_answered
from surveyor.cubes.counting import Counter, batches
from surveyor.cubes.kinds import KindCounter, counted_kinds
from surveyor.cubes.queries import cube_of
from surveyor.cubes.services import build_cube, destroy_cube
from surveyor.cubes.spec import AnswerCodes, CubeArrays, CubeTree
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Item, Questionnaire, Scale
from tests.releases_data import (
    Units,
    add_answers,
    bfi,
    bfi_questionnaire,
    choice,
    code_list,
    make_wave,
    one_page,
)

UNITS = {"R": None, "A": "R", "A1": "A", "A2": "A", "B": "R"}
MIXED = one_page(
    "mixed",
    [code_list("c5", 1, 5, missing=True), code_list("c10", 0, 10)],
    [choice("a", "c5", scale="s"), choice("b", "c10", scale="s", reverse=True), choice("c", "c5")],
    [Scale("s", {}, ("a", "b"))],
)


CUTS = one_page(
    "cuts",
    [code_list("c2", 1, 2), code_list("c3", 1, 3), code_list("c5", 1, 5, missing=True)],
    [
        choice("a", "c5", scale="s"),
        Item("sex", ItemType.SELECT_ONE, {"nb": "Kjønn"}, code_list="c2", role=ItemRole.BACKGROUND),
        choice("b", "c5", scale="s", reverse=True),
        Item("age", ItemType.SELECT_ONE, {"nb": "Alder"}, code_list="c3", role=ItemRole.BACKGROUND),
    ],
    [Scale("s", {}, ("a", "b"))],
)
DEEP = {"R": None, "A": "R", "A1": "A", "A2": "A", "B": "R", "A11": "A1", "A12": "A1"}


def count(
    rows: list[tuple[str, tuple[int, ...]]], *, size: int, asked: Questionnaire = MIXED, units: Units = UNITS
) -> CubeArrays:
    return batches(batched(rows, size), Counter(asked, CubeTree.of(units)))


def batched(rows: list[tuple[str, tuple[int, ...]]], size: int) -> Iterator[AnswerCodes]:
    for start in range(0, len(rows), size):
        batch = rows[start : start + size]
        codes = b"".join(np.array(codes, dtype=np.int8).tobytes() for _, codes in batch)
        yield [segment for segment, _ in batch], codes


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A1", "A2", "B", "R/own", "A/own", "A"]),
        st.tuples(st.integers(-1, 5), st.integers(-1, 10), st.integers(-1, 5)),
    ),
    max_size=40,
)


@given(rows=ROWS, size=st.integers(1, 7))
def test_batches_do_not_matter_and_every_answer_is_counted_once(
    rows: list[tuple[str, tuple[int, ...]]], size: int
) -> None:
    whole, parts = count(rows, size=1000), count(rows, size=size)
    for name in MIXED.by_name:
        np.testing.assert_array_equal(whole.items[name].counts, parts.items[name].counts)
        assert (whole.items[name].counts.sum(axis=1) == whole.n).all()
    np.testing.assert_array_equal(whole.scales["s"].counts, parts.scales["s"].counts)
    scored = sum(0 <= a <= 4 or b >= 0 for _, (a, b, _) in rows)
    assert whole.scales["s"].counts.sum() == scored


def test_own_people_of_an_inner_unit_are_a_leaf_of_their_own() -> None:
    tree = CubeTree.of(UNITS)
    assert tree.codes == (*UNITS, "R/own", "A/own")
    assert tree.atom("A") == tree.atom("A/own") == 6
    assert tree.atom("B") == tree.atom("B/own") == 4
    assert list(tree.never_cell) == [False] * 5 + [True] * 2
    with pytest.raises(KeyError):
        tree.atom("X")


def test_reversed_items_are_turned_before_they_are_summed() -> None:
    cube = count([("B", (4, 0, -1))], size=1)  # best of 1-5, and 0 of 0-10 turned round: the best too
    scale = cube.scales["s"]
    assert (scale.sums[0], scale.answered[0]) == (2 * scale.steps, 2)


@pytest.mark.parametrize("codes", [(9, 0, 0), (0, 11, 0), (0, 0, -2)])
def test_a_code_outside_its_list_is_refused(codes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="outside"):
        count([("B", codes)], size=1)


def test_a_wave_is_counted_as_pandas_counts_it(session: Session) -> None:
    frame, units = bfi()
    frame = frame.head(400)
    asked = bfi_questionnaire()
    wave = make_wave(session, asked, units)
    add_answers(session, wave, asked, frame["unit"].tolist(), frame)
    built = build_cube(session, wave=wave)
    session.flush()
    session.expire_all()
    stored = cube_of(session, wave.id)
    assert stored is not None
    for name in ("A1", "O5"):
        expected = pd.crosstab(frame["unit"], frame[name]).reindex(columns=range(1, 7), fill_value=0)
        for unit, row in expected.iterrows():
            assert list(stored.items[name].counts[stored.tree.place[str(unit)], :6]) == list(row)
        np.testing.assert_array_equal(built.items[name].counts, stored.items[name].counts)
        assert stored.items[name].counts[:, 6].sum() == frame[name].isna().sum()
    assert stored.tree == built.tree
    np.testing.assert_array_equal(built.scales["A"].counts, stored.scales["A"].counts)
    destroy_cube(session, wave=wave)
    session.flush()
    assert cube_of(session, wave.id) is None


CUT_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A11", "A12", "A2", "B", "R/own", "A1/own"]),
        st.tuples(st.integers(-1, 5), st.integers(-1, 1), st.integers(-1, 5), st.integers(-1, 2)),
    ),
    max_size=40,
)


@given(rows=CUT_ROWS, size=st.integers(1, 7))
def test_groups_of_a_background_item_add_up_to_everybody(
    rows: list[tuple[str, tuple[int, ...]]], size: int
) -> None:
    cube = count(rows, size=size, asked=CUTS, units=DEEP)
    assert list(cube.cuts) == ["sex", "age"]
    for cut in cube.cuts.values():
        np.testing.assert_array_equal(cut.n.sum(axis=1), cube.n)
        assert list(cut.items) == ["a", "b"]
        for name, counts in cut.items.items():
            np.testing.assert_array_equal(counts.sum(axis=1), cube.items[name].counts)
            np.testing.assert_array_equal(counts.sum(axis=2), cut.n)
        np.testing.assert_array_equal(cut.scales["s"].sum(axis=1), cube.scales["s"].counts)


@given(rows=CUT_ROWS, size=st.integers(1, 7))
def test_kinds_of_people_add_up_to_every_group(rows: list[tuple[str, tuple[int, ...]]], size: int) -> None:
    """Of everybody, and of those who count for each item and scale."""
    cube, tree = count(rows, size=size, asked=CUTS, units=DEEP), CubeTree.of(DEEP)
    kinds = counted_kinds(batched(rows, size), KindCounter(CUTS, tree))
    assert len({*zip(kinds.atom, *kinds.categories.values(), strict=True)}) == len(kinds.n)
    half = half_answered(cube.scales["s"])
    for name, cut in cube.cuts.items():
        place = kinds.atom, kinds.categories[name]
        for counted, n in (
            (cut.n, kinds.n),
            *((cut.items[item][..., :5].sum(axis=2), kinds.items[item]) for item in ("a", "b")),
            (cut.scales["s"][..., half].sum(axis=2), kinds.scales["s"]),
        ):
            table = np.zeros_like(counted)
            np.add.at(table, place, n)
            np.testing.assert_array_equal(table, counted)


def test_a_cube_with_groups_comes_back_as_it_was(session: Session) -> None:
    chance = np.random.default_rng(5)
    wave = make_wave(session, CUTS, DEEP)
    segments = chance.choice(["A11", "A12", "A2", "B", "R/own"], 300).tolist()
    frame = pd.DataFrame({
        "a": chance.choice([1, 2, 3, 4, 5, 99], 300), "sex": chance.choice([1, 2, np.nan], 300),
        "b": chance.integers(1, 6, 300), "age": chance.integers(1, 4, 300),
    })  # fmt: skip
    add_answers(session, wave, CUTS, segments, frame)
    built = build_cube(session, wave=wave)
    session.flush()
    session.expire_all()
    stored = cube_of(session, wave.id)
    assert stored is not None
    for name, cut in built.cuts.items():
        assert stored.cuts[name].categories == cut.categories
        np.testing.assert_array_equal(stored.cuts[name].n, cut.n)
        np.testing.assert_array_equal(stored.cuts[name].scales["s"], cut.scales["s"])
        for item in ("a", "b"):
            np.testing.assert_array_equal(stored.cuts[name].items[item], cut.items[item])
    women = frame[(frame["sex"] == 2) & (np.array(segments) == "B")]["a"]
    place = built.tree.place["B"]
    assert list(built.cuts["sex"].items["a"][place, 1, :5]) == [(women == code).sum() for code in range(1, 6)]
    assert built.cuts["sex"].n[:, 2].sum() == frame["sex"].isna().sum()
