"""Reliability, correlations, drivers and weighted figures worked out again: none of our own code."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sqlalchemy import Engine, text

from tests.e2e.recount import OF_RELEASE, Floats, Wave, lines

Beside = tuple[str, float, float, int]  # what it is about, what is released, what it must be, decimals


def read_beside(engine: Engine, table: str, code: str) -> pd.DataFrame:
    """The shown rows of a wave's first release in one of the tables beside the plain one."""
    found = pd.read_sql(text(OF_RELEASE.format(table)), engine, params={"code": code})
    return found[found["state"] == "shown"]


def complete(wave: Wave, scale: str, unit: str) -> Floats:
    """Points on every item of a scale of those in a unit who answered all; NaN for the others in it."""
    points = np.column_stack([wave.points(item) for item in wave.scales[scale]])[wave.in_unit[unit]]
    points[np.isnan(points).any(axis=1)] = np.nan
    return points


def alpha(points: Floats) -> float:
    k, total = points.shape[1], points.sum(axis=1)
    return float(k / (k - 1) * (1 - points.var(axis=0, ddof=1).sum() / total.var(ddof=1)))


def moments(wave: Wave, rows: pd.DataFrame) -> Iterator[Beside]:
    """Reliability, correlations of themes, drivers: released and recounted."""
    for row in lines(rows):
        about = f"{row.unit} {row.measure} {row.subject} {row.other}"
        if row.measure in ("alpha", "alpha_without", "item_rest"):
            points = complete(wave, row.subject, row.unit)
            points = points[~np.isnan(points).any(axis=1)]
            yield f"{about} n", row.n, len(points), 9
            yield about, row.value, reliability(row, points, list(wave.scales[row.subject])), 2
        elif row.measure == "spearman":
            sums = [complete(wave, name, row.unit).sum(axis=1) for name in (row.subject, row.other)]
            both = ~np.isnan(sums[0]) & ~np.isnan(sums[1])
            yield f"{about} n", row.n, int(both.sum()), 9
            yield about, row.value, float(stats.spearmanr(sums[0][both], sums[1][both]).statistic), 2


def reliability(row: Any, points: Floats, items: list[str]) -> float:
    if row.measure == "alpha":
        return alpha(points)
    place = items.index(row.other)
    others = np.delete(points, place, axis=1)
    if row.measure == "alpha_without":
        return alpha(others)
    return float(np.corrcoef(points[:, place], others.sum(axis=1))[0, 1])


def drivers(wave: Wave, rows: pd.DataFrame) -> Iterator[Beside]:
    """R2, Johnson's relative weights as shares of it, correlations with the outcome."""
    for unit, mine in rows[rows["measure"].isin(["explained", "driver", "driver_r"])].groupby("unit"):
        outcome = mine["subject"].iloc[0]
        names = list(dict.fromkeys(mine.loc[mine["measure"] == "driver", "other"]))
        scores = np.column_stack([wave.half[name] for name in (outcome, *names)])[wave.in_unit[str(unit)]]
        scores = scores[~np.isnan(scores).any(axis=1)]
        r = np.atleast_2d(np.corrcoef(scores, rowvar=False))
        values, vectors = np.linalg.eigh(r[1:, 1:])
        root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
        weights = root**2 @ np.linalg.solve(root, r[1:, 0]) ** 2
        for row in lines(mine):
            place = names.index(row.other) if row.other else 0
            found = {"explained": weights.sum(), "driver": weights[place] / weights.sum(),
                     "driver_r": r[0, 1 + place]}  # fmt: skip
            about = f"{unit} {row.measure} {row.other}"
            yield f"{about} n", row.n, len(scores), 9
            yield about, row.value, float(found[row.measure]), 2 if row.measure == "driver_r" else 3


def raked(wave: Wave, strata: dict[str, int], margins: dict[str, dict[str, float]]) -> Floats:
    """Weights of a stratified sample raked to margins; who is in no group of one keeps the sample's share."""
    top = {code: next(u for u in wave.path(code.removesuffix("/own")) if u in strata or u == wave.root)
           for code in wave.answers["segment_code"].unique()}  # fmt: skip
    stratum = wave.answers["segment_code"].map(top)
    weights = (stratum.map(strata) / stratum.map(stratum.value_counts())).to_numpy(dtype=float, copy=True)
    total, ways = weights.sum(), [(stratum.to_numpy(dtype=str), {s: float(n) for s, n in strata.items()})]
    for name, shares in margins.items():
        group = wave.answers[name].where(wave.answers[name].isin(shares), "?").to_numpy(dtype=str)
        unknown = weights[group == "?"].sum()
        goal = {code: share * (total - unknown) for code, share in shares.items()} | {"?": unknown}
        ways.append((group, goal))
    for _ in range(100):
        for _ in range(60):
            for group, goal in ways:
                for code, wanted in goal.items():
                    if (here := group == code).any():
                        weights[here] *= wanted / weights[here].sum()
        least, most = 0.3 * weights.mean(), 3 * weights.mean()
        if weights.min() >= least * (1 - 1e-9) and weights.max() <= most * (1 + 1e-9):
            return weights
        while not (inside := (weights >= least * (1 - 1e-9)) & (weights <= most * (1 + 1e-9))).all():
            cut = weights.clip(least, most)
            weights = np.where(inside, cut + (weights - cut).sum() / inside.sum(), cut)
    raise AssertionError("no weights within the limits")


def weighted(wave: Wave, rows: pd.DataFrame, weights: Floats) -> Iterator[Beside]:
    """Weighted means, indexes and shares, with n and Kish's n."""
    for row in lines(rows):
        about, people = f"{row.unit} {row.item} {row.measure}", wave.in_unit[row.unit]
        if row.kind == "scale":
            if row.measure == "index":
                parts = [_mean(wave.points(item)[people], weights[people]) for item in wave.scales[row.item]]
                yield about, row.value, math.fsum(parts) / len(parts), 1
            continue
        asked, given = wave.questions[row.item], wave.answers[row.item][people]
        valid = given.isin(asked.valid).to_numpy()
        w = weights[people][valid]
        yield f"{about} n", row.n, int(valid.sum()), 9
        yield f"{about} n_eff", row.n_eff, float(w.sum() ** 2 / (w**2).sum()), 1
        if row.measure in ("mean", "index"):
            values = wave.keyed[row.item] if row.measure == "mean" else wave.points(row.item)
            yield about, row.value, _mean(values[people], weights[people]), 2 if row.measure == "mean" else 1
        elif row.measure.startswith("share:"):
            chosen = (given == row.measure.removeprefix("share:")).to_numpy()[valid]
            yield about, row.value, float(w[chosen].sum() / w.sum()), 3


def _mean(values: Floats, weights: Floats) -> float:
    known = ~np.isnan(values)
    return float(np.average(values[known], weights=weights[known]))


def disagreeing(figures: Iterator[Beside]) -> tuple[int, list[Beside]]:
    """How many were held against the answers, and those that are not the answers', rounded."""
    every = list(figures)
    return len(every), [one for one in every if not abs(one[1] - one[2]) <= 0.5 * 10.0 ** -one[3] + 1e-6]
