"""What two releases of nearly the same answers prove together about those who came late or left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.disclosure.cut_auditor import anything_proved
from analysis.disclosure.earlier import ABSENT, Published
from analysis.disclosure.rules import AnswerSet
from analysis.disclosure.tree import Counts, Tree, nearest_published


def crossing_counts(tree: Tree, before: Counts, now: Counts, late: Counts) -> tuple[Counts, Counts, Counts]:
    """People of each leaf as atoms: places before and now (M,), -1 for not there; what was counted (M, ...).

    before, now, late: (U, ...) of the first release, of all answers now, and of those that came in between.
    Raises ValueError when more came late than there are, or more stayed than there were.
    """
    leaves = np.flatnonzero(tree.leaves)
    stayed = now[leaves] - late[leaves]
    left = before[leaves] - stayed
    if np.any(stayed < 0) or np.any(left < 0):
        raise ValueError("the counts of the two releases contradict one another")
    none = np.full(len(leaves), ABSENT)
    places_before = np.concatenate([leaves, leaves, none])
    places_now = np.concatenate([leaves, none, leaves])
    return places_before, places_now, np.concatenate([stayed, left, late[leaves]])


def proved_between(
    before: Published,
    now: Published,
    places: tuple[Counts, Counts],
    counts: Counts,
    sets: Sequence[AnswerSet],
    *,
    sums: bool,
) -> list[str]:
    """Names of the sets into which both releases force somebody's answers; counts (M, options)."""
    n = counts.sum(axis=1)
    some = n > 0
    rows = np.vstack([_covers(one, where[some]) for one, where in zip((before, now), places, strict=True)])
    counts, most = counts[some], n[some].astype(np.float64)
    chosen = [counts[:, list(one.options)].sum(axis=1) for one in sets]
    if not len(rows) or not len(most):
        return []
    if sums:
        between = (most - chosen[0] + chosen[1]) / 2.0
        is_proved = anything_proved(rows, rows @ between, 0 * most, most, both=True)
        return ["end of the range"] if is_proved else []
    return [
        one.name
        for one, x in zip(sets, chosen, strict=True)
        if anything_proved(rows, (rows @ x).astype(np.float64), 0 * most, most, both=False)
    ]


def _covers(release: Published, places: Counts) -> Counts:
    """(G, M) 0/1: the groups of a release, each the smallest shown unit around its atoms."""
    near = np.where(
        release.shown, np.arange(len(release.tree)), nearest_published(release.tree, release.shown)
    )
    group = np.where(places == ABSENT, -1, near[np.maximum(places, 0)])
    known = np.unique(group[group >= 0])
    return np.asarray(known[:, None] == group[None, :], dtype=np.int64)
