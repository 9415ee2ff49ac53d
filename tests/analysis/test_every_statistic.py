"""Two promises about every statistic out of counts: it adds up over units, and it never gives nan."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import (
    associations,
    clustered,
    comparisons,
    intervals,
    norms,
    power,
    proportions,
    ranks,
    reliability,
    sensitivity,
    significance,
    tables,
    trends,
)
from analysis.designs import SampleDesign, designed_sample, difference
from analysis.reasons import Reason
from analysis.tables import Scored, added, scored

SCORES = range(1, 6)


def grid(groups: list[Scored]) -> np.ndarray:
    return np.array([group.counts for group in groups], dtype=np.int64)


def group(table: Scored) -> sensitivity.Group:
    return sensitivity.Group(table.n, table.mean or 0.0, table.sd)


# Every statistic of one, two or several tables of counts.
STATISTICS: dict[str, Callable[[list[Scored]], Any]] = {
    "describe": lambda g: tables.describe(g[0], 1, 5, reverse=True),
    "quantiles": lambda g: [tables.quantile(g[0], share) for share in (0, 0.25, 0.5, 1)],
    "shares": lambda g: tables.shares(g[0].counts),
    "mean interval": lambda g: intervals.mean_interval(g[0]),
    "wilson": lambda g: intervals.wilson(g[0].counts[0], g[0].n),
    "welch": lambda g: intervals.welch(g[0], g[1]),
    "mann-whitney": lambda g: significance.mann_whitney(g[0], g[1]),
    "hedges g": lambda g: significance.hedges_g(g[0], g[1]),
    "sizes": lambda g: comparisons.sizes(g[0], g[1]),
    "pooled t": lambda g: comparisons.pooled_t(g[0], g[1]),
    "equality": lambda g: comparisons.equality(g[0], g[1], 0.25),
    "welch anova": comparisons.welch_anova,
    "anova": comparisons.anova,
    "levene": comparisons.levene,
    "bartlett": comparisons.bartlett,
    "games-howell": comparisons.games_howell,
    "kruskal": ranks.kruskal,
    "dunn": ranks.dunn,
    "jonckheere": ranks.jonckheere,
    "brunner-munzel": lambda g: ranks.brunner_munzel(g[0], g[1]),
    "largest gap": lambda g: ranks.largest_gap(g[0], g[1]),
    "chi square": lambda g: proportions.chi_square(grid(g)),
    "two shares": lambda g: proportions.two_shares(g[0].counts[4], g[0].n, g[1].counts[4], g[1].n),
    "newcombe": lambda g: proportions.newcombe(g[0].counts[4], g[0].n, g[1].counts[4], g[1].n),
    "share trend": lambda g: proportions.share_trend([t.counts[4] for t in g], [t.n for t in g]),
    "finite exact": lambda g: proportions.finite_exact(g[0].counts[4], g[0].n, g[0].n + 7),
    "finite wilson": lambda g: proportions.finite_wilson(g[0].counts[4], g[0].n, g[0].n + 7),
    "bounds": lambda g: proportions.share_bounds(g[0].counts[4], g[0].n, g[0].n + 7),
    "pearson": lambda g: associations.pearson(grid(g), range(len(g)), list(SCORES)),
    "spearman": lambda g: associations.spearman(grid(g)),
    "kendall": lambda g: associations.kendall(grid(g)),
    "gamma": lambda g: associations.gamma(grid(g)),
    "polychoric": lambda g: associations.polychoric(grid(g), 10),
    "change": lambda g: trends.change(g[0], g[1]),
    "overlap": lambda g: sensitivity.overlap_ratio(group(g[0]), group(g[1]), 0.5),
    "same mix": lambda g: sensitivity.same_mix([group(g[0])], [group(g[1])]),
    "smallest difference": lambda g: power.smallest_difference(g[0].n, g[1].n, g[0].sd or 0.0),
    "half width": lambda g: power.half_width(g[0].n, g[0].sd or 0.0),
}  # fmt: skip

ODD = {
    "empty": [[0] * 5] * 3,
    "one empty": [[3, 1, 4, 1, 5], [0] * 5, [2, 2, 2, 2, 2]],
    "one answer each": [[1, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]],
    "all tied": [[0, 0, 7, 0, 0]] * 3,
    "constant groups": [[7, 0, 0, 0, 0], [0, 0, 9, 0, 0], [0, 0, 0, 0, 8]],
    "one constant": [[7, 0, 0, 0, 0], [2, 3, 4, 3, 2], [1, 1, 1, 1, 1]],
    "equal groups": [[2, 3, 4, 3, 2]] * 3,
    "wholly apart": [[5, 4, 0, 0, 0], [0, 0, 0, 4, 5], [0, 0, 6, 0, 0]],
    "two answers": [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]],
    "very many": [[10**8, 0, 3, 0, 10**8], [10**7, 5, 0, 0, 10**8], [1, 10**8, 1, 1, 1]],
}


def finite(found: Any) -> bool:
    """True when every number in a result is one."""
    if found is None or isinstance(found, (Reason, bool, str, int)):
        return True
    if isinstance(found, float):
        return math.isfinite(found)
    if isinstance(found, (list, tuple)):
        return all(finite(one) for one in found)
    return all(finite(getattr(found, field.name)) for field in dataclasses.fields(found))


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("case", sorted(ODD))
@pytest.mark.parametrize("name", sorted(STATISTICS))
def test_odd_answers_give_a_number_or_a_reason(name: str, case: str) -> None:
    assert finite(STATISTICS[name]([scored(SCORES, counts) for counts in ODD[case]]))


@settings(max_examples=15)
@given(
    st.lists(
        st.lists(st.lists(st.integers(0, 9), min_size=5, max_size=5), min_size=3, max_size=3),
        min_size=1,
        max_size=5,
    )
)
def test_statistics_of_a_union_are_those_of_the_summed_counts(units: list[list[list[int]]]) -> None:
    """Units hold three groups each; adding unit tables up first or counting all answers at once is one."""
    by_unit = [[scored(SCORES, counts) for counts in unit] for unit in units]
    summed = [added([unit[group] for unit in by_unit]) for group in range(3)]
    answers = [np.concatenate([np.repeat(list(SCORES), unit[group]) for unit in units]) for group in range(3)]
    counted = [scored(SCORES, np.bincount(x.astype(int), minlength=6)[1:6].tolist()) for x in answers]
    for name, statistic in STATISTICS.items():
        assert statistic(summed) == statistic(counted), name


def test_what_rests_on_several_units_says_why_it_cannot() -> None:
    empty, one, same = (scored(SCORES, counts) for counts in ([0] * 5, [1, 0, 0, 0, 0], [0, 0, 4, 0, 0]))
    assert clustered.clustered_difference([empty], [same, same]) is Reason.NO_ANSWERS
    assert clustered.clustered_difference([one], [same, same]) is Reason.TOO_FEW
    assert clustered.clustered_difference([same, same], [same, same]) is Reason.NO_SPREAD
    assert clustered.clustered_of_figures([(3, 60.1), (7, 60.1)], [(9, 0.3), (11, 0.3)]) is Reason.NO_SPREAD
    assert norms.norm([empty]) is Reason.NO_ANSWERS
    assert norms.norm([same] * 4) is Reason.TOO_FEW
    assert reliability.icc([empty, empty]) is Reason.ONE_GROUP


def test_teams_carry_the_evidence_as_in_a_design_of_clusters() -> None:
    rng = np.random.default_rng(6)
    shifts = rng.normal(0, 0.8, 14)
    teams = [np.clip(np.rint(rng.normal(3 + shift, 1, int(rng.integers(6, 20)))), 1, 5) for shift in shifts]
    found = clustered.clustered_difference(
        *[
            [scored(SCORES, np.bincount(team.astype(int), minlength=6)[1:].tolist()) for team in part]
            for part in (teams[8:], teams[:8])
        ]
    )
    rows = [(x, t, "a" if t < 8 else "b", 2.0) for t, team in enumerate(teams) for x in team]
    x, team, group, w = (list(column) for column in zip(*rows, strict=True))
    sample = designed_sample({"x": x, "team": team, "g": group, "w": w}, SampleDesign("w", cluster="team"))
    figures = [[(len(team), float(team.mean())) for team in part] for part in (teams[8:], teams[:8])]
    again = clustered.clustered_of_figures(*figures)
    assert [again.difference, again.se, again.p] == pytest.approx(
        [found.difference, found.se, found.p], rel=1e-9
    )
    expected = difference(sample, "x", "g")
    assert [found.difference, found.se, found.t, found.df, found.p] == pytest.approx(
        [expected.difference, expected.se, expected.t, expected.df, expected.p], rel=1e-9
    )
    people = intervals.welch(
        *[
            scored(SCORES, np.bincount(np.concatenate(p).astype(int), minlength=6)[1:].tolist())
            for p in (teams[8:], teams[:8])
        ]
    )
    assert found.se > 1.5 * people.se


def test_a_norm_needs_five_organisations_and_no_giant() -> None:
    organisations = [scored(SCORES, [1, 2, 3, place, 5]) for place in range(5)]
    found = norms.norm(organisations)
    assert found.n_organisations == 5
    assert found.table == added(organisations)
    means = [table.mean for table in organisations]
    assert [found.lowest_quarter, found.highest_quarter] == pytest.approx(
        list(np.quantile(means, [0.25, 0.75]))
    )
    giant = scored(SCORES, [10, 20, 30, 40, 50])
    assert norms.norm([*organisations, giant]) is Reason.TOO_FEW
    nobody = scored(SCORES, [0] * 5)
    assert norms.norm([*organisations[:4], nobody]) is Reason.TOO_FEW
