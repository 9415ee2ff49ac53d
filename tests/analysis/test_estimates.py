"""Reliability, change, associations, drivers, power: against R, scipy and statsmodels, and out of range."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import associations, drivers, power, reliability, trends, verdicts
from analysis.reasons import Reason
from analysis.scales import alpha
from analysis.tables import Scored, scored
from tests.analysis.golden import FOLDER, bfi, golden, near, p_near

SCALES, WAVES = golden("bfi_scales")["scales"], golden("bfi_waves")["scales"]
ASSOC, DRIVERS, POWER = golden("bfi_assoc"), golden("drivers"), golden("power_mde")
tables_of_five = st.lists(st.integers(0, 9), min_size=5, max_size=5).map(lambda c: scored(range(1, 6), c))


def keyed(name: str) -> pd.DataFrame:
    data = bfi()
    return pd.DataFrame(
        {
            key.lstrip("-"): 7 - data[key[1:]] if key.startswith("-") else data[key]
            for key in SCALES[name]["keys"]
        }
    )


@pytest.mark.parametrize("name", sorted(SCALES))
def test_reliability_agrees_with_the_reference(name: str) -> None:
    wanted = SCALES[name]["alpha"]
    complete = keyed(name).dropna().to_numpy().astype(np.int64)
    n, sums, products = drivers.comoments(complete)
    matrix = reliability.covariance(n, sums, products)
    assert matrix == pytest.approx(np.array(SCALES[name]["cov_listwise"]), rel=1e-9)
    found = reliability.reliability(matrix, n)
    assert [found.raw, found.standardised, found.n] == near(
        [wanted[k] for k in ("raw_listwise", "std_listwise", "n_listwise")]
    )
    assert [found.interval.low, found.interval.high] == near(wanted["feldt95_listwise"])
    assert found.raw == near(alpha(n, sums, products).raw)
    pairwise = reliability.reliability(np.array(SCALES[name]["cov_pairwise"]), n)
    assert list(pairwise.if_dropped) == near(list(wanted["alpha_if_dropped_raw_pairwise"].values()))
    assert list(pairwise.item_rest) == near(list(wanted["r_drop_pairwise"].values()))


def test_reverse_keys_may_be_turned_after_adding_up() -> None:
    raw = bfi()[["A1", "A2", "A3"]].dropna().to_numpy().astype(np.int64)
    plain = reliability.covariance(*drivers.comoments(raw))
    raw[:, 0] = 7 - raw[:, 0]
    after = reliability.covariance(*drivers.comoments(raw))
    assert reliability.turned(plain, [True, False, False]) == pytest.approx(after, rel=1e-12)


@pytest.mark.parametrize(
    ("raw", "word"), [(0.7, "good"), (0.699, "caution"), (0.6, "caution"), (0.59, "items")]
)
def test_alpha_is_judged_by_three_steps(raw: float, word: str) -> None:
    assert verdicts.judged(raw) == word


@pytest.mark.parametrize(
    ("matrix", "n", "reason"),
    [
        (np.eye(1), 50, Reason.ONE_GROUP),
        (np.eye(2), 1, Reason.TOO_FEW),
        (np.array([[1.0, np.nan], [np.nan, 1.0]]), 50, Reason.NOT_FINITE),
        (np.array([[0.0, 0.0], [0.0, 1.0]]), 50, Reason.NO_SPREAD),
    ],
)
def test_a_scale_without_spread_has_no_reliability(matrix: np.ndarray, n: int, reason: Reason) -> None:
    assert reliability.reliability(matrix, n) is reason


def test_icc_comes_from_the_analysis_of_variance() -> None:
    rng = np.random.default_rng(4)
    units = [rng.integers(1, 6, size) + shift for size, shift in ((8, 0), (15, 1), (6, 2), (11, 0))]
    tables = [scored(range(1, 8), np.bincount(x, minlength=8)[1:8].tolist()) for x in units]
    found = reliability.icc(tables)
    n = np.array([len(x) for x in units])
    msb = sum(len(x) * (x.mean() - np.concatenate(units).mean()) ** 2 for x in units) / 3
    msw = sum(((x - x.mean()) ** 2).sum() for x in units) / (n.sum() - 4)
    size = (n.sum() - (n**2).sum() / n.sum()) / 3
    assert found.icc1 == pytest.approx((msb - msw) / (msb + (size - 1) * msw), rel=1e-12)
    assert found.icc2 == pytest.approx((msb - msw) / msb, rel=1e-12)
    assert reliability.icc([*tables, scored([1, 2], [0, 0])]) == found
    assert reliability.icc(tables[:1]) is Reason.ONE_GROUP
    assert reliability.icc([scored([1], [5]), scored([1], [3])]) is Reason.NO_SPREAD
    assert reliability.icc([scored([1, 2], [1, 0]), scored([1, 2], [0, 1])]) is Reason.TOO_FEW


def wave_tables(name: str) -> list[Scored]:
    """Indexes of the at-least-half scores of both waves, exact over a common denominator."""
    items = keyed(name)
    answered = items.notna().sum(axis=1)
    sixtieth = np.rint(items.sum(axis=1) * 60 / answered)[answered >= 3].astype(int)
    odd = bfi()["rownames"].astype(int).to_numpy()[answered >= 3] % 2 == 1
    found = []
    for part in (sixtieth[odd], sixtieth[~odd]):
        values, counts = np.unique((part - 60) * 20, return_counts=True)
        found.append(Scored(tuple(values.tolist()), tuple(counts.tolist()), 60))
    return found


@pytest.mark.parametrize("name", sorted(WAVES))
def test_change_between_waves_agrees_with_the_reference(name: str) -> None:
    wanted = WAVES[name]
    before, after = wave_tables(name)
    assert [before.n, after.n] == wanted["n"]
    assert [before.mean, after.mean] == near(wanted["mean"])
    found = trends.change(before, after)
    assert [found.change, found.t, found.df] == near(
        [wanted["change"], wanted["welch"]["t"], wanted["welch"]["df"]]
    )
    assert found.p == p_near(wanted["welch"]["p"])
    assert [found.interval.low, found.interval.high] == near(wanted["welch"]["ci95"])
    finite = trends.change(before, after, population=tuple(wanted["fpc"]["N"]))
    keys = ("se", "t", "df")
    assert [finite.se, finite.t, finite.df] == near([wanted["fpc"][k] for k in keys])
    assert finite.p == p_near(wanted["fpc"]["p"])
    assert [finite.interval.low, finite.interval.high] == near(wanted["fpc"]["ci95"])


@given(tables_of_five, tables_of_five)
def test_change_is_finite_or_says_why(a: Scored, b: Scored) -> None:
    found = trends.change(a, b)
    assert isinstance(found, Reason) or math.isfinite(found.t + found.p + found.interval.low)
    if a.n and b.n:
        census = trends.change(a, b, population=(a.n, b.n))
        assert census in (Reason.NO_SPREAD, Reason.TOO_FEW)
    with pytest.raises(ValueError, match="more answers"):
        trends.change(scored([1, 2], [3, 3]), scored([1, 2], [3, 3]), population=(5, 6))


@pytest.mark.parametrize("case", ASSOC["pairs"], ids=lambda case: "-".join(case["pair"]))
def test_associations_agree_with_the_reference(case: dict) -> None:
    data = bfi()
    places = [data[name].fillna(0).to_numpy().astype(np.int64) - 1 for name in case["pair"]]
    table = associations.pair_table(*places, 6, 6)
    assert table.tolist() == case["table"]
    line = associations.pearson(table, range(1, 7), range(1, 7))
    assert [line.r, line.interval.low, line.interval.high] == near(
        [case["pearson"], *case["pearson_ci95_fisher"]]
    )
    assert line.p == p_near(case["pearson_p"])
    rank = associations.spearman(table)
    assert [rank.r, rank.interval.low, rank.interval.high] == near(
        [case["spearman"], *case["spearman_ci95_bonett_wright"]]
    )
    assert rank.p == p_near(case["spearman_p_t"])
    tau = associations.kendall(table)
    assert tau.r == near(case["kendall_tau_b"])
    assert tau.p == p_near(case["kendall_p"])
    assert associations.gamma(table) == near(case["gamma"])
    assert associations.polychoric(table) == pytest.approx(case["polychoric_2step"], abs=1e-4)


def test_all_pairs_of_spearman_and_polychoric_agree_with_the_reference() -> None:
    data = bfi()[ASSOC["items"]].fillna(0).to_numpy().astype(np.int64) - 1
    for i, j in ((0, 1), (3, 20), (10, 11), (15, 19), (24, 5)):
        table = associations.pair_table(data[:, i], data[:, j], 6, 6)
        assert associations.spearman(table).r == near(ASSOC["spearman_pairwise_25x25"][i][j])
    first = ASSOC["items"].index("N1")
    for i in range(5):
        for j in range(i):
            table = associations.pair_table(data[:, first + i], data[:, first + j], 6, 6)
            wanted = ASSOC["polychoric_N1_N5_psych_correct0"][i][j]
            margins = tuple(np.bincount(data[:, first + k] + 1, minlength=7)[1:] for k in (i, j))
            assert associations.polychoric(table, margins=margins) == pytest.approx(wanted, abs=1e-4)


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3))
def test_associations_equal_scipy_or_say_why(rows: list[list[int]]) -> None:
    table = np.array(rows)
    found = [
        associations.pearson(table, [1, 2, 3], [1, 2, 3]),
        associations.spearman(table),
        associations.kendall(table),
    ]
    if isinstance(found[0], Reason):
        assert all(one is found[0] for one in found)
        assert associations.polychoric(table, 2) is found[0]
        return
    x, y = (np.repeat(axis.ravel(), table.ravel()) for axis in np.indices(table.shape))
    expected = [
        stats.pearsonr(x, y).statistic,
        stats.spearmanr(x, y).statistic,
        stats.kendalltau(x, y).statistic,
    ]
    assert [one.r for one in found] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert found[2].p == pytest.approx(stats.kendalltau(x, y, method="asymptotic").pvalue, rel=1e-7, abs=1e-9)
    hidden = associations.polychoric(table, 2)
    assert -1 < hidden < 1


@pytest.mark.parametrize("rho", [-0.95, -0.4, 0.0, 0.6, 0.97])
def test_bivariate_normal_equals_scipy(rho: float) -> None:
    for x, y in ((0.0, 0.0), (-1.2, 0.7), (2.0, -2.0), (1.5, 1.4)):
        wanted = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([x, y])
        assert associations.bivariate_normal(np.array(x), np.array(y), rho) == pytest.approx(wanted, abs=1e-7)


def test_polychoric_waits_for_two_hundred_answers() -> None:
    assert associations.polychoric(np.full((3, 3), 20)) is Reason.TOO_FEW
    assert associations.gamma(np.array([[3, 4], [0, 0]])) is Reason.NO_SPREAD


def rows_of(name: str) -> np.ndarray:
    wanted = DRIVERS[name]
    if name == "attitude_rating":
        return pd.read_csv(FOLDER / "data" / "attitude.csv")[[wanted["y"], *wanted["x"]]].to_numpy()
    columns = {}
    for variable in (wanted["y"], *wanted["x"]):
        if variable.startswith("s"):
            items = keyed(variable[1:])
            columns[variable] = items.mean(axis=1).where(items.notna().sum(axis=1) >= 3)
        else:
            columns[variable] = bfi()[variable]
    return pd.DataFrame(columns).dropna().to_numpy(dtype=float)


@pytest.mark.parametrize("name", ["attitude_rating", "bfi_N4_on_scales", "bfi_E4_on_items"])
def test_drivers_agree_with_the_reference(name: str) -> None:
    wanted, rows = DRIVERS[name], rows_of(name)
    rows = rows.astype(np.int64) if name != "bfi_N4_on_scales" else rows
    found = drivers.regression(*drivers.comoments(rows), least=10)
    assert found.n == wanted["n"]
    lines = [found.intercept, *(driver.line for driver in found.drivers)]
    names = ["(Intercept)", *wanted["x"]]
    for field, key in (("b", "b"), ("se", "se"), ("t", "t")):
        assert [getattr(line, field) for line in lines] == near([wanted[key][x] for x in names])
    assert [line.p for line in lines] == p_near([wanted["p"][x] for x in names])
    assert [[line.interval.low, line.interval.high] for line in lines] == [
        near(ends) for ends in wanted["ci95"]
    ]
    assert [found.r2, found.r2_adjusted, found.f, found.df1, found.df2, found.sigma] == near(
        [wanted["R2"], wanted["R2_adj"], *wanted["F"], wanted["sigma"]]
    )
    fields = {
        "beta": "beta_std", "beta_se": "beta_std_se", "vif": "vif", "correlation": "zero_order_r",
        "semipartial2": "semipartial_sq", "pratt": "pratt", "weight": "relative_weights_raw",
    }  # fmt: skip
    for field, key in fields.items():
        values = [getattr(driver, field) for driver in found.drivers]
        assert values == pytest.approx([wanted[key][x] for x in wanted["x"]], rel=1e-9, abs=1e-12), field
    shares = [driver.weight_share * 100 for driver in found.drivers]
    assert shares == near([wanted["relative_weights_pct"][x] for x in wanted["x"]])
    gained = drivers.lmg(np.array(wanted["corr"]))
    assert list(gained) == near([wanted["lmg_shapley_raw"][x] for x in wanted["x"]])


def test_weights_add_up_and_the_bootstrap_holds_them() -> None:
    rows = rows_of("bfi_N4_on_scales")[:400]
    found = drivers.regression(*drivers.comoments(rows))
    assert sum(driver.weight for driver in found.drivers) == pytest.approx(found.r2, rel=1e-12)
    ends = drivers.bootstrap_weights(rows, np.random.default_rng(1), 200)
    assert ends == drivers.bootstrap_weights(rows, np.random.default_rng(1), 200)
    for driver, interval in zip(found.drivers, ends, strict=True):
        assert interval.low <= driver.weight_share <= interval.high


def test_drivers_refuse_few_constant_doubled_and_missing() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(150, 3))
    assert drivers.regression(*drivers.comoments(x[:99])) is Reason.TOO_FEW
    assert drivers.bootstrap_weights(x[:99], rng) is Reason.TOO_FEW
    doubled = np.column_stack([x, x[:, 2] * 2])
    assert drivers.regression(*drivers.comoments(doubled)) is Reason.DEPENDENT
    constant = np.column_stack([x, np.ones(150)]).round().astype(np.int64)
    assert drivers.regression(*drivers.comoments(constant)) is Reason.NO_SPREAD
    assert drivers.regression(*drivers.comoments(x[:, :1])) is Reason.ONE_GROUP
    holed = np.vstack([x, [[np.nan, 1, 1]]])
    assert drivers.regression(*drivers.comoments(holed)) == drivers.regression(*drivers.comoments(x))
    assert drivers.lmg(np.eye(14)) is Reason.TOO_FEW


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(2, 5))
def test_a_regression_of_added_comoments_is_that_of_all_rows(seed: int, n_parts: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.integers(1, 6, (int(rng.integers(40, 60)), 3)) for _ in range(n_parts)]
    moments = [drivers.comoments(part) for part in parts]
    summed = (sum(m[0] for m in moments), sum(m[1] for m in moments), sum(m[2] for m in moments))
    whole = np.vstack(parts)
    assert drivers.regression(*summed, least=20) == drivers.regression(*drivers.comoments(whole), least=20)
    fitted = sm.OLS(whole[:, 0], sm.add_constant(whole[:, 1:])).fit()
    found = drivers.regression(*summed, least=20)
    assert [found.intercept.b, *(d.line.b for d in found.drivers)] == pytest.approx(
        list(fitted.params), rel=1e-8
    )
    alphas = [reliability.covariance(*m) for m in (summed, drivers.comoments(whole))]
    assert np.array_equal(*alphas)


def test_power_agrees_with_the_reference() -> None:
    t, shares = POWER["power_t"], POWER["power_prop"]
    assert power.power_t(10, 0.8) == near(t["n10_d08"])
    assert power.power_t(30, 0.5) == near(t["n30_d05"])
    assert power.n_for_t(0.5) == pytest.approx(t["n_for_d05_p80"], rel=1e-6)
    assert power.delta_for_t(30) == pytest.approx(t["delta_n30_p80"], rel=2e-5)  # R's search stops there
    assert power.delta_for_t(10, 20) == pytest.approx(t["delta_n10_p80_sd20"], rel=2e-5)
    assert power.power_t(30, power.delta_for_t(30)) == near(0.8)
    assert power.power_t(power.n_for_t(0.5), 0.5) == near(0.8)
    assert power.power_shares(50, 0.6, 0.75) == near(shares["n50_60_75"])
    assert power.n_for_shares(0.6, 0.75) == pytest.approx(shares["n_for_60_75_p80"], rel=1e-6)
    for case in POWER["mde_normal_sd20"]:
        assert power.smallest_difference(*case["n"]) == near(case["mde_points"])
    for case in POWER["half_width_index_sd20"]:
        assert power.half_width(case["n"]) == near(case["ci95_half"])


def test_a_finite_population_narrows_the_interval() -> None:
    assert power.half_width(70, 20, 100) == pytest.approx(
        power.half_width(70, 20) * math.sqrt(0.3), rel=1e-12
    )
    assert power.half_width(70, 20, 70) == 0
    with pytest.raises(ValueError, match="more answers"):
        power.half_width(71, 20, 70)


@pytest.mark.parametrize(
    "found",
    [
        power.power_t(math.nan, 1), power.power_t(10, 1, 0), power.power_t(1, 1), power.n_for_t(0),
        power.delta_for_t(1), power.delta_for_t(10, math.inf), power.power_shares(10, 0, 0),
        power.power_shares(10, 2, 0), power.power_shares(0, 0.1, 0.2), power.n_for_shares(0.5, 0.5),
        power.smallest_difference(1, 50), power.smallest_difference(10, 10, 0), power.half_width(1),
        power.half_width(10, math.nan),
    ],
)  # fmt: skip
def test_power_out_of_nothing_says_why(found: object) -> None:
    assert isinstance(found, Reason)
