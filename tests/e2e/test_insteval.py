"""73,421 real lecture ratings through the command line: figures, hiding, verdicts against code of its own."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.conftest import MadeOnce
from tests.e2e.cli import read_results, runner, whole_way, write_answers, write_units
from tests.releases_data import insteval

pytestmark = pytest.mark.soak

K_MEAN, K_SPREAD = 5, 10
FORM = """
| survey  |               |      |                     |
|         | type          | name | label               |
|         | select_one c5 | y    | Hvor god var faget? |
| choices |               |      |                     |
|         | list_name     | name | label               |
|         | c5            | 1    | 1                   |
|         | c5            | 2    | 2                   |
|         | c5            | 3    | 3                   |
|         | c5            | 4    | 4                   |
|         | c5            | 5    | 5                   |
| settings |              |          |                  |
|          | form_title   | form_id  | default_language |
|          | Undervisning | insteval | nb               |
"""


def release(folder: Path) -> None:
    """The ratings as one wave, released and written to a file."""
    frame, units = insteval()
    form = folder / "insteval.md"
    form.write_text(FORM, encoding="utf-8")
    whole_way(
        runner(folder), folder, units=write_units(folder / "units.csv", units), form=form,
        instrument="insteval", answers=write_answers(folder / "answers.csv", frame, "leaf", ["y"]),
        wave="IE", opens="2026-03-01", closes="2026-03-31",
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(made_once: MadeOnce) -> Path:
    return made_once("insteval", release)


@pytest.fixture(scope="module")
def results(folder: Path) -> pd.DataFrame:
    return read_results(folder / "IE.csv")


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    """Answers 1-5 of every unit, by pandas alone."""
    frame, _ = insteval()
    names = (pd.Series("UNI", frame.index), frame["dept"], frame["d"], frame["leaf"])
    units = pd.concat(names, ignore_index=True)
    return pd.crosstab(units.rename("unit"), pd.concat([frame["y"]] * len(names), ignore_index=True))


def bare(results: pd.DataFrame, measure: str) -> pd.DataFrame:
    rows = results[
        (results["kind"] == "item") & (results["measure"] == measure) & (results["compared_to"] == "")
    ]
    return rows.set_index("unit")


def shown(results: pd.DataFrame, measure: str) -> set[str]:
    rows = bare(results, measure)
    return set(rows.index[rows["state"] == "shown"])


def test_every_unit_has_the_same_rows(results: pd.DataFrame) -> None:
    _, units = insteval()
    keys = results.groupby("unit")[["kind", "item", "measure", "compared_to"]].apply(
        lambda rows: tuple(map(tuple, rows.to_numpy()))
    )
    assert set(keys.index) == set(units)
    assert keys.drop("UNI").nunique() == 1


def test_every_shown_mean_equals_pandas(results: pd.DataFrame, counts: pd.DataFrame) -> None:
    mean = bare(results, "mean").query("state == 'shown'")
    expected = counts.loc[mean.index]
    n = expected.sum(axis=1)
    assert len(mean) > 2_000
    assert (mean["n"] == n).all()
    exact = (expected * np.arange(1, 6)).sum(axis=1) / n
    np.testing.assert_allclose(mean["value"], exact, rtol=1e-12, atol=0)
    np.testing.assert_allclose(bare(results, "index").loc[mean.index, "value"], (exact - 1) * 25, rtol=1e-12)


def test_own_intervals_and_the_pooled_band(results: pd.DataFrame, counts: pd.DataFrame) -> None:
    frame, _ = insteval()
    leaves = frame.groupby("leaf")["y"]
    degrees = (leaves.count() - 1).sum()
    pooled = math.sqrt(((leaves.count() - 1) * leaves.var()).sum() / degrees)
    mean, spread = bare(results, "mean").query("state == 'shown'"), shown(results, "sd")
    for unit, row in mean.iterrows():
        values = np.repeat(np.arange(1, 6), counts.loc[unit])
        own = unit in spread
        half = (
            stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1)
            if own
            else stats.t.ppf(0.975, degrees) * pooled
        ) / math.sqrt(len(values))
        assert (row["low"], row["high"]) == pytest.approx(
            (row["value"] - half, row["value"] + half), rel=1e-9
        )


@pytest.mark.parametrize(("measure", "k"), [("mean", K_MEAN), ("sd", K_SPREAD)])
def test_nothing_below_k_can_be_worked_out(
    results: pd.DataFrame, counts: pd.DataFrame, measure: str, k: int
) -> None:
    groups = residuals(shown(results, measure), counts)
    n = groups.sum(axis=1)
    assert (counts.loc[list(shown(results, measure))].sum(axis=1) >= k).all()
    assert ((n == 0) | (n >= k)).all()
    ends = groups[[1, 5]] if measure == "mean" else groups
    assert not (ends.eq(n, axis=0) & (n > 0).to_numpy()[:, None]).any(axis=None)


def test_hiding_only_small_units_would_have_leaked(counts: pd.DataFrame) -> None:
    n = residuals(set(counts.index[counts.sum(axis=1) >= K_MEAN]), counts).sum(axis=1)
    assert ((n > 0) & (n < K_MEAN)).any()


def residuals(published: set[str], counts: pd.DataFrame) -> pd.DataFrame:
    """Answers of each published unit that no published unit below covers."""
    _, parents = insteval()
    left = dict(zip(counts.index, counts.to_numpy().copy(), strict=True))
    whole = dict(zip(counts.index, counts.to_numpy(), strict=True))
    for unit in published:
        above = parents[unit]
        while above is not None and above not in published:
            above = parents[above]
        if above is not None:
            left[above] -= whole[unit]
    units = sorted(published)
    return pd.DataFrame([left[unit] for unit in units], index=units, columns=counts.columns)


@pytest.mark.parametrize(("measure", "k"), [("mean", K_MEAN), ("sd", K_SPREAD)])
def test_no_more_is_hidden_than_the_optimum_and_what_the_answers_prove(
    results: pd.DataFrame, counts: pd.DataFrame, measure: str, k: int
) -> None:
    """The pattern against a dynamic programme of the test's own; each unit beyond it must be proved."""
    open_units = shown(results, measure)
    outer = shown(results, "mean") if measure == "sd" else set(counts.index)
    n = counts.sum(axis=1)
    one_mind = counts.max(axis=1) == n
    may = {unit for unit in counts.index if n[unit] >= k and not one_mind[unit] and unit in outer}
    least = cheapest(may, n.to_dict(), k)
    hidden = len(may - open_units)
    proofs = repairs(open_units, may, counts, k, measure)
    assert least[0] <= hidden <= least[0] + proofs


