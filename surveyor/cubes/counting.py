"""Counting answer sets: pure, a batch at a time, so that a wave of any size is counted in bounded memory."""

from collections.abc import Iterable, Sequence

import numpy as np

from analysis.scales import NOT_ANSWERED, ItemRange, item_steps, steps_for
from surveyor.cubes.cuts import Codes, CutCounter, Sheet
from surveyor.cubes.spec import AnswerCodes, Counts, CubeArrays, CubeTree, ItemCube, ScaleCube
from surveyor.instruments.spec import Item, Questionnaire, Scale, Score
from surveyor.responses.opening import NO_ANSWER


class Counter:
    """Adds batches of code blobs to the counts of a wave."""

    def __init__(self, questionnaire: Questionnaire, tree: CubeTree) -> None:
        self.items = questionnaire.coded_items
        self.tree = tree
        self.sheet = Sheet(questionnaire, len(tree.codes))
        self.n = np.zeros(len(tree.codes), dtype=np.int64)
        places = {item.name: place for place, item in enumerate(self.items)}
        backgrounds = [item for item in questionnaire.background_items if item.name in places]
        self.cuts = [CutCounter(questionnaire, item, len(tree.codes)) for item in backgrounds]
        self.scales = [
            _ScaleCounter(questionnaire, scale, places, len(self.cuts))
            for scale in questionnaire.scales
            if is_scored(questionnaire, scale)
        ]

    def add(self, segments: Sequence[str], blob: bytes) -> None:
        """Count one batch; raises KeyError for an unknown segment, ValueError for codes out of step."""
        known = {segment: self.tree.atom(segment) for segment in set(segments)}
        atoms = np.fromiter(map(known.__getitem__, segments), np.int64, len(segments))
        codes = np.frombuffer(blob, dtype=np.int8).reshape(len(atoms), len(self.items))
        if np.any(codes >= self.sheet.n_options) or codes.min(initial=NO_ANSWER) < NO_ANSWER:
            raise ValueError("a code outside its list")
        self.n += np.bincount(atoms, minlength=len(self.n))
        self.sheet.add(atoms, codes)
        groups = [cut.add(atoms, codes) for cut in self.cuts]
        for scale in self.scales:
            scale.add(codes, [atoms, *groups])

    def result(self) -> CubeArrays:
        """All that was counted."""
        size = len(self.tree.codes)
        items = {
            item.name: ItemCube(item.name, options, counts)
            for item, options, counts in zip(self.items, self.sheet.options, self.sheet.tables(), strict=True)
        }
        scales = {scale.name: scale.result(size, [cut.width for cut in self.cuts]) for scale in self.scales}
        cuts = {
            cut.item.name: cut.result({name: found[1][place] for name, found in scales.items()})
            for place, cut in enumerate(self.cuts)
        }
        whole = {name: found[0] for name, found in scales.items()}
        return CubeArrays(self.tree, self.n, items, whole, cuts)


def is_scored(questionnaire: Questionnaire, scale: Scale) -> bool:
    """True when every item of the scale has scores."""
    names = {item.name for item in questionnaire.scored_items}
    return bool(scale.items) and all(name in names for name in scale.items)


def item_range(questionnaire: Questionnaire, item: Item) -> ItemRange:
    """The ends of a scored item's code list; raises ValueError for a nominal item."""
    ends = questionnaire.score_range(item)
    if ends is None:
        raise ValueError(f"no scores: {item.name}")
    return ItemRange(exact(ends[0]), exact(ends[1]), item.reverse)


def exact(score: Score) -> int | float:
    """A score as analysis takes it."""
    return score if isinstance(score, int) else float(score)


def step_table(questionnaire: Questionnaire, items: Sequence[Item]) -> tuple[int, Counts]:
    """Steps from low to high common to scored items, and (items, 128) the steps each code adds, turned."""
    ranges = [item_range(questionnaire, item) for item in items]
    lists = [questionnaire.categories(item) for item in items]
    scores = [[exact(c.score) for c in categories if c.score is not None] for categories in lists]
    steps = steps_for(ranges, scores)
    step_of = np.full((len(items), 128), NOT_ANSWERED, dtype=np.int64)
    for row, (ends, categories) in enumerate(zip(ranges, lists, strict=True)):
        for place, category in enumerate(categories):
            if category.score is not None and not category.missing:
                step_of[row, place] = item_steps(ends, exact(category.score), steps)
    return steps, step_of


class _ScaleCounter:
    """Bins (sum of steps, answered items) of one scale; bins nobody falls in take no room."""

    def __init__(
        self, questionnaire: Questionnaire, scale: Scale, places: dict[str, int], n_cuts: int
    ) -> None:
        items = [questionnaire.item(name) for name in scale.items]
        self.name, self.n_items = scale.name, len(items)
        self.steps, self.step_of = step_table(questionnaire, items)
        self.columns = [places[name] for name in scale.items]
        self.stride = self.n_items * self.steps + 1
        self.n_bins = self.stride * (self.n_items + 1)
        self.seen: list[list[Counts]] = [[] for _ in range(1 + n_cuts)]

    def add(self, codes: Codes, groups: Sequence[Counts]) -> None:
        """Bins of one batch, by unit and then by group of each cut."""
        mine = codes[:, self.columns]
        steps = np.where(mine < 0, NOT_ANSWERED, self.step_of[np.arange(self.n_items), np.maximum(mine, 0)])
        given = steps >= 0
        answered = given.sum(axis=1, dtype=np.int64)
        bins = answered * self.stride + np.where(given, steps, 0).sum(axis=1, dtype=np.int64)
        some = answered > 0
        for seen, places in zip(self.seen, groups, strict=True):
            keys = places[some] * self.n_bins + bins[some]
            seen.append(np.stack(np.unique(keys, return_counts=True)))

    def result(self, n_atoms: int, widths: Sequence[int]) -> tuple[ScaleCube, list[Counts]]:
        """The wave's histogram, and for each cut (atoms, categories, bins) on the same bins."""
        whole = np.concatenate([np.zeros((2, 0), dtype=np.int64), *self.seen[0]], axis=1)
        bins = np.unique(whole[0] % self.n_bins)
        counts = self._table(0, n_atoms, bins)
        parts = [
            self._table(1 + cut, n_atoms * width, bins).reshape(n_atoms, width, len(bins))
            for cut, width in enumerate(widths)
        ]
        cube = ScaleCube(self.name, self.steps, self.n_items, bins % self.stride, bins // self.stride, counts)
        return cube, parts

    def _table(self, split: int, n_groups: int, bins: Counts) -> Counts:
        keys, n = np.concatenate([np.zeros((2, 0), dtype=np.int64), *self.seen[split]], axis=1)
        counts = np.zeros((n_groups, len(bins)), dtype=np.int64)
        np.add.at(counts, (keys // self.n_bins, np.searchsorted(bins, keys % self.n_bins)), n)
        return counts


def batches(answers: Iterable[AnswerCodes], counter: Counter) -> CubeArrays:
    """Count every batch."""
    for segments, codes in answers:
        counter.add(segments, codes)
    return counter.result()
