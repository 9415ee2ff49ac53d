"""The count cube of one wave as plain frozen arrays: personal data, for releases alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
OWN = "/own"


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
class CubeArrays:
    """Everything counted in one wave at its atoms (leaf units and pseudo-leaves)."""

    tree: CubeTree
    n: Counts
    items: Mapping[str, ItemCube]
    scales: Mapping[str, ScaleCube]
