"""What hangs together with an outcome: regression and shares of explained variance out of co-moments.

Co-moments of one variable set over its n complete answers: sums (1 + p,), products (1 + p, 1 + p), the
outcome first. They add up over units, so no questionnaire is needed; only the bootstrap needs rows. Never at
unit level, and worded "henger sammen med": nothing here shows a cause.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtr

from analysis.intervals import Interval, t_quantile
from analysis.reasons import Reason

Floats = NDArray[np.float64]
DRIVERS_N = 100
LMG_MOST = 12
_SINGULAR = 1e-10


@dataclass(frozen=True)
class Coefficient:
    """One line of a regression in the variables' own units."""

    b: float
    se: float
    t: float
    p: float
    interval: Interval


@dataclass(frozen=True)
class Driver:
    """One explaining variable: its line, standardised coefficient, correlation, and shares of R2."""

    line: Coefficient
    beta: float
    beta_se: float
    vif: float
    correlation: float
    semipartial2: float
    pratt: float
    weight: float
    weight_share: float


@dataclass(frozen=True)
class Regression:
    """Least squares over n complete answers. R: ``lm``; weights: ``rwa``, ``relaimpo``'s lmg."""

    n: int
    intercept: Coefficient
    drivers: tuple[Driver, ...]
    r2: float
    r2_adjusted: float
    f: float
    df1: int
    df2: int
    f_p: float
    sigma: float


def comoments(rows: NDArray[Any]) -> tuple[int, NDArray[Any], NDArray[Any]]:
    """n, sums and products of complete rows (N, 1 + p); rows with nan are left out."""
    kept = rows[np.all(np.isfinite(rows), axis=1)]
    return len(kept), kept.sum(axis=0), kept.T @ kept


def _covariance(n: int, sums: NDArray[Any], products: NDArray[Any]) -> Floats:
    """Covariances; exact until the division when the co-moments are integers."""
    exact = np.issubdtype(products.dtype, np.integer)
    s, p = (sums.astype(object), products.astype(object)) if exact else (sums, products)
    return np.array((p * n - np.outer(s, s)) / (n * (n - 1)), dtype=np.float64)


def _checked(n: int, matrix: Floats, least: int) -> Reason | None:
    """Why there is no regression, None when there is one."""
    if n < max(least, len(matrix) + 1):
        return Reason.TOO_FEW
    if not np.all(np.isfinite(matrix)):
        return Reason.NOT_FINITE
    if np.any(np.diag(matrix) <= 0):
        return Reason.NO_SPREAD
    sd = np.sqrt(np.diag(matrix))
    if np.linalg.eigvalsh((matrix / np.outer(sd, sd))[1:, 1:])[0] < _SINGULAR:
        return Reason.DEPENDENT
    return None


def regression(
    n: int, sums: NDArray[Any], products: NDArray[Any], least: int = DRIVERS_N, confidence: float = 0.95
) -> Regression | Reason:
    """Regression of the first variable on the others, with Johnson's weights; from ``least`` answers."""
    if len(sums) < 2:
        return Reason.ONE_GROUP
    if n < 2:
        return Reason.TOO_FEW
    matrix = _covariance(n, sums, products)
    if reason := _checked(n, matrix, least):
        return reason
    p = len(sums) - 1
    inverse = np.asarray(np.linalg.inv(matrix[1:, 1:]), dtype=np.float64)
    b = inverse @ matrix[1:, 0]
    r2 = float(matrix[0, 1:] @ b / matrix[0, 0])
    if r2 >= 1:
        return Reason.DEPENDENT
    df = n - p - 1
    error = float(matrix[0, 0]) * (1 - r2) * (n - 1) / df
    means = np.array(sums, dtype=np.float64) / n
    lines = [_line(float(b[j]), math.sqrt(error * inverse[j, j] / (n - 1)), df, confidence) for j in range(p)]
    start_se = math.sqrt(error * (1 / n + float(means[1:] @ inverse @ means[1:]) / (n - 1)))
    start = _line(float(means[0] - b @ means[1:]), start_se, df, confidence)
    f = r2 / p / ((1 - r2) / df)
    return Regression(
        n=n,
        intercept=start,
        drivers=tuple(_drivers(matrix, inverse, b, lines, r2, df)),
        r2=r2,
        r2_adjusted=1 - (1 - r2) * (n - 1) / df,
        f=f,
        df1=p,
        df2=df,
        f_p=float(fdtrc(p, df, f)),
        sigma=math.sqrt(error),
    )


