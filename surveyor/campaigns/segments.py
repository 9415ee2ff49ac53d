"""Small units at launch: nobody is stored in a group of fewer than k invited people (ANON-6). Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from surveyor.campaigns.spec import OWN, Segment


@dataclass
class _Pool:
    """People not yet stored, by the unit they belong to."""

    units: list[str] = field(default_factory=list)
    n: int = 0

    def add(self, units: Sequence[str], n: int) -> None:
        self.units += units
        self.n += n


def merge_small(
    parents: Mapping[str, str | None], n_by_unit: Mapping[str, int], *, k: int
) -> tuple[Segment, ...]:
    """Segments of at least k invitees, each person at the smallest unit, at or above their own, that holds k.

    `parents` maps every unit to its parent: the root (parent None) first, a parent before its children.
    A leaf with k people is a segment by itself; what is smaller goes to `<parent>/own`, and on upwards until
    that holds k. What is left at the root below k takes the smallest segment with it. Raises ValueError for
    fewer than k people in all, KeyError for a unit outside the tree.
    """
    total = sum(n_by_unit.values())
    if not total:
        return ()
    if total < k:
        raise ValueError(f"{total} people in all are fewer than {k}")
    pools: dict[str, _Pool] = defaultdict(_Pool)
    for unit, n in n_by_unit.items():
        if unit not in parents:
            raise KeyError(unit)
        if n:
            pools[unit].add([unit], n)
    return _store(parents, pools, k)


def _store(parents: Mapping[str, str | None], pools: dict[str, _Pool], k: int) -> tuple[Segment, ...]:
    inner = {parent for parent in parents.values() if parent is not None}
    stored: list[Segment] = []
    for unit in reversed(list(parents)):
        pool, parent = pools[unit], parents[unit]
        if 0 < pool.n < k and parent is not None:
            pools[parent].add(pool.units, pool.n)
        elif pool.n:
            if pool.n < k:
                _take_smallest(stored, pool, parents)
            code = unit + OWN if unit in inner else unit
            stored.append(Segment(code, unit, tuple(sorted(pool.units)), pool.n))
    return tuple(reversed(stored))


def _take_smallest(stored: list[Segment], pool: _Pool, parents: Mapping[str, str | None]) -> None:
    """Dissolve the segment whose people lose least: the fewest, then the nearest the root, then by code."""
    smallest = min(stored, key=lambda s: (s.n_invited, _depth(s.unit_code, parents), s.code))
    stored.remove(smallest)
    pool.add(smallest.member_units, smallest.n_invited)


def _depth(unit: str, parents: Mapping[str, str | None]) -> int:
    depth = 0
    while (above := parents[unit]) is not None:
        unit, depth = above, depth + 1
    return depth


def segment_for(
    unit: str, parents: Mapping[str, str | None], *, segments: Mapping[str, Sequence[str]]
) -> str | None:
    """The existing segment (code -> member units) a person of this unit belongs to; None without one.

    It is the segment that already holds the unit's people, else the nearest at or above the unit.
    """
    for code, members in segments.items():
        if unit in members:
            return code
    here: str | None = unit
    while here is not None:
        if (found := next((c for c in (here, here + OWN) if c in segments), None)) is not None:
            return found
        here = parents.get(here)
    return None
