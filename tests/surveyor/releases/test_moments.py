"""Reliability, correlations and drivers of a wave: R's numbers, the gate, an attacker who reads the rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from analysis.drivers import comoments, relative_weights
from analysis.reasons import Reason
from analysis.reliability import Icc, covariance, icc, icc_of_figures
from analysis.tables import scored
from surveyor.cubes.moments import MomentCounter, counted_moments
from surveyor.cubes.services import build_cube
from surveyor.cubes.spec import CubeTree
from surveyor.instruments.spec import Questionnaire, Scale
from surveyor.releases.enums import CellState, MomentMeasure
from surveyor.releases.freezing import make_rows
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.moments import driver_figures, make_moments, moment_maker, moment_sight
from tests.analysis.golden import golden, near
from tests.releases_data import (
    BFI_SCALES,
    Units,
    add_answers,
    bfi,
    bfi_questionnaire,
    choice,
    code_list,
    make_wave,
    moments_of,
    one_page,
)

pytestmark = pytest.mark.either

M = MomentMeasure
GOLDEN_SCALES, GOLDEN_DRIVERS = golden("bfi_scales")["scales"], golden("drivers")
FLAT: Units = {"K": None, "A": "K", "B": "K", "A1": "A", "A2": "A"}


def rows_of(session: Session, asked: Questionnaire, answers: pd.DataFrame, segments: list[str], units: Units):  # type: ignore[no-untyped-def]
    """The maker of a closed wave, its rows, what the manifest says, and the attacker of rows."""
    wave = make_wave(session, asked, units)
    add_answers(session, wave, asked, segments, answers)
    build_cube(session, wave=wave)
    session.flush()
    frozen = make_rows(session, wave)
    rows, method = make_moments(wave=wave, frozen=frozen)
    moments = moments_of(session, wave, asked)
    sight = moment_sight(moments, frozen, wave.k_spread)
    return moment_maker(moments, frozen, wave.k_spread), rows, method, sight


def by_key(rows: tuple[MomentRow, ...]) -> dict[tuple[str, ...], MomentRow]:
    return {(row.unit, row.measure, row.subject, row.other): row for row in rows}


def test_reliability_and_polychoric_equal_r_through_the_product(session: Session) -> None:
    frame, units = bfi()
    _, rows, method, _ = rows_of(session, bfi_questionnaire(), frame, list(frame["unit"]), units)
    found = by_key(rows)
    for scale in BFI_SCALES:
        wanted, row = GOLDEN_SCALES[scale]["alpha"], found["K", M.ALPHA, scale, ""]
        assert row.n == wanted["n_listwise"]
        assert row.value == round(wanted["raw_listwise"], 2)
        assert [row.low, row.high] == [round(end, 2) for end in wanted["feldt95_listwise"]]
    neuroticism = golden("bfi_assoc")["pairs"][0]
    assert neuroticism["pair"] == ["N1", "N2"]
    pair = found["K", M.POLYCHORIC, "N1", "N2"]
    assert pair.n == neuroticism["n"]
    assert pair.value == round(neuroticism["polychoric_2step"], 2)
    ranks = found["K", M.SPEARMAN, "N1", "N2"]
    assert (ranks.n, ranks.value) == (neuroticism["n"], round(neuroticism["spearman"], 2))
    assert 0.55 < (found["K", M.ALPHA, "O", ""].value or 0) < 0.61


def single(names: list[str], outcome: str) -> Questionnaire:
    """One scale for each item, and the outcome alone."""
    items = [choice(name, "c6", scale=f"S{name}") for name in names] + [choice(outcome, "c6")]
    scales = [Scale(f"S{name}", {"nb": name}, (name,)) for name in names]
    asked = one_page("drivers", [code_list("c6", 1, 6)], items, scales)
    return Questionnaire(**{**vars_of(asked), "settings": {"outcome": outcome}})


def vars_of(asked: Questionnaire) -> dict[str, object]:
    names = ("code", "title", "languages", "default_language", "pages", "code_lists", "scales")
    return {name: getattr(asked, name) for name in names}


def test_drivers_equal_r_through_the_product(session: Session) -> None:
    frame, units = bfi()
    wanted = GOLDEN_DRIVERS["bfi_E4_on_items"]
    asked = single(wanted["x"], "E4")
    _, rows, method, _ = rows_of(session, asked, frame, list(frame["unit"]), units)
    found = by_key(rows)
    explained = found["K", M.EXPLAINED, "E4", ""]
    assert (explained.n, explained.value) == (wanted["n"], round(wanted["R2"], 3))
    for name in wanted["x"]:
        weight, r = found["K", M.DRIVER, "E4", f"S{name}"], found["K", M.DRIVER_R, "E4", f"S{name}"]
        assert weight.value == round(wanted["relative_weights_pct"][name] / 100, 3)
        assert weight.low is not None
        assert weight.high is not None
        assert weight.low <= weight.value <= weight.high
        assert r.value == round(wanted["zero_order_r"][name], 2)
    assert method["outcome"] == "E4"
    assert found["K", M.ALPHA, f"S{wanted['x'][0]}", ""].reason == "one_group"
    assert {row.unit for row in rows} == {"K", "A0", "A1", "A2", "A3"}


def few(n: int, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({name: [1] * n for name in ("qa", "qb", "qc", "qd")})
    return frame.assign(**columns)


def four() -> Questionnaire:
    """Two scales of two items each, the second the outcome."""
    items = [
        choice(name, "c5", scale=scale) for name, scale in zip(("qa", "qb", "qc", "qd"), "SSTT", strict=True)
    ]
    scales = [Scale("S", {"nb": "S"}, ("qa", "qb")), Scale("T", {"nb": "T"}, ("qc", "qd"))]
    asked = one_page("four", [code_list("c5", 1, 5, missing=True)], items, scales)
    return Questionnaire(**{**vars_of(asked), "settings": {"outcome": "T"}})


SPREAD = np.tile([1, 2, 3, 4, 5], 40)
SEGMENTS = ["A1"] * 60 + ["A2"] * 90 + ["B"] * 50


@pytest.mark.parametrize(
    "answers",
    [
        few(200),
        few(200, qa=SPREAD, qb=SPREAD, qc=SPREAD, qd=SPREAD),
        few(200, qa=SPREAD, qb=6 - SPREAD, qc=SPREAD),
        few(200, qa=np.nan, qb=SPREAD, qc=SPREAD, qd=SPREAD[::-1]),
        few(200, qa=99, qb=99, qc=99, qd=99),
        few(200, qa=SPREAD, qb=np.r_[SPREAD[:199], np.nan], qc=np.r_[5, np.ones(199)], qd=SPREAD[::-1]),
    ],
    ids=["constant", "tied", "one against the other", "one item empty", "all don't know", "nearly constant"],
)
def test_what_cannot_be_worked_out_has_no_number(session: Session, answers: pd.DataFrame) -> None:
    _, rows, method, _ = rows_of(session, four(), answers, SEGMENTS, FLAT)
    for row in rows:
        numbers = [x for x in (row.value, row.low, row.high) if x is not None]
        assert all(np.isfinite(numbers))
        assert row.is_shown == (row.value is not None)
    assert len({(row.unit, row.measure, row.subject, row.other) for row in rows}) == len(rows)
    assert method["n_rows"] == len(rows)


def lively(n: int, seed: int) -> pd.DataFrame:
    """Answers that go together somewhat."""
    chance = np.random.default_rng(seed)
    mood = chance.normal(size=n)
    noise = chance.normal(size=(n, 4))
    codes = np.clip(np.round(3 + mood[:, None] + noise * [0.7, 0.9, 0.6, 0.8]), 1, 5)
    return pd.DataFrame(codes, columns=["qa", "qb", "qc", "qd"])


def test_thresholds_hold_and_a_small_unit_takes_its_sibling_with_it(session: Session) -> None:
    """30 for alpha, 100 for drivers, 200 for polychoric; 31 and 20 under K: showing 31 would give away 20."""
    asked, units = four(), {"K": None, "A": "K", "B": "K"}
    _, rows, _, _ = rows_of(session, asked, lively(51, 1), ["A"] * 31 + ["B"] * 20, units)
    found = by_key(rows)
    assert len(rows) == 2 * 5 * 3 + 4 + 3 + 2 * 2 + 3 * 3
    assert found["K", M.ALPHA, "S", ""].is_shown
    assert not found["A", M.ALPHA, "S", ""].is_shown
    assert not found["K", M.DRIVER, "T", "S"].is_shown
    assert not found["K", M.POLYCHORIC, "qa", "qb"].is_shown
    assert found["K", M.SPEARMAN, "qa", "qb"].is_shown  # ranks need fewer answers
    assert found["K", M.SPEARMAN, "S", "T"].is_shown
    assert (found["K", M.SPEARMAN, "S", "T"].value or 0) > 0.3


def test_the_attacker_finds_a_row_that_should_be_hidden(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, rows, _, sight = rows_of(
        session, four(), lively(51, 1), ["A"] * 31 + ["B"] * 20, {"K": None, "A": "K", "B": "K"}
    )
    assert maker.rows() == list(rows)
    assert sight.holes(rows) == []
    opened = [
        row._replace(state=CellState.SHOWN, n=31, value=0.5)
        if (row.unit, row.measure, row.subject) == ("A", M.ALPHA, "S")
        else row
        for row in rows
    ]
    assert [(hole.rule, hole.n) for hole in sight.holes(opened)] == [("G1", 20)]
    early = [row._replace(state=CellState.SHOWN, n=51, value=0.5) for row in rows if row.unit == "K"]
    assert {hole.figure.split()[0] for hole in sight.holes(early) if hole.rule == "cell"} == {
        "driver",
        "driver_r",
        "explained",
        "polychoric",
    }
    monkeypatch.setattr("surveyor.releases.moments.K_ALPHA", 10)  # a maker with a threshold of its own
    assert ("cell", "B", "alpha S ") in {
        (hole.rule, hole.cell, hole.figure) for hole in sight.holes(maker.rows())
    }


def test_unrounded_figures_equal_r(session: Session) -> None:
    """What is rounded for the release is R's number to nine digits before."""
    frame, units = bfi()
    wanted = GOLDEN_DRIVERS["bfi_E4_on_items"]
    asked = single(wanted["x"], "E4")
    wave = make_wave(session, asked, units)
    add_answers(session, wave, asked, list(frame["unit"]), frame)
    moments = moments_of(session, wave, asked)
    assert moments.outcome is not None
    rows = moments.outcome.rows
    figures = driver_figures(rows[np.isfinite(rows).all(axis=1)])
    assert figures[0][1] == near(wanted["R2"])
    for name, weight, r in zip(wanted["x"], figures[1::2], figures[2::2], strict=True):
        assert weight[1] == near(wanted["relative_weights_pct"][name] / 100)
        assert r[1] == near(wanted["zero_order_r"][name])


