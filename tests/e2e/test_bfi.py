"""psych::bfi as an employee survey of five scales in 28 made-up units, two waves, by the command line."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.conftest import MadeOnce
from tests.e2e.cli import one_wave, read_results, results_of, runner, whole_way, write_answers, write_units
from tests.releases_data import BFI_REVERSED, BFI_SCALES, bfi

GOLDEN = Path(__file__).parent.parent / "golden"
ITEMS = [f"{scale}{number}" for scale in BFI_SCALES for number in range(1, 6)]


def form() -> str:
    """The questionnaire as an author writes it."""
    rows = [("survey", "", "", "", "", ""), ("", "type", "name", "label", "scale", "reverse")]
    rows += [
        ("", "select_one c6", name, f"Utsagn {name}", name[0], "yes" if name in BFI_REVERSED else "")
        for name in ITEMS
    ]
    rows += [("choices", "", "", "", "", ""), ("", "list_name", "name", "label", "", "")]
    rows += [("", "c6", str(code), f"Grad {code}", "", "") for code in range(1, 7)]
    rows += [("settings", "", "", "", "", ""), ("", "form_title", "form_id", "default_language", "", "")]
    rows += [("", "Arbeidsmiljø", "bfi", "nb", "", "")]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def release(folder: Path) -> None:
    """Everybody in the first wave, every other person in the second; both released and written to files."""
    frame, units = bfi()
    written = folder / "bfi.md"
    written.write_text(form(), encoding="utf-8")
    run = runner(folder)
    whole_way(
        run, folder, units=write_units(folder / "units.csv", units), form=written,
        instrument="bfi", answers=write_answers(folder / "all.csv", frame, "unit", ITEMS), wave="BFI1",
        opens="2025-03-01", closes="2025-03-31",
    )  # fmt: skip
    answers = write_answers(folder / "half.csv", half_of(frame), "unit", ITEMS)
    one_wave(run, instrument="bfi", answers=answers, wave="BFI2", opens="2026-03-01", closes="2026-03-31")
    results_of(run, folder, "BFI2")


def half_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Every other person: those of the second wave."""
    return frame.iloc[::2]


@pytest.fixture(scope="module")
def folder(made_once: MadeOnce) -> Path:
    return made_once("bfi", release)


@pytest.fixture(scope="module")
def first(folder: Path) -> pd.DataFrame:
    return read_results(folder / "BFI1.csv")


@pytest.fixture(scope="module")
def half() -> pd.DataFrame:
    return half_of(bfi()[0])


@pytest.fixture(scope="module")
def second(folder: Path) -> pd.DataFrame:
    return read_results(folder / "BFI2.csv")


