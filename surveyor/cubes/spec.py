"""The count cube of one wave as plain frozen arrays: personal data, for releases alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveyor.campaigns.spec import OWN

Counts = NDArray[np.int64]
AnswerCodes = tuple[Sequence[str], bytes]
"""The segments of some answer sets, and their codes one after another in the same order."""


@dataclass(frozen=True)
class CubeTree:
    """Units of the wave with parents before children, then the pseudo-leaves of inner units' own people."""

    codes: tuple[str, ...]
    parent: tuple[int, ...]
    n_units: int

    @classmethod
    def of(cls, units: Mapping[str, str | None]) -> "CubeTree":
        """The tree of unit code -> parent code, parents first; every inner unit gets its `<unit>/own`."""
        codes = tuple(units)
        place = {code: number for number, code in enumerate(codes)}
        above = [place.get(parent, -1) if parent is not None else -1 for parent in units.values()]
        inner = sorted(set(above) - {-1})
        return cls((*codes, *(codes[unit] + OWN for unit in inner)), (*above, *inner), len(codes))

    @cached_property
    def place(self) -> Mapping[str, int]:
        return {code: number for number, code in enumerate(self.codes)}

    @property
    def never_cell(self) -> NDArray[np.bool_]:
        """True for pseudo-leaves, which are counted and never published."""
        return np.arange(len(self.codes)) >= self.n_units

    @cached_property
    def depth(self) -> tuple[int, ...]:
        """Levels from the root, which lies at 0."""
        depth: list[int] = []
        for parent in self.parent:
            depth.append(0 if parent < 0 else depth[parent] + 1)
        return tuple(depth)

    def atom(self, segment: str) -> int:
        """Where answers of a stored segment are counted; raises KeyError for a segment outside the tree."""
        unit = segment.removesuffix(OWN)
        return self.place[unit + OWN] if unit + OWN in self.place else self.place[unit]


@dataclass(frozen=True, eq=False)
class ItemCube:
    """Answers of one select-one item by atom: a column for each option in list order, then no answer."""

    name: str
    options: tuple[str, ...]
    counts: Counts


@dataclass(frozen=True, eq=False)
class ScaleCube:
    """Respondents of one scale by atom and bin (sum of steps, answered items); see analysis.scales."""

    name: str
    steps: int
    n_items: int
    sums: Counts
    answered: Counts
    counts: Counts


@dataclass(frozen=True, eq=False)
class CutCube:
    """A background item: its categories in list order, then no answer; together they hold everybody.

    n: (U, C + 1) respondents; items: name -> (U, C + 1, options + 1) as in `ItemCube`, items of substance
    alone; scales: name -> (U, C + 1, bins) on the bins of the wave's `ScaleCube`.
    """

    name: str
    categories: tuple[str, ...]
    n: Counts
    items: Mapping[str, Counts]
    scales: Mapping[str, Counts]


@dataclass(frozen=True, eq=False)
class KindCube:
    """People alike in atom and in every background item: a line for each kind there is; never stored.

    atom: (P,) places; categories: background item -> (P,); n: (P,) people; items, scales: name -> (P,) those
    with a valid answer, those who answered at least half.
    """

    atom: Counts
    categories: Mapping[str, Counts]
    n: Counts
    items: Mapping[str, Counts]
    scales: Mapping[str, Counts]


@dataclass(frozen=True, eq=False)
class CubeArrays:
    """Everything counted in one wave at its atoms (leaf units and pseudo-leaves).

    cuts: by background item, in the order of the questionnaire.
    """

    tree: CubeTree
    n: Counts
    items: Mapping[str, ItemCube]
    scales: Mapping[str, ScaleCube]
    cuts: Mapping[str, CutCube] = field(default_factory=dict)
