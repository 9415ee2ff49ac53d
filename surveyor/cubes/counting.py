"""Counting answer sets: pure, a batch at a time, so that a wave of any size is counted in bounded memory."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.scales import NOT_ANSWERED, ItemRange, item_steps, steps_for
from surveyor.cubes.spec import Counts, CubeArrays, CubeTree, ItemCube, ScaleCube
from surveyor.instruments.spec import Item, Questionnaire, Scale, Score


class Counter:
    """Adds batches of code blobs to the counts of a wave."""

    def __init__(self, questionnaire: Questionnaire, tree: CubeTree) -> None:
        self.items = questionnaire.coded_items
        self.options = [tuple(c.code for c in questionnaire.categories(item)) for item in self.items]
        self.tree = tree
        widths = np.array([len(options) + 1 for options in self.options], dtype=np.int64)
        self.starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(widths)])
        self.flat = np.zeros(len(tree.codes) * int(self.starts[-1]), dtype=np.int64)
        self.n = np.zeros(len(tree.codes), dtype=np.int64)
        places = {item.name: place for place, item in enumerate(self.items)}
        self.scales = [
            _ScaleCounter(questionnaire, scale, places)
            for scale in questionnaire.scales
            if is_scored(questionnaire, scale)
        ]

    def add(self, segments: Sequence[str], blobs: Sequence[bytes]) -> None:
        """Count one batch; raises KeyError for an unknown segment ValueError for a bad blob."""
        atoms = np.array([self.tree.atom(segment) for segment in segments], dtype=np.int64)
        raw = np.frombuffer(b"".join(blobs), dtype=np.int8)
        codes = raw.astype(np.int64).reshape(len(atoms), len(self.items))
        self.n += np.bincount(atoms, minlength=len(self.n))
        last = np.diff(self.starts) - 1
        columns = np.where(codes < 0, last, codes)
        if np.any(codes >= last):
            raise ValueError("a code outside its list")
        cells = atoms[:, None] * self.starts[-1] + self.starts[:-1] + columns
        self.flat += np.bincount(cells.ravel(), minlength=len(self.flat))
        for scale in self.scales:
            scale.add(atoms, codes)

    def result(self) -> CubeArrays:
        """All that was counted."""
        table = self.flat.reshape(len(self.tree.codes), -1)
        items = {
            item.name: ItemCube(item.name, options, table[:, start : start + len(options) + 1].copy())
            for item, options, start in zip(self.items, self.options, self.starts[:-1], strict=True)
        }
        scales = {scale.name: scale.result(len(self.tree.codes)) for scale in self.scales}
        return CubeArrays(self.tree, self.n, items, scales)


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


class _ScaleCounter:
    """Bins (sum of steps, answered items) of one scale; bins nobody falls in take no room."""

    def __init__(self, questionnaire: Questionnaire, scale: Scale, places: dict[str, int]) -> None:
        items = [questionnaire.item(name) for name in scale.items]
        ranges = [item_range(questionnaire, item) for item in items]
        lists = [questionnaire.categories(item) for item in items]
        scores = [[exact(c.score) for c in categories if c.score is not None] for categories in lists]
        self.name, self.n_items = scale.name, len(items)
        self.steps = steps_for(ranges, scores)
        self.columns = [places[name] for name in scale.items]
        self.step_of = np.full((len(items), 128), NOT_ANSWERED, dtype=np.int64)
        for row, (ends, categories) in enumerate(zip(ranges, lists, strict=True)):
            for place, category in enumerate(categories):
                if category.score is not None and not category.missing:
                    self.step_of[row, place] = item_steps(ends, exact(category.score), self.steps)
        self.stride = self.n_items * self.steps + 1
        self.n_bins = self.stride * (self.n_items + 1)
        self.seen: list[NDArray[np.int64]] = []

    def add(self, atoms: Counts, codes: Counts) -> None:
        mine = codes[:, self.columns]
        steps = np.where(mine < 0, NOT_ANSWERED, self.step_of[np.arange(self.n_items), np.maximum(mine, 0)])
        given = steps >= 0
        answered = given.sum(axis=1, dtype=np.int64)
        sums = np.where(given, steps, 0).sum(axis=1, dtype=np.int64)
        keys = atoms * self.n_bins + answered * self.stride + sums
        self.seen.append(np.stack(np.unique(keys[answered > 0], return_counts=True)))

    def result(self, n_atoms: int) -> ScaleCube:
        keys, n = np.concatenate([np.zeros((2, 0), dtype=np.int64), *self.seen], axis=1)
        bins, column = np.unique(keys % self.n_bins, return_inverse=True)
        counts = np.zeros((n_atoms, len(bins)), dtype=np.int64)
        np.add.at(counts, (keys // self.n_bins, column), n)
        return ScaleCube(self.name, self.steps, self.n_items, bins % self.stride, bins // self.stride, counts)


def batches(rows: Iterator[Sequence[tuple[str, bytes]]], counter: Counter) -> CubeArrays:
    """Count every batch of (segment, codes) rows."""
    for batch in rows:
        counter.add([row[0] for row in batch], [row[1] for row in batch])
    return counter.result()
