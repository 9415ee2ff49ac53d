"""People alike in unit and in every background question: how many there are, and who of them counts where.

Needed for what all groups of a wave tell together. Personal data as the cube is, and kept no longer than a
release takes to make.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from surveyor.cubes.counting import is_scored, step_table
from surveyor.cubes.cuts import CutCounter, valid_options
from surveyor.cubes.spec import AnswerCodes, Counts, CubeTree, KindCube
from surveyor.instruments.spec import Questionnaire


class KindCounter:
    """Adds batches of code blobs."""

    def __init__(self, questionnaire: Questionnaire, tree: CubeTree) -> None:
        self.tree, coded = tree, questionnaire.coded_items
        self.n_items = len(coded)
        places = {item.name: place for place, item in enumerate(coded)}
        backgrounds = [item for item in questionnaire.background_items if item.name in places]
        self.cuts = [CutCounter(questionnaire, item, 0) for item in backgrounds]
        self.items = [item.name for item in questionnaire.substance_items]
        self.valid = [
            (places[item.name], valid_options(questionnaire, item)) for item in questionnaire.substance_items
        ]
        self.scales = [
            (scale.name, [places[name] for name in scale.items],
             step_table(questionnaire, [questionnaire.item(name) for name in scale.items])[1] >= 0)
            for scale in questionnaire.scales
            if is_scored(questionnaire, scale)
        ]  # fmt: skip
        self.seen: list[tuple[Counts, Counts]] = []

    def add(self, segments: Sequence[str], blob: bytes) -> None:
        """Count one batch; raises KeyError for an unknown segment."""
        known = {segment: self.tree.atom(segment) for segment in set(segments)}
        atoms = np.fromiter(map(known.__getitem__, segments), np.int64, len(segments))
        codes = np.frombuffer(blob, dtype=np.int8).reshape(len(atoms), self.n_items)
        kinds = np.stack([atoms, *(cut.category(codes) for cut in self.cuts)], axis=1)
        counts = [np.ones(len(atoms), dtype=np.bool_)]
        counts += [valid[codes[:, place]] for place, valid in self.valid]  # -1, no answer, is the last entry
        for _, columns, scored in self.scales:
            mine = codes[:, columns]
            given = scored[np.arange(len(columns)), np.maximum(mine, 0)] & (mine >= 0)
            counts.append(2 * given.sum(axis=1) >= len(columns))
        self.seen.append(_summed(kinds, np.stack(counts, axis=1).astype(np.int64)))

    def result(self) -> KindCube:
        """All that was counted."""
        width = 1 + len(self.valid) + len(self.scales)
        none = np.zeros((0, 1 + len(self.cuts)), np.int64), np.zeros((0, width), np.int64)
        kinds, counts = (np.concatenate(parts) for parts in zip(none, *self.seen, strict=True))
        kinds, counts = _summed(kinds, counts)
        n, *columns = counts.T
        return KindCube(
            kinds[:, 0],
            {cut.item.name: kinds[:, 1 + place] for place, cut in enumerate(self.cuts)},
            n,
            dict(zip(self.items, columns, strict=False)),
            dict(zip([name for name, _, _ in self.scales], columns[len(self.items) :], strict=True)),
        )


def _summed(kinds: Counts, counts: Counts) -> tuple[Counts, Counts]:
    """Different lines of kinds (N, D), and the sums of their counts (N, C)."""
    if not len(kinds):
        return kinds, counts
    order = np.lexsort(kinds.T[::-1])
    kinds, counts = kinds[order], counts[order]
    starts = np.flatnonzero(np.concatenate([[True], (kinds[1:] != kinds[:-1]).any(axis=1)]))
    return kinds[starts], np.add.reduceat(counts, starts, axis=0)


def counted_kinds(answers: Iterable[AnswerCodes], counter: KindCounter) -> KindCube:
    """Kinds of people in every batch."""
    for segments, codes in answers:
        counter.add(segments, codes)
    return counter.result()


def others(everybody: KindCube, some: KindCube) -> KindCube:
    """Everybody but some of them."""
    lines = [
        (
            np.stack([one.atom, *(one.categories[cut] for cut in everybody.categories)], axis=1),
            sign * np.stack([one.n, *one.items.values(), *one.scales.values()], axis=1),
        )
        for one, sign in ((everybody, 1), (some, -1))
    ]
    kinds, counts = _summed(*(np.concatenate(parts) for parts in zip(*lines, strict=True)))
    n, *columns = counts.T
    return KindCube(
        kinds[:, 0],
        dict(zip(everybody.categories, kinds[:, 1:].T, strict=True)),
        n,
        dict(zip(everybody.items, columns, strict=False)),
        dict(zip(everybody.scales, columns[len(everybody.items) :], strict=True)),
    )
