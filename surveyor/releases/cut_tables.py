"""Tables of background groups: one cut of a wave, and all together, as gate and figures take them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.cuts import CUT_LEVELS, CutTable
from analysis.disclosure.links import Kinds
from analysis.disclosure.rules import EVERYONE
from analysis.rollup import roll_up
from surveyor.cubes.spec import Counts, CubeArrays, CutCube, KindCube
from surveyor.instruments.spec import Questionnaire
from surveyor.releases.tables import ScaleTables, WaveTables


@dataclass(frozen=True, eq=False)
class CutTables:
    """One background item; every array holds each unit with all below it, no answer as the last category.

    n: (U, C + 1); items: name -> (U, C + 1, valid options); scales: name -> (U, C + 1, bins); holders: places
    of the units high enough to show groups; is_group: (C + 1,) False for what is counted and never shown.
    """

    name: str
    categories: tuple[str, ...]
    is_group: NDArray[np.bool_]
    holders: tuple[int, ...]
    n: Counts
    items: Mapping[str, Counts]
    scales: Mapping[str, Counts]

    @property
    def groups(self) -> list[tuple[int, str]]:
        """Place and code of the categories that are groups of their own."""
        return [(place, code) for place, code in enumerate(self.categories) if self.is_group[place]]

    def gate_table(self, tables: WaveTables) -> CutTable:
        """What the gate decides from."""
        return CutTable(
            self.name,
            (*self.categories, ""),
            self.n,
            self.items,
            {
                name: counts[..., tables.scales[name].counted].sum(axis=2)
                for name, counts in self.scales.items()
            },
            never_cell=~self.is_group,
            constant={name: self._constant(tables.scales[name]) for name in self.scales},
        )

    def _constant(self, scale: ScaleTables) -> NDArray[np.bool_]:
        """(U, C + 1) True where all scores of a group are equal: an SD of nought would say everything."""
        found = np.zeros(self.n.shape, dtype=np.bool_)
        for node in self.holders:
            for place, _ in self.groups:
                found[node, place] = scale.scores(self.scales[scale.name][node, place]).constant
        return found


def cut_tables(questionnaire: Questionnaire, cube: CubeArrays, tables: WaveTables) -> Iterator[CutTables]:
    """Every cut of a wave in the order of the questionnaire."""
    holders = tuple(place for place in range(tables.n_units) if cube.tree.depth[place] <= CUT_LEVELS)
    names = [item.name for item in questionnaire.background_items]
    for cut in sorted(cube.cuts.values(), key=lambda cut: names.index(cut.name)):  # PostgreSQL sorts its keys
        categories = questionnaire.categories(questionnaire.item(cut.name))
        is_group = np.array([not category.missing for category in categories] + [False])
        yield _cut(questionnaire, cut, tables, is_group, holders)


def _cut(
    questionnaire: Questionnaire,
    cut: CutCube,
    tables: WaveTables,
    is_group: NDArray[np.bool_],
    holders: tuple[int, ...],
) -> CutTables:
    parent = tables.tree.parent
    items = {}
    for name in tables.items:
        categories = questionnaire.categories(questionnaire.item(name))
        valid = [place for place, category in enumerate(categories) if not category.missing]
        items[name] = roll_up(parent, cut.items[name][..., valid])
    scales = {name: roll_up(parent, cut.scales[name]) for name in tables.scales}
    return CutTables(cut.name, cut.categories, is_group, holders, roll_up(parent, cut.n), items, scales)


def kinds_of(cube: KindCube) -> Kinds:
    """Everybody by leaf and all cuts at once, as the gate takes them."""
    items = {("item", name): n for name, n in cube.items.items()}
    scales = {("scale", name): n for name, n in cube.scales.items()}
    return Kinds(cube.atom, cube.categories, {EVERYONE: cube.n, **items, **scales})
