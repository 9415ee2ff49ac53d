"""Reliability, correlations, drivers and weighted figures worked out again: none of our own code."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats
from sqlalchemy import Engine, text

from tests.e2e.recount import OF_RELEASE, Floats, Wave, lines

SLACK = 0.025
UNDELIVERED = "undelivered"
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
            sums = [of_one(wave, name, row.unit) for name in (row.subject, row.other)]
            both = ~np.isnan(sums[0]) & ~np.isnan(sums[1])
            yield f"{about} n", row.n, int(both.sum()), 9
            yield about, row.value, float(stats.spearmanr(sums[0][both], sums[1][both]).statistic), 2


def of_one(wave: Wave, name: str, unit: str) -> Floats:
    """Sums of a theme's points, or an item's points; nan where not answered."""
    if name in wave.scales:
        return np.asarray(complete(wave, name, unit).sum(axis=1))
    return np.asarray(wave.points(name))[wave.in_unit[unit]]


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


def raked(wave: Wave, strata: dict[str, int], margins: dict[str, dict[str, float]]) -> tuple[Floats, Floats]:
    """Weights of a stratified sample raked to margins, and as they were before they were raked last.

    Who is in no group of a margin keeps the sample's share.
    """
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
        before = weights.copy()
        for _ in range(60):
            for group, goal in ways:
                for code, wanted in goal.items():
                    if (here := group == code).any():
                        weights[here] *= wanted / weights[here].sum()
        least, most = 0.3 * weights.mean(), 3 * weights.mean()
        if weights.min() >= least * (1 - 1e-9) and weights.max() <= most * (1 + 1e-9):
            return weights, before
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


# Standard errors: Taylor's residuals, less what the margins explain, by stratum with its finite population


def standard_errors(
    wave: Wave, rows: pd.DataFrame, made: tuple[Floats, Floats], strata: dict[str, int], margins: list[str]
) -> Iterator[Beside]:
    """By how much of themselves the errors of weighted figures are off, beyond rounding and a little slack.

    R sweeps the margins out one by one where we solve for all at once. made: the weights, and as they were
    before they were raked last.
    """
    weights = made[0]
    stratum = np.array([
        next((u for u in wave.path(code.removesuffix("/own")) if u in strata), "")
        for code in wave.answers["segment_code"]
    ])  # fmt: skip
    ways = [stratum, *(wave.answers[name].fillna("?").to_numpy(dtype=str) for name in margins)]
    known = np.column_stack([way == code for way in ways for code in np.unique(way)]).astype(float)
    for row in lines(rows):
        people, about = wave.in_unit[row.unit], f"{row.unit} {row.item} {row.measure} se"
        if row.kind == "scale":
            parts = [_taylor(wave.points(item), people, weights) for item in wave.scales[row.item]]
            decimals, score = 2, sum(parts) / len(parts)
        elif row.measure in ("mean", "index"):
            values = wave.keyed[row.item] if row.measure == "mean" else wave.points(row.item)
            decimals, score = 3 if row.measure == "mean" else 2, _taylor(values, people, weights)
        else:
            given = wave.answers[row.item]
            chosen = np.where(
                given.isin(wave.questions[row.item].valid),
                given == row.measure.removeprefix("share:"),
                np.nan,
            )
            decimals, score = 4, _taylor(chosen.astype(float), people, weights)
        found = _error(score, known, made, stratum, strata)
        off = abs(row.se - found) / found - SLACK
        yield about, max(0.0, off - 0.5 * 10.0**-decimals / found), 0.0, 9


def _taylor(values: Floats, people: Any, weights: Floats) -> Floats:
    """What each answer adds to a weighted mean when its weight grows."""
    inside = people & ~np.isnan(values)
    centre = np.average(values[inside], weights=weights[inside])
    return np.where(inside, np.nan_to_num(values) - centre, 0.0) / weights[inside].sum()


def _error(
    score: Floats, known: Floats, made: tuple[Floats, Floats], stratum: Any, strata: dict[str, int]
) -> float:
    """As R's ``survey`` for raked weights: what all margins leave of each answer's part."""
    weights, before = made
    part = weights * score / before
    rest = before * (part - known @ np.linalg.lstsq(known, part, rcond=None)[0])
    variance = 0.0
    for name, population in strata.items():
        mine = rest[stratum == name]
        n = len(mine)
        variance += (1 - n / population) * n / (n - 1) * float(((mine - mine.mean()) ** 2).sum())
    return math.sqrt(variance)


# Correlations behind two ordered questions, and how much answers depend on the unit


def polychorics(wave: Wave, rows: pd.DataFrame) -> Iterator[Beside]:
    """Thresholds from the margins, then the likeliest correlation; integrals over strips of one variable."""
    for row in lines(rows[rows["measure"] == "polychoric"]):
        pair = [wave.keyed[name][wave.in_unit[row.unit]] for name in (row.subject, row.other)]
        both = ~np.isnan(pair[0]) & ~np.isnan(pair[1])
        table = pd.crosstab(pair[0][both], pair[1][both]).to_numpy(dtype=float)
        about = f"{row.unit} polychoric {row.subject} {row.other}"
        yield f"{about} n", row.n, int(both.sum()), 9
        yield about, row.value, likeliest(table), 2


def likeliest(table: Floats) -> float:
    nodes, shares = np.polynomial.legendre.leggauss(40)
    ends = [stats.norm.ppf(np.cumsum(table.sum(axis=axis)) / table.sum()).clip(-8, 8) for axis in (1, 0)]
    low, high = np.concatenate([[-8.0], ends[0][:-1]]), ends[0]
    at = (low + high)[:, None] / 2 + (high - low)[:, None] / 2 * nodes  # (R, nodes)
    density = stats.norm.pdf(at) * shares * (high - low)[:, None] / 2

    def unlikely(rho: float) -> float:
        below = stats.norm.cdf((ends[1][None, :-1, None] - rho * at[:, None, :]) / math.sqrt(1 - rho**2))
        whole = np.concatenate([below, np.ones_like(at)[:, None, :]], axis=1)
        cells = np.diff((whole * density[:, None, :]).sum(axis=2), axis=1, prepend=0.0)
        return -float((table * np.log(cells.clip(1e-300))).sum())

    return float(optimize.minimize_scalar(unlikely, bounds=(-0.999, 0.999), method="bounded").x)


def dependence(wave: Wave, rows: pd.DataFrame, plain: pd.DataFrame) -> Iterator[Beside]:
    """ICC(1) and ICC(2) of the lowest units that show index and SD, by a plain analysis of variance."""
    bare = plain[(plain["state"] == "shown") & (plain["cut"] == "") & (plain["compared_to"] == "")]
    inner = {parent for parent in wave.parents.values() if parent is not None}
    for row in lines(rows[rows["measure"].isin(["icc1", "icc2"])]):
        mine = bare[(bare["kind"] == "scale") & (bare["item"] == row.subject) & ~bare["unit"].isin(inner)]
        told = [set(mine.loc[mine["measure"] == measure, "unit"]) for measure in ("index", "sd")]
        groups, centres = [], []
        for unit in sorted(told[0] & told[1]):
            scores = wave.half[row.subject][wave.in_unit[unit]]
            groups.append(scores[~np.isnan(scores)])
            items = wave.scales[row.subject]
            centres.append(np.mean([np.nanmean(wave.points(i)[wave.in_unit[unit]]) for i in items]))
        some = [place for place, scores in enumerate(groups) if scores.std() > 0]
        n = np.array([len(groups[place]) for place in some])
        means = np.array([centres[place] for place in some])
        between = float((n * (means - np.average(means, weights=n)) ** 2).sum() / (len(n) - 1))
        within = sum(float(((groups[p] - groups[p].mean()) ** 2).sum()) for p in some) / (n.sum() - len(n))
        size = (n.sum() - (n**2).sum() / n.sum()) / (len(n) - 1)
        found = {"icc1": (between - within) / (between + (size - 1) * within), "icc2": 1 - within / between}
        yield f"{row.unit} {row.measure} {row.subject}", row.value, float(found[row.measure]), 2


# Who answered


def responses(register: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Beside]:
    """Rates of everybody and of each register group, how even they are; register: counts by all groups."""
    people = register[[UNDELIVERED not in groups for groups in register["groups"]]]
    groups = pd.DataFrame(list(people["groups"]), index=people.index).fillna("")
    n, answered = people["n_invited"].to_numpy(float), people["n_answered"].to_numpy(float)
    variables = [name for name in groups if groups[name].nunique() > 1]
    fitted = _propensities(groups[variables], n, answered)
    centre = answered.sum() / n.sum()
    spread = math.sqrt(float((n * (fitted - centre) ** 2).sum()) / (n.sum() - 1))
    everybody = {"invited": n.sum(), "answered": answered.sum(), "r": 1 - 2 * spread, "cv": spread / centre}
    for row in lines(rows):
        about = f"{row.variable} {row.category} {row.measure}"
        if not row.variable:
            if row.measure in everybody:
                yield about, row.value, float(everybody[row.measure]), 2
            continue
        table = pd.DataFrame({"n": n, "yes": answered}).groupby(groups[row.variable].to_numpy()).sum()
        rates = (table["yes"] / table["n"] / 0.05).round() * 0.05
        if row.measure == "rate":
            yield f"{about} n", row.n, float(table["n"][row.category]), 9
            yield about, row.value, float(rates[row.category]), 9
        elif row.measure in ("v", "df"):
            found = stats.chi2_contingency(
                np.stack([table["yes"], table["n"] - table["yes"]]), correction=False
            )
            yield (
                about,
                row.value,
                found.dof if row.measure == "df" else math.sqrt(found.statistic / n.sum()),
                2,
            )
        elif row.measure == "partial" and row.category:
            part = math.sqrt(table["n"][row.category] / n.sum()) * (rates[row.category] - round(centre, 2))
            yield about, row.value, float(part), 2


def _propensities(groups: pd.DataFrame, n: Floats, answered: Floats) -> Floats:
    """A logistic regression on all groups, by Newton's steps."""
    x = np.column_stack([np.ones(len(n)), pd.get_dummies(groups, drop_first=True).to_numpy(dtype=float)])
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        beta += np.linalg.lstsq((x.T * (n * p * (1 - p))) @ x, x.T @ (answered - n * p), rcond=None)[0]
    return np.asarray(1 / (1 + np.exp(-x @ beta)))
