from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis import comparisons, multiplicity, proportions, ranks
from analysis.associations import kendall, pearson, spearman
from analysis.intervals import Interval
from analysis.reasons import Reason
from analysis.significance import mann_whitney
from analysis.tables import Scored, added, scored, top2_count
from tests.analysis.golden import bfi, golden, item_counts, near, p_near

EDUCATION, GENDER, SCALES = golden("bfi_education"), golden("bfi_gender"), golden("bfi_scales")["scales"]
SIX = range(1, 7)
tables_of_five = st.lists(st.integers(0, 12), min_size=5, max_size=5).map(lambda c: scored(range(1, 6), c))


def _scale_groups(name: str, groups: list[object]) -> list[Scored]:
    """At-least-half scores by group, exact over the common denominator 60."""
    data = bfi()
    keyed = [(7 - data[key[1:]]) if key.startswith("-") else data[key] for key in SCALES[name]["keys"]]
    answered = sum(item.notna().astype(int) for item in keyed)
    score = sum(item.fillna(0) for item in keyed)[answered >= 3] * 60 / answered[answered >= 3]
    found = []
    for group in groups:
        values, counts = np.unique(np.rint(score[group.loc[score.index]]).astype(int), return_counts=True)
        found.append(Scored(tuple(values.tolist()), tuple(counts.tolist()), 60))
    return found


def _item_groups(name: str, groups: list[object]) -> list[Scored]:
    return [scored(SIX, item_counts(bfi().loc[group, name])) for group in groups]


def _by_education() -> list[object]:
    return [bfi()["education"] == level for level in range(1, 6)]


def _by_gender() -> list[object]:
    return [bfi()["gender"] == sex for sex in (1, 2)]


@pytest.mark.parametrize("name", sorted(EDUCATION["items"]) + sorted(EDUCATION["scales"]))
def test_groups_by_education_agree_with_the_reference(name: str) -> None:
    item = name in EDUCATION["items"]
    expected = EDUCATION["items" if item else "scales"][name]
    groups = (_item_groups if item else _scale_groups)(name, _by_education())
    assert [group.n for group in groups] == expected["n"]
    assert [group.mean for group in groups] == near(expected["means"])
    assert [group.sd for group in groups] == near(expected["sds"])
    _assert_means(groups, expected)
    _assert_ranks(groups, expected)


def _assert_means(groups: list[Scored], expected: dict) -> None:
    welch = comparisons.welch_anova(groups)
    assert [welch.f, welch.df1, welch.df2] == near([expected["welch_anova"][k] for k in ("F", "df1", "df2")])
    assert welch.p == p_near(expected["welch_anova"]["p"])
    classic = comparisons.anova(groups)
    keys = ("F", "df1", "df2", "eta2", "omega2", "epsilon2")
    assert [classic.f, classic.df1, classic.df2, classic.eta2, classic.omega2, classic.epsilon2] == near(
        [expected["anova"][k] for k in keys]
    )
    assert classic.p == p_near(expected["anova"]["p"])
    spread = comparisons.levene(groups)
    assert spread.f == near(expected["levene_median"]["F"])
    assert spread.p == p_near(expected["levene_median"]["p"])
    assert comparisons.bartlett(groups) == p_near(expected["bartlett_p"])
    for pair in comparisons.games_howell(groups):
        wanted = expected["games_howell"][f"{pair.a + 1}-{pair.b + 1}"]
        assert [pair.difference, pair.se, pair.t, pair.df] == near(
            [wanted[k] for k in ("diff", "se", "t", "df")]
        )
        assert pair.p == pytest.approx(wanted["p_gh"], rel=1e-7, abs=1e-8)  # the range's p differs so much


def _assert_ranks(groups: list[Scored], expected: dict) -> None:
    found = ranks.kruskal(groups)
    wanted = expected["kruskal"]
    assert [found.h, found.df, found.epsilon2, found.eta2] == near(
        [wanted[k] for k in ("H", "df", "epsilon2", "eta2_H")]
    )
    assert found.p == p_near(wanted["p"])
    trend, wanted = ranks.jonckheere(groups), expected["jonckheere"]
    assert [trend.j, trend.expected, trend.variance, trend.z] == near(
        [wanted[k] for k in ("J", "EJ", "VarJ", "z")]
    )
    assert trend.p == p_near(wanted["p_two_sided"])
    for pair in ranks.dunn(groups):
        wanted = expected["dunn"][f"{pair.a + 1}-{pair.b + 1}"]
        assert pair.z == near(wanted["z"])
        assert [pair.p, pair.p_holm] == p_near([wanted["p"], wanted["p_holm"]])
    values, table, per = ranks.aligned(groups)
    line = pearson(table, range(1, 6), [value / per for value in values])
    assert [line.r, line.statistic] == near([expected["linear_trend_pearson"][k] for k in ("r", "t")])
    assert line.p == p_near(expected["linear_trend_pearson"]["p"])
    tau, rho = kendall(table), spearman(table)
    assert [tau.r, tau.statistic] == near([expected["kendall_tau_b"], expected["kendall_z"]])
    assert tau.p == p_near(expected["kendall_p"])
    assert rho.r == near(expected["spearman"]["rho"])
    assert rho.p == p_near(expected["spearman"]["p_t_approx"])


