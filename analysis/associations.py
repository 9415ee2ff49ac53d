"""How two questions hang together, out of their table of counts (rows x columns, both in score order)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri, stdtr

from analysis.intervals import Interval
from analysis.ranks import kendall_variance, mid_ranks
from analysis.reasons import Reason

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
POLYCHORIC_N = 200
_NODES = 48
_LARGEST = 0.9999


@dataclass(frozen=True)
class Correlation:
    """A coefficient -1..1 over n pairs; t or z, two-sided p and interval, None where n is too small."""

    r: float
    n: int
    statistic: float | None
    p: float | None
    interval: Interval | None


def pair_table(a: NDArray[np.int64], b: NDArray[np.int64], n_rows: int, n_columns: int) -> Ints:
    """Table of pairs of option places (N,), -1 where missing: only pairs with both answers count."""
    both = (a >= 0) & (b >= 0)
    flat = np.bincount(a[both] * n_columns + b[both], minlength=n_rows * n_columns)
    return np.asarray(flat.astype(np.int64).reshape(n_rows, n_columns))


def _checked(table: Ints, least: int = 2) -> Reason | None:
    """Why nothing can be said, None when something can."""
    if not table.size or not table.sum():
        return Reason.NO_ANSWERS
    if table.sum() < least:
        return Reason.TOO_FEW
    if min((table.sum(axis=1) > 0).sum(), (table.sum(axis=0) > 0).sum()) < 2:
        return Reason.NO_SPREAD
    return None


def _moment(table: Ints, rows: Floats, columns: Floats) -> float:
    """Product-moment coefficient of two scorings, centred first."""
    n = int(table.sum())
    x = rows - float(table.sum(axis=1) @ rows) / n
    y = columns - float(table.sum(axis=0) @ columns) / n
    xy = float(x @ table @ y)
    return xy / math.sqrt(float(table.sum(axis=1) @ x**2) * float(table.sum(axis=0) @ y**2))


def _t_test(r: float, n: int) -> tuple[float | None, float | None]:
    """t and p of a coefficient; without a test for n < 3, infinite evidence as p = 0."""
    if n < 3:
        return None, None
    if abs(r) >= 1:
        return None, 0.0
    t = r * math.sqrt((n - 2) / (1 - r * r))
    return t, min(1.0, 2 * float(stdtr(n - 2, -abs(t))))


def _fisher(r: float, n: int, spread: float, confidence: float) -> Interval | None:
    """Interval on Fisher's scale with variance spread / (n - 3)."""
    if n <= 3 or abs(r) >= 1:
        return None
    half = float(ndtri(1 - (1 - confidence) / 2)) * math.sqrt(spread / (n - 3))
    return Interval(math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))


def pearson(
    table: Ints, rows: Sequence[float], columns: Sequence[float], confidence: float = 0.95
) -> Correlation | Reason:
    """Product-moment correlation of scored options. R: ``cor.test(x, y)``."""
    if reason := _checked(table):
        return reason
    n, r = int(table.sum()), _moment(table, np.array(rows, float), np.array(columns, float))
    return Correlation(r, n, *_t_test(r, n), _fisher(r, n, 1.0, confidence))


def spearman(table: Ints, confidence: float = 0.95) -> Correlation | Reason:
    """Rank correlation with mid-ranks, p by t, interval by Bonett and Wright. R: ``cor(.., "spearman")``."""
    if reason := _checked(table):
        return reason
    n = int(table.sum())
    r = _moment(table, mid_ranks(table.sum(axis=1)), mid_ranks(table.sum(axis=0)))
    return Correlation(r, n, *_t_test(r, n), _fisher(r, n, 1 + r * r / 2, confidence))


def _pairs(table: Ints) -> tuple[int, int]:
    """Concordant and discordant pairs."""
    rest = table.astype(object)
    concordant = discordant = 0
    for i in range(len(rest)):
        for j in range(rest.shape[1]):
            if rest[i, j]:
                concordant += rest[i, j] * rest[i + 1 :, j + 1 :].sum()
                discordant += rest[i, j] * rest[i + 1 :, :j].sum()
    return int(concordant), int(discordant)


def kendall(table: Ints) -> Correlation | Reason:
    """Kendall's tau-b with the normal test corrected for ties. R: ``cor.test(.., "kendall")``."""
    if reason := _checked(table):
        return reason
    concordant, discordant = _pairs(table)
    n, rows, columns = int(table.sum()), table.sum(axis=1).tolist(), table.sum(axis=0).tolist()
    pairs = n * (n - 1)
    free = [pairs - sum(t * (t - 1) for t in side) for side in (rows, columns)]
    s = concordant - discordant
    z = s / math.sqrt(kendall_variance(rows, columns))
    return Correlation(2 * s / math.sqrt(free[0] * free[1]), n, z, 2 * float(ndtr(-abs(z))), None)


def gamma(table: Ints) -> float | Reason:
    """Goodman and Kruskal's gamma: (C - D) / (C + D) over pairs that differ in both. R: ``DescTools``."""
    if reason := _checked(table):
        return reason
    concordant, discordant = _pairs(table)
    if not concordant + discordant:
        return Reason.NO_SPREAD
    return (concordant - discordant) / (concordant + discordant)


def polychoric(
    table: Ints, least: int = POLYCHORIC_N, margins: tuple[Ints, Ints] | None = None
) -> float | Reason:
    """Correlation of the normal variables thought to lie behind two ordered questions.

    Two steps: thresholds from the margins, then the most likely correlation. R: ``polycor::polychor(t)``.
    Only from ``least`` pairs on. margins: each question's own counts instead of those of the pairs, every
    option used (R: ``psych::polychoric(correct = 0)``).
    """
    if reason := _checked(table, least):
        return reason
    kept = table if margins else table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    sides = margins or (kept.sum(axis=1), kept.sum(axis=0))
    rows, columns = (ndtri(np.cumsum(side)[:-1] / side.sum()) for side in sides)

    def unlikely(rho: float) -> float:
        cells = np.maximum(_cell_shares(rows, columns, rho), 1e-300)
        return -float((kept * np.log(cells)).sum())

    found = minimize_scalar(unlikely, bounds=(-_LARGEST, _LARGEST), method="bounded", options={"xatol": 1e-9})
    return float(found.x)


def _cell_shares(rows: Floats, columns: Floats, rho: float) -> Floats:
    """Probability of every cell of a bivariate normal cut at the thresholds."""
    below = np.zeros((len(rows) + 2, len(columns) + 2))
    below[1:-1, 1:-1] = bivariate_normal(rows[:, None], columns[None, :], rho)
    below[-1, 1:-1], below[1:-1, -1], below[-1, -1] = ndtr(columns), ndtr(rows), 1.0
    return np.asarray(np.diff(np.diff(below, axis=0), axis=1))


def bivariate_normal(x: Floats, y: Floats, rho: float) -> Floats:
    """P(X <= x, Y <= y) of standard normals with correlation rho, by Gauss-Legendre over the angle."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    angle = math.asin(rho)
    theta = angle * (nodes + 1) / 2
    h, k = np.broadcast_arrays(x, y)
    sine, cosine2 = np.sin(theta), np.cos(theta) ** 2
    inner = np.exp(
        -(h[..., None] ** 2 + k[..., None] ** 2 - 2 * h[..., None] * k[..., None] * sine) / (2 * cosine2)
    )
    return np.asarray(ndtr(h) * ndtr(k) + angle / 2 * (inner @ weights) / (2 * math.pi))