def test_drivers_are_the_same_whatever_order_answers_are_read_in() -> None:
    rows = np.random.default_rng(3).normal(size=(150, 3)).round(1)
    turned = np.random.default_rng(4).permutation(rows)
    assert driver_figures(rows) == driver_figures(turned)
    _, sums, products = comoments(rows)
    matrix = covariance(150, np.round(sums * 10).astype(int), np.round(products * 100).astype(int))
    sd = np.sqrt(np.diag(matrix))
    shares = relative_weights(matrix / np.outer(sd, sd))
    assert driver_figures(rows)[1][1] == pytest.approx(shares[0] / shares.sum(), rel=1e-6)


def test_units_differ_as_their_published_figures_say(session: Session) -> None:
    """ICC out of n, index and SD of the lowest units shown, and of nothing hidden."""
    frame, units = bfi()
    asked = bfi_questionnaire()
    wave = make_wave(session, asked, units)
    add_answers(session, wave, asked, list(frame["unit"]), frame)
    build_cube(session, wave=wave)
    session.flush()
    frozen = make_rows(session, wave)
    rows, _ = make_moments(wave=wave, frozen=frozen)
    shown = {
        (row.unit, row.measure): row
        for row in frozen.rows
        if row.item == "N" and not row.compared_to and row.value is not None
    }
    leaves = [unit for unit in units if unit.startswith("U") and (unit, "sd") in shown]
    assert 2 < len(leaves) < 28
    found = icc_of_figures(
        [(shown[u, "index"].n, shown[u, "index"].value, shown[u, "sd"].value * 20) for u in leaves]
    )
    assert isinstance(found, Icc)
    assert by_key(rows)["K", M.ICC1, "N", ""].value == round(found.icc1, 2)
    assert by_key(rows)["K", M.ICC2, "N", ""].value == round(found.icc2, 2)
    assert ("A0", M.ICC1, "N", "") not in by_key(rows)


