"""Several tests at once: adjusted p-values. None means that a test was not made; it does not count."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analysis.significance import adjust_bh

Adjusted = list[float | None]

__all__ = ["adjust_bh", "adjust_bonferroni", "adjust_by", "adjust_holm", "adjust_hommel"]


def _over_made(p_values: Sequence[float | None], rule: Callable[[list[float]], list[float]]) -> Adjusted:
    """A rule on the sorted p-values of the tests made; ValueError for a p outside 0..1 (nan included)."""
    made = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    if any(not 0 <= p <= 1 for p, _ in made):
        raise ValueError("p must lie in 0..1")
    found: Adjusted = [None] * len(p_values)
    for (_, place), value in zip(made, rule([p for p, _ in made]), strict=True):
        found[place] = min(1.0, value)
    return found


def adjust_holm(p_values: Sequence[float | None]) -> Adjusted:
    """Holm's step-down: no false alarm at all with 95 %. R: ``p.adjust(p, "holm")``."""

    def rule(p: list[float]) -> list[float]:
        worst, found = 0.0, []
        for place, one in enumerate(p):
            worst = max(worst, (len(p) - place) * one)
            found.append(worst)
        return found

    return _over_made(p_values, rule)


def adjust_bonferroni(p_values: Sequence[float | None]) -> Adjusted:
    """Every p times the number of tests. R: ``p.adjust(p, "bonferroni")``."""
    return _over_made(p_values, lambda p: [one * len(p) for one in p])


def adjust_by(p_values: Sequence[float | None]) -> Adjusted:
    """Benjamini and Yekutieli: the false share under any dependence. R: ``p.adjust(p, "BY")``."""
    m = sum(p is not None for p in p_values)
    factor = sum(1 / rank for rank in range(1, m + 1))

    def rule(p: list[float]) -> list[float]:
        least, found = 1.0, []
        for rank in range(m, 0, -1):
            least = min(least, factor * m / rank * p[rank - 1])
            found.append(least)
        return found[::-1]

    return _over_made(p_values, rule)


def adjust_hommel(p_values: Sequence[float | None]) -> Adjusted:
    """Hommel's closed procedure on Simes's test. R: ``p.adjust(p, "hommel")``."""

    def rule(p: list[float]) -> list[float]:
        n = len(p)
        if not n:
            return []
        q = [min(n * one / (place + 1) for place, one in enumerate(p))] * n
        best = list(q)
        for m in range(n - 1, 1, -1):
            upper = range(n - m + 1, n)
            least = min(m * p[place] / (2 + rank) for rank, place in enumerate(upper))
            q = [min(m * one, least) for one in p[: n - m + 1]]
            q += [q[n - m]] * (m - 1)
            best = [max(pair) for pair in zip(best, q, strict=True)]
        return [max(pair) for pair in zip(best, p, strict=True)]

    return _over_made(p_values, rule)
