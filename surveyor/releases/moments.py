"""Reliability, correlations and drivers of a wave and of the units below its top. Loads scipy.

Every figure goes through the gate once more with the threshold of its class, inside the pattern of
distributions; which rows there are depends on instrument and tree alone. Figures are rounded: at full
precision they would tell what those few said who skipped a question, beside the plain figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.associations import polychoric, spearman
from analysis.disclosure.classes import K_ALPHA, K_POLYCHORIC, K_REGRESSION, class_pattern
from analysis.disclosure.gate import GateResult
from analysis.disclosure.tree import Flags, Tree
from analysis.drivers import Regression, bootstrap_weights, comoments, regression
from analysis.intervals import Interval
from analysis.reasons import Reason
from analysis.reliability import Reliability, covariance, icc_of_figures, reliability
from analysis.rollup import roll_up
from analysis.verdicts import Judgement, judged
from surveyor.campaigns.models import Wave
from surveyor.cubes.moments import Moments, Outcome, PairCounts, ScaleMoments
from surveyor.cubes.spec import Counts
from surveyor.releases.enums import CellKind, CellState, MomentMeasure
from surveyor.releases.frozen import Frozen, refuse_holes, rows_sha256
from surveyor.releases.moment_checks import MomentSight
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.tables import WaveTables

MOST_RESAMPLED = 20_000  # drawn from a larger wave: the intervals are then a little too wide
_SEED = 20261121
_TOLD = frozenset({Reason.ONE_GROUP})  # known from the questionnaire, so no secret
_SHARES = (MomentMeasure.EXPLAINED, MomentMeasure.DRIVER)
_ICCS = (MomentMeasure.ICC1, MomentMeasure.ICC2)
_OF_ITEMS = (MomentMeasure.ALPHA_WITHOUT, MomentMeasure.ITEM_REST)
_OF_DRIVERS = (MomentMeasure.DRIVER, MomentMeasure.DRIVER_R)
Key = tuple[MomentMeasure, str, str]
LeafFigures = tuple[int, float, float]
Shown = tuple[int, float | None, Interval | None]


@dataclass(frozen=True, eq=False)
class MomentMaker:
    """Makes the rows of one wave."""

    moments: Moments
    gate: GateResult
    tables: WaveTables
    k_spread: int
    leaves: Mapping[str, Sequence[LeafFigures]] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Tree:
        top = self.moments.tree
        return Tree(top.codes, np.array(top.parent, dtype=np.int64), top.never_cell)

    @cached_property
    def units(self) -> range:
        return range(self.moments.tree.n_units)

    @cached_property
    def tops(self) -> tuple[int, ...]:
        return tuple(place for place in self.units if self.tree.parent[place] < 0)

    def rows(self) -> list[MomentRow]:
        """Scale by scale, pair by pair, then the outcome; the top units before those below."""
        found: list[MomentRow] = []
        for scale in self.moments.scales.values():
            found += [*self._reliability(scale), *self._icc(scale.name)]
        for pair in self.moments.scale_pairs:
            found += self._spearman(pair)
        for pair in self.moments.item_pairs:
            found += [*self._polychoric(pair), *self._item_spearman(pair)]
        return found + (list(self._drivers(self.moments.outcome)) if self.moments.outcome else [])

    def reliabilities(self) -> Iterator[MomentRow]:
        """Alpha and the items' figures of every scale."""
        for scale in self.moments.scales.values():
            yield from self._reliability(scale)

    def _inside(self, flags: Flags) -> Flags:
        """Flags of the whole tree for its top."""
        return np.asarray(flags[[self.tables.place[code] for code in self.tree.codes]])

    def _scale_spread(self, name: str) -> Flags:
        return self._inside(self.gate.scales[name].spread.shown)

    def _item_spread(self, name: str) -> Flags:
        return self._inside(self.gate.items[name].spread.shown)

    def _shown(self, n: Counts, inside: Flags, k: int) -> Flags:
        """Units that may show some figures resting on n (P,) complete answers, those below included."""
        return class_pattern(self.tree, n, inside, max(k, self.k_spread))

    def _of(self, table: Counts) -> Counts:
        """A table by part with what lies below added; (P, ...)."""
        flat = roll_up(self.tree.parent, table.reshape(len(table), -1))
        return np.asarray(flat.reshape(table.shape))

    def _parts(self, unit: int) -> list[int]:
        """The parts a unit holds; the top holds them all, since there is one level below it."""
        below = [place for place in range(len(self.tree)) if self.tree.parent[place] == unit]
        return [unit, *below]

    def _row(self, unit: int, key: Key, figure: Shown | Reason) -> MomentRow:
        code = self.tree.codes[unit]
        if isinstance(figure, Reason):
            return MomentRow(code, *key, reason=figure.value if figure in _TOLD else "")
        n, value, ends = figure
        if value is None:
            return MomentRow(code, *key)
        numbers = (value, ends.low, ends.high) if ends else (value, None, None)
        decimals = _places(
            key[0]
        )  # a minus before nothing is lost in some databases, and with it the checksum
        middle, low, high = (None if x is None else round(x, decimals) + 0.0 for x in numbers)
        return MomentRow(code, *key, CellState.SHOWN, n, middle, low, high)

    def _reliability(self, scale: ScaleMoments) -> Iterator[MomentRow]:
        keys = _scale_keys(scale)
        n, sums, products = (self._of(table) for table in (scale.n, scale.sums, scale.products))
        shown = self._shown(n, self._scale_spread(scale.name), K_ALPHA)
        for unit in self.units:
            found: Reliability | Reason = Reason.TOO_FEW
            if len(scale.items) < 2:
                found = Reason.ONE_GROUP
            elif shown[unit]:
                count = int(n[unit])
                found = reliability(covariance(count, sums[unit], products[unit]), count)
            yield from (
                self._row(unit, key, part) for key, part in zip(keys, _parts_of(found, keys), strict=True)
            )

    def _icc(self, name: str) -> Iterator[MomentRow]:
        """How much answers depend on the unit, out of what is published of the lowest units alone."""
        scale, keys = (self.tables.scales[name], [_key(m, name) for m in _ICCS])
        n = np.array([int(scale.n[self.tables.place[code]]) for code in self.tree.codes], dtype=np.int64)
        shown = self._shown(n, self._scale_spread(name), K_ALPHA)
        found = icc_of_figures(self.leaves.get(name, ())) if len(self.tops) == 1 else Reason.TOO_FEW
        for unit in self.tops:
            told = found if shown[unit] else Reason.TOO_FEW
            values = (None, None) if isinstance(told, Reason) else (told.icc1, told.icc2)
            yield from (
                self._row(unit, k, (int(n[unit]), v, None)) for k, v in zip(keys, values, strict=True)
            )

    def _spearman(self, pair: PairCounts) -> Iterator[MomentRow]:
        key = _key(MomentMeasure.SPEARMAN, pair.first, pair.second)
        n = self._of(pair.n(len(self.tree)))
        inside = self._scale_spread(pair.first) & self._scale_spread(pair.second)
        shown = self._shown(n, inside, K_ALPHA)
        for unit in self.units:
            found = spearman(pair.table(self._parts(unit))) if shown[unit] else Reason.TOO_FEW
            figure = found if isinstance(found, Reason) else (found.n, found.r, found.interval)
            yield self._row(unit, key, figure)

    def _polychoric(self, pair: PairCounts) -> Iterator[MomentRow]:
        key = _key(MomentMeasure.POLYCHORIC, pair.first, pair.second)
        n = self._of(pair.n(len(self.tree)))
        inside = self._item_spread(pair.first) & self._item_spread(pair.second)
        shown = self._shown(n, inside & (self.tree.parent < 0), K_POLYCHORIC)
        for unit in self.tops:
            found = polychoric(pair.table(self._parts(unit))) if shown[unit] else Reason.TOO_FEW
            yield self._row(unit, key, found if isinstance(found, Reason) else (int(n[unit]), found, None))

    def _item_spearman(self, pair: PairCounts) -> Iterator[MomentRow]:
        """Ranks of two items of a scale, which need fewer answers; none of items called as two scales are."""
        if {pair.first, pair.second} <= self.moments.scales.keys():
            return
        key = _key(MomentMeasure.SPEARMAN, pair.first, pair.second)
        n = self._of(pair.n(len(self.tree)))
        inside = self._item_spread(pair.first) & self._item_spread(pair.second) & (self.tree.parent < 0)
        shown = self._shown(n, inside, K_ALPHA)
        for unit in self.tops:
            found = spearman(pair.table(self._parts(unit))) if shown[unit] else Reason.TOO_FEW
            yield self._row(
                unit, key, found if isinstance(found, Reason) else (found.n, found.r, found.interval)
            )

    def _drivers(self, outcome: Outcome) -> Iterator[MomentRow]:
        name, others = outcome.names[0], outcome.names[1:]
        keys = [_key(MomentMeasure.EXPLAINED, name)]
        keys += [_key(m, name, one) for one in others for m in _OF_DRIVERS]
        complete = np.all(np.isfinite(outcome.rows), axis=1)
        n = self._of(np.bincount(outcome.parts[complete], minlength=len(self.tree)).astype(np.int64))
        spreads = self.gate.scales if name in self.gate.scales else self.gate.items
        inside = self._inside(spreads[name].spread.shown)
        for one in others:
            inside = inside & self._scale_spread(one)
        shown = self._shown(n, inside, K_REGRESSION)
        for unit in self.units:
            mine = outcome.rows[complete & np.isin(outcome.parts, self._parts(unit))] if shown[unit] else None
            figures = [Reason.TOO_FEW] * len(keys) if mine is None else driver_figures(mine)
            yield from (self._row(unit, key, one) for key, one in zip(keys, figures, strict=True))


