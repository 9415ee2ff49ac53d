"""Whether a row's numbers are what it says: worked out again from the counts by other code."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.disclosure.auditor import Finding
from analysis.disclosure.coding import HIGH_SHARE, LOW_SHARE, N_TOP
from analysis.disclosure.tree import Counts, Flags
from surveyor.releases.bands import MANY
from surveyor.releases.cut_tables import CutTables
from surveyor.releases.enums import CellKind
from surveyor.releases.spec import Row
from surveyor.releases.tables import ItemTables, ScaleTables, WaveTables

Floats = NDArray[np.float64]
CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class Moments:
    """n, mean and SD of every cell of one subject."""

    n: Counts
    mean: Floats
    sd: Floats


@dataclass(frozen=True, eq=False)
class FigureChecks:
    """Checks rows one by one; remembers the intervals until it is known what else the rows show."""

    tables: WaveTables
    cuts: Mapping[str, CutTables]
    _place: Mapping[str, int] = field(init=False)
    _made: dict[tuple[str, CellKind, str], Moments] = field(default_factory=dict)
    _bounded: list[Row] = field(default_factory=list)
    _bands: dict[tuple[CellKind, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the places at hand: they are looked up for every row."""
        object.__setattr__(self, "_place", self.tables.place)

    def wrong(self, row: Row) -> str | None:
        """What is wrong with a shown row's numbers; None if nothing is, or for a comparison."""
        if row.kind is CellKind.WAVE or row.compared_to:
            return None
        if row.measure.startswith("share:") or row.measure in ("top2", "bottom", "missing_share"):
            return None if self._is_share(row) else "not this share"
        found, at = self._moments(row.cut, row.kind, row.item), self._at(row)
        if row.n != int(found.n[at]):
            return "not this many"
        centre, sd = self._in_units(row, float(found.mean[at]), float(found.sd[at]))
        if row.measure == "sd":
            return None if _same(row.value, sd) else "not this spread"
        if row.low is not None:
            self._bounded.append(row)
        return None if _same(row.value, centre) else "not this mean"

    def wrong_intervals(self, flags: Callable[..., Flags]) -> Iterator[Finding]:
        """Intervals of cells that show no spread, and are not the band of the whole wave either."""
        for row in self._bounded:
            if flags(row.cut, row.kind, row.item, "spread")[self._at(row)]:
                continue
            means = flags("", row.kind, row.item, "mean") | flags("", row.kind, row.item, "spread")
            half = self._band(row.kind, row.item, means) / math.sqrt(row.n or 1)
            width = (row.high or 0.0) - (row.value or 0.0)
            if not _same(width, self._in_units(row, 0.0, half)[1]):
                yield Finding("an interval tells the spread", row.item, row.unit, row.n or 0)

    def _at(self, row: Row) -> tuple[int, ...]:
        place = self._place[row.unit]
        return (place, self.cuts[row.cut].categories.index(row.category)) if row.cut else (place,)

    def _in_units(self, row: Row, mean: float, sd: float) -> tuple[float, float]:
        """Centre and width as the row's measure has them; items are kept in scores, scales on 0-100."""
        if row.kind is CellKind.ITEM:
            item = self.tables.items[row.item]
            factor = 100 / item.width if row.measure == "index" else 1.0
            return ((mean - item.low) * factor if row.measure == "index" else mean), sd * factor
        common = self.tables.scales[row.item].common_range
        if row.measure == "index" or common is None:
            return mean, sd
        factor = (float(common[1]) - float(common[0])) / 100
        return float(common[0]) + mean * factor, sd * factor

    def _moments(self, cut: str, kind: CellKind, name: str) -> Moments:
        if (cut, kind, name) not in self._made:
            make = self._item if kind is CellKind.ITEM else self._scale
            self._made[cut, kind, name] = make(name, self.cuts[cut] if cut else None)
        return self._made[cut, kind, name]

    def _item(self, name: str, cut: CutTables | None) -> Moments:
        item = self.tables.items[name]
        counts = cut.items[name] if cut else item.counts
        return _moments(counts, _keyed(item))

    def _scale(self, name: str, cut: CutTables | None) -> Moments:
        """n and SD of the at-least-half scores; the centre is the mean of the items' indexes."""
        scale = self.tables.scales[name]
        counts = cut.scales[name] if cut else scale.nodes.counts
        own = _moments(counts[..., scale.counted], _scores(scale))
        indexes = []
        for item in scale.items:
            mine = self._moments(cut.name if cut else "", CellKind.ITEM, item.name)
            indexes.append((mine.mean - item.low) * (100 / item.width))
        return Moments(own.n, np.mean(indexes, axis=0), own.sd)

    def _band(self, kind: CellKind, name: str, means: Flags) -> float:
        """t times the pooled SD of the wave, as readers of the shown means could pool it."""
        if (kind, name) not in self._bands:
            self._bands[kind, name] = self._pooled(kind, name, means)
        return self._bands[kind, name]

    def _pooled(self, kind: CellKind, name: str, means: Flags) -> float:
        if kind is CellKind.ITEM:
            item = self.tables.items[name]
            counts, scores = item.atoms, _keyed(item)
        else:
            scale = self.tables.scales[name]
            counts, scores = scale.atoms.counts[:, scale.counted], _scores(scale)
        found = _moments(self._together(counts, means), scores)
        df = np.maximum(found.n - 1, 0)
        pooled = np.sqrt(np.sum(df * np.nan_to_num(found.sd) ** 2) / max(df.sum(), 1))
        return float(stdtrit(max(int(df.sum()), 1), 0.975) * pooled)

    def _together(self, counts: Counts, means: Flags) -> Counts:
        """Counts of the lowest units, those hidden added up unless MANY sums among them are unknown."""
        parent, groups = self.tables.tree.parent.tolist(), defaultdict(list)
        lowest = np.flatnonzero(counts.sum(axis=1)).tolist()
        for place in lowest:
            shown = place
            while shown >= 0 and not means[shown]:
                shown = parent[shown]
            groups[shown if shown >= 0 else place].append(place)
        if len(lowest) - len(groups) >= MANY:
            return counts
        return np.array([counts[places].sum(axis=0) for places in groups.values()])

    def _is_share(self, row: Row) -> bool:
        """A share is as many of so many, and a band where the exact one would say too much."""
        x, n = self._counted(row)
        if row.n != n or not n:
            return False
        if n < N_TOP and 10 * x > 9 * n:
            return (row.value, row.low, row.high) == (None, HIGH_SHARE, 1.0)
        if n < N_TOP and 10 * x < n:
            return (row.value, row.low, row.high) == (None, 0.0, LOW_SHARE)
        return _same(row.value, x / n)

    def _counted(self, row: Row) -> tuple[int, int]:
        item, at = self.tables.items[row.item], self._at(row)
        counts = (self.cuts[row.cut].items[row.item] if row.cut else item.counts)[at].tolist()
        n = sum(counts)
        if row.measure == "missing_share":
            missing = int(item.missing[at[0]]) if item.missing is not None and not row.cut else 0
            return missing, n + missing
        if row.measure.startswith("share:"):
            return counts[item.options.index(row.measure.removeprefix("share:"))], n
        scores = _keyed(item).tolist()
        ordered = sorted(set(scores))
        kept = ordered[-2:] if row.measure == "top2" else ordered[:1]
        return sum(count for count, score in zip(counts, scores, strict=True) if score in kept), n


def _keyed(item: ItemTables) -> Floats:
    """Scores by option, turned if the item is reverse-keyed."""
    scores = np.array(item.scores or (), dtype=np.float64)
    return item.low + item.high - scores if item.item.reverse else scores


def _scores(scale: ScaleTables) -> Floats:
    """At-least-half scores by counted bin, 0-100."""
    bins = scale.nodes
    return np.asarray(100 * bins.sums[scale.counted] / (bins.answered[scale.counted] * bins.steps))


def _moments(counts: Counts, scores: Floats) -> Moments:
    n = counts.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = counts @ scores / n
        squares = (counts * (scores - mean[..., None]) ** 2).sum(axis=-1)
        sd = np.sqrt(squares / (n - 1))
    return Moments(n, mean, sd)


def _same(value: float | None, expected: float) -> bool:
    return value is not None and abs(value - expected) <= CLOSE * max(1.0, abs(expected))
