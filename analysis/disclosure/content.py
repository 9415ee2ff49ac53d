"""What the published numbers prove about a hidden group, and what to hide so that they no longer do.

On a tree the only groups an attacker can isolate are the residual groups of the published units. With
``n_res`` respondents of whom ``x_res`` chose a set of options, a part of ``n_h`` holds between
``max(0, x_res - (n_res - n_h))`` and ``min(n_h, x_res)`` of them: the whole part is forced to have chosen the
set exactly when ``x_res == n_res``. For means the sets are the ends of the range: then the sum is forced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.disclosure.rules import AnswerSet, chosen
from analysis.disclosure.tree import Counts, Flags, Tree, residuals

NONE_ABOVE = -1
Price = tuple[int, int, tuple[str, ...]]


@dataclass(frozen=True)
class Proof:
    """Why a unit was hidden in step 5; for the auditor, never for readers.

    Without hiding ``hidden``, the ``n`` respondents under ``within`` that no published unit covers
    would be known to have chosen ``answers``, all of them.
    """

    hidden: str
    within: str
    n: int
    answers: str


def proved(n_res: Counts, x_res: Counts) -> Flags:
    """(U, S) True where everybody of a non-empty residual group is proved to have chosen a set."""
    return np.asarray((x_res == n_res[:, None]) & (n_res[:, None] > 0))


def hide_proved(
    tree: Tree, published: Flags, counts: Counts, sets: Sequence[AnswerSet]
) -> tuple[Flags, tuple[Proof, ...]]:
    """The pattern with more units hidden until nothing is proved, and the proof for each of them.

    counts: (U, options) including all below. Hiding a published unit joins its residual group to the one
    above, so groups only grow and a pattern that was safe in size stays so.
    """
    repair = _Repair(tree, published, counts, sets)
    return repair.run()


class _Repair:
    """One item: residual groups, kept up to date while units are hidden."""

    def __init__(self, tree: Tree, published: Flags, counts: Counts, sets: Sequence[AnswerSet]) -> None:
        """Work out the residual groups once."""
        self.tree, self.sets = tree, sets
        self.published = published.copy()
        self.n = counts.sum(axis=1, dtype=np.int64)
        self.left_n = residuals(tree, published, self.n)
        self.left_x = residuals(tree, published, chosen(counts, sets))
        self.proofs: list[Proof] = []

    def run(self) -> tuple[Flags, tuple[Proof, ...]]:
        """Treat one group after the other, parents first, until none proves anything."""
        waiting = deque(np.flatnonzero(proved(self.left_n, self.left_x).any(axis=1)).tolist())
        while waiting:
            place = waiting.popleft()
            answers = self._proved_set(place)
            if answers is None:
                continue
            waiting.extendleft(self._enlarge(place, answers))
        return self.published, tuple(self.proofs)

    def _proved_set(self, place: int) -> str | None:
        """Name of a set that everybody in a published unit's residual group is proved to have chosen."""
        if not self.published[place] or not self.left_n[place]:
            return None
        hits = np.flatnonzero(self.left_x[place] == self.left_n[place])
        return self.sets[int(hits[0])].name if len(hits) else None

    def _enlarge(self, place: int, answers: str) -> set[int]:
        """Hide the cheapest published units that add respondents; the units whose groups grew."""
        chain = self._cheapest(place)[1] or [place]
        within, n = self.tree.codes[place], int(self.left_n[place])
        self.proofs.extend(Proof(self.tree.codes[hidden], within, n, answers) for hidden in chain)
        return {self._hide(hidden) for hidden in chain} - {NONE_ABOVE}

    def _hide(self, place: int) -> int:
        """Take a unit out of the pattern; its group joins that of the nearest published unit above."""
        self.published[place] = False
        above = int(self.tree.parent[place])
        while above != NONE_ABOVE and not self.published[above]:
            above = int(self.tree.parent[above])
        if above != NONE_ABOVE:
            self.left_n[above] += self.left_n[place]
            self.left_x[above] += self.left_x[place]
        self.left_n[place] = 0
        self.left_x[place] = 0
        return above

    def _cheapest(self, place: int) -> tuple[Price, list[int]]:
        """Least (units, respondents, codes) and what to hide, from the top, to gain any answers.

        A unit wholly covered by published units below it gains nothing by itself: one of those goes with it.
        """
        options: list[tuple[Price, list[int]]] = []
        for unit in self._boundary(place):
            price: Price = (1, int(self.n[unit]), (self.tree.codes[unit],))
            chain = [unit]
            if not self.left_n[unit]:
                below, more = self._cheapest(unit)
                price = (price[0] + below[0], price[1] + below[1], price[2] + below[2])
                chain += more
            options.append((price, chain))
        return min(options, default=((0, 0, ()), []))

    def _boundary(self, place: int) -> list[int]:
        """The nearest published units below a unit."""
        found: list[int] = []
        open_ = list(self.tree.children[place])
        while open_:
            unit = open_.pop()
            if self.published[unit]:
                found.append(unit)
            else:
                open_.extend(self.tree.children[unit])
        return found