def cheapest(may: set[str], n: dict[str, int], k: int) -> tuple[int, int]:
    """(units, respondents) that must be hidden of those that may be shown: recursion over the tree."""
    _, parents = insteval()
    below: dict[str | None, list[str]] = {}
    for unit, parent in parents.items():
        below.setdefault(parent, []).append(unit)
    worst = (10**9, 10**9)

    def states(unit: str) -> list[tuple[int, int]]:
        found = [worst] * (k + 1)
        if unit in below:
            found[0] = (0, 0)
            for child in below[unit]:
                merged, theirs = [worst] * (k + 1), states(child)
                for i, a in enumerate(found):
                    for j, b in enumerate(theirs):
                        both = (a[0] + b[0], a[1] + b[1])
                        merged[min(k, i + j)] = min(merged[min(k, i + j)], both)
                found = merged
        else:
            found[min(k, n[unit])] = (0, 0)
        if unit not in may:
            return found
        hide = [(a + 1, b + n[unit]) for a, b in found]
        return [min(hide[0], found[0], found[k]), *hide[1:]]

    return min(states("UNI"))


def repairs(open_units: set[str], may: set[str], counts: pd.DataFrame, k: int, measure: str) -> int:
    """Hidden units whose publication would prove what everybody in some group answered, or leave few."""
    found = 0
    for unit in sorted(may - open_units):
        groups = residuals(open_units | {unit}, counts)
        n = groups.sum(axis=1)
        ends = groups[[1, 5]] if measure == "mean" else groups
        small = ((n > 0) & (n < k)).any()
        found += not small and bool((ends.eq(n, axis=0) & (n > 0).to_numpy()[:, None]).any(axis=None))
    return found


def test_hidden_rows_hold_no_number(results: pd.DataFrame) -> None:
    hidden = results[results["state"] == "hidden"]
    numbers = hidden[["n", "value", "low", "high", "difference", "p", "p_adjusted", "effect"]]
    assert numbers.isna().all(axis=None)
    assert (hidden["verdict"] == "").all()


