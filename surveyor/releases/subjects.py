"""What is compared: an item or a scale of one wave, seen the same way.

A side is one group of respondents: the table that gives n, SD and the rank test, and the published centre of
each measure. A factor turns a width in the table's units into the measure's.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from analysis.disclosure.gate import GateResult
from analysis.disclosure.tree import Flags, Tree
from analysis.intervals import PooledSd, pooled_sd
from analysis.scales import index_of_scale, scale_n
from analysis.tables import Scored
from surveyor.cubes.spec import Counts
from surveyor.releases.bands import pooled_groups
from surveyor.releases.cut_tables import CutTables
from surveyor.releases.enums import CellKind
from surveyor.releases.tables import ItemTables, ScaleTables, WaveTables


@dataclass(frozen=True)
class Side:
    """One group: scores for n, SD and test; centre of each measure, None without answers."""

    table: Scored
    centres: Mapping[str, float | None]


class Subject(Protocol):
    """An item or a scale."""

    @property
    def kind(self) -> CellKind: ...
    @property
    def name(self) -> str: ...
    @property
    def factors(self) -> Mapping[str, float]: ...
    @property
    def sd_factor(self) -> float: ...
    def of(self, node: int) -> Side: ...
    def rest(self, node: int) -> Side: ...
    def group(self, cut: CutTables, node: int, place: int) -> Side: ...
    def others(self, cut: CutTables, node: int, place: int) -> Side: ...
    def pooled(self, tree: Tree, shown: Flags) -> PooledSd | None: ...


@dataclass(frozen=True, eq=False)
class ItemSubject:
    """A scored item; its table is in score units, turned if reverse-keyed."""

    tables: ItemTables
    roots: tuple[int, ...]
    kind = CellKind.ITEM

    @property
    def name(self) -> str:
        return self.tables.name

    @cached_property
    def factors(self) -> Mapping[str, float]:
        return {"mean": 1.0, "index": 100 / self.tables.width}

    sd_factor = 1.0

    def of(self, node: int) -> Side:
        return self._side(self.tables.of(node))

    def rest(self, node: int) -> Side:
        return self._side(self.tables.keyed(_rest(self.tables.counts, self.roots, node)))

    def group(self, cut: CutTables, node: int, place: int) -> Side:
        """One background group of a unit."""
        return self._side(self.tables.keyed(cut.items[self.name][node, place]))

    def others(self, cut: CutTables, node: int, place: int) -> Side:
        """Everybody else in the unit."""
        return self._side(self.tables.keyed(_but(cut.items[self.name], node, place)))

    def pooled(self, tree: Tree, shown: Flags) -> PooledSd | None:
        atoms = self.tables.atoms
        return pooled_sd(map(self.tables.keyed, pooled_groups(tree, shown, atoms, atoms.sum(axis=1))))

    def _side(self, table: Scored) -> Side:
        return Side(table, {"mean": table.mean, "index": self.tables.index(table)})


@dataclass(frozen=True, eq=False)
class ScaleSubject:
    """A scale; its table holds at-least-half scores on 0-100, its centres are means of its items' figures."""

    tables: ScaleTables
    roots: tuple[int, ...]
    kind = CellKind.SCALE

    @property
    def name(self) -> str:
        return self.tables.name

    @cached_property
    def factors(self) -> Mapping[str, float]:
        common = self.tables.common_range
        if common is None:
            return {"index": 1.0}
        return {"mean": (float(common[1]) - float(common[0])) / 100, "index": 1.0}

    @property
    def sd_factor(self) -> float:
        """SD in the units of the mean where there is one, else in index points."""
        return self.factors.get("mean", 1.0)

    def of(self, node: int) -> Side:
        return self._side(self.tables.of(node), [item.of(node) for item in self.tables.items])

    def rest(self, node: int) -> Side:
        histogram = _rest(self.tables.nodes.counts, self.roots, node)
        items = [item.keyed(_rest(item.counts, self.roots, node)) for item in self.tables.items]
        return self._side(self.tables.scores(histogram), items)

    def group(self, cut: CutTables, node: int, place: int) -> Side:
        """One background group of a unit."""
        items = [item.keyed(cut.items[item.name][node, place]) for item in self.tables.items]
        return self._side(self.tables.scores(cut.scales[self.name][node, place]), items)

    def others(self, cut: CutTables, node: int, place: int) -> Side:
        """Everybody else in the unit."""
        items = [item.keyed(_but(cut.items[item.name], node, place)) for item in self.tables.items]
        return self._side(self.tables.scores(_but(cut.scales[self.name], node, place)), items)

    def pooled(self, tree: Tree, shown: Flags) -> PooledSd | None:
        groups = pooled_groups(tree, shown, self.tables.atoms.counts, scale_n(self.tables.atoms))
        return pooled_sd(map(self.tables.scores, groups))

    def _side(self, table: Scored, items: Sequence[Scored]) -> Side:
        pairs = zip(self.tables.items, items, strict=True)
        centres = {"index": index_of_scale([item.index(scores) for item, scores in pairs])}
        if "mean" in self.factors:
            means = [scores.mean for scores in items]
            known = [mean for mean in means if mean is not None]
            centres["mean"] = math.fsum(known) / len(known) if len(known) == len(means) else None
        return Side(table, centres)


def _rest(counts: Counts, roots: tuple[int, ...], node: int) -> Counts:
    """Everyone in the wave but those of a node."""
    return np.asarray(counts[list(roots)].sum(axis=0) - counts[node])


def _but(counts: Counts, node: int, place: int) -> Counts:
    """Everyone in a unit but those of one group."""
    return np.asarray(counts[node].sum(axis=0) - counts[node, place])


def scale_subjects(tables: WaveTables) -> list[ScaleSubject]:
    """Scales in instrument order."""
    return [ScaleSubject(scale, tables.roots) for scale in tables.scales.values()]


def item_subjects(tables: WaveTables) -> dict[str, ItemSubject]:
    """Scored items by name, in instrument order."""
    scored = (item for item in tables.items.values() if item.scores is not None)
    return {item.name: ItemSubject(item, tables.roots) for item in scored}


@dataclass(frozen=True, eq=False)
class Flagged:
    """Which nodes may show a subject's means, and which its spread."""

    mean: Flags
    spread: Flags

    @property
    def none(self) -> "Flagged":
        """The same nodes with nothing shown."""
        return Flagged(np.zeros_like(self.mean), np.zeros_like(self.spread))


def flags_of(gate: GateResult, subject: Subject) -> Flagged:
    """What the gate says of a subject."""
    if subject.kind is CellKind.SCALE:
        scale = gate.scales[subject.name]
        return Flagged(scale.index, scale.spread.shown)
    item = gate.items[subject.name]
    return Flagged(item.mean.shown, item.spread.shown)
