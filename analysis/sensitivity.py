"""What a change would look like under another assumption, out of published figures: plain Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.share_intervals import Z_95

ASSUMED_R = 0.5


@dataclass(frozen=True)
class Group:
    """n, centre and SD of one group in one wave, all in the same units; SD None where it is not shown."""

    n: int
    centre: float
    sd: float | None = None


@dataclass(frozen=True)
class Shift:
    """A change with its 95 % interval, None where a spread is not known."""

    value: float
    low: float | None = None
    high: float | None = None


def overlap_ratio(before: Group, after: Group, overlap_share: float, r: float = ASSUMED_R) -> float | None:
    """The standard error of a change when part of the people answered twice, over that of different people.

    sqrt(v1 + v2 - 2 r m s1 s2 / (n1 n2)) / sqrt(v1 + v2) with v = s**2 / n and m = overlap_share * the
    smaller n. None without spread. ValueError unless overlap_share and r lie in 0..1.
    """
    if not (0 <= r <= 1 and 0 <= overlap_share <= 1):
        raise ValueError("r and overlap_share must lie in 0..1")
    if before.sd is None or after.sd is None or not before.n or not after.n:
        return None
    plain = before.sd**2 / before.n + after.sd**2 / after.n
    both = overlap_share * min(before.n, after.n)
    left = plain - 2 * r * both / (before.n * after.n) * before.sd * after.sd
    return math.sqrt(max(0.0, left) / plain) if plain > 0 else None


def same_mix(before: Sequence[Group], after: Sequence[Group]) -> Shift | None:
    """Change with the later wave's groups weighted as the earlier one's: what their sizes do not explain.

    sum w (after - before), w = n before / all before; variance sum w**2 (s1**2 / n1 + s2**2 / n2). None when
    a group is empty. ValueError for lists of different lengths.
    """
    if len(before) != len(after):
        raise ValueError("the waves have different groups")
    whole = sum(one.n for one in before)
    if not whole or any(not one.n for one in (*before, *after)):
        return None
    pairs = list(zip(before, after, strict=True))
    value = math.fsum(old.n / whole * (new.centre - old.centre) for old, new in pairs)
    parts = [_part(old, new, old.n / whole) for old, new in pairs]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return Shift(value)
    half = Z_95 * math.sqrt(math.fsum(known))
    return Shift(value, value - half, value + half)


def _part(old: Group, new: Group, weight: float) -> float | None:
    """What one group adds to the variance."""
    if old.sd is None or new.sd is None:
        return None
    return float(weight**2 * (old.sd**2 / old.n + new.sd**2 / new.n))
