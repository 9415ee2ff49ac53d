"""Designed samples and weights against R's survey, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import designs, weights
from analysis.designs import DesignedSample, SampleDesign, designed_sample
from analysis.reasons import Reason
from analysis.weights import Refusal, effective_n, kish_deff, raked, trimmed
from tests.analysis.golden import FOLDER, golden, near, p_near

DESIGNS, CALIBRATED = golden("api_designs")["designs"], golden("api_calibration")
MARGINS = CALIBRATED["meta"]["margins"]
DRAWN = {
    "srs_fpc": ("apisrs", SampleDesign("pw", population="fpc")),
    "srs_wr": ("apisrs", SampleDesign("pw")),
    "strat_fpc": ("apistrat", SampleDesign("pw", stratum="stype", population="fpc")),
    "strat_wr": ("apistrat", SampleDesign("pw", stratum="stype")),
    "clus1": ("apiclus1", SampleDesign("pw", cluster="dnum", population="fpc")),
    "clus2": (
        "apiclus2",
        SampleDesign("pw", cluster="dnum", second_stage="cds", population="fpc1", population_second="fpc2"),
    ),
}


def columns(name: str) -> dict[str, list[Any]]:
    return pd.read_csv(FOLDER / "data" / f"{name}.csv").to_dict("list")


def drawn(name: str) -> DesignedSample:
    file, design = DRAWN[name]
    sample = designed_sample(columns(file), design)
    assert isinstance(sample, DesignedSample)
    return sample


def single(found: list[designs.Estimate] | Reason) -> designs.Estimate:
    assert not isinstance(found, Reason)
    (one,) = found
    return one


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_means_totals_and_shares_agree_with_the_reference(name: str) -> None:
    sample, wanted = drawn(name), DESIGNS[name]
    assert len(sample.weights) == wanted["n"]
    assert sum(sample.weights) == near(wanted["sum_weights"])
    mean = single(designs.mean(sample, "api00"))
    expected = wanted["mean_api00"]
    assert [mean.value, mean.se, mean.deff, mean.df] == near(
        [*(expected[k] for k in ("est", "se", "deff")), wanted["degf"]]
    )
    assert [mean.interval.low, mean.interval.high] == near(expected["ci95_t"][0])
    shares = {one.level: one for one in designs.share(sample, "sch.wide")}
    expected = wanted["prop_schwide"]
    assert [shares[level].value for level in ("No", "Yes")] == near(expected["est"])
    assert [shares[level].se for level in ("No", "Yes")] == near(expected["se"])
    ends = wanted["ciprop_schwide_yes"]["xlogit"]["ci95"]
    assert [shares["Yes"].interval.low, shares["Yes"].interval.high] == near(ends)
    if name != "clus2":  # there enrol is missing for some
        total = single(designs.total(sample, "enroll"))
        assert [total.value, total.se] == near([wanted["total_enroll"][k] for k in ("est", "se")])
        part = single(designs.ratio(sample, "api.stu", "enroll"))
        assert [part.value, part.se] == near([wanted["ratio_stu_enroll"][k] for k in ("est", "se")])


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_groups_agree_with_the_reference(name: str) -> None:
    sample, wanted = drawn(name), DESIGNS[name]
    groups = {one.group: one for one in designs.mean(sample, "api00", by="stype")}
    expected = wanted["by_stype_api00"]
    assert [groups[g].value for g in expected["stype"]] == near(expected["api00"])
    assert [groups[g].se for g in expected["stype"]] == near(expected["se"])
    found = designs.difference(sample, "api00", "comp.imp")
    expected = wanted["ttest_api00_by_compimp"]
    assert (found.first, found.second) == ("No", "Yes")
    assert [found.difference, found.t, found.df] == near([expected[k] for k in ("estimate", "t", "df")])
    assert found.p == p_near(expected["p"])
    assert [found.interval.low, found.interval.high] == near(expected["ci95"])


CALIBRATIONS = {
    "poststrat_clus1": ("clus1", "poststratified"),
    "poststrat_srs": ("srs_fpc", "poststratified"),
    "rake_clus1": ("clus1", "raked"),
    "rake_srs_fpc": ("srs_fpc", "raked"),
    "rake_srs_wr": ("srs_wr", "raked"),
}


@pytest.mark.parametrize("name", sorted(CALIBRATIONS))
def test_calibrated_samples_agree_with_the_reference(name: str) -> None:
    design, kind = CALIBRATIONS[name]
    sample, wanted = drawn(design), CALIBRATED[name]
    if kind == "raked":
        found = raked(sample, MARGINS, trim=None)
    else:
        found = weights.poststratified(sample, "stype", MARGINS["stype"])
    assert found.report.usable
    assert found.sample.weights == near(wanted["weights"]["weights"])
    assert [found.report.total, found.report.deff, found.report.n_eff] == near(
        [wanted["weights"][k] for k in ("sum", "kish_deff", "kish_neff")]
    )
    mean, total = (
        single(f(found.sample, y)) for f, y in ((designs.mean, "api00"), (designs.total, "enroll"))
    )
    assert [mean.value, mean.se, mean.deff] == near([wanted["mean_api00"][k] for k in ("est", "se", "deff")])
    assert [mean.interval.low, mean.interval.high] == near(wanted["mean_api00"]["ci95_t"][0])
    assert [total.value, total.se] == near([wanted["total_enroll"][k] for k in ("est", "se")])
    if kind == "poststratified":
        shares = {one.level: one for one in designs.share(found.sample, "sch.wide")}
        assert [shares[x].se for x in ("No", "Yes")] == near(wanted["prop_schwide"]["se"])


def test_strict_trimming_agrees_with_the_reference() -> None:
    wanted = CALIBRATED["trim_rake_clus1_30_60_strict"]["weights"]
    found = trimmed(raked(drawn("clus1"), MARGINS, trim=None).sample.weights, 30, 60)
    assert found == near(wanted["weights"])
    assert [sum(found), kish_deff(found), effective_n(found)] == near(
        [wanted[k] for k in ("sum", "kish_deff", "kish_neff")]
    )


def lopsided(n_rare: int, n: int = 400) -> DesignedSample:
    """A simple sample in which one group answered too seldom, and two districts."""
    rng = np.random.default_rng(8)
    sample = designed_sample(
        {
            "w": [10.0] * n,
            "age": ["young"] * n_rare + ["old"] * (n - n_rare),
            "district": rng.choice(["a", "b"], n).tolist(),
            "y": rng.normal(50, 20, n).tolist(),
        },
        SampleDesign("w"),
    )
    assert isinstance(sample, DesignedSample)
    return sample


def test_weights_are_raked_and_trimmed_until_both_hold() -> None:
    margins = {"age": {"young": 1300.0, "old": 2700.0}, "district": {"a": 2000.0, "b": 2000.0}}
    wide = raked(lopsided(50), margins, trim=None)
    assert wide.report.most > 2.5
    found = raked(lopsided(50), margins)
    assert found.report.usable
    assert found.report.least >= 0.3 - 1e-6
    assert found.report.most <= 3 + 1e-6
    assert found.report.worst_margin < 1e-9
    assert found.report.n_eff == pytest.approx(400 / found.report.deff)
    assert found.report.deff > 1.2


def test_bad_weights_are_refused() -> None:
    margins = {"age": {"young": 2000.0, "old": 2000.0}, "district": {"a": 2000.0, "b": 2000.0}}
    far = raked(lopsided(20), margins)  # the young would weigh ten times the mean
    assert far.sample is None
    assert [problem.refusal for problem in far.report.problems] == [Refusal.NOT_CONVERGED]
    heavy = raked(lopsided(20), margins, trim=None)
    assert [problem.refusal for problem in heavy.report.problems] == [Refusal.DESIGN_EFFECT]
    assert not heavy.report.usable


@pytest.mark.parametrize(
    ("margins", "expected"),
    [
        ({}, [("no_margins", "", "")]),
        ({"age": {"young": 1.0}}, [("category_without_margin", "age", "old")]),
        (
            {"age": {"young": 1.0, "old": 1.0, "ancient": 1.0}},
            [("category_without_answers", "age", "ancient")],
        ),
        ({"age": {"young": 0.0, "old": 1.0}}, [("margin_not_positive", "age", "young")]),
        ({"age": {"young": math.nan, "old": 1.0}}, [("margin_not_positive", "age", "young")]),
        (
            {"age": {"young": 1.0, "old": 1.0}, "district": {"a": 1.0, "b": 2.0}},
            [("margins_disagree", "", "")],
        ),
    ],
)
def test_margins_that_cannot_fit_are_all_listed(margins: dict, expected: list[tuple[str, str, str]]) -> None:
    found = raked(lopsided(50), margins)
    assert found.sample is None
    assert [(p.refusal, p.variable, p.category) for p in found.report.problems] == expected
    with pytest.raises(ValueError, match="no column"):
        raked(lopsided(50), {"income": {"low": 1.0}})


def test_kish_takes_weights_above_zero_only() -> None:
    assert kish_deff([2.0, 2.0]) == 1
    assert effective_n([6, 1, 1, 1, 1, 1]) == near(2.951219512195122)
    for bad in ([], [1.0, 0.0], [1.0, math.nan]):
        with pytest.raises(ValueError, match="above zero"):
            kish_deff(bad)
    with pytest.raises(ValueError, match="limits"):
        trimmed([1.0, 2.0], 5, 6)
    assert trimmed([1.0, 9.0], 4.9, 5.1) == [5.0, 5.0]


def small(y: list[Any], w: list[Any] | None = None, g: list[Any] | None = None) -> DesignedSample | Reason:
    n = len(y)
    return designed_sample({"y": y, "w": w or [1.0] * n, "g": g or ["a"] * n}, SampleDesign("w"))


def test_what_cannot_be_estimated_says_why() -> None:
    nothing = small([None, math.nan, None])
    assert designs.mean(nothing, "y") is Reason.NO_ANSWERS
    assert designs.total(small([1.0, None, None]), "y") is Reason.TOO_FEW
    constant = small([4.0] * 9)
    assert designs.mean(constant, "y") is Reason.NO_SPREAD
    assert designs.share(constant, "g") is Reason.ONE_OPTION
    assert designs.difference(small([1.0, 2.0, 3.0]), "y", "g") is Reason.ONE_GROUP
    assert designs.ratio(small([0.0, 0.0, 0.0]), "w", "y") is Reason.NO_SPREAD
    assert small([1.0], [1.0]) is Reason.TOO_FEW
    for bad in ([1.0, math.nan], [1.0, 0.0], [1.0, None], [1.0, math.inf]):
        assert small([1.0, 2.0], bad) is Reason.NOT_FINITE
    with pytest.raises(ValueError, match="not there"):
        designed_sample({"y": [1, 2]}, SampleDesign("w", stratum="s"))


def test_missing_answers_are_a_domain_not_dropped_rows() -> None:
    y = [float(v) for v in range(40)]
    holed = small([v if i % 4 else None for i, v in enumerate(y)])
    found = single(designs.mean(holed, "y"))
    assert found.n == 30
    assert found.value == pytest.approx(np.mean([v for i, v in enumerate(y) if i % 4]))
    u = np.array([(v - found.value) * (i % 4 > 0) for i, v in enumerate(y)])
    assert found.se == pytest.approx(math.sqrt(40 / 39 * (u**2).sum()) / 30, rel=1e-9)
