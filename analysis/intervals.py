"""Confidence intervals out of counts; None where an interval would be meaningless (n < 2, no spread)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import ndtri, stdtr, stdtrit

from analysis.share_intervals import score_interval
from analysis.tables import Scored


@dataclass(frozen=True)
class Interval:
    """Both ends of an interval, in the units of the estimate."""

    low: float
    high: float


@dataclass(frozen=True)
class PooledSd:
    """SD within units over the whole wave and its degrees of freedom, sum(n_u - 1)."""

    sd: float
    df: int


@dataclass(frozen=True)
class Welch:
    """Welch's comparison: difference a - b in score units, standard error, t, df, two-sided p, interval."""

    difference: float
    se: float
    t: float
    df: float
    p: float
    low: float
    high: float


def t_quantile(df: float, confidence: float = 0.95) -> float:
    """Upper quantile of Student's t for a two-sided interval. R: ``qt(1 - (1 - conf) / 2, df)``."""
    if not 0 < confidence < 1 or not df > 0:
        raise ValueError("confidence must lie in 0..1 and df be positive")
    return float(stdtrit(df, 1 - (1 - confidence) / 2))


def half_width(n: int, sd: float, df: float | None = None, confidence: float = 0.95) -> float:
    """Half a t interval of a mean: ``t(df) * sd / sqrt(n)``; df is n - 1 unless the SD was pooled.

    ValueError for n < 1, and for n < 2 without df.
    """
    if n < 1:
        raise ValueError("an interval needs at least one answer")
    return t_quantile(n - 1 if df is None else df, confidence) * sd / math.sqrt(n)


def mean_interval(table: Scored, confidence: float = 0.95) -> Interval | None:
    """t interval of the mean, None for n < 2 or equal scores. R: ``t.test(x)$conf.int``."""
    mean, sd = table.mean, table.sd
    if mean is None or not sd:
        return None
    half = half_width(table.n, sd, confidence=confidence)
    return Interval(mean - half, mean + half)


def pooled_sd(leaves: Iterable[Scored]) -> PooledSd | None:
    """``sqrt(sum((n_u - 1) s_u**2) / sum(n_u - 1))`` over leaf units; None without spread within any."""
    parts: list[float] = []
    df = 0
    for leaf in leaves:
        if leaf.n >= 2:
            parts.append(leaf.scatter / (leaf.n * leaf.per**2))
            df += leaf.n - 1
    within = math.fsum(parts)
    return PooledSd(math.sqrt(within / df), df) if df and within > 0 else None


def wilson(x: int, n: int, confidence: float = 0.95) -> Interval | None:
    """Wilson's interval of a share x / n without continuity correction, None for n = 0.

    R: ``prop.test(x, n, correct = FALSE)$conf.int``. Raises ValueError unless 0 <= x <= n.
    """
    if not 0 <= x <= n:
        raise ValueError("x must lie in 0..n")
    return Interval(*score_interval(x, n, float(ndtri(1 - (1 - confidence) / 2)))) if n else None


def welch(a: Scored, b: Scored, confidence: float = 0.95) -> Welch | None:
    """Welch's t test and interval of mean(a) - mean(b). R: ``t.test(a, b)``.

    None for n < 2 on either side or when neither side has any spread.
    """
    if a.variance is None or b.variance is None or a.mean is None or b.mean is None:
        return None
    va, vb = a.variance / a.n, b.variance / b.n
    if va + vb == 0:
        return None
    difference, se = a.mean - b.mean, math.sqrt(va + vb)
    df = (va + vb) ** 2 / (va**2 / (a.n - 1) + vb**2 / (b.n - 1))
    half = t_quantile(df, confidence) * se
    p = min(1.0, 2 * float(stdtr(df, -abs(difference) / se)))
    return Welch(difference, se, difference / se, df, p, difference - half, difference + half)


def centred(found: Welch, difference: float) -> Interval:
    """Welch's interval moved to another estimate of the same difference (scales: of published indexes)."""
    half = (found.high - found.low) / 2
    return Interval(difference - half, difference + half)