@pytest.mark.parametrize("name", sorted(EDUCATION["items"]))
def test_tables_by_education_agree_with_the_reference(name: str) -> None:
    expected = EDUCATION["items"][name]
    groups = _item_groups(name, _by_education())
    table = np.array([group.counts for group in groups])
    assert table.tolist() == expected["chi_square"]["table"]
    _assert_chi_square(table, expected["chi_square"])
    n = int(table.sum())
    lbl = proportions.linear_by_linear(pearson(table, range(1, 6), list(SIX)).r, n)
    wanted = expected["linear_by_linear"]
    assert [abs(lbl.z), lbl.m2] == near([abs(wanted["z_coin"]), wanted["M2"]])
    assert lbl.p == p_near(wanted["p"])
    wanted = expected["cochran_armitage_top2"]
    trend = proportions.share_trend([top2_count(group) for group in groups], [group.n for group in groups])
    assert trend.chi2 == near(wanted["chi2"])
    assert trend.p == p_near(wanted["p"])


def _assert_chi_square(table: np.ndarray, wanted: dict) -> None:
    found = proportions.chi_square(table)
    assert [found.chi2, found.df, found.n, found.v, found.least_expected] == near(
        [wanted[k] for k in ("chi2", "df", "n", "V", "min_expected")]
    )
    assert found.v_corrected == pytest.approx(wanted["V_bias_corrected"], rel=1e-9, abs=1e-12)
    assert found.p == p_near(wanted["p"])


@pytest.mark.parametrize("name", sorted(GENDER["items"]) + sorted(GENDER["scales"]))
def test_two_groups_by_gender_agree_with_the_reference(name: str) -> None:
    item = name in GENDER["items"]
    expected = GENDER["items" if item else "scales"][name]
    a, b = (_item_groups if item else _scale_groups)(name, _by_gender())
    pooled = comparisons.pooled_t(a, b)
    assert [pooled.t, pooled.df, pooled.low, pooled.high] == near(
        [expected["pooled"]["t"], expected["pooled"]["df"], *expected["pooled"]["ci95_diff"]]
    )
    assert pooled.p == p_near(expected["pooled"]["p"])
    _assert_sizes(comparisons.sizes(a, b), expected)
    if item:
        _assert_brunner_munzel(ranks.brunner_munzel(a, b), expected["brunner_munzel"])
        assert ranks.largest_gap(a, b) == near(expected["ks_D"])
    assert mann_whitney(a, b).u1 == expected["mann_whitney"]["U1"]


def _assert_brunner_munzel(found: ranks.BrunnerMunzel, wanted: dict) -> None:
    assert [found.superiority, found.df, found.low, found.high] == near(
        [wanted["p_hat_P_a_lt_b"], wanted["df"], *wanted["ci95"]]
    )
    assert found.statistic == near(wanted["statistic"])
    assert found.p == p_near(wanted["p"])


def _assert_sizes(found: comparisons.Sizes, expected: dict) -> None:
    assert [found.d, found.g, found.d_se, found.d_average, found.glass_delta] == near(
        [
            expected[k]
            for k in ("cohens_d", "hedges_g", "d_se_normal", "d_average_variance", "glass_delta_sd2")
        ]
    )
    assert [found.d_normal.low, found.d_normal.high] == near(expected["d_ci95_normal"])
    for interval, key in ((found.d_interval, "cohens_d"), (found.g_interval, "hedges_g")):
        wanted = expected[f"{key}_ci95_noncentral_effectsize"]  # its optimiser stops at up to 3e-5
        assert [interval.low, interval.high] == pytest.approx(wanted, abs=4e-5)


def test_intervals_of_d_leave_exactly_the_tails_outside() -> None:
    a, b = _scale_groups("A", _by_gender())
    found, scale, df = comparisons.sizes(a, b), math.sqrt(a.n * b.n / (a.n + b.n)), a.n + b.n - 2
    reach = 9 * math.sqrt(2 * df)
    for end, tail in ((found.d_interval.low, 0.975), (found.d_interval.high, 0.025)):

        def density(u: float, centre: float = end * scale) -> float:
            return float(stats.norm.cdf(found.d * scale * math.sqrt(u / df) - centre) * stats.chi2.pdf(u, df))

        assert integrate.quad(density, df - reach, df + reach, epsabs=1e-13)[0] == pytest.approx(
            tail, abs=1e-10
        )