def cell(results: pd.DataFrame, unit: str, item: str, measure: str, against: str = "") -> pd.Series:
    rows = results[
        (results["unit"] == unit)
        & (results["item"] == item)
        & (results["measure"] == measure)
        & (results["compared_to"] == against)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def keyed(frame: pd.DataFrame, name: str) -> pd.Series:
    return 7 - frame[name] if name in BFI_REVERSED else frame[name]


def scale_scores(frame: pd.DataFrame, scale: str) -> pd.Series:
    """Index 0-100 of those who answered at least three of five."""
    items = pd.DataFrame({name: keyed(frame, name) for name in ITEMS if name[0] == scale})
    return ((items.mean(axis=1) - 1) * 20)[items.notna().sum(axis=1) >= 3]


def inside(frame: pd.DataFrame, unit: str) -> pd.Series:
    _, units = bfi()
    below = {unit} | {code for code, parent in units.items() if parent == unit}
    return frame["unit"].isin(below) if unit != "K" else pd.Series(True, frame.index)


@pytest.mark.parametrize("name", ITEMS)
def test_items_at_the_root_equal_r(first: pd.DataFrame, name: str) -> None:
    expected = json.loads((GOLDEN / "bfi_items.json").read_text())["items"][name]
    turned = name in BFI_REVERSED
    mean = cell(first, "K", name, "mean")
    assert mean["n"] == expected["n"]
    assert mean["value"] == pytest.approx(7 - expected["mean"] if turned else expected["mean"], rel=1e-9)
    low, high = expected["ci95_t"]
    ends = (7 - high, 7 - low) if turned else (low, high)
    assert (mean["low"], mean["high"]) == pytest.approx(ends, rel=1e-9)
    assert cell(first, "K", name, "sd")["value"] == pytest.approx(expected["sd"], rel=1e-9)
    index = expected["index0_100"]
    assert cell(first, "K", name, "index")["value"] == pytest.approx(
        100 - index if turned else index, rel=1e-9
    )
    for code, count in enumerate(expected["counts"], 1):
        share = cell(first, "K", name, f"share:{code}")["value"]
        assert share == pytest.approx(count / expected["n"], rel=1e-9)
    top2 = expected["bottom2" if turned else "top2"]["p"]
    assert cell(first, "K", name, "top2")["value"] == pytest.approx(top2, rel=1e-9)


@pytest.mark.parametrize("scale", BFI_SCALES)
def test_scales_at_the_root_equal_r(first: pd.DataFrame, scale: str) -> None:
    expected = json.loads((GOLDEN / "bfi_scales.json").read_text())["scales"][scale]
    half_rule = expected["scale_score"]["at_least_half_items"]
    index, mean = cell(first, "K", scale, "index"), cell(first, "K", scale, "mean")
    assert index["value"] == pytest.approx(expected["mean_of_item_means"]["index0_100"], rel=1e-9)
    assert mean["value"] == pytest.approx(expected["mean_of_item_means"]["mean"], rel=1e-9)
    assert index["n"] == mean["n"] == half_rule["n"]
    assert cell(first, "K", scale, "sd")["value"] == pytest.approx(half_rule["sd"], rel=1e-9)
    width = half_rule["index_ci95"][1] - half_rule["index_ci95"][0]
    assert index["high"] - index["low"] == pytest.approx(width, rel=1e-9)
    assert (index["high"] + index["low"]) / 2 == pytest.approx(index["value"], rel=1e-9)


def test_units_equal_pandas(first: pd.DataFrame) -> None:
    frame, units = bfi()
    n_shown = 0
    for unit in units:
        mine = inside(frame, unit)
        for name in ITEMS:
            row = cell(first, unit, name, "mean")
            scores = keyed(frame, name)[mine].dropna()
            assert row["state"] == "shown" or (len(scores) < 30 and math.isnan(row["n"]))
            if row["state"] == "shown":
                n_shown += 1
                assert row["value"] == pytest.approx(scores.mean(), rel=1e-12)
    assert n_shown > 600


def test_scales_against_the_rest(first: pd.DataFrame) -> None:
    frame, units = bfi()
    verdicts = set()
    for unit in [unit for unit in units if unit != "K"]:
        rows = {scale: cell(first, unit, scale, "index", "rest") for scale in BFI_SCALES}
        tested = {scale: row for scale, row in rows.items() if not math.isnan(row["p"])}
        mine = inside(frame, unit)
        for scale, row in tested.items():
            scores = scale_scores(frame, scale)
            x, y = scores[mine.reindex(scores.index)], scores[~mine.reindex(scores.index)]
            test = stats.mannwhitneyu(x.round(9), y.round(9), method="asymptotic")
            assert row["p"] == pytest.approx(test.pvalue, rel=1e-9, abs=1e-12)
            assert row["effect"] == pytest.approx(
                2 * test.statistic / (len(x) * len(y)) - 1, rel=1e-9, abs=1e-12
            )
            centres = [
                np.mean([(keyed(frame, name)[group].mean() - 1) * 20 for name in ITEMS if name[0] == scale])
                for group in (mine, ~mine)
            ]
            assert row["difference"] == pytest.approx(centres[0] - centres[1], rel=1e-9, abs=1e-9)
        if tested:
            adjusted = stats.false_discovery_control([row["p"] for row in tested.values()])
            assert [row["p_adjusted"] for row in tested.values()] == pytest.approx(list(adjusted), rel=1e-9)
        verdicts |= {row["verdict"] for row in rows.values()}
    assert {"none", "possible", "too_few", ""} <= verdicts


def test_the_first_wave_has_no_last_and_the_second_has(
    first: pd.DataFrame, second: pd.DataFrame, half: pd.DataFrame
) -> None:
    assert "last" not in set(first["compared_to"])
    frame, _ = bfi()
    for unit in ("K", "A0", "U27"):
        row = cell(second, unit, "N1", "mean", "last")
        now, then = (
            keyed(half, "N1")[inside(half, unit)].dropna(),
            keyed(frame, "N1")[inside(frame, unit)].dropna(),
        )
        assert row["difference"] == pytest.approx(now.mean() - then.mean(), rel=1e-9, abs=1e-9)
        assert row["p"] == pytest.approx(stats.mannwhitneyu(now, then, method="asymptotic").pvalue, rel=1e-9)
    family = second[
        (second["unit"] == "A0") & (second["compared_to"] == "last") & (second["measure"] == "index")
    ]
    assert len(family) == len(ITEMS) + len(BFI_SCALES)
    adjusted = stats.false_discovery_control(family["p"])
    np.testing.assert_allclose(family["p_adjusted"], adjusted, rtol=1e-9)


def test_a_change_is_hidden_unless_both_waves_show_the_unit(
    first: pd.DataFrame, second: pd.DataFrame
) -> None:
    changes = second[(second["compared_to"] == "last") & (second["measure"] == "index")]
    for row in changes.itertuples():
        both = all(
            cell(results, row.unit, row.item, "index")["state"] == "shown" for results in (first, second)
        )
        assert (row.state == "shown") == both
    assert {"shown", "hidden"} == set(changes["state"])


def test_files_of_all_kinds_hold_the_same_rows(folder: Path, first: pd.DataFrame) -> None:
    run = runner(folder)
    run("results", "BFI1", "--format", "json", "--out", folder / "bfi.json")
    rows = json.loads((folder / "bfi.json").read_text(encoding="utf-8"))
    table = pd.DataFrame(rows).astype(first.dtypes.to_dict())
    pd.testing.assert_frame_equal(table, first)
    run("results", "BFI1", "--format", "xlsx", "--unit", "A1", "--out", folder / "bfi.xlsx")
    assert (folder / "bfi.xlsx").read_bytes().startswith(b"PK")
