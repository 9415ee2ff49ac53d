"""The word for a difference, out of its figures: plain Python, known to pages before numpy loads."""

from enum import StrEnum

EVIDENCE_P = 0.05
SIZE_INDEX = 5.0
SIZE_G = 0.2
PRECISION_N = 10
NOISE = 1e-9  # five points out of 4.06 - 3.86 on five steps are 4.999999999999986
ALPHA_GOOD, ALPHA_CAUTION = 0.7, 0.6
RANKABLE = 0.5
_Z_POWER_80, _Z_95 = 0.8416, 1.96


class Verdict(StrEnum):
    """What a comparison amounts to, seen from the unit."""

    HIGHER = "higher"
    LOWER = "lower"
    POSSIBLE = "possible"
    NONE = "none"
    TOO_FEW = "too_few"


class Judgement(StrEnum):
    """What the reliability of a scale allows: show the index; with care; show the items only."""

    GOOD = "good"
    CAUTION = "caution"
    ITEMS = "items"


def judged(alpha: float) -> Judgement:
    """0.7 and above good, 0.6 and above with caution, below: report items."""
    if alpha >= ALPHA_GOOD:
        return Judgement.GOOD
    return Judgement.CAUTION if alpha >= ALPHA_CAUTION else Judgement.ITEMS


def verdict(
    n_unit: int,
    n_other: int,
    difference_index: float | None,
    g: float | None,
    p_adjusted: float | None,
    effect: float | None = None,
) -> Verdict:
    """The word for a difference (unit - other): three gates, precision, evidence and size, all needed.

    Precision: at least 10 answers on both sides. Evidence: adjusted p of at most .05, and an effect of the
    ranks (Cliff's delta) that does not point the other way. Size: 5 index points or |g| of .2. Size without
    evidence is possible; evidence without size is none.
    """
    if min(n_unit, n_other) < PRECISION_N:
        return Verdict.TOO_FEW
    size = max(abs(difference_index or 0.0) - SIZE_INDEX, abs(g or 0.0) - SIZE_G)
    if size < -NOISE:
        return Verdict.NONE
    direction = difference_index or g or 0.0
    if p_adjusted is None or p_adjusted > EVIDENCE_P or direction * (effect or 0.0) < 0:
        return Verdict.POSSIBLE
    return Verdict.HIGHER if direction > 0 else Verdict.LOWER


def as_good_as_equal(low: float | None, high: float | None, margin: float = SIZE_INDEX) -> bool:
    """Whether a whole 95 % interval of a difference lies within the margin: two one-sided tests at 2.5 %."""
    return low is not None and high is not None and -margin < low and high < margin


def seen_at_80(low: float, high: float) -> float:
    """The difference that would have been seen four times out of five, out of the ends of a 95 % interval.

    Half the interval times ``1 + z(0.8) / z(0.975)``, as `analysis.power.smallest_difference` has it from
    the SD.
    """
    return (high - low) / 2 * (1 + _Z_POWER_80 / _Z_95)
