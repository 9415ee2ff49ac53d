"""Weighted figures of a sample: they are svy's, stand beside plain ones, and tell of nobody."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import svy
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.disclosure.weighted import is_told, least_told
from surveyor.campaigns.enums import SampleKind
from surveyor.config import Settings
from surveyor.errors import Refused
from surveyor.releases import weighted
from surveyor.releases.enums import CellState
from surveyor.releases.models import Release, WeightedCell
from surveyor.releases.queries import item_figures
from tests.released_samples import PEOPLE, SIZES, answers, release

pytestmark = pytest.mark.either


def cells(session: Session, found: Release) -> dict[tuple[str, str, str], WeightedCell]:
    rows = session.scalars(select(WeightedCell).where(WeightedCell.release_id == found.id))
    return {(row.unit, row.item, row.measure): row for row in rows}


def by_svy(frame: pd.DataFrame, segments: list[str]) -> Any:
    """The same data given to svy by hand: strata, raked; unknown ages are a group of their own."""
    size = pd.Series(segments).map(PEOPLE)
    weight = size / pd.Series(segments).map(pd.Series(segments).value_counts())
    age = frame["age"].where(frame["age"] < 8).map("{:.0f}".format, na_action="ignore").fillna("?")
    unknown = float(weight[age == "?"].sum())
    columns = {
        "w": weight, "h": segments, "N": size, "gender": frame["gender"].astype(str), "age": age,
        "q1": [None if pd.isna(x) or x == 9 else float(x) for x in frame["q1"]],
        "bus": frame["bus"].map({0: "yes", 1: "no"}),
    }  # fmt: skip
    sample = svy.Sample(
        data=pl.DataFrame({k: list(v) for k, v in columns.items()}, strict=False),
        design=svy.Design(stratum="h", wgt="w", pop_size="N"),
    )
    controls = {
        "gender": {"1": 5000.0, "2": 5000.0},
        "age": {**{str(n): (10_000 - unknown) / 5 for n in range(1, 6)}, "?": unknown},
        "h": {unit: float(n) for unit, n in PEOPLE.items()},
    }
    return sample.weighting.rake(controls=controls, tol=1e-12, max_iter=1000)


def test_a_released_weighted_mean_is_svys(session: Session, settings: Settings) -> None:
    segments, frame = answers(SIZES)
    found = release(session, settings, frame, segments)
    shown = cells(session, found)
    sample = by_svy(frame, segments)
    known = pl.col("q1").is_not_null()
    mean = sample.estimation.mean("q1", where=known, deff="wor").estimates[0]
    cell = shown["FJ", "q1", "mean"]
    assert (cell.value, cell.se, cell.low, cell.high, cell.deff) == (
        round(mean.est, 2), round(mean.se, 3), round(mean.lci, 2), round(mean.uci, 2), round(mean.deff, 2),
    )  # fmt: skip
    index = shown["FJ", "q1", "index"]
    assert index.value == round((mean.est - 1) * 25, 1)
    north = sample.estimation.mean("q1", where=known & (pl.col("h") == "N")).estimates[0]
    assert (shown["N", "q1", "mean"].value, shown["N", "q1", "mean"].se) == (
        round(north.est, 2),
        round(north.se, 3),
    )
    shares = {one.y_level: one for one in sample.estimation.prop("bus").estimates}
    assert shown["FJ", "bus", "share:yes"].value == round(shares["yes"].est, 3)
    plain = item_figures(session, release_id=found.id, unit="FJ", items=["q1"])["q1"]
    assert plain.index is not None
    assert index.difference == round(index.value - plain.index, 1)
    weights = sample.data[sample.design.wgt].to_numpy()[frame["q1"].lt(9).to_numpy()]
    assert index.n_eff == round(weights.sum() ** 2 / (weights**2).sum(), 1)


def test_a_scale_is_the_mean_of_its_items_with_its_own_error(session: Session, settings: Settings) -> None:
    segments, frame = answers(SIZES)
    frame["q2"] = frame["q3"] = frame["q1"]  # then the scale is the item, and so is its error
    shown = cells(session, release(session, settings, frame, segments))
    scale, item = shown["FJ", "place", "index"], shown["FJ", "q1", "index"]
    assert (scale.value, scale.se, scale.low, scale.high) == (item.value, item.se, item.low, item.high)


def test_the_manifest_holds_the_weights(session: Session, settings: Settings) -> None:
    segments, frame = answers(SIZES)
    found = release(session, settings, frame, segments)
    report = found.method["weights"]
    assert report["usable"] is True
    assert report["n"] == 400
    assert 1 <= report["deff"] <= 2
    assert 0.3 <= report["least"] <= 1 <= report["most"] <= 3
    wanted = {(m["variable"], m["category"]): m["population"] for m in report["margins"]}
    assert wanted["gender", "1"] == 0.5
    assert all(m["weighted"] == m["population"] for m in report["margins"] if m["category"] != "?")
    answers_known = {(m["variable"], m["category"]): m["answers"] for m in report["margins"]}
    assert wanted["age", "?"] is None
    assert 0 < answers_known["age", "?"] < 0.1
    assert all(share == round(share, 2) for share in answers_known.values())
    assert report["n_cells"] == len(cells(session, found))


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (SampleKind.SIMPLE, {"n_by_unit": {}}),
        (SampleKind.CLUSTER, {"n_clusters": 12}),
        (SampleKind.STRATIFIED, {"margins": {}}),
        (SampleKind.SIMPLE, {"n_by_unit": {}, "margins": {"unit": {"N": 0.2, "S": 0.3, "C": 0.5}}}),
    ],
)
def test_every_kind_of_sample_has_figures(
    session: Session, settings: Settings, kind: SampleKind, fields: dict[str, Any]
) -> None:
    segments, frame = answers(SIZES)
    found = release(session, settings, frame, segments, kind=kind, **fields)
    assert found.method["weights"]["problems"] == []
    cell = cells(session, found)["FJ", "q1", "index"]
    assert cell.state is CellState.SHOWN
    assert cell.low is not None
    assert cell.high is not None
    assert cell.low < cell.high


def edge(change: str) -> tuple[list[str], pd.DataFrame, dict[str, Any]]:
    segments, frame = answers(SIZES)
    fields: dict[str, Any] = {}
    if change == "category_without_answers":
        frame["age"] = frame["age"].replace(3, 4)
    elif change == "too_many_unknown":
        frame.loc[:60, "age"] = np.nan
    elif change == "unit_without_answers":
        segments = ["S" if unit == "N" else unit for unit in segments]
    elif change == "more_answers_than_people":
        fields = {"n_population": 300, "kind": SampleKind.SIMPLE, "n_by_unit": {}}
    elif change == "outside_the_sample":
        segments[0] = "FJ/own"
    elif change == "design_effect":
        fields = {"margins": {"gender": {"1": 0.02, "2": 0.98}}}
        frame["gender"] = [1] * 200 + [2] * 200
    return segments, frame, fields


@pytest.mark.parametrize(
    "change",
    ["category_without_answers", "too_many_unknown", "unit_without_answers", "more_answers_than_people",
     "outside_the_sample", "design_effect"],
)  # fmt: skip
def test_bad_weights_are_refused_with_the_reason(session: Session, settings: Settings, change: str) -> None:
    segments, frame, fields = edge(change)
    found = release(session, settings, frame, segments, **fields)
    report = found.method["weights"]
    said = {one["problem"] for one in report["problems"]}
    assert report["usable"] is False
    assert change in said or (change == "design_effect" and said & {"not_converged", "design_effect"})
    assert cells(session, found) == {}
    assert item_figures(session, release_id=found.id, unit="FJ", items=["q1"])["q1"].is_shown


def test_small_units_have_no_weighted_figures(session: Session, settings: Settings) -> None:
    segments, frame = answers({"N": 8, "S": 150, "C": 160})
    people = {"N": 200, "S": 3000, "C": 3200}
    found = release(session, settings, frame, segments, n_by_unit=people, n_population=6400)
    shown = cells(session, found)
    assert shown["N", "q1", "index"].state is CellState.HIDDEN
    assert shown["FJ", "q1", "index"].state is CellState.SHOWN
    beside = [unit for unit in ("S", "C") if shown[unit, "q1", "index"].state is CellState.SHOWN]
    assert len(beside) < 2, "the root less both of them would tell of N"


def with_a_rare_weight(session: Session, settings: Settings, n_rare: int) -> Release:
    segments, frame = answers(SIZES)
    frame["gender"] = [1] * n_rare + [2] * (400 - n_rare)
    share = 1.4 * n_rare / 400
    return release(
        session, settings, frame, segments, kind=SampleKind.SIMPLE, n_by_unit={},
        margins={"gender": {"1": share, "2": 1 - share}},
    )  # fmt: skip


@pytest.mark.parametrize(("n_rare", "state"), [(4, CellState.HIDDEN), (60, CellState.SHOWN)])
def test_a_weight_few_people_have_hides_the_figure(
    session: Session, settings: Settings, n_rare: int, state: CellState
) -> None:
    """Weighted and plain mean together would tell what the four have answered; sixty may be told of."""
    found = with_a_rare_weight(session, settings, n_rare)
    assert found.method["weights"]["usable"] is True
    assert cells(session, found)["FJ", "q1", "index"].state is state


def test_a_maker_that_forgets_what_weighted_and_plain_sums_tell_is_refused(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighted, "_not_told", lambda _wave, _item, _valid, _weights, shown: shown)
    with pytest.raises(Refused, match="lekkasjer"):
        with_a_rare_weight(session, settings, 4)


def test_where_nobody_differs_there_is_a_reason_and_never_a_nan(session: Session, settings: Settings) -> None:
    segments, frame = answers(SIZES)
    frame["q1"], frame["q2"] = 3, np.nan
    shown = cells(session, release(session, settings, frame, segments))
    assert {shown["FJ", item, "index"].state for item in ("q1", "q2", "place")} == {CellState.HIDDEN}
    assert shown["FJ", "q1", "index"].value is None


@hypothesis_settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=9))
def test_what_a_weighted_sum_tells_is_found_by_brute_force(people: list[tuple[int, int]]) -> None:
    pieces, classes = (np.array(column) for column in zip(*people, strict=True))
    weights = np.array([1.0, 2.5, 7.0])[classes]
    plain = np.array([(pieces == piece).astype(float) for piece in np.unique(pieces)])
    told = least_told(pieces, classes)
    assert (told == 0) is is_told(plain, weights)
    matrix, n = np.vstack([plain, weights]), len(people)
    rank = np.linalg.matrix_rank(matrix)
    smallest = n
    for size in range(1, n + 1):
        hit = False
        for kept in combinations(range(n), n - size):
            # a combination that vanishes on all the others tells of these people alone
            hit |= bool(np.linalg.matrix_rank(matrix[:, list(kept)]) < rank) if kept else True
        if hit:
            smallest = size
            break
    in_plain = min(int((pieces == piece).sum()) for piece in np.unique(pieces))
    assert smallest == min(in_plain, told or n)
