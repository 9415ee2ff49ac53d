"""The privacy forecast of a wave: what the gate would show, tried on made-up answers before the launch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from sqlalchemy.orm import Session

from analysis.disclosure.gate import GateInput, GateResult, run_gate
from analysis.disclosure.tree import Flags, Tree
from analysis.rollup import roll_up
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import wave_tree
from surveyor.campaigns.segments import merge_small
from surveyor.cubes.spec import Counts, CubeTree
from surveyor.instruments.queries import questionnaire_of
from surveyor.invitations.queries import n_by_unit

N_RUNS = 100
_SEED = 20261121  # the same plan gives the same forecast
Parents = Mapping[str, str | None]


class Outlook(StrEnum):
    """How likely something is to be shown."""

    SHOWN = "shown"
    LIKELY = "likely"
    UNLIKELY = "unlikely"
    BLANK = "blank"


def outlook(share: float) -> Outlook:
    """The word for a share of the tries in which something was shown."""
    if share >= 0.9:
        return Outlook.SHOWN
    if share >= 0.5:
        return Outlook.LIKELY
    return Outlook.UNLIKELY if share >= 0.1 else Outlook.BLANK


@dataclass(frozen=True)
class UnitForecast:
    """How often a unit's means and distributions were shown, 0-1."""

    code: str
    n_invited: int
    mean_share: float
    spread_share: float

    @property
    def means(self) -> Outlook:
        return outlook(self.mean_share)

    @property
    def spreads(self) -> Outlook:
        return outlook(self.spread_share)


@dataclass(frozen=True)
class BackgroundForecast:
    """One background question: cells at the three top levels, the share shown, answers in the smallest."""

    item: str
    n_categories: int
    n_cells: int
    shown_share: float
    fewest: float


@dataclass(frozen=True)
class MergeForecast:
    """Sibling units that would be shown as one: which, and how often then."""

    parent: str
    units: tuple[str, ...]
    mean_share: float


@dataclass(frozen=True)
class Forecast:
    """What to expect of a wave at a response rate."""

    rate: float
    n_invited: int
    units: tuple[UnitForecast, ...] = ()
    backgrounds: tuple[BackgroundForecast, ...] = ()
    merges: tuple[MergeForecast, ...] = ()

    @property
    def n_blank(self) -> int:
        return sum(unit.mean_share < 0.5 for unit in self.units)


@dataclass(frozen=True)
class Limits:
    """A wave's thresholds."""

    k_mean: int
    k_spread: int
    k_invited: int


def wave_forecast(session: Session, *, wave: Wave, rate: float) -> Forecast:
    """The forecast of a wave from the people in its list; without people there are no units in it."""
    parents = {node.code: node.parent for node in wave_tree(session, wave=wave)}
    people = {unit: n for unit, n in n_by_unit(session, wave_id=wave.id).items() if unit in parents}
    asked = questionnaire_of(wave.instrument_version)
    backgrounds = {item.name: len(asked.categories(item)) for item in asked.background_items}
    limits = Limits(wave.k_mean, wave.k_spread, wave.k_invited)
    return forecast(parents, people, limits, rate=rate, backgrounds=backgrounds)


def forecast(
    parents: Parents,
    people: Mapping[str, int],
    limits: Limits,
    *,
    rate: float,
    backgrounds: Mapping[str, int] | None = None,
    n_runs: int = N_RUNS,
) -> Forecast:
    """Try the gate `n_runs` times on answers drawn at a rate; parents before children, one root.

    `people` are those asked by own unit; background answers are drawn as if every option were as common.
    Raises ValueError for a rate outside 0..1.
    """
    if not 0 <= rate <= 1:
        raise ValueError("a rate lies in 0..1")
    n_invited = sum(people.values())
    if n_invited < limits.k_invited:
        return Forecast(rate, n_invited)
    tried = _Trial(parents, people, limits, rate)
    units = tried.units(n_runs)
    found = tuple(tried.background(item, n) for item, n in (backgrounds or {}).items())
    return Forecast(
        rate, n_invited, units, found, tuple(_merges(parents, people, limits, rate, units, n_runs))
    )


