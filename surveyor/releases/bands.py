"""Whose answers are pooled for the band of few answers, so that the band tells nothing of a hidden unit."""

import numpy as np

from analysis.disclosure.tree import Flags, Tree, nearest_published
from surveyor.cubes.spec import Counts

MANY = 50
"""From so many sums that nothing shown tells, one figure about them all tells of none (decision 0006)."""


def pooled_groups(tree: Tree, shown: Flags, atoms: Counts, n: Counts) -> Counts:
    """Answers of the lowest units, (U, options) of which n (U,) count, as they are pooled: each for itself.

    Where fewer than MANY of their sums are unknown, those hidden are put together under the shown unit above
    them: mean and n of such a group follow from what is shown, and so does the pooled SD.
    """
    some = n > 0
    above = nearest_published(tree, shown)
    hidden = np.flatnonzero(some & ~shown & (above >= 0))
    n_unknown = len(hidden) - len(np.unique(above[hidden]))
    if not 0 < n_unknown < MANY:
        return np.asarray(atoms[some])
    place = np.arange(len(tree))
    place[hidden] = above[hidden]
    together = np.zeros_like(atoms)
    np.add.at(together, place[some], atoms[some])
    return np.asarray(together[np.unique(place[some])])