def driver_figures(rows: NDArray[np.float64]) -> Sequence[Shown | Reason]:
    """R2, then for each explaining variable its share of it with an interval, and its correlation."""
    ordered = rows[np.lexsort(rows.T[::-1])]  # whatever order they were stored in
    found = regression(*comoments(ordered))
    n_keys = 2 * rows.shape[1] - 1
    if not isinstance(found, Regression):
        return [found] * n_keys
    chance = np.random.default_rng(_SEED)
    if len(ordered) > MOST_RESAMPLED:
        ordered = ordered[chance.choice(len(ordered), MOST_RESAMPLED, replace=False)]
    ends = bootstrap_weights(ordered, chance)
    if isinstance(ends, Reason):
        return [ends] * n_keys
    figures: list[Shown | Reason] = [(found.n, found.r2, None)]
    for driver, interval in zip(found.drivers, ends, strict=True):
        figures += [(found.n, driver.weight_share, interval), (found.n, driver.correlation, None)]
    return figures


def _places(measure: MomentMeasure) -> int:
    """Decimals a figure is stored with."""
    return 3 if measure in _SHARES else 2


def _key(measure: MomentMeasure, subject: str, other: str = "") -> Key:
    return measure, subject, other


def _scale_keys(scale: ScaleMoments) -> list[Key]:
    """Alpha, then for each item of several alpha without it and its correlation with the rest."""
    found = [_key(MomentMeasure.ALPHA, scale.name)]
    if len(scale.items) > 1:
        for item in scale.items:
            found += [_key(m, scale.name, item) for m in _OF_ITEMS]
    return found


