"""What a release shows and hides, and that it is written once, whole and the same everywhere."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from analysis.disclosure.gate import GateResult, ItemPatterns, Pattern
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.errors import Refused
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.freezing import make_rows
from surveyor.releases.frozen import refuse_holes
from surveyor.releases.models import Release, ReleaseCell
from surveyor.releases.services import freeze_release
from surveyor.releases.spec import Row
from tests.analysis.oracles import audit
from tests.releases_data import add_answers, add_frame, make_wave
from tests.surveyor.releases.small_wave import ASKED, UNITS, answers, find, released, rows_of

pytestmark = pytest.mark.either

NUMBERS = ("n", "value", "low", "high", "difference", "p", "p_adjusted", "effect")


def test_hidden_rows_hold_no_number_and_small_units_are_hidden(session: Session, settings: Settings) -> None:
    _, release = released(session, settings)
    rows = rows_of(session, release)
    hidden = [row for row in rows if row.state is CellState.HIDDEN]
    assert hidden
    assert all(getattr(row, name) is None for row in hidden for name in NUMBERS)
    assert not any(row.verdict for row in hidden)
    for unit in ("D", "E"):
        assert all(row.state is CellState.HIDDEN for row in rows if row.unit == unit)
    assert {row.unit for row in rows} == set(UNITS)


def test_which_rows_there_are_says_nothing_about_the_answers(session: Session, settings: Settings) -> None:
    one, other = (rows_of(session, released(session, settings, seed, code=f"W{seed}")[1]) for seed in (1, 2))
    outline = [[row[:4] + (row.compared_to,) for row in rows] for rows in (one, other)]
    assert outline[0] == outline[1]
    per_unit = {
        unit: [(r.kind, r.item, r.measure, r.compared_to) for r in one if r.unit == unit] for unit in UNITS
    }
    assert all(per_unit[unit] == per_unit["A"] for unit in "BCDE")


def test_a_second_release_is_refused(session: Session, settings: Settings) -> None:
    wave, _ = released(session, settings)
    with pytest.raises(Refused, match="allerede frigitt"):
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)


def test_nothing_is_released_before_it_is_counted(session: Session, settings: Settings) -> None:
    wave = make_wave(session, ASKED, UNITS)
    with pytest.raises(Refused, match="ikke talt opp"):
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    assert session.scalar(select(Release)) is None


def test_the_same_answers_give_the_same_hash(session: Session, settings: Settings) -> None:
    wave, release = released(session, settings)
    again = make_rows(session, wave)
    assert list(again.rows) == rows_of(session, release)
    assert len(again.rows) == release.method["n_cells"]
    other = released(session, settings, seed=2, code="W2")[1]
    assert other.manifest_sha256 != release.manifest_sha256


def test_figures_equal_pandas(session: Session, settings: Settings) -> None:
    _, release = released(session, settings)
    rows = rows_of(session, release)
    segments, frame = answers(1)
    valid = frame.where(frame != 99)
    b = np.array(segments) == "B"
    for name, turn in (("q1", False), ("q2", True)):
        scores = (6 - valid[name] if turn else valid[name])[b].dropna()
        mean, index, sd = (find(rows, "B", name, measure) for measure in ("mean", "index", "sd"))
        assert mean.n == len(scores)
        assert mean.value == pytest.approx(scores.mean(), rel=1e-12)
        assert index.value == pytest.approx((scores.mean() - 1) * 25, rel=1e-12)
        assert sd.value == pytest.approx(scores.std(), rel=1e-12)
        half = stats.t.ppf(0.975, len(scores) - 1) * scores.std() / math.sqrt(len(scores))
        assert (mean.low, mean.high) == pytest.approx((scores.mean() - half, scores.mean() + half), rel=1e-12)
    assert find(rows, "B", "q1", "share:4").value == pytest.approx(
        (valid["q1"][b] == 4).sum() / valid["q1"][b].count()
    )
    asked = frame["q1"][b].count()
    assert find(rows, "B", "q1", "missing_share").value == pytest.approx((frame["q1"][b] == 99).sum() / asked)
    top2 = (valid["q2"][b] <= 2).sum() / valid["q2"][b].count()
    assert find(rows, "B", "q2", "top2").value == pytest.approx(top2)


def test_a_scale_is_the_mean_of_its_items_and_has_a_mean_only_with_one_range(
    session: Session, settings: Settings
) -> None:
    _, release = released(session, settings)
    rows = rows_of(session, release)
    for scale, items in (("s", ("q1", "q2")), ("t", ("q3", "q4"))):
        indexes = [find(rows, "B", item, "index").value for item in items]
        assert find(rows, "B", scale, "index").value == pytest.approx(
            math.fsum(filter(None, indexes)) / 2, rel=1e-12
        )
    assert any(row.item == "s" and row.measure == "mean" for row in rows)
    assert not any(row.item == "t" and row.measure == "mean" for row in rows)


def test_few_answers_get_the_waves_pooled_band(session: Session, settings: Settings) -> None:
    _, release = released(session, settings)
    rows = rows_of(session, release)
    segments, frame = answers(1)
    pooled_under = {"D": "hidden", "R/own": "hidden"}  # what is known of them is their sum
    groups = [scores for _, scores in frame["q3"].groupby([pooled_under.get(s, s) for s in segments])]
    df = sum(len(group) - 1 for group in groups)
    pooled = math.sqrt(sum((len(g) - 1) * g.var() for g in groups if len(g) > 1) / df)
    row = find(rows, "C", "q3", "mean")
    assert row.n == 7
    assert find(rows, "C", "q3", "sd").state is CellState.HIDDEN
    half = stats.t.ppf(0.975, df) * pooled / math.sqrt(7)
    mean = frame["q3"][np.array(segments) == "C"].mean()
    assert (row.low, row.high) == pytest.approx((mean - half, mean + half), rel=1e-12)


def test_rest_is_everyone_else_and_hidden_for_a_hidden_unit(session: Session, settings: Settings) -> None:
    _, release = released(session, settings)
    rows = rows_of(session, release)
    segments, frame = answers(1)
    b = np.array(segments) == "B"
    row = find(rows, "B", "q3", "mean", "rest")
    test = stats.mannwhitneyu(frame["q3"][b], frame["q3"][~b], method="asymptotic")
    assert row.p == pytest.approx(test.pvalue, rel=1e-9)
    assert row.effect == pytest.approx(2 * test.statistic / (b.sum() * (~b).sum()) - 1, rel=1e-12)
    assert row.difference == pytest.approx(frame["q3"][b].mean() - frame["q3"][~b].mean(), rel=1e-12)
    welch = stats.ttest_ind(frame["q3"][b], frame["q3"][~b], equal_var=False).confidence_interval()
    assert (row.low, row.high) == pytest.approx((welch.low, welch.high), rel=1e-9)
    index = find(rows, "B", "q3", "index", "rest")
    assert (index.p, index.p_adjusted, index.effect, index.verdict) == (
        row.p, row.p_adjusted, row.effect, row.verdict,
    )  # fmt: skip
    family = [find(rows, "B", item, "mean", "rest") for item in ("q1", "q2", "q3", "q4")]
    adjusted = stats.false_discovery_control([one.p for one in family])
    assert [one.p_adjusted for one in family] == pytest.approx(list(adjusted), rel=1e-12)
    assert find(rows, "D", "q3", "mean", "rest").state is CellState.HIDDEN
    small = find(rows, "C", "q3", "mean", "rest")
    assert (small.state, small.verdict, small.p, small.effect) == (CellState.SHOWN, "too_few", None, None)
    assert not any(row.unit == "R" and row.compared_to == "rest" for row in rows)


def test_extreme_shares_of_few_answers_are_bands(session: Session, settings: Settings) -> None:
    wave = make_wave(session, ASKED, UNITS, code="W9")
    segments, frame = answers(1, {"A": 12, "B": 30, "C": 40})
    in_a = np.array(segments) == "A"
    frame.loc[in_a, "q4"] = [5] * 11 + [1]
    add_answers(session, wave, ASKED, segments, frame)
    build_cube(session, wave=wave)
    rows = make_rows(session, wave).rows
    top, none = (find(list(rows), "A", "q4", f"share:{code}") for code in (5, 2))
    assert (top.value, top.low, top.high) == (None, 0.9, 1.0)
    assert (none.value, none.low, none.high) == (None, 0.0, 0.1)


def test_response_rates_never_tell_that_everybody_answered(session: Session, settings: Settings) -> None:
    _, release = released(session, settings)
    rows = rows_of(session, release)
    everyone = find(rows, "A", "", "response_rate")
    assert (everyone.n, everyone.value, everyone.low, everyone.high) == (12, None, 0.9, 1.0)
    assert find(rows, "B", "", "response_rate").value == 30 / 40
    assert find(rows, "D", "", "response_rate").state is CellState.HIDDEN


def test_nominal_items_have_shares_only(session: Session, settings: Settings) -> None:
    _, release = released(session, settings)
    measures = {row.measure for row in rows_of(session, release) if row.item == "hue"}
    assert measures == {"share:red", "share:green", "share:blue"}


def test_the_auditor_stops_what_only_hides_small_units(session: Session, settings: Settings) -> None:
    wave = make_wave(session, ASKED, {"R": None, "A": "R", "B": "R", "C": "R"}, code="W3")
    add_answers(session, wave, ASKED, *answers(1, {"A": 12, "B": 30, "C": 3}))
    build_cube(session, wave=wave)
    frozen = make_rows(session, wave)
    assert not audit(frozen.given, frozen.gate)
    naive = {item.name: ItemPatterns(_naive(item.n, 5), _naive(item.n, 10)) for item in frozen.given.items}
    everyone = ItemPatterns(_naive(frozen.given.n, 5), _naive(frozen.given.n, 10))
    holes = audit(frozen.given, dataclasses.replace(frozen.gate, everyone=everyone, items=naive))
    assert any(hole.rule == "G1" for hole in holes)
    with pytest.raises(Refused, match="lekkasjer"):
        refuse_holes(holes)
    assert isinstance(frozen.gate, GateResult)


def _naive(n: np.ndarray, k: int) -> Pattern:
    return Pattern(n >= k, n < k, np.zeros(len(n), dtype=bool))


def test_the_database_refuses_a_number_in_a_hidden_row(session: Session, settings: Settings) -> None:
    _, release = released(session, settings)
    hidden = Row("D", CellKind.ITEM, "q1", "mean", CellState.HIDDEN, n=3)
    with pytest.raises(IntegrityError):
        session.execute(
            insert(ReleaseCell), hidden._asdict() | {"release_id": release.id, "position": 99_999}
        )


def test_response_rates_pass_the_gate_on_those_invited(session: Session, settings: Settings) -> None:
    """All but one rate shown would tell the last one's: B's two silent are hidden with a sibling's rate."""
    wave = make_wave(session, ASKED, {"R": None, "A": "R", "B": "R", "C": "R"}, code="W4")
    add_answers(session, wave, ASKED, *answers(1, {"A": 12, "B": 30, "C": 20}))
    add_frame(session, wave, {"A": (20, 12), "B": (32, 30), "C": (40, 20)})
    build_cube(session, wave=wave)
    rows = list(make_rows(session, wave).rows)
    rates = {unit: find(rows, unit, "", "response_rate") for unit in "RABC"}
    assert rates["R"].value == 62 / 92
    assert (rates["B"].value, rates["B"].low) == (None, 0.9)
    exact = {unit for unit in "AC" if rates[unit].value is not None}
    assert exact == {"C"}  # with both, R - A - C would be B's 30 of 32
    assert rates["A"].state is CellState.HIDDEN