def test_verdicts_equal_an_independent_calculation(results: pd.DataFrame, counts: pd.DataFrame) -> None:
    rows = results[
        (results["compared_to"] == "rest") & (results["measure"] == "index") & (results["state"] == "shown")
    ]
    spread, levels = shown(results, "sd"), np.arange(1, 6)
    tested = rows[rows["p"].notna()]
    assert set(tested["unit"]) == spread - {"UNI"}
    assert (rows[rows["p"].isna()]["verdict"] == "too_few").all()
    assert (tested["p"] == tested["p_adjusted"]).all()  # one item: a family of one
    for row in tested.sample(250, random_state=1).itertuples():
        mine = counts.loc[row.unit].to_numpy()
        x, y = np.repeat(levels, mine), np.repeat(levels, counts.loc["UNI"].to_numpy() - mine)
        test = stats.mannwhitneyu(x, y, method="asymptotic")
        assert row.p == pytest.approx(test.pvalue, rel=1e-9, abs=1e-12)
        assert row.effect == pytest.approx(2 * test.statistic / (len(x) * len(y)) - 1, rel=1e-9, abs=1e-12)
        difference = (x.mean() - y.mean()) * 25
        assert row.difference == pytest.approx(difference, rel=1e-9, abs=1e-12)
        assert row.verdict == verdict(x, y, difference, test.pvalue)


def verdict(x: np.ndarray, y: np.ndarray, difference: float, p: float) -> str:
    if min(len(x), len(y)) < 10:
        return "too_few"
    df = len(x) + len(y) - 2
    pooled = math.sqrt(((len(x) - 1) * x.var(ddof=1) + (len(y) - 1) * y.var(ddof=1)) / df)
    g = (x.mean() - y.mean()) / pooled * (1 - 3 / (4 * df - 1))
    if abs(difference) < 5 and abs(g) < 0.2:
        return "none"
    if p > 0.05:
        return "possible"
    return "higher" if difference > 0 else "lower"


def test_one_department_alone(folder: Path, results: pd.DataFrame) -> None:
    out = folder / "d5.csv"
    runner(folder)("results", "IE", "--unit", "D5", "--format", "csv", "--out", out)
    frame, _ = insteval()
    inside = {"D5", *frame.loc[frame["dept"] == "D5", ["d", "leaf"]].to_numpy().ravel()}
    expected = results[results["unit"].isin(inside)].reset_index(drop=True)
    pd.testing.assert_frame_equal(read_results(out), expected)


def test_a_closing_done_twice_is_done_once_and_late_answers_are_refused(
    folder: Path, results: pd.DataFrame
) -> None:
    run = runner(folder)
    assert len(results) == 38_127
    assert "38127" in run("waves", "close", "IE")
    run("responses", "import", "IE", folder / "answers.csv", exit_code=1)
    run("results", "XX", "--format", "csv", "--out", folder / "x.csv", exit_code=1)
    run("results", "IE", "--unit", "XX", "--format", "csv", "--out", folder / "x.csv", exit_code=1)
    assert not (folder / "x.csv").exists()


INDICATOR = """code,name,perspective,source,direction,target,green_from,yellow_from,measured_in,unit_types
faget,Faget alt i alt,users,survey:insteval/item:y/mean,up,3.5,3.3,3,1-5,
"""


def test_the_mean_is_an_indicator_on_every_departments_card(folder: Path, results: pd.DataFrame) -> None:
    run = runner(folder)
    definitions = folder / "indicators.csv"
    definitions.write_text(INDICATOR, encoding="utf-8")
    run("indicators", "import", definitions)
    run("indicators", "publish", "IE")
    frame, _ = insteval()
    means = bare(results, "mean")
    for department, answers in frame.groupby("dept")["y"]:
        card = json.loads(run("scorecards", "show", department, "--period", 2026, "--format", "json"))
        line = next(each for group in card["perspectives"] for each in group["indicators"])
        assert (card["unit"], card["period"], line["code"], line["n"]) == (
            department,
            2026,
            "faget",
            len(answers),
        )
        assert line["value"] == pytest.approx(answers.mean(), rel=1e-12)
        low, high = means.loc[department, ["low", "high"]]
        assert (line["low"], line["high"]) == (low, high)
        assert line["band"] == band(line["value"], low, high)


def band(value: float, low: float, high: float) -> str:
    if any(low <= limit <= high for limit in (3.3, 3)):
        return "unsure"
    return "green" if value >= 3.3 else "yellow" if value >= 3 else "red"
