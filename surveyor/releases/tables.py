"""Tables of every unit of a wave, out of its cube: what the gate and the figures are made of."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.gate import NO_FRAME, GateInput, ItemTable, ScaleTable
from analysis.disclosure.tree import Tree
from analysis.rollup import roll_up
from analysis.scales import ItemRange, ScaleHistogram, half_answered, scale_n
from analysis.tables import Scored, reversed_scores, scored, to_index
from surveyor.cubes.counting import exact, item_range
from surveyor.cubes.spec import Counts, CubeArrays, ScaleCube
from surveyor.instruments.spec import Item, Questionnaire, Scale


@dataclass(frozen=True, eq=False)
class ItemTables:
    """One item: valid answers and "don't know" of every node (own + below) and of every atom.

    counts, atoms: (U, options) by option in list order; missing: (U,) including all below.
    """

    item: Item
    options: tuple[str, ...]
    scores: tuple[int | float, ...] | None
    ends: ItemRange | None
    counts: Counts
    atoms: Counts
    missing: Counts | None
    _made: dict[int, Scored] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.item.name

    def keyed(self, counts: Counts) -> Scored:
        """Counts by option as a scored table, turned if the item is reverse-keyed; ValueError if nominal."""
        empty, slots = self._layout
        return Scored(empty.values, _laid_out(counts, slots, len(empty.values)), empty.per)

    @cached_property
    def _layout(self) -> tuple[Scored, Counts]:
        """The table without answers, and the place in it of every option."""
        if self.scores is None or self.ends is None:
            raise ValueError(f"no scores: {self.name}")
        ends, empty = self.ends, scored(self.scores, [0] * len(self.scores))
        ordered = sorted(set(self.scores))
        slots = np.array([ordered.index(score) for score in self.scores], dtype=np.int64)
        if not ends.reverse:
            return empty, slots
        return reversed_scores(empty, ends.low, ends.high), len(ordered) - 1 - slots

    def of(self, node: int) -> Scored:
        """The scored table of one node."""
        if node not in self._made:
            self._made[node] = self.keyed(self.counts[node])
        return self._made[node]

    def index(self, table: Scored) -> float | None:
        """The 0-100 index of a keyed table."""
        return to_index(table.mean, self.low, self.high)

    @property
    def low(self) -> int | float:
        return self._ends[0]

    @property
    def high(self) -> int | float:
        return self._ends[1]

    @property
    def width(self) -> float:
        """Score units on the whole range."""
        return float(self.high) - float(self.low)

    @property
    def _ends(self) -> tuple[int | float, int | float]:
        if self.ends is None:
            raise ValueError(f"no scores: {self.name}")
        return self.ends.low, self.ends.high  # type: ignore[return-value]  # our scores are int or float


@dataclass(frozen=True, eq=False)
class ScaleTables:
    """One scale: its items' tables and the histogram of at-least-half scores of nodes and atoms."""

    scale: Scale
    items: tuple[ItemTables, ...]
    nodes: ScaleHistogram
    atoms: ScaleHistogram
    _made: dict[int, Scored] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.scale.name

    @cached_property
    def n(self) -> Counts:
        return scale_n(self.nodes)

    @cached_property
    def common_range(self) -> tuple[int | float, int | float] | None:
        """The items' range where it is the same for all, else None: then the scale has no mean."""
        found = {(item.low, item.high) for item in self.items}
        return found.pop() if len(found) == 1 else None

    def of(self, node: int) -> Scored:
        """The at-least-half scores of one node, on 0-100."""
        if node not in self._made:
            self._made[node] = self.scores(self.nodes.counts[node])
        return self._made[node]

    def scores(self, row: Counts) -> Scored:
        """At-least-half scores of a row of the histogram, on 0-100."""
        empty, kept, slots = self._layout
        return Scored(empty.values, _laid_out(row[kept], slots, len(empty.values)), empty.per)

    @cached_property
    def counted(self) -> Counts:
        """Places of the bins of those who answered at least half the items."""
        return np.flatnonzero(half_answered(self.nodes))

    @cached_property
    def _layout(self) -> tuple[Scored, Counts, Counts]:
        """The table without answers, the bins that count, and the place in it of each of them."""
        bins, kept = self.nodes, self.counted
        whole = math.lcm(*range(1, bins.n_items + 1)) * bins.steps
        shares = bins.sums[kept] * (whole // bins.steps) // bins.answered[kept]
        values, slots = np.unique(shares, return_inverse=True)
        shrink = math.gcd(100, whole)
        factor, per = 100 // shrink, whole // shrink
        empty = Scored(tuple(int(v) * factor for v in values), (0,) * len(values), per)
        return empty, kept, slots


def _laid_out(counts: Counts, slots: Counts, n: int) -> tuple[int, ...]:
    """Counts added into their places, as plain integers."""
    table = np.zeros(n, dtype=np.int64)
    np.add.at(table, slots, counts)
    return tuple(table.tolist())


@dataclass(frozen=True, eq=False)
class WaveTables:
    """One wave: tree with pseudo-leaves, respondents, invited and answered, items and scales."""

    tree: Tree
    n_units: int
    n: Counts
    invited: Counts
    answered: Counts
    items: Mapping[str, ItemTables]
    scales: Mapping[str, ScaleTables]

    @cached_property
    def place(self) -> Mapping[str, int]:
        return {code: number for number, code in enumerate(self.tree.codes)}

    @cached_property
    def roots(self) -> tuple[int, ...]:
        return tuple(int(place) for place in np.flatnonzero(self.tree.parent < 0))

    @cached_property
    def holds_all(self) -> NDArray[np.bool_]:
        """(U,) True for units outside which the wave has no unit: they have no rest to be compared with."""
        codes = range(len(self.tree))
        atoms = np.array([not self.tree.children[place] for place in codes], dtype=np.int64)
        return np.asarray(roll_up(self.tree.parent, atoms) == atoms.sum())

    def gate_input(self, *, k_mean: int, k_spread: int) -> GateInput:
        """What the gate decides from."""
        items = tuple(ItemTable(item.name, item.scores, item.counts) for item in self.items.values())
        return GateInput(
            self.tree,
            self.n,
            items,
            tuple(_gate_scale(scale) for scale in self.scales.values()),
            self.invited,
            k_mean,
            k_spread,
        )


def wave_tables(
    questionnaire: Questionnaire,
    cube: CubeArrays,
    *,
    invited: Mapping[str, int] | None = None,
    answered: Mapping[str, int] | None = None,
) -> WaveTables:
    """Tables of a wave; invited and answered by stored segment, where there was a sampling frame."""
    tree = Tree(cube.tree.codes, np.array(cube.tree.parent, dtype=np.int64), cube.tree.never_cell)
    items = {
        item.name: _item(questionnaire, item, cube, tree.parent) for item in questionnaire.substance_items
    }
    scales = {
        scale.name: _scale(scale, cube.scales[scale.name], items, tree.parent)
        for scale in questionnaire.scales
        if scale.name in cube.scales
    }
    return WaveTables(
        tree,
        cube.tree.n_units,
        roll_up(tree.parent, cube.n),
        _framed(cube, tree.parent, invited or {}),
        _framed(cube, tree.parent, answered or {}),
        items,
        scales,
    )


def _item(questionnaire: Questionnaire, item: Item, cube: CubeArrays, parent: Counts) -> ItemTables:
    categories = questionnaire.categories(item)
    valid = [place for place, category in enumerate(categories) if not category.missing]
    absent = [place for place, category in enumerate(categories) if category.missing]
    counted = cube.items[item.name].counts
    is_scored = questionnaire.list_of(item).scored
    return ItemTables(
        item,
        tuple(categories[place].code for place in valid),
        tuple(exact(score) for place in valid if (score := categories[place].score) is not None)
        if is_scored
        else None,
        item_range(questionnaire, item) if is_scored else None,
        roll_up(parent, counted[:, valid]),
        counted[:, valid],
        roll_up(parent, counted[:, absent].sum(axis=1)) if absent else None,
    )


def _scale(scale: Scale, cube: ScaleCube, items: Mapping[str, ItemTables], parent: Counts) -> ScaleTables:
    def histogram(counts: Counts) -> ScaleHistogram:
        return ScaleHistogram(cube.sums, cube.answered, counts, cube.n_items, cube.steps)

    return ScaleTables(
        scale,
        tuple(items[name] for name in scale.items),
        histogram(roll_up(parent, cube.counts)),
        histogram(cube.counts),
    )


def _gate_scale(scale: ScaleTables) -> ScaleTable:
    units = range(len(scale.nodes.counts))
    constant = np.array([scale.of(unit).constant for unit in units], dtype=np.bool_)
    return ScaleTable(scale.name, scale.scale.items, scale.n, constant)


def _framed(cube: CubeArrays, parent: Counts, by_segment: Mapping[str, int]) -> Counts:
    """Sums over what lies below; -1 where no segment below has a frame."""
    own = np.zeros(len(parent), dtype=np.int64)
    has_frame = np.zeros(len(parent), dtype=np.int64)
    for segment, number in by_segment.items():
        atom = cube.tree.atom(segment)
        own[atom] += number
        has_frame[atom] = 1
    return np.where(roll_up(parent, has_frame) > 0, roll_up(parent, own), NO_FRAME)
