"""How answers of the same people go together, in whole numbers, for the wave and the units below its top.

Personal data as the cube is, and kept no longer than a release takes to make. Everything adds up: the moments
of a union are the sums of the moments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis.scales import NOT_ANSWERED
from surveyor.cubes.counting import is_scored, step_table
from surveyor.cubes.spec import AnswerCodes, Counts, CubeTree
from surveyor.instruments.spec import Questionnaire, Scale

LEVELS = 1
USUAL_OUTCOMES = ("engagement", "overall")
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScaleMoments:
    """Those who answered every item of a scale, by part: how many, sums and products of keyed steps.

    n: (P,); sums: (P, m); products: (P, m, m); reverse items are turned.
    """

    name: str
    items: tuple[str, ...]
    n: Counts
    sums: Counts
    products: Counts


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Those who answered both of two items, or all of two scales: cells that hold anybody.

    parts, rows, columns, counts: (C,) each; rows and columns are keyed steps.
    """

    first: str
    second: str
    parts: Counts
    rows: Counts
    columns: Counts
    counts: Counts

    def table(self, parts: Sequence[int]) -> Counts:
        """(R, C) counts of some parts together over the steps that occur, in order."""
        kept = np.isin(self.parts, np.array(parts, dtype=np.int64))
        rows, r = np.unique(self.rows[kept], return_inverse=True)
        columns, c = np.unique(self.columns[kept], return_inverse=True)
        table = np.zeros((len(rows), len(columns)), dtype=np.int64)
        np.add.at(table, (r, c), self.counts[kept])
        return table

    def n(self, n_parts: int) -> Counts:
        """(P,) people by part."""
        found = np.zeros(n_parts, dtype=np.int64)
        np.add.at(found, self.parts, self.counts)
        return found


@dataclass(frozen=True, eq=False)
class Outcome:
    """What may hang together with the outcome, person by person: never stored.

    names: the outcome, then the scales; parts: (N,); rows: (N, 1 + p) on 0-1, nan where not answered.
    """

    names: tuple[str, ...]
    parts: Counts
    rows: Floats


@dataclass(frozen=True, eq=False)
class Moments:
    """Everything counted; tree: the top units, those right below, and the top's own people."""

    tree: CubeTree
    scales: Mapping[str, ScaleMoments] = field(default_factory=dict)
    scale_pairs: tuple[PairCounts, ...] = ()
    item_pairs: tuple[PairCounts, ...] = ()
    outcome: Outcome | None = None


def top_of(tree: CubeTree) -> tuple[CubeTree, Counts]:
    """The tree down to the first level, and (U,) the part in it that each place of the whole tree lies in."""
    kept = [place for place, depth in enumerate(tree.depth) if depth <= LEVELS]
    new = {place: number for number, place in enumerate(kept)}
    codes = tuple(tree.codes[place] for place in kept)
    parent = tuple(new.get(tree.parent[place], -1) for place in kept)
    top = CubeTree(codes, parent, sum(place < tree.n_units for place in kept))
    part = np.arange(len(tree.codes), dtype=np.int64)
    for place, above in enumerate(tree.parent):
        part[place] = part[above] if tree.depth[place] > LEVELS else new[place]
    return top, part


def outcome_of(questionnaire: Questionnaire) -> str:
    """The scale or scored item declared as outcome, else a scale of a usual name; empty for none."""
    scored = {item.name for item in questionnaire.scored_items}
    scales = {scale.name for scale in questionnaire.scales if is_scored(questionnaire, scale)}
    declared = questionnaire.settings.get("outcome", "")
    if declared in scored | scales:
        return declared
    return next((name for name in USUAL_OUTCOMES if name in scales), "")


class _Steps:
    """The keyed steps of one scale (or one item) out of a batch of codes."""

    def __init__(
        self, questionnaire: Questionnaire, name: str, items: Sequence[str], places: Mapping[str, int]
    ):
        self.name, self.items = name, tuple(items)
        self.steps, self.table = step_table(questionnaire, [questionnaire.item(item) for item in items])
        self.columns = [places[item] for item in items]

    def of(self, codes: Counts) -> Counts:
        """(N, m) steps, -1 where not answered."""
        mine = codes[:, self.columns]
        found = self.table[np.arange(len(self.items)), np.maximum(mine, 0)]
        return np.asarray(np.where(mine < 0, NOT_ANSWERED, found))

    def score(self, steps: Counts) -> Floats:
        """(N,) scores 0-1 of those who answered at least half, nan for the others."""
        given = steps >= 0
        answered = given.sum(axis=1)
        score = np.full(len(steps), np.nan)
        some = (answered > 0) & (answered * 2 >= len(self.items))
        score[some] = np.where(given, steps, 0).sum(axis=1)[some] / (answered[some] * self.steps)
        return score


