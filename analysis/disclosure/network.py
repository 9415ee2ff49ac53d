"""Two families of nested cells as one network: what small group can be worked out from both together.

An atom is a set of respondents that no cell divides. In each family (the units' totals; the cells of a cut;
an earlier release) the smallest published cell around an atom, less the published cells inside it, is a
*group* whose sum is known. Every atom lies in at most one group of each family: groups are nodes, atoms are
edges, and what no cell covers belongs to the ground, node 0. All that is derivable are differences of node
potentials, so the smallest derivable set of respondents is the lightest cut of a connected part.
Source: Gusfield (1988), "A graph theoretic approach to statistical data security".
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from analysis.disclosure.tree import Counts, Flags

GROUND = 0
Neighbours = dict[int, dict[int, int]]


@dataclass(frozen=True, eq=False)
class Network:
    """Atoms as edges: first, second (A,) the node in each family, 0 for none; n (A,) respondents > 0."""

    size: int
    first: Counts
    second: Counts
    n: Counts


def light_cut(network: Network, k: int) -> Flags | None:
    """(size,) one side of a cut with 0 < weight < k within a connected part, None when there is none.

    Exact. Maximum-adjacency search (Nagamochi and Ibaraki): two nodes joined by at least k respondents never
    lie on two sides, and the last node of each part is a cut by itself. O(passes * edges log nodes).
    """
    home = np.arange(network.size)
    while True:
        edges = _merged(network, home, k)
        if edges is None:
            return None
        last, joined = _search(edges, k)
        if last is not None:
            return np.asarray(home == last)
        home = _lowest(joined, network.size)[home]


def _merged(network: Network, home: Counts, k: int) -> Neighbours | None:
    """Parallel edges between merged nodes added up, heavy ones contracted into ``home``; None: no edge."""
    while True:
        one, two = home[network.first], home[network.second]
        low, high = np.minimum(one, two), np.maximum(one, two)
        between = low != high
        if not between.any():
            return None
        keys, place = np.unique(low[between] * network.size + high[between], return_inverse=True)
        weight = np.bincount(place, weights=network.n[between]).astype(np.int64)
        low, high = np.divmod(keys, network.size)
        heavy = weight >= k
        if not heavy.any():
            return _neighbours(low, high, weight)
        home[:] = _lowest(np.stack([low[heavy], high[heavy]], axis=1), network.size)[home]


def _neighbours(low: Counts, high: Counts, weight: Counts) -> Neighbours:
    """Adjacency of a simple graph, in the order of the nodes."""
    found: Neighbours = defaultdict(dict)
    for a, b, w in zip(low.tolist(), high.tolist(), weight.tolist(), strict=True):
        found[a][b] = w
        found[b][a] = w
    return found


def _lowest(pairs: Counts, size: int) -> Counts:
    """(size,) for each node the lowest one it is joined to."""
    lowest = np.arange(size)
    one, two = pairs[:, 0], pairs[:, 1]
    while len(one):
        np.minimum.at(lowest, np.maximum(one, two), np.minimum(one, two))
        while not np.array_equal(nearer := lowest[lowest], lowest):
            lowest = nearer
        one, two = lowest[one], lowest[two]
        apart = one != two
        one, two = one[apart], two[apart]
    return lowest


def _search(edges: Neighbours, k: int) -> tuple[int | None, Counts]:
    """One pass: a node whose own weight is below k, or else pairs (E, 2) held together by k or more."""
    seen: set[int] = set()
    reach: dict[int, int] = defaultdict(int)
    joined: list[tuple[int, int]] = []
    for start in sorted(edges):
        if start in seen:
            continue
        heap = [(0, start)]
        while heap:
            negative, node = heappop(heap)
            if node in seen or -negative != reach[node]:
                continue
            seen.add(node)
            last = node
            for other, weight in edges[node].items():
                if other not in seen:
                    reach[other] += weight
                    heappush(heap, (-reach[other], other))
                    if reach[other] >= k:
                        joined.append((node, other))
        if reach[last] < k:
            return last, np.zeros((0, 2), dtype=np.int64)
    return None, np.array(joined, dtype=np.int64).reshape(-1, 2)


def follow(network: Network, sets: Flags) -> Flags:
    """(S,) whether the sum over each set of atoms, sets (A, S), follows from what is published.

    It does when nodes can be given numbers that differ by 1 along every atom of the set and by 0 along every
    other. A spanning forest leaves one choice of numbers; the atoms outside it bear them out or do not.
    """
    nodes, ends = np.unique(np.stack([network.first, network.second]), return_inverse=True)
    first, second = ends.reshape(2, -1)
    size = len(nodes)
    keys, atom = np.unique(np.minimum(first, second) * size + np.maximum(first, second), return_index=True)
    outwards, inwards = _forest(*np.divmod(keys, size), size)
    along = atom[np.searchsorted(keys, np.minimum(outwards, inwards) * size + np.maximum(outwards, inwards))]
    steps = np.where(first[along] == inwards, -1, 1)[:, None] * sets[along]
    number = np.zeros((size, sets.shape[1]), dtype=np.int64)
    for node, before, step in zip(outwards.tolist(), inwards.tolist(), steps, strict=True):
        number[node] = number[before] + step
    return np.asarray((number[first] - number[second] == sets).all(axis=0))


def _forest(low: Counts, high: Counts, size: int) -> tuple[Counts, Counts]:
    """A spanning forest: its nodes but the roots, from the roots outwards, and the node each hangs on."""
    graph = coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(size, size)).tocsr()
    roots = np.unique(connected_components(graph, directed=False)[1], return_index=True)[1]
    low, high = np.append(low, roots), np.append(high, np.full(len(roots), size))  # one node above all roots
    graph = coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(size + 1, size + 1)).tocsr()
    order, inwards = breadth_first_order(graph, size, directed=False)
    outwards = order[len(roots) + 1 :].astype(np.int64)
    return outwards, inwards[outwards].astype(np.int64)


def flow(network: Network, source: int, sink: int, most: int) -> int:
    """Respondents that hold two nodes together (their smallest separating cut), counted up to ``most``."""
    one, two = network.first, network.second
    low, high = np.minimum(one, two), np.maximum(one, two)
    between = low != high
    keys, place = np.unique(low[between] * network.size + high[between], return_inverse=True)
    weight = np.bincount(place, weights=network.n[between]).astype(np.int64)
    room = _neighbours(*np.divmod(keys, network.size), weight)
    found = 0
    while found < most and (path := _path(room, source, sink)):
        least = min(min(room[a][b] for a, b in path), most - found)
        for a, b in path:
            room[a][b] -= least
            room[b][a] += least
        found += least
    return found


def _path(room: Neighbours, source: int, sink: int) -> list[tuple[int, int]]:
    """A shortest path along edges with room left; empty when there is none."""
    came: dict[int, int] = {source: source}
    waiting = deque([source])
    while waiting:
        node = waiting.popleft()
        for other, left in room.get(node, {}).items():
            if left > 0 and other not in came:
                came[other] = node
                if other == sink:
                    return _back(came, sink)
                waiting.append(other)
    return []


def _back(came: dict[int, int], sink: int) -> list[tuple[int, int]]:
    """Edges of the path that led to the sink."""
    path = []
    node = sink
    while came[node] != node:
        path.append((came[node], node))
        node = came[node]
    return path


@dataclass(frozen=True, eq=False)
class Forced:
    """Atoms whose value the sums force to an end; ``side`` (size,): the nodes that decide the first."""

    atoms: NDArray[np.int64]
    side: Flags


def forced_atoms(network: Network, can_fall: Flags, can_rise: Flags, asked: Flags) -> Forced | None:
    """Atoms (A,) among ``asked`` that cannot move although the published sums leave everything else free.

    can_fall, can_rise: (A,) whether an atom's value lies above its least, below its most. Values are a flow
    from the first family's node to the second's: an atom at its end moves only along a circle of the residual
    graph, that is when both its nodes lie in one strongly connected part (Gusfield 1988; Kao 1997).
    """
    asked = asked & (can_fall != can_rise) & (network.first != network.second)
    if not asked.any():
        return None
    tail = np.concatenate([network.first[can_rise], network.second[can_fall]])
    head = np.concatenate([network.second[can_rise], network.first[can_fall]])
    shape = (network.size, network.size)
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=shape).tocsr()
    part = connected_components(graph, connection="strong")[1]
    found = np.flatnonzero(asked & (part[network.first] != part[network.second]))
    if not len(found):
        return None
    atom = found[0]
    start = network.first[atom] if can_fall[atom] else network.second[atom]
    side = np.zeros(network.size, dtype=np.bool_)
    side[breadth_first_order(graph, start, return_predecessors=False)] = True
    return Forced(found, side)
