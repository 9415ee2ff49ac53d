"""Step 6: what one cut shows beside another of higher priority, and which cells must go for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.disclosure.cuts import Cell, CutBasis, CutFrame
from analysis.disclosure.together import UnclearError, told_together
from analysis.disclosure.tree import Counts, Flags


@dataclass(frozen=True, eq=False)
class CutLink:
    """Two cuts together: respondents by unit and both categories, each unit with all below it.

    counts: (U, C first, C second); items: name -> the same for those who answered the item. An item left out
    is held to the pattern of all respondents only.
    """

    first: str
    second: str
    counts: Counts
    items: Mapping[str, Counts] = field(default_factory=dict)

    def of(self, item: str | None) -> Counts | None:
        """The counts of an item, of all respondents for None."""
        return self.counts if item is None else self.items.get(item)


def turned(links: Sequence[CutLink], name: str) -> Iterator[CutLink]:
    """Links of a cut with every other one, the other first."""
    for link in links:
        if link.second == name:
            yield link
        elif link.first == name:
            items = {item: counts.swapaxes(1, 2) for item, counts in link.items.items()}
            yield CutLink(link.second, name, link.counts.swapaxes(1, 2), items)


@dataclass(frozen=True, eq=False)
class Beside:
    """One basis of a cut of higher priority as it is published, beside which another cut is decided.

    totals: (U,); shown: (U, C) its cells; known: (U, C) those that are shown or follow; n: (U, C).
    """

    frame: CutFrame
    totals: Flags
    shown: Flags
    known: Flags
    n: Counts

    @classmethod
    def of(cls, frame: CutFrame, totals: Flags, shown: Flags, n: Counts) -> Beside:
        """Works out what follows."""
        return cls(frame, totals, shown, CutBasis(frame, totals, n, shown, 1).known(), n)

    def near(self, frame: CutFrame, own: Counts, both: Counts, k: int) -> Flags:
        """(U, C own) cells of another cut, own (U, C own), that are 1..k-1 respondents from a known one.

        Compared are cells of units of which one is, or lies below, the other; both: (U, C, C own).
        """
        place, other = frame.kin(self.frame)
        lower = np.maximum(place, other)  # parents stand first
        apart = self.n[other][:, :, None] + own[place][:, None, :] - 2 * both[lower]
        close = self.known[other][:, :, None] & (apart > 0) & (apart < k) & (own[place][:, None, :] > 0)
        found = np.zeros(own.shape, dtype=np.bool_)
        np.logical_or.at(found, place, close.any(axis=1))
        return found

    def told(self, basis: CutBasis, both: Counts) -> list[Cell]:
        """Cells of another cut to hide because a combination of totals and both cuts tells about too few.

        One cell at a time, the smallest of the combination; all of the lowest level shown where the search
        comes to no end.
        """
        frame, cells = basis.frame, [(int(u), int(c)) for u, c in np.argwhere(basis.shown)]
        levels = max(frame.levels, self.frame.levels)
        lines, n = joint_system(frame, levels, self.totals, (self.shown, basis.shown), both)
        try:
            made_of = told_together(lines, n, basis.k)
        except UnclearError:
            lowest = max(frame.depth[place] for place, _ in cells)
            return [cell for cell in cells if frame.depth[cell[0]] == lowest]
        if made_of is None:
            return []
        mine = [cell for cell, one in zip(cells, made_of[len(lines) - len(cells) :], strict=True) if one]
        rank = frame.tree.rank
        return sorted(mine, key=lambda cell: (basis.n[cell], rank[cell[0]], cell[1]))[:1]


def joint_system(
    frame: CutFrame, levels: int, totals: Flags, cells: tuple[Flags, Flags], both: Counts
) -> tuple[Counts, Counts]:
    """(R, A) totals and cells of two cuts over atoms unit x category x category; (A,) their respondents.

    Units are those at most ``levels`` deep; both: (U, C first, C second), each unit with all below it.
    """
    holds = frame.depth <= levels
    own = np.where(holds[:, None, None], both, 0)
    below = np.flatnonzero(holds & (frame.tree.parent >= 0))
    np.subtract.at(own, frame.tree.parent[below], both[below])
    place, *categories = np.nonzero(own)
    line = frame.line[place].T
    lines = [line[totals & holds]]
    for shown, category in zip(cells, categories, strict=True):
        lines += [(line[unit] & (category == cell))[None] for unit, cell in np.argwhere(shown)]
    return np.concatenate(lines).astype(np.int64), own[place, categories[0], categories[1]]