@pytest.mark.parametrize("df", [1, 2, 5, 30, 400])
def test_non_central_t_equals_scipy(df: int) -> None:
    for t, centre in ((0.3, 0.0), (2.0, 1.0), (-1.0, 0.5)):
        found = comparisons.noncentral_t(t, df, centre)
        assert found == pytest.approx(
            stats.nct.cdf(t, df, centre) if centre else stats.t.cdf(t, df), abs=1e-9
        )


@pytest.mark.parametrize("name", sorted(GENDER["items"]))
def test_two_shares_by_gender_agree_with_the_reference(name: str) -> None:
    expected = GENDER["items"][name]
    a, b = _item_groups(name, _by_gender())
    _assert_chi_square(np.array([a.counts, b.counts]), expected["chi_square"])
    wanted = expected["top2"]
    found = proportions.two_shares(top2_count(a), a.n, top2_count(b), b.n)
    pairs = [
        (found.difference, "diff"),
        (found.z, "z_pooled"),
        (found.cohens_h, "cohens_h"),
        (found.odds_ratio, "odds_ratio"),
        (found.risk_ratio, "risk_ratio"),
    ]
    assert [value for value, _ in pairs] == near([wanted[key] for _, key in pairs])
    assert abs(found.phi) == near(abs(wanted["phi"]))
    assert [found.newcombe.low, found.newcombe.high] == near(wanted["newcombe95"])
    assert [found.wald.low, found.wald.high] == near(wanted["wald95"])
    for value, key in ((found.p, "p_pooled"), (found.p_yates, "p_yates"), (found.p_exact, "fisher_p")):
        assert value == p_near(wanted[key])


@pytest.mark.parametrize("rule", ["holm", "bh", "by", "bonferroni", "hommel"])
@pytest.mark.parametrize(
    "family",
    [
        EDUCATION["multiplicity"]["kruskal"],
        EDUCATION["multiplicity"]["jonckheere"],
        *GENDER["multiplicity"].values(),
    ],
)
def test_adjusted_p_values_agree_with_the_reference(family: dict, rule: str) -> None:
    if rule not in family:
        rule = "holm"
    names = list(family["raw"])
    found = getattr(multiplicity, f"adjust_{rule}")([family["raw"][name] for name in names])
    assert found == p_near([family[rule][name] for name in names])


@pytest.mark.parametrize("rule", ["holm", "bh", "by", "bonferroni", "hommel"])
def test_tests_not_made_do_not_count(rule: str) -> None:
    adjust = getattr(multiplicity, f"adjust_{rule}")
    assert adjust([]) == []
    assert adjust([None, None]) == [None, None]
    with_gap, without = adjust([0.01, None, 0.04]), adjust([0.01, 0.04])
    assert [with_gap[0], with_gap[2]] == without
    with pytest.raises(ValueError, match="0..1"):
        adjust([math.nan])


@given(tables_of_five, tables_of_five, tables_of_five)
def test_rank_tests_equal_scipy(a: Scored, b: Scored, c: Scored) -> None:
    found = ranks.kruskal([a, b, c])
    if isinstance(found, Reason):
        assert not (a.n and b.n and c.n) or added([a, b, c]).constant or a.n + b.n + c.n <= 3
        return
    lists = [np.repeat(np.arange(1, 6), t.counts) for t in (a, b, c)]
    expected = stats.kruskal(*lists)
    p = expected.pvalue if expected.statistic > 0 else 1.0  # scipy: nan for equal groups, by round-off
    assert [found.h, found.p] == pytest.approx([max(0.0, expected.statistic), p], rel=1e-9, abs=1e-9)
    order = np.repeat([1, 2, 3], [t.n for t in (a, b, c)])
    tau = stats.kendalltau(order, np.concatenate(lists), method="asymptotic")
    assert ranks.jonckheere([a, b, c]).p == pytest.approx(tau.pvalue, rel=1e-9, abs=1e-12)
    assert all(0 <= pair.p <= pair.p_holm <= 1 for pair in ranks.dunn([a, b, c]))


