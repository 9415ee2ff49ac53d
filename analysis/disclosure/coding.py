"""Step 7: figures that are printed as a band because the exact one says too much about few people."""

from __future__ import annotations

import math
from dataclasses import dataclass

N_TOP = 20
HIGH_SHARE = 0.9
LOW_SHARE = 0.1
FEW_SILENT = 3


@dataclass(frozen=True)
class CodedShare:
    """A share 0..1: either the exact value with empty ends, or a band low..high without a value."""

    value: float | None
    low: float | None = None
    high: float | None = None


def coded_share(x: int, n: int, n_top: int = N_TOP) -> CodedShare:
    """Share x / n; with n < n_top, above 90 % is the band .9-1 and below 10 % the band 0-.1.

    A matter of presentation: what may be derived is decided before, by the gate. Raises ValueError unless
    0 <= x <= n and n > 0.
    """
    if not 0 <= x <= n or n == 0:
        raise ValueError("x must lie in 0..n and n be positive")
    if n < n_top and 10 * x > 9 * n:
        return CodedShare(None, HIGH_SHARE, 1.0)
    if n < n_top and 10 * x < n:
        return CodedShare(None, 0.0, LOW_SHARE)
    return CodedShare(x / n)


def coded_response_rate(invited: int, answered: int) -> CodedShare:
    """Response rate; a band as soon as fewer than three of the invited are silent.

    The band is 90-100 %. Where that would be untrue (few invited) it starts at the last whole five per cent
    that holds for one and for two silent alike. Raises ValueError unless 0 <= answered <= invited and
    invited > 0.
    """
    if not 0 <= answered <= invited or invited == 0:
        raise ValueError("answered must lie in 0..invited and invited be positive")
    if invited - answered >= FEW_SILENT:
        return CodedShare(answered / invited)
    if 10 * answered >= 9 * invited:
        return CodedShare(None, HIGH_SHARE, 1.0)
    least = max(0, invited - FEW_SILENT + 1)
    return CodedShare(None, math.floor(20 * least / invited) / 20, 1.0)
