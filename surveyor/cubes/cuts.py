"""Counting by option, and by background group: the parts of a counter that work on whole batches."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from surveyor.cubes.spec import Counts, CutCube
from surveyor.instruments.spec import Item, Questionnaire
from surveyor.responses.opening import NO_ANSWER

Codes = NDArray[np.int8]


class Sheet:
    """Counts by group and option of every coded item, side by side in one flat table.

    No answer has the first column of its item here, so that an answer's column is its code and a shift. All
    batches are worked on in the same memory: taking it anew took as long as the counting.
    """

    def __init__(
        self, questionnaire: Questionnaire, n_groups: int, chosen: Sequence[int] | None = None
    ) -> None:
        """chosen: places of the items that are counted, all by default."""
        items = questionnaire.coded_items
        self.chosen = list(range(len(items))) if chosen is None else list(chosen)
        lists = [questionnaire.categories(items[place]) for place in self.chosen]
        self.options = [tuple(category.code for category in categories) for categories in lists]
        self.widths = np.array([len(options) + 1 for options in self.options], dtype=np.int64)
        self.n_options = np.minimum(self.widths - 1, 127).astype(np.int8)  # as narrow as codes are
        self.starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(self.widths)])
        self.n_groups, self.width = n_groups, int(self.starts[-1])
        self.flat = np.zeros(n_groups * self.width, dtype=np.int64)
        self._cells = np.zeros((0, len(self.chosen)), dtype=np.int64)

    def add(self, groups: Counts, codes: Codes) -> None:
        """Count a batch: (N,) the group of each respondent, (N, I) their codes of these items."""
        if len(self._cells) < len(codes):
            self._cells = np.zeros((len(codes), len(self.chosen)), dtype=np.int64)
        cells = self._cells[: len(codes)]
        np.add(codes, self.starts[:-1] - NO_ANSWER, out=cells)
        cells += (groups * self.width)[:, None]
        self.flat += np.bincount(cells.ravel(), minlength=len(self.flat))

    def tables(self) -> list[Counts]:
        """(G, options + 1) of each item, no answer last."""
        table = self.flat.reshape(self.n_groups, self.width)
        ends = zip(self.starts[:-1], self.starts[1:], strict=True)
        return [np.roll(table[:, start:end], -1, axis=1) for start, end in ends]


class CutCounter:
    """One background item: everybody by atom and category, and how each category answered."""

    def __init__(self, questionnaire: Questionnaire, item: Item, n_atoms: int) -> None:
        names = [one.name for one in questionnaire.coded_items]
        self.names = [one.name for one in questionnaire.substance_items]
        self.item, self.place = item, names.index(item.name)
        self.categories = tuple(category.code for category in questionnaire.categories(item))
        self.width, self.n_atoms = len(self.categories) + 1, n_atoms
        self.sheet = Sheet(questionnaire, n_atoms * self.width, [names.index(name) for name in self.names])
        self.n = np.zeros(n_atoms * self.width, dtype=np.int64)

    def category(self, codes: Codes) -> Counts:
        """(N,) place of each respondent's category, the last for no answer."""
        mine = codes[:, self.place].astype(np.int64)
        return np.where(mine < 0, self.width - 1, mine)

    def add(self, atoms: Counts, codes: Codes) -> Counts:
        """Count a batch; returns (N,) the group, atom by category, of each respondent."""
        groups = atoms * self.width + self.category(codes)
        self.n += np.bincount(groups, minlength=len(self.n))
        self.sheet.add(groups, codes.take(self.sheet.chosen, axis=1))
        return groups

    def result(self, scales: Mapping[str, Counts]) -> CutCube:
        """All that was counted; scales as their counter found them."""
        shape = (self.n_atoms, self.width)
        tables = zip(self.names, self.sheet.tables(), strict=True)
        items = {name: table.reshape(*shape, table.shape[1]) for name, table in tables}
        return CutCube(self.item.name, self.categories, self.n.reshape(shape), items, scales)


def valid_options(questionnaire: Questionnaire, item: Item) -> NDArray[np.bool_]:
    """(options + 1,) True for the options that are answers; the last entry stands for no answer."""
    return np.array([not category.missing for category in questionnaire.categories(item)] + [False])
