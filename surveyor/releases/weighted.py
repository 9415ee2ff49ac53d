"""Weighted figures of a sample: for the whole wave and the units right below, each through a gate of its own.

Figures are rounded before they are stored: at full precision a weighted sum tells how many of each weight
chose what. Loads svy: import where first needed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis import designs
from analysis.designs import DesignedSample, Estimate
from analysis.disclosure.classes import WeightTable, weighted_pattern
from analysis.disclosure.gate import GateResult
from analysis.disclosure.tree import Flags
from analysis.disclosure.weighted import is_told, least_told, weight_classes
from analysis.intervals import Interval
from analysis.reasons import Reason
from analysis.weights import kish_deff
from surveyor.campaigns.spec import OWN, SampleDesign
from surveyor.instruments.spec import Item
from surveyor.releases.beside_checks import WeightedSight
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.frozen import refuse_holes
from surveyor.releases.respondents import Respondents
from surveyor.releases.spec import Row, WeightedRow
from surveyor.releases.tables import ItemTables, WaveTables
from surveyor.releases.weighting import Weights, make_weights

INDEX_DECIMALS, MEAN_DECIMALS, SHARE_DECIMALS = 1, 2, 3
Flat = NDArray[np.float64]
People = NDArray[np.bool_]
Shown = Mapping[str, frozenset[tuple[str, str, str]]]  # item -> (unit, cut, category) of every shown cell


@dataclass(frozen=True, eq=False)
class WeightedWave:
    """Everything weighted figures of one wave are made of."""

    design: SampleDesign
    people: Respondents
    tables: WaveTables
    gate: GateResult
    k: int
    rows: Sequence[Row]

    @cached_property
    def parents(self) -> dict[str, str | None]:
        codes, parent = self.tables.tree.codes, self.tables.tree.parent.tolist()
        return {code: codes[up] if up >= 0 else None for code, up in zip(codes, parent, strict=True)}

    @cached_property
    def nodes(self) -> tuple[int, ...]:
        """The root and the units right below it: the only ones with weighted figures."""
        below = [place for root in self.tables.roots for place in self.tables.tree.children[root]]
        return (*self.tables.roots, *sorted(place for place in below if place < self.tables.n_units))

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """(U, N) True where a respondent belongs to a unit or what lies below it."""
        found = np.zeros((len(self.tables.tree), len(self.people)), dtype=np.bool_)
        for number, unit in enumerate(self.people.units):
            here = self.tables.place.get(unit + OWN, self.tables.place[unit])
            while here >= 0:
                found[here, number] = True
                here = int(self.tables.tree.parent[here])
        return found

    @cached_property
    def shown(self) -> Shown:
        """What the release shows without weights, by item."""
        found: dict[str, set[tuple[str, str, str]]] = {}
        for row in self.rows:
            if row.kind is CellKind.ITEM and row.state is CellState.SHOWN and not row.compared_to:
                found.setdefault(row.item, set()).add((row.unit, row.cut, row.category))
        return {item: frozenset(cells) for item, cells in found.items()}

    def plain(self, unit: str, kind: CellKind, item: str, measure: str) -> float | None:
        """The unweighted figure beside a weighted one."""
        return self._plain.get((unit, kind, item, measure))

    @cached_property
    def _plain(self) -> dict[tuple[str, CellKind, str, str], float | None]:
        return {
            (row.unit, row.kind, row.item, row.measure): row.value
            for row in self.rows
            if not row.cut and not row.compared_to
        }


def weighted_figures(wave: WeightedWave) -> tuple[list[WeightedRow], dict[str, Any]]:
    """The rows of a sample's weighted figures, and the report on its weights; no rows when it is refused.

    Raises Refused when an attacker who reads the rows finds a hole.
    """
    made = make_weights(wave.design, wave.people, wave.parents, _columns(wave), wave.k)
    if made.sample is None:
        return [], made.report
    weights = np.array(made.sample.weights)
    open_ = {name: item_pattern(wave, item, weights) for name, item in wave.tables.items.items()}
    maker = _Maker(wave, made.sample, _with_residuals(wave, made, weights), weights, open_)
    rows = list(maker.rows())
    refuse_holes(weighted_sight(wave, weights).holes(rows))
    return rows, made.report


def weighted_sight(wave: WeightedWave, weights: Flat) -> WeightedSight:
    """What an attacker reads weighted rows with."""
    valid = {
        name: np.array([code is not None for code in wave.people.options(item.item)], dtype=np.bool_)
        for name, item in wave.tables.items.items()
    }
    groups = {
        cut.name: np.array([option or "" for option in wave.people.options(cut)], dtype=np.str_)
        for cut in wave.people.questionnaire.background_items
    }
    return WeightedSight(wave.tables, wave.inside, valid, groups, weights, wave.k, wave.rows)


def _columns(wave: WeightedWave) -> dict[str, list[Any]]:
    """Scores and options of every item, in each unit that gets weighted figures; None outside it."""
    columns: dict[str, list[Any]] = {}
    for name, item in wave.tables.items.items():
        options = wave.people.options(item.item)
        scores = wave.people.scores(item.item) if item.scores is not None else None
        for node in wave.nodes:
            inside = wave.inside[node].tolist()
            columns[f"o:{name}@{node}"] = _kept(options, inside)
            if scores is not None:
                columns[f"x:{name}@{node}"] = _kept(scores, inside)
    return columns


def _kept(values: Sequence[Any], inside: Sequence[bool]) -> list[Any]:
    return [value if here else None for value, here in zip(values, inside, strict=True)]


def _with_residuals(wave: WeightedWave, made: Weights, weights: Flat) -> DesignedSample:
    """The same sample with a column for each scale and unit, whose total's error is the scale index's error.

    The index is a mean of ratios: each adds its residuals over its own sum of weights (Taylor).
    """
    columns = {f"z:{s.name}@{node}": _residuals(wave, s.items, node, weights)
               for s in wave.tables.scales.values() for node in wave.nodes}  # fmt: skip
    again = make_weights(wave.design, wave.people, wave.parents, {**columns}, wave.k)
    assert again.sample is not None, "the same answers give the same weights"
    return again.sample


def _residuals(wave: WeightedWave, items: Sequence[ItemTables], node: int, weights: Flat) -> list[float]:
    found = np.zeros(len(wave.people))
    for item in items:
        x = np.array([np.nan if s is None else float(s) for s in wave.people.scores(item.item)])
        valid = wave.inside[node] & ~np.isnan(x)
        if (whole := float(weights[valid].sum())) > 0:
            index = (x - float(item.low)) / item.width * 100
            centre = float((weights[valid] * index[valid]).sum()) / whole
            found[valid] += (index[valid] - centre) / whole / len(items)
    return [float(value) for value in found]


# The gate


def item_pattern(wave: WeightedWave, item: ItemTables, weights: Flat) -> Flags:
    """(U,) units whose weighted figures of an item may be shown: Kish n, nobody above half the weight, and
    nothing told of fewer than k people by weighted and plain sums together."""
    valid = np.array([code is not None for code in wave.people.options(item.item)])
    inside = np.zeros(len(wave.tables.tree), dtype=np.bool_)
    inside[list(wave.nodes)] = wave.gate.items[item.name].spread.shown[list(wave.nodes)]
    held = wave.inside & valid
    table = WeightTable(
        held @ weights, held @ weights**2, np.where(held, weights, 0.0).max(axis=1, initial=0.0)
    )
    shown = weighted_pattern(wave.tables.tree, table, held.sum(axis=1, dtype=np.int64), inside, wave.k)
    return _not_told(wave, item.item, valid, weights, shown)


def _not_told(wave: WeightedWave, item: Item, valid: NDArray[np.bool_], weights: Flat, shown: Flags) -> Flags:
    """The pattern less units, the smallest first, until plain and weighted sums together are safe."""
    shown, n = shown.copy(), wave.inside.sum(axis=1)
    while unsafe := [node for node in np.flatnonzero(shown).tolist() if not _is_safe(
        wave, item, valid, _left(wave, shown, node), weights
    )]:  # fmt: skip
        below = [node for node in np.flatnonzero(shown).tolist() if wave.tables.tree.parent[node] >= 0]
        worst = [node for node in unsafe if node in below] or below or unsafe
        shown[min(worst, key=lambda node: (n[node], wave.tables.tree.codes[node]))] = False
    return shown


def _left(wave: WeightedWave, shown: Flags, node: int) -> NDArray[np.bool_]:
    """(N,) respondents of a unit that no weighted unit below it covers."""
    left: NDArray[np.bool_] = wave.inside[node].copy()
    for below in np.flatnonzero(shown).tolist():
        if wave.tables.tree.parent[below] == node:
            left &= ~wave.inside[below]
    return left


def _is_safe(wave: WeightedWave, item: Item, valid: People, left: People, weights: Flat) -> bool:
    """Whether a weighted sum over those left tells nothing of fewer than k of them, beside the plain sums.

    Checked with every background group that may be shown, one question at a time, as the gate does.
    """
    cells, members = wave.shown.get(item.name, frozenset()), valid & left
    pieces = _pieces(wave, {unit for unit, cut, _ in cells if not cut})[members]
    classes = weight_classes(weights)[members]
    alone = least_told(pieces, classes)
    if alone == 0:
        return True
    if alone < wave.k:
        return False
    for cut in wave.people.questionnaire.background_items:
        groups = _numbered(wave.people.options(cut))
        fine = np.unique(np.stack([pieces, groups[members]]), axis=1, return_inverse=True)[1]
        if least_told(fine.ravel(), classes) < wave.k and not _follows(
            wave, cells, cut, valid, np.where(left, weights, 0.0)
        ):
            return False
    return True


def _pieces(wave: WeightedWave, units: set[str]) -> NDArray[np.int64]:
    """(N,) the nearest unit with a plain sum at or above each respondent."""
    found = np.full(len(wave.people), -1, dtype=np.int64)
    for node, code in enumerate(wave.tables.tree.codes):  # parents first: the nearest stays
        if code in units:
            found[wave.inside[node]] = node
    return np.asarray(found - found.min(initial=0), dtype=np.int64)


def _numbered(values: Sequence[str | None]) -> NDArray[np.int64]:
    places = np.unique([value or "" for value in values], return_inverse=True)[1]
    return np.asarray(places, dtype=np.int64)


def _follows(
    wave: WeightedWave, cells: frozenset[tuple[str, str, str]], cut: Item, valid: People, weights: Flat
) -> bool:
    """Whether a weighted sum over those who answered is a sum of shown ones already: it tells nothing new."""
    options = wave.people.options(cut)
    unit_of = _pieces(wave, set(wave.tables.tree.codes))
    atoms = np.stack([unit_of, _numbered(options), weight_classes(weights)])[:, valid]
    first = np.flatnonzero(valid)[np.unique(atoms, axis=1, return_index=True)[1]]
    rows = []
    for unit, name, category in sorted(cells):
        if name in ("", cut.name) and unit in wave.tables.place:
            inside = wave.inside[wave.tables.place[unit]]
            chosen = np.array([not name or option == category for option in options])
            rows.append((inside & chosen)[first].astype(np.float64))
    return is_told(np.array(rows), weights[first])


# The rows


@dataclass(frozen=True, eq=False)
class _Maker:
    """Makes the rows, root first: scales and then items, as the release does without weights."""

    wave: WeightedWave
    sample: DesignedSample
    residuals: DesignedSample
    weights: Flat
    open: Mapping[str, Flags]

    def rows(self) -> Iterator[WeightedRow]:
        for node in self.wave.nodes:
            for name in self.wave.tables.scales:
                yield self._scale(node, name)
            for item in self.wave.tables.items.values():
                yield from self._item(node, item)

    def _scale(self, node: int, name: str) -> WeightedRow:
        unit, items = self.wave.tables.tree.codes[node], self.wave.tables.scales[name].items
        found = [self._index(node, item) for item in items]
        is_out = self.wave.plain(unit, CellKind.SCALE, name, "index") is not None  # not of a weak scale
        shown = is_out and self.wave.gate.scales[name].spread.shown[node]
        shown = shown and all(self.open[item.name][node] for item in items)
        known = [one.value for one in found if one is not None]
        error = designs.total(self.residuals, f"z:{name}@{node}")
        if not shown or len(known) < len(items) or isinstance(error, Reason):
            return WeightedRow(unit, CellKind.SCALE, name, "index")
        value, se = sum(known) / len(known), error[0].se
        half = error[0].interval.high - error[0].value
        n = int(self.wave.tables.scales[name].of(node).n)
        given = [[code is not None for code in self.wave.people.options(item.item)] for item in items]
        some = np.asarray(2 * np.sum(given, axis=0) >= len(items), dtype=np.bool_)
        whole = Estimate(value, se, Interval(value - half, value + half), n, error[0].df, error[0].deff)
        return self._row(node, CellKind.SCALE, name, "index", whole, some, INDEX_DECIMALS)

    def _index(self, node: int, item: ItemTables) -> Estimate | None:
        """The item's estimate on 0-100."""
        found = designs.mean(self.sample, f"x:{item.name}@{node}")
        if isinstance(found, Reason):
            return None
        one, low, factor = found[0], float(item.low), 100 / item.width
        ends = Interval((one.interval.low - low) * factor, (one.interval.high - low) * factor)
        return Estimate((one.value - low) * factor, one.se * factor, ends, one.n, one.df, one.deff)

    def _item(self, node: int, item: ItemTables) -> Iterator[WeightedRow]:
        unit, name, kind = self.wave.tables.tree.codes[node], item.name, CellKind.ITEM
        shown = bool(self.open[name][node])
        options = self.wave.people.options(item.item)
        valid = np.array([code is not None for code in options])
        if item.scores is not None:
            mean = designs.mean(self.sample, f"x:{name}@{node}") if shown else Reason.TOO_FEW
            index = self._index(node, item) if shown else None
            if isinstance(mean, Reason) or index is None:
                yield WeightedRow(unit, kind, name, "mean")
                yield WeightedRow(unit, kind, name, "index")
            else:
                yield self._row(node, kind, name, "mean", mean[0], valid, MEAN_DECIMALS)
                yield self._row(node, kind, name, "index", index, valid, INDEX_DECIMALS)
        found = designs.share(self.sample, f"o:{name}@{node}") if shown else Reason.TOO_FEW
        by_code = {} if isinstance(found, Reason) else {one.level: one for one in found}
        for option in item.options:
            measure, one = f"share:{option}", by_code.get(option)
            if one is None or self.wave.plain(unit, kind, name, measure) is None:
                yield WeightedRow(unit, kind, name, measure)
            else:
                yield self._row(node, kind, name, measure, one, valid, SHARE_DECIMALS)

    def _row(
        self, node: int, kind: CellKind, name: str, measure: str, one: Estimate,
        valid: NDArray[np.bool_], decimals: int,
    ) -> WeightedRow:  # fmt: skip
        """A figure rounded for good, with its own effective n and what weighting changed."""
        unit = self.wave.tables.tree.codes[node]
        weights = self.weights[self.wave.inside[node] & valid].tolist()
        plain, value = self.wave.plain(unit, kind, name, measure), _rounded(one.value, decimals)
        return WeightedRow(
            unit, kind, name, measure, CellState.SHOWN, one.n,
            n_eff=_rounded(len(weights) / kish_deff(weights), 1),
            value=value, se=_rounded(one.se, decimals + 1),
            low=_rounded(one.interval.low, decimals), high=_rounded(one.interval.high, decimals),
            difference=None if plain is None else _rounded(value - plain, decimals),
            deff=None if one.deff is None else _rounded(one.deff, 2),
        )  # fmt: skip


def _rounded(value: float, decimals: int) -> float:
    """Rounded for good; a minus before nothing is lost in some databases, and with it the checksum."""
    return round(float(value), decimals) + 0.0