class _Trial:
    """One plan: the tree of units with the people stored in it, as the launch would store them."""

    def __init__(self, parents: Parents, people: Mapping[str, int], limits: Limits, rate: float) -> None:
        self.limits, self.rate, self.cube = limits, rate, CubeTree.of(parents)
        self.tree = Tree(self.cube.codes, np.array(self.cube.parent, dtype=np.int64), self.cube.never_cell)
        own = np.zeros(len(self.tree), dtype=np.int64)
        for segment in merge_small(parents, people, k=limits.k_invited):
            own[self.cube.atom(segment.code)] += segment.n_invited
        self.own, self.invited = own, roll_up(self.tree.parent, own)
        asked = np.array([people.get(code, 0) for code in self.tree.codes], dtype=np.int64)
        self.asked = roll_up(self.tree.parent, asked)

    def units(self, n_runs: int) -> tuple[UnitForecast, ...]:
        chance = np.random.default_rng(_SEED)
        means, spreads = np.zeros(len(self.tree)), np.zeros(len(self.tree))
        for _ in range(n_runs):
            result = run_gate(self._given(chance.binomial(self.own, self.rate)))
            means += result.everyone.mean.shown
            spreads += result.everyone.spread.shown
        return tuple(
            UnitForecast(code, int(self.asked[place]), means[place] / n_runs, spreads[place] / n_runs)
            for place, code in enumerate(self.tree.codes[: self.cube.n_units])
        )

    def background(self, item: str, n_categories: int, n_runs: int = 10) -> BackgroundForecast:
        """Cells at levels 0-2 for units whose total is shown, over a few tries."""
        chance = np.random.default_rng(_SEED)
        n_cells = n_shown = 0
        fewest: list[int] = []
        for _ in range(n_runs):
            own = chance.multinomial(
                chance.binomial(self.own, self.rate), np.full(n_categories, 1 / n_categories)
            )
            shown, cells, counts = self._cut(item, np.asarray(own, dtype=np.int64))
            n_cells, n_shown = n_cells + int(cells.sum()), n_shown + int(shown.sum())
            fewest += [int(counts[cells].min())] if cells.any() else []
        return BackgroundForecast(
            item, n_categories, round(n_cells / n_runs), n_shown / n_cells if n_cells else 0.0,
            float(np.median(fewest)) if fewest else 0.0,
        )  # fmt: skip

    def _cut(self, item: str, own: Counts) -> tuple[Flags, Flags, Counts]:
        """Cells shown, cells that exist for units whose total is shown, and what they hold; (U, C) each."""
        from analysis.disclosure.cutgate import run_cuts  # noqa: PLC0415 -- slow import
        from analysis.disclosure.cuts import CutTable  # noqa: PLC0415 -- slow import

        counts = roll_up(self.tree.parent, own)
        given = self._given(own.sum(axis=1))
        result: GateResult = run_gate(given)
        table = CutTable(item, tuple(str(n) for n in range(own.shape[1])), counts)
        patterns = run_cuts(given, result, [table])[item]
        cells = (self._depth <= table.levels) & result.everyone.mean.shown
        return patterns.everyone.mean.shown, np.repeat(cells[:, None], own.shape[1], axis=1), counts

    @property
    def _depth(self) -> Counts:
        depth = np.zeros(len(self.tree), dtype=np.int64)
        for place, parent in enumerate(self.tree.parent.tolist()):
            depth[place] = 0 if parent < 0 else depth[parent] + 1
        return depth

    def _given(self, answered: Counts) -> GateInput:
        n = roll_up(self.tree.parent, answered)
        return GateInput(self.tree, n, (), (), self.invited, self.limits.k_mean, self.limits.k_spread)


def _merges(
    parents: Parents,
    people: Mapping[str, int],
    limits: Limits,
    rate: float,
    units: Sequence[UnitForecast],
    n_runs: int,
) -> Iterable[MergeForecast]:
    """Blank leaves put together with one another, or with their smallest sibling; those that then show."""
    groups = dict(_groups(parents, people, units))
    if not groups:
        return
    merged_of = {unit: "+".join(group) for group in groups.values() for unit in group}
    merged_parents = dict.fromkeys(merged_of.get(code, code) for code in parents)
    for code, parent in parents.items():
        merged_parents[merged_of.get(code, code)] = parent
    merged_people: dict[str, int] = {}
    for code, n in people.items():
        merged_people[merged_of.get(code, code)] = merged_people.get(merged_of.get(code, code), 0) + n
    again = {one.code: one for one in _Trial(merged_parents, merged_people, limits, rate).units(n_runs)}
    for parent, group in groups.items():
        if (share := again["+".join(group)].mean_share) >= 0.5:
            yield MergeForecast(parent, group, share)


def _groups(
    parents: Parents, people: Mapping[str, int], units: Sequence[UnitForecast]
) -> Iterable[tuple[str, tuple[str, ...]]]:
    """For each parent, the leaves with people that would stand better together."""
    inner = {parent for parent in parents.values() if parent is not None}
    leaves: dict[str, list[UnitForecast]] = {}
    for unit in units:
        parent = parents[unit.code]
        if parent is not None and unit.code not in inner and people.get(unit.code, 0):
            leaves.setdefault(parent, []).append(unit)
    for parent, below in leaves.items():
        blank = [unit for unit in below if unit.mean_share < 0.5]
        others = sorted(
            (unit for unit in below if unit.mean_share >= 0.5), key=lambda u: (u.n_invited, u.code)
        )
        group = blank + others[:1] if len(blank) == 1 else blank
        if len(group) > 1:
            yield parent, tuple(unit.code for unit in group)
