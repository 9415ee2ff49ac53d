"""Who is hidden for their own sake: too few answers, too few asked, all of one mind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.tree import Counts, Flags
from analysis.tables import Number

NO_FRAME = -1
About = tuple[str, str]
"""What a basis is about: everybody, ``("item", name)`` or ``("scale", name)``."""
EVERYONE: About = ("", "")


@dataclass(frozen=True, eq=False)
class ItemTable:
    """Valid answers to one item, "don't know" left out.

    counts: (U, options) int64, each unit including all below it; scores: one per option, None for a nominal
    item.
    """

    name: str
    scores: tuple[Number, ...] | None
    counts: Counts

    @property
    def n(self) -> Counts:
        """(U,) valid answers."""
        return np.asarray(self.counts.sum(axis=1, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class AnswerSet:
    """Options that together would tell too much if everybody in a group chose among them."""

    name: str
    options: tuple[int, ...]


def ends(scores: Sequence[Number] | None) -> tuple[AnswerSet, ...]:
    """The lowest and the highest score (each may be several options); none for a nominal item."""
    if not scores or len(set(scores)) < 2:
        return ()
    return tuple(
        AnswerSet(name, tuple(place for place, score in enumerate(scores) if score == end))
        for name, end in (("lowest", min(scores)), ("highest", max(scores)))
    )


def each_option(item: ItemTable) -> tuple[AnswerSet, ...]:
    """Every option for itself, and the ends of the range where they hold several options."""
    single = tuple(AnswerSet(f"option {place}", (place,)) for place in range(item.counts.shape[1]))
    return single + tuple(end for end in ends(item.scores) if len(end.options) > 1)


def chosen(counts: Counts, sets: Sequence[AnswerSet]) -> Counts:
    """(U, S) answers that fall into each set."""
    if not sets:
        return np.zeros((len(counts), 0), dtype=np.int64)
    return np.stack([counts[:, list(s.options)].sum(axis=1, dtype=np.int64) for s in sets], axis=1)


def unanimous(item: ItemTable) -> Flags:
    """(U,) rule H: True where there are answers and all are one option, or all at one end of the range."""
    n = item.n
    same = chosen(item.counts, each_option(item)) == n[:, None]
    return np.asarray(np.any(same, axis=1) & (n > 0))


def too_few_invited(invited: NDArray[np.int64] | None, k: int) -> Flags | None:
    """(U,) True where fewer than k were asked; units without a sampling frame (-1) are exempt."""
    return None if invited is None else (invited != NO_FRAME) & (invited < k)