class MomentCounter:
    """Adds batches of code blobs to the moments of a wave."""

    def __init__(self, questionnaire: Questionnaire, tree: CubeTree) -> None:
        self.whole, (self.top, self.part) = tree, top_of(tree)
        self.n_items = len(questionnaire.coded_items)
        places = {item.name: place for place, item in enumerate(questionnaire.coded_items)}
        scales = [scale for scale in questionnaire.scales if is_scored(questionnaire, scale)]
        self.scales = [_Steps(questionnaire, scale.name, scale.items, places) for scale in scales]
        self.sums = {one.name: self._empty(len(one.items)) for one in self.scales}
        self.scale_pairs = _Pairs(list(combinations([one.name for one in self.scales], 2)))
        self.item_pairs = _Pairs([pair for one in self.scales for pair in combinations(one.items, 2)])
        self.drivers = _Drivers(questionnaire, self.scales, scales, places)

    def _empty(self, m: int) -> Counts:
        return np.zeros((len(self.top.codes), 1 + m + m * m), dtype=np.int64)

    def add(self, segments: Sequence[str], blob: bytes) -> None:
        """Count one batch; raises KeyError for an unknown segment."""
        known = {segment: self.part[self.whole.atom(segment)] for segment in set(segments)}
        parts = np.fromiter((known[segment] for segment in segments), np.int64, len(segments))
        raw = np.frombuffer(blob, dtype=np.int8)
        codes = raw.astype(np.int64).reshape(len(parts), self.n_items)
        steps = {one.name: one.of(codes) for one in self.scales}
        for one in self.scales:
            self._add_moments(one.name, parts, steps[one.name])
        whole = {
            name: np.where((s >= 0).all(axis=1), s.sum(axis=1), NOT_ANSWERED) for name, s in steps.items()
        }
        self.scale_pairs.add(parts, whole)
        single = {item: steps[one.name][:, at] for one in self.scales for at, item in enumerate(one.items)}
        self.item_pairs.add(parts, single)
        self.drivers.add(parts, codes, steps)

    def _add_moments(self, name: str, parts: Counts, steps: Counts) -> None:
        complete = (steps >= 0).all(axis=1)
        x, at = steps[complete], parts[complete]
        squares = (x[:, :, None] * x[:, None, :]).reshape(len(x), x.shape[1] ** 2)
        np.add.at(self.sums[name], at, np.concatenate([np.ones((len(x), 1), np.int64), x, squares], axis=1))

    def result(self) -> Moments:
        """All that was counted."""
        scales = {}
        for one in self.scales:
            table, m = self.sums[one.name], len(one.items)
            products = table[:, 1 + m :].reshape(-1, m, m)
            scales[one.name] = ScaleMoments(one.name, one.items, table[:, 0], table[:, 1 : 1 + m], products)
        pairs = self.scale_pairs.result(), self.item_pairs.result()
        return Moments(self.top, scales, *pairs, self.drivers.result())


class _Pairs:
    """Cells of pairs, gathered as they occur."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = pairs
        self.seen: list[list[Counts]] = [[] for _ in pairs]

    def add(self, parts: Counts, values: Mapping[str, Counts]) -> None:
        for seen, (first, second) in zip(self.seen, self.pairs, strict=True):
            a, b = values[first], values[second]
            both = (a >= 0) & (b >= 0)
            cells = np.stack([parts[both], a[both], b[both]])
            seen.append(np.concatenate(_counted(cells, np.ones(cells.shape[1], np.int64))))

    def result(self) -> tuple[PairCounts, ...]:
        found = []
        for (first, second), seen in zip(self.pairs, self.seen, strict=True):
            rows = np.concatenate([np.zeros((4, 0), np.int64), *seen], axis=1)
            cells, counts = _counted(rows[:3], rows[3])
            found.append(PairCounts(first, second, cells[0], cells[1], cells[2], counts[0]))
        return tuple(found)


def _counted(cells: Counts, counts: Counts) -> tuple[Counts, Counts]:
    """Different columns of cells (3, N), and (1, M) the sums of their counts."""
    strides = np.array([2**42, 2**21, 1], dtype=np.int64)
    keys, where = np.unique(strides @ cells, return_inverse=True)
    sums = np.zeros(len(keys), dtype=np.int64)
    np.add.at(sums, where, counts)
    return np.stack([keys >> 42, (keys >> 21) & (2**21 - 1), keys & (2**21 - 1)]), sums[None]


class _Drivers:
    """Scores of the outcome and of every scale it is no part of."""

    def __init__(
        self,
        asked: Questionnaire,
        steps: Sequence[_Steps],
        scales: Sequence[Scale],
        places: Mapping[str, int],
    ) -> None:
        name = outcome_of(asked)
        by_name = {one.name: one for one in steps}
        self.outcome = by_name.get(name) or (_Steps(asked, name, (name,), places) if name else None)
        inside = set(self.outcome.items) if self.outcome else set()
        self.others = [by_name[scale.name] for scale in scales if not inside & set(scale.items)]
        self.parts: list[Counts] = []
        self.rows: list[Floats] = []

    def add(self, parts: Counts, codes: Counts, steps: Mapping[str, Counts]) -> None:
        if self.outcome and self.others:
            first = self.outcome.score(self.outcome.of(codes))
            self.rows.append(np.stack([first, *(one.score(steps[one.name]) for one in self.others)], axis=1))
            self.parts.append(parts)

    def result(self) -> Outcome | None:
        if self.outcome is None or not self.rows:
            return None
        names = (self.outcome.name, *(one.name for one in self.others))
        return Outcome(names, np.concatenate(self.parts), np.concatenate(self.rows))


def counted_moments(answers: Iterable[AnswerCodes], counter: MomentCounter) -> Moments:
    """Moments of every batch."""
    for segments, codes in answers:
        counter.add(segments, codes)
    return counter.result()