def test_icc_of_figures_is_that_of_tables() -> None:
    tables = [scored([1, 2, 3, 4], counts) for counts in ([5, 3, 2, 0], [1, 4, 6, 9], [0, 2, 2, 20])]
    wanted, found = icc(tables), icc_of_figures([(t.n, t.mean or 0, t.sd or 0) for t in tables])
    assert isinstance(wanted, Icc)
    assert isinstance(found, Icc)
    assert (found.icc1, found.icc2, found.mean_size) == (
        near(wanted.icc1), near(wanted.icc2), near(wanted.mean_size),
    )  # fmt: skip
    assert icc_of_figures([(10, 3.0, 1.0)]) is Reason.ONE_GROUP
    assert icc_of_figures([(1, 3.0, 0.0), (1, 4.0, 0.0)]) is Reason.TOO_FEW
    assert icc_of_figures([(9, 3.0, 0.0), (9, 3.0, 0.0)]) is Reason.NO_SPREAD
    assert icc_of_figures([(9, float("nan"), 1.0), (9, 3.0, 1.0)]) is Reason.NOT_FINITE


@given(st.lists(st.integers(-1, 5), min_size=4, max_size=240), st.integers(0, 3))
def test_moments_of_a_union_are_the_sums_of_the_moments(codes: list[int], cut: int) -> None:
    asked, tree = four(), CubeTree.of(FLAT)
    rows = [bytes(code % 256 for code in codes[i : i + 4]) for i in range(0, len(codes) - 3, 4)]
    people = [(("A1", "A2", "B")[place % 3], blob) for place, blob in enumerate(rows)]
    first, second = people[: len(people) * cut // 3], people[len(people) * cut // 3 :]
    batches = [
        ([unit for unit, _ in some], b"".join(row for _, row in some)) for some in (people, first, second)
    ]
    whole, *parts = (counted_moments([batch], MomentCounter(asked, tree)) for batch in batches)
    for name, scale in whole.scales.items():
        for field in ("n", "sums", "products"):
            assert np.array_equal(
                getattr(scale, field), sum(getattr(one.scales[name], field) for one in parts)
            )
    for place, pair in enumerate(whole.scale_pairs + whole.item_pairs):
        both = [(one.scale_pairs + one.item_pairs)[place].n(len(whole.tree.codes)) for one in parts]
        assert np.array_equal(pair.n(len(whole.tree.codes)), sum(both))
