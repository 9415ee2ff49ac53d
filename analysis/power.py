"""What could have been seen: power, needed sizes, the smallest difference that would show, half widths."""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from analysis.comparisons import noncentral_t
from analysis.intervals import t_quantile
from analysis.reasons import Reason, finite

ALPHA, POWER = 0.05, 0.8
INDEX_SD = 20.0
_MOST_N = 1e7


def power_t(n: float, delta: float, sd: float = 1.0, alpha: float = ALPHA) -> float | Reason:
    """Chance that a t test of two groups of n sees a difference of delta. R: ``power.t.test`` (one tail)."""
    if not finite((n, delta, sd)) or sd <= 0:
        return Reason.NOT_FINITE
    if n < 2:
        return Reason.TOO_FEW
    df, centre = 2 * (n - 1), math.sqrt(n / 2) * abs(delta) / sd
    return 1 - noncentral_t(t_quantile(df, 1 - alpha), df, centre)


def _solved(power: float, at: float | Reason) -> float:
    """How far a power lies from the wanted one; ValueError where there is none."""
    if isinstance(at, Reason):
        raise ValueError("no power at this size")
    return at - power


def n_for_t(delta: float, sd: float = 1.0, power: float = POWER, alpha: float = ALPHA) -> float | Reason:
    """Answers needed in each group. R: ``power.t.test(delta=, power=)$n``."""
    if not finite((delta, sd)) or sd <= 0 or delta == 0:
        return Reason.NO_SPREAD
    if _solved(power, power_t(2, delta, sd, alpha)) >= 0:
        return 2.0
    return float(brentq(lambda n: _solved(power, power_t(n, delta, sd, alpha)), 2, _MOST_N, xtol=1e-11))


def delta_for_t(n: float, sd: float = 1.0, power: float = POWER, alpha: float = ALPHA) -> float | Reason:
    """Smallest difference two groups of n can see. R: ``power.t.test(n=, power=)$delta``."""
    if not finite((n, sd)) or sd <= 0:
        return Reason.NOT_FINITE
    if n < 2:
        return Reason.TOO_FEW
    high = 50 * sd
    return float(brentq(lambda d: _solved(power, power_t(n, d, sd, alpha)), 1e-9 * sd, high, xtol=1e-13 * sd))


def power_shares(n: float, p1: float, p2: float, alpha: float = ALPHA) -> float | Reason:
    """Chance that two groups of n with shares p1 and p2 differ visibly. R: ``power.prop.test`` (one tail)."""
    if not finite((n, p1, p2)) or not (0 <= p1 <= 1 and 0 <= p2 <= 1):
        return Reason.NOT_FINITE
    if n < 1:
        return Reason.TOO_FEW
    own = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    if own == 0:
        return Reason.NO_SPREAD
    middle = math.sqrt((p1 + p2) * (1 - (p1 + p2) / 2))
    z = float(ndtri(1 - alpha / 2))
    return float(ndtr((math.sqrt(n) * abs(p1 - p2) - z * middle) / own))


def n_for_shares(p1: float, p2: float, power: float = POWER, alpha: float = ALPHA) -> float | Reason:
    """Answers needed in each group to see shares p1 and p2 apart. R: ``power.prop.test(power=)$n``."""
    if isinstance(reason := power_shares(1, p1, p2, alpha), Reason):
        return reason
    if p1 == p2:
        return Reason.NO_SPREAD
    return float(brentq(lambda n: _solved(power, power_shares(n, p1, p2, alpha)), 1, _MOST_N, xtol=1e-10))


def smallest_difference(
    n1: int, n2: int, sd: float = INDEX_SD, power: float = POWER, alpha: float = ALPHA
) -> float | Reason:
    """The difference (in the units of sd) that groups of n1 and n2 would have shown 8 times out of 10.

    ``(z(1 - alpha/2) + z(power)) * sd * sqrt(1/n1 + 1/n2)``: printed beside "no sure difference".
    """
    if not finite((sd,)) or sd <= 0:
        return Reason.NO_SPREAD
    if min(n1, n2) < 2:
        return Reason.TOO_FEW
    return float(ndtri(1 - alpha / 2) + ndtri(power)) * sd * math.sqrt(1 / n1 + 1 / n2)


def half_width(n: int, sd: float = INDEX_SD, population: int | None = None) -> float | Reason:
    """Half of a 95 % interval of a mean; ``population``: for exactly those people. ValueError for n > N."""
    if not finite((sd,)) or sd <= 0:
        return Reason.NO_SPREAD
    if n < 2:
        return Reason.TOO_FEW
    if population is not None and n > population:
        raise ValueError("more answers than people")
    kept = 1.0 if population is None else 1 - n / population
    return t_quantile(n - 1) * sd / math.sqrt(n) * math.sqrt(kept)