@given(tables_of_five, tables_of_five)
def test_brunner_munzel_equals_scipy(a: Scored, b: Scored) -> None:
    found = ranks.brunner_munzel(a, b)
    if isinstance(found, Reason):
        return
    x, y = (np.repeat(np.arange(1, 6), t.counts) for t in (a, b))
    expected = stats.brunnermunzel(x, y)
    assert [found.statistic, found.p] == pytest.approx(
        [expected.statistic, expected.pvalue], rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ([], Reason.ONE_GROUP),
        ([[1, 2]], Reason.ONE_GROUP),
        ([[1, 2], [0, 0]], Reason.NO_ANSWERS),
        ([[1, 2], [1, 0]], Reason.TOO_FEW),
        ([[5, 0], [0, 5]], Reason.NO_SPREAD),
    ],
)
def test_what_cannot_be_compared_says_why(groups: list[list[int]], reason: Reason) -> None:
    tables = [scored([1, 2], counts) for counts in groups]
    for test in (comparisons.welch_anova, comparisons.bartlett, comparisons.games_howell):
        assert test(tables) is reason


def test_two_groups_wholly_apart_have_a_size_and_no_interval() -> None:
    low, high = scored([1, 2, 3], [4, 3, 0]), scored([1, 2, 3], [0, 0, 6])
    assert ranks.brunner_munzel(low, high) is Reason.SEPARATED
    assert comparisons.sizes(low, high) is Reason.NO_SPREAD
    same = scored([1, 2, 3], [0, 5, 0])
    assert ranks.kruskal([same, same]) is Reason.NO_SPREAD
    assert comparisons.equality(same, same, 0.5) is Reason.NO_SPREAD


def test_equal_means_that_the_whole_interval_lies_within_the_margin() -> None:
    a, b = scored(range(1, 6), [40, 80, 160, 80, 40]), scored(range(1, 6), [41, 80, 160, 80, 39])
    found = comparisons.equality(a, b, 0.25)
    assert found.equal
    assert -0.25 < found.low < found.high < 0.25
    assert not comparisons.equality(scored(range(1, 6), [1, 2, 4, 2, 1]), a, 0.25).equal
    x, y = (np.repeat(np.arange(1, 6), t.counts) for t in (a, b))
    one = stats.ttest_ind(x, y - 0.25, equal_var=False, alternative="greater").pvalue
    other = stats.ttest_ind(x, y + 0.25, equal_var=False, alternative="less").pvalue
    assert found.p == pytest.approx(max(one, other), rel=1e-9)
    with pytest.raises(ValueError, match="margin"):
        comparisons.equality(a, b, math.nan)


NEWCOMBE = [  # Newcombe (1998), table II, method 10
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]


@pytest.mark.parametrize(("case", "ends"), NEWCOMBE)
def test_newcombe_gives_the_published_intervals(case: tuple[int, ...], ends: tuple[float, float]) -> None:
    found = proportions.newcombe(*case)
    assert (round(found.low, 4), round(found.high, 4)) == ends


@given(st.integers(1, 25), st.data())
def test_the_exact_interval_of_a_finite_population_holds_every_likely_total(
    population: int, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, population))
    x = data.draw(st.integers(0, n))
    found = proportions.finite_exact(x, n, population)
    likely = [
        k
        for k in range(population + 1)
        if x <= k <= population - n + x
        and stats.hypergeom.sf(x - 1, population, k, n) >= 0.025 - 1e-9
        and stats.hypergeom.cdf(x, population, k, n) >= 0.025 - 1e-9
    ]
    assert [found.low, found.high] == pytest.approx([likely[0] / population, likely[-1] / population])
    score = proportions.finite_wilson(x, n, population)
    assert 0 <= score.low <= x / n + 1e-12
    assert x / n - 1e-12 <= score.high <= 1


def test_a_census_has_no_sampling_error_and_the_silent_have_bounds() -> None:
    assert proportions.finite_exact(7, 10, 10) == Interval(0.7, 0.7)
    assert proportions.finite_wilson(7, 10, 10) == Interval(0.7, 0.7)
    assert proportions.share_bounds(14, 20, 30) == Interval(14 / 30, 24 / 30)
    assert proportions.finite_exact(0, 0, 10) is Reason.NO_ANSWERS
    with pytest.raises(ValueError, match="0..n"):
        proportions.finite_wilson(3, 20, 10)


@given(st.lists(st.tuples(tables_of_five, tables_of_five), min_size=1, max_size=5))
def test_comparisons_of_a_union_are_those_of_the_added_counts(parts: list[tuple[Scored, Scored]]) -> None:
    """Additivity: units first added up, then compared, equals all answers compared at once."""
    whole = [added([part[side] for part in parts]) for side in range(2)]
    pooled = [
        scored(range(1, 6), np.sum([part[side].counts for part in parts], axis=0).tolist())
        for side in range(2)
    ]
    assert whole == pooled
    for test in (comparisons.welch_anova, comparisons.anova, ranks.kruskal, ranks.jonckheere, ranks.dunn):
        assert test(whole) == test(pooled)