def _line(b: float, se: float, df: int, confidence: float) -> Coefficient:
    """One coefficient with its t test."""
    half = t_quantile(df, confidence) * se
    return Coefficient(
        b, se, b / se, min(1.0, 2 * float(stdtr(df, -abs(b) / se))), Interval(b - half, b + half)
    )


def _drivers(
    matrix: Floats, inverse: Floats, b: Floats, lines: list[Coefficient], r2: float, df: int
) -> list[Driver]:
    """Everything about each explaining variable."""
    sd = np.sqrt(np.diag(matrix))
    correlation = matrix / np.outer(sd, sd)
    weights = relative_weights(correlation)
    found = []
    for j, line in enumerate(lines):
        vif, scale = float(inverse[j, j] * matrix[j + 1, j + 1]), float(sd[j + 1] / sd[0])
        beta, r = float(b[j]) * scale, float(correlation[0, j + 1])
        found.append(
            Driver(
                line=line,
                beta=beta,
                beta_se=line.se * scale,
                vif=vif,
                correlation=r,
                semipartial2=beta * beta / vif,
                pratt=beta * r / r2 if r2 > 0 else 0.0,
                weight=float(weights[j]),
                weight_share=float(weights[j]) / r2 if r2 > 0 else 0.0,
            )
        )
    return found


def relative_weights(correlation: Floats) -> Floats:
    """(p,) Johnson's weights out of correlations (1 + p, 1 + p), the outcome first; they add up to R2.

    Johnson (2000): with C = V L V' the explaining variables' correlations and K = V sqrt(L) V', the weights
    are K**2 (K**-1 r)**2.
    """
    values, vectors = np.linalg.eigh(correlation[1:, 1:])
    root = vectors * np.sqrt(values) @ vectors.T
    partial = np.linalg.solve(root, correlation[1:, 0])
    return np.asarray(root**2 @ partial**2)


def lmg(correlation: Floats) -> Floats | Reason:
    """(p,) R2 gained by each variable, averaged over all orders (Shapley values); up to 12 variables."""
    p = len(correlation) - 1
    if p > LMG_MOST:
        return Reason.TOO_FEW
    gained = [0.0] * (1 << p)
    for size in range(1, p + 1):
        for some in combinations(range(1, p + 1), size):
            inside = correlation[np.ix_(some, some)]
            r = correlation[list(some), 0]
            gained[sum(1 << (j - 1) for j in some)] = float(r @ np.linalg.solve(inside, r))
    share = [math.factorial(s) * math.factorial(p - s - 1) / math.factorial(p) for s in range(p)]
    found = np.zeros(p)
    for mask in range(1 << p):
        for j in range(p):
            if not mask >> j & 1:
                found[j] += share[mask.bit_count()] * (gained[mask | 1 << j] - gained[mask])
    return found


def bootstrap_weights(
    rows: NDArray[Any], rng: np.random.Generator, n_rounds: int = 1000, confidence: float = 0.95
) -> list[Interval] | Reason:
    """Percentile intervals of the relative weights' shares of R2, people drawn anew; rows (N, 1 + p).

    Rows with nan are left out; only from 100 complete ones. Rounds without spread are drawn again at most
    ten times in all. The generator is the caller's: the same seed gives the same intervals.
    """
    kept = np.asarray(rows[np.all(np.isfinite(rows), axis=1)], dtype=np.float64)
    if len(kept) < DRIVERS_N:
        return Reason.TOO_FEW
    first = _covariance(len(kept), kept.sum(axis=0), kept.T @ kept)
    if reason := _checked(len(kept), first, DRIVERS_N):
        return reason
    kept = kept - kept.mean(axis=0)
    shares: list[Floats] = []
    for _ in range(n_rounds + 10):
        times = np.bincount(rng.integers(0, len(kept), len(kept)), minlength=len(kept))
        sums = times @ kept
        matrix = _covariance(len(kept), sums, kept.T @ (kept * times[:, None]))
        if _checked(len(kept), matrix, DRIVERS_N) is None and len(shares) < n_rounds:
            sd = np.sqrt(np.diag(matrix))
            weights = relative_weights(matrix / np.outer(sd, sd))
            shares.append(weights / weights.sum())
    if len(shares) < n_rounds:
        return Reason.DEPENDENT
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.array(shares), [tail, 1 - tail], axis=0)
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]