def _parts_of(found: Reliability | Reason, keys: Sequence[Key]) -> list[Shown | Reason]:
    """The figures of a scale in the order of its keys."""
    if isinstance(found, Reason):
        return [found] * len(keys)
    figures: list[Shown | Reason] = [(found.n, found.raw, found.interval)]
    for without, rest in zip(found.if_dropped, found.item_rest, strict=True):
        figures += [(found.n, without, None), (found.n, rest, None)]
    return figures


def weak_scales(moments: Moments, gate: GateResult, tables: WaveTables, k_spread: int) -> frozenset[str]:
    """Scales whose items do not belong together in the whole wave: their items are reported, not they.

    The one place where this is decided: their rows in the release hold no number, so nobody has one.
    """
    maker = MomentMaker(moments, gate, tables, k_spread)
    tops = {maker.tree.codes[place] for place in maker.tops}
    return frozenset(
        row.subject
        for row in maker.reliabilities()
        if row.measure is MomentMeasure.ALPHA
        and row.unit in tops
        and row.value is not None
        and judged(row.value) is Judgement.ITEMS
    )


def moment_maker(moments: Moments, frozen: Frozen, k_spread: int) -> MomentMaker:
    """The maker for a wave that has just been through the gate."""
    return MomentMaker(moments, frozen.gate, frozen.tables, k_spread, leaf_figures(frozen))


def moment_sight(moments: Moments, frozen: Frozen, k_spread: int) -> MomentSight:
    """What an attacker reads those rows with."""
    return MomentSight(moments, frozen.tables, frozen.rows, frozen.items_only, k_spread)


def leaf_figures(frozen: Frozen) -> dict[str, list[LeafFigures]]:
    """n, index and SD in index points of each scale in the lowest units, where all three are shown."""
    tables = frozen.tables
    lowest = {code for place, code in enumerate(tables.tree.codes) if not tables.tree.children[place]}
    bare = {
        (row.item, row.unit, row.measure): row
        for row in frozen.rows
        if row.kind is CellKind.SCALE and not row.cut and not row.compared_to and row.unit in lowest
    }
    found: dict[str, list[LeafFigures]] = {}
    for (name, unit, measure), row in bare.items():
        index = bare.get((name, unit, "index"))
        if measure == "sd" and row.value and index and index.value is not None and index.n:
            width = tables.scales[name].common_range
            factor = 1.0 if width is None else 100 / (float(width[1]) - float(width[0]))
            found.setdefault(name, []).append((index.n, index.value, row.value * factor))
    return found


def make_moments(*, wave: Wave, frozen: Frozen) -> tuple[tuple[MomentRow, ...], Mapping[str, Any]]:
    """The rows of a wave and what the manifest says of them; raises Refused when there is a hole."""
    if frozen.moments is None:
        return (), {}
    maker = moment_maker(frozen.moments, frozen, wave.k_spread)
    rows = tuple(maker.rows())
    refuse_holes(moment_sight(frozen.moments, frozen, wave.k_spread).holes(rows))
    return rows, moments_method(rows, maker) if rows else {}


def moments_method(rows: Sequence[MomentRow], maker: MomentMaker) -> Mapping[str, Any]:
    """What the manifest says of these rows; their hash is part of it, so its own covers them."""
    return {
        "n_rows": len(rows),
        "sha256": rows_sha256(rows),
        "k_alpha": K_ALPHA,
        "k_regression": K_REGRESSION,
        "k_polychoric": K_POLYCHORIC,
        "outcome": maker.moments.outcome.names[0] if maker.moments.outcome else "",
    }
