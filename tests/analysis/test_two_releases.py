"""Two releases of nearly the same answers: all totals and all groups of both as one system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import pytest

from analysis.disclosure import joint_auditor, together
from analysis.disclosure.layers import (
    AGAIN,
    FIRST,
    Crowd,
    Gone,
    Layer,
    Search,
    groups_layer,
    releases_tell_of_few,
    units_layer,
)
from analysis.disclosure.tree import Flags, Tree
from tests.analysis.oracles import Nested, groups_alone, rank_mod_p, told_by_two
from tests.analysis.several_cuts import NAMES, Shown, crossed, deep, least_told, organisation, over, shown_of

N_ORGANISATIONS = 12


def gate() -> Search:
    return partial(together.search_finds_few, known={})


def auditor() -> Search:
    return partial(joint_auditor.attack_finds_few, known={})


@dataclass(frozen=True, eq=False)
class Twice:
    """People (U, a, b, c) who stayed, who were withdrawn and who came late; what the first release shows."""

    tree: Tree
    stayed: np.ndarray
    gone: np.ndarray
    late: np.ndarray
    first: Shown
    again: Shown

    @classmethod
    def of(cls, tree: Tree, own: np.ndarray, gone: np.ndarray, late: np.ndarray) -> Twice:
        first, again = (shown_of((tree, one), NAMES) for one in (own, own - gone + late))
        return cls(tree, own - gone, gone, late, first, again)

    def layers(self, again: Shown) -> list[Layer]:
        found = []
        for release, (totals, cuts) in ((FIRST, self.first), (AGAIN, again)):
            found.append(units_layer(self.tree, totals, release))
            found += [groups_layer(self.tree, shown, cut, release) for cut, shown in cuts.items()]
        return found

    def told(self, again: Shown, search: Search) -> bool:
        """What the product asks: of those withdrawn it knows the counts by one question at a time."""
        crowds = [crowd(self.stayed, FIRST, AGAIN), crowd(self.late, AGAIN)]
        gone = Gone(self.gone.sum(axis=(1, 2, 3)), {name: over(self.gone, name) for name in NAMES})
        return releases_tell_of_few(self.layers(again), crowds, gone, 5, search)

    def kept(self) -> Shown | None:
        """The second release: groups as far as they may be shown, None when it is refused."""
        totals, cuts = self.again
        kept: dict[str, Flags] = {}
        if self.told((totals, kept), search := gate()):
            return None
        for name, shown in cuts.items():
            if not self.told((totals, kept | {name: shown}), search):
                kept[name] = shown
        return totals, kept

    def kept_in_pairs(self) -> Shown | None:
        """Totals held against totals, and each cut against itself: the negative control."""
        totals, cuts = self.again
        one, two = Nested(self.tree, self.first[0]), Nested(self.tree, totals)
        if told_by_two(one, two, self._places(None), 5):
            return None
        return totals, {
            name: shown
            for name, shown in cuts.items()
            if not told_by_two(
                groups_alone(self.tree, self.first[1][name]),
                groups_alone(self.tree, shown),
                self._places(name),
                5,
            )
        }

    def _places(self, cut: str | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        tables = [
            over(one, cut) if cut else one.sum(axis=(1, 2, 3)) for one in (self.stayed, self.gone, self.late)
        ]
        at, none = np.arange(tables[0].size), np.full(tables[0].size, -1)
        n = np.concatenate([one.ravel() for one in tables])
        return np.concatenate([at, at, none]), np.concatenate([at, none, at]), n

    def leaks(self, again: Shown) -> bool:
        """The attacker, who knows who was withdrawn."""
        crowds = [crowd(self.stayed, FIRST, AGAIN), crowd(self.gone, FIRST), crowd(self.late, AGAIN)]
        return attacked(self.layers(again), crowds)


def attacked(layers: list[Layer], crowds: list[Crowd]) -> bool:
    """Whether somebody who knows everybody is told about fewer than five, in up to three kinds of people."""
    around = np.hstack([one.in_cells(layers) for one in crowds])
    rows = [line == cell for line in around for cell in np.unique(line[line >= 0])]
    cells = np.array(rows, dtype=np.int64).reshape(len(rows), around.shape[1])
    n = np.concatenate([one.n for one in crowds])
    seen = cells.any(axis=0)
    kinds, where = np.unique(cells[:, seen], axis=1, return_inverse=True)
    return least_told(kinds, np.bincount(where.ravel(), n[seen]).astype(np.int64)) < 5


def crowd(people: np.ndarray, *releases: int) -> Crowd:
    leaf, *categories = np.nonzero(people)
    return Crowd(leaf, dict(zip(NAMES, categories, strict=True)), people[people > 0], frozenset(releases))


def change(make: Callable[[int], tuple[Tree, np.ndarray]], seed: int) -> Twice:
    """In some leaves a few are withdrawn, in most five or more come late, alike those there or not."""
    rng = np.random.default_rng(seed)
    tree, own = make(seed)
    flat = own.reshape(len(own), -1)
    gone, late = np.zeros_like(flat), np.zeros_like(flat)
    may_go = rng.integers(4) > 0
    for leaf in np.flatnonzero(flat.any(axis=1)):
        if may_go and rng.random() < 0.5:
            there = np.repeat(np.arange(flat.shape[1]), flat[leaf])
            np.add.at(gone[leaf], rng.permutation(there)[: rng.choice([1, 2, 6, 12])], 1)
        if rng.random() < 0.7:
            shares = flat[leaf] if rng.random() < 0.6 else np.ones(flat.shape[1])
            late[leaf] = rng.multinomial(rng.choice([5, 8, 15, 30]), shares / shares.sum())
    return Twice.of(tree, own, gone.reshape(own.shape), late.reshape(own.shape))


def changes(seeds: range) -> list[Twice]:
    return [change(make, seed) for make in (organisation, crossed, deep) for seed in seeds]


def nothing_told(made: list[Twice]) -> None:
    n_released, n_cuts = 0, 0
    for one in made:
        again = one.kept()
        if again is not None:
            assert not one.leaks(again)
            assert not one.told(again, auditor())
            n_released, n_cuts = n_released + 1, n_cuts + len(again[1])
    assert n_released > len(made) // 3
    assert n_cuts > n_released


def test_both_releases_together_tell_about_nobody() -> None:
    nothing_told(changes(range(N_ORGANISATIONS)))


@pytest.mark.soak
def test_they_tell_about_nobody_in_four_hundred_and_fifty_more() -> None:
    nothing_told(changes(range(N_ORGANISATIONS, N_ORGANISATIONS + 150)))


def test_releases_held_against_one_another_cut_by_cut_tell_of_some() -> None:
    """Negative control; the auditor finds each of them."""
    made = [(one, one.kept_in_pairs()) for one in changes(range(N_ORGANISATIONS))]
    told = [(one, again) for one, again in made if again is not None and one.leaks(again)]
    assert len(told) > 2
    assert all(one.told(again, auditor()) for one, again in told)


def by_trying(cells: np.ndarray, n: np.ndarray, k: int) -> bool:
    """Whether leaving out some people of fewer than k makes the cells depend on one another."""
    full = rank_mod_p(cells)
    few = [group for size in range(1, k) for group in combinations(range(len(n)), size)]
    return any(
        n[list(group)].sum() < k and rank_mod_p(np.delete(cells, group, axis=1)) < full for group in few
    )


def test_it_is_as_trying_everything_says_and_never_less() -> None:
    """Any cells, any people: exact where the counts tell who was withdrawn, else on the safe side."""
    rng = np.random.default_rng(12)
    n_told, n_safe, n_unsure = 0, 0, 0
    for _ in range(100):
        layers = [Layer(rng.integers(-1, 1, 3), "", release) for release in (FIRST, AGAIN)]
        layers += [Layer(rng.integers(-1, 2, (3, 2)), cut, FIRST) for cut in "ab"]
        layers.append(Layer(rng.integers(-1, 2, (3, 2)), "a", AGAIN))
        some, k = rng.random((3, 3, 2, 2)) < rng.choice([0.3, 0.6]), int(rng.integers(2, 5))
        people = [rng.integers(0, most, (3, 2, 2)) * one for most, one in zip((6, 5, 6), some, strict=True)]
        stayed, lost, late = (
            Crowd(leaf, {"a": a, "b": b}, table[table > 0], frozenset(where))
            for table, where in zip(people, ((FIRST, AGAIN), (FIRST,), (AGAIN,)), strict=True)
            for leaf, a, b in [np.nonzero(table)]
        )
        gone = Gone(people[1].sum(axis=(1, 2)), {"a": people[1].sum(axis=2), "b": people[1].sum(axis=1)})
        around = np.hstack([one.in_cells(layers) for one in (stayed, lost, late)])
        rows = [line == cell for line in around for cell in np.unique(line[line >= 0])]
        n = np.concatenate([one.n for one in (stayed, lost, late)])
        truth = by_trying(np.array(rows, dtype=np.int64).reshape(len(rows), len(n)), n, k)
        for search in (gate(), auditor()):
            told = releases_tell_of_few(layers, [stayed, late], gone, k, search)
            unsure = bool(gone.seen(layers)[1])
            assert told == truth or (told and unsure)
        n_told, n_safe, n_unsure = n_told + truth, n_safe + (not told), n_unsure + (unsure and not told)
    assert min(n_told, n_safe) > 20
    assert n_unsure > 5


def test_a_group_now_less_the_others_then() -> None:
    """A cut shown the first time, its other group the second: beside the totals two late answers are left."""
    tree = Tree(("U",), np.array([-1]), np.array([False]))
    total, women = np.array([True]), np.array([[True, False]])
    layers = [units_layer(tree, total), groups_layer(tree, women, "a"), units_layer(tree, total, AGAIN)]
    kind, n = np.array([0, 1]), np.array([20, 20])
    stayed = Crowd(np.zeros(2, dtype=int), {"a": kind}, n, frozenset({FIRST, AGAIN}))
    nobody = Gone(np.array([0]), {"a": np.array([[0, 0]])})
    for men, told in ((2, True), (5, False)):
        late = Crowd(np.zeros(2, dtype=int), {"a": kind}, np.array([10, men]), frozenset({AGAIN}))
        groups = groups_layer(tree, ~women, "a", AGAIN)
        assert releases_tell_of_few([*layers, groups], [stayed, late], nobody, 5, gate()) is told
        assert not releases_tell_of_few(layers, [stayed, late], nobody, 5, gate())


@dataclass(frozen=True, eq=False)
class Restated:
    """People (U, a, b, c), what is shown of them, and where each leaf lies in the tree of a later wave."""

    tree: Tree
    own: np.ndarray
    shown: Shown
    now: np.ndarray

    @classmethod
    def of(cls, seed: int) -> Restated:
        """Small teams put together into a few units, often those where people are alike."""
        rng = np.random.default_rng(seed)
        n_teams, widths = int(rng.integers(6, 25)), rng.integers(2, 4, 3)
        parent = np.array([-1, 0, 0, *rng.integers(0, 3, n_teams)])
        tree = Tree(
            tuple(f"u{place}" for place in range(len(parent))), parent, np.zeros(len(parent), dtype=bool)
        )
        into, noise = rng.integers(-1, rng.integers(2, 4), len(parent)), rng.choice([0.02, 0.05, 0.3])
        own = np.zeros((len(parent), *widths), dtype=np.int64)
        for leaf in np.flatnonzero(tree.leaves):
            for _ in range(rng.integers(1, 9)):
                kind = rng.integers(widths)
                if rng.random() > noise:
                    kind[0] = max(into[leaf], 0) % widths[0]
                own[leaf, *kind] += 1
        n = np.bincount(into[into >= 0], own.sum(axis=(1, 2, 3))[into >= 0], 4)
        now = np.where((into >= 0) & (n[into] >= 5) & tree.leaves, into, -1)
        return cls(tree, own, shown_of((tree, own), NAMES), now)

    def layers(self, cuts: tuple[str, ...] = tuple(NAMES)) -> list[Layer]:
        groups = [groups_layer(self.tree, self.shown[1][cut], cut) for cut in cuts]
        return [units_layer(self.tree, self.shown[0]), *groups, Layer(self.now)]

    def told(self, search: Search, cuts: tuple[str, ...] = tuple(NAMES)) -> bool:
        nobody = Gone(
            np.zeros(len(self.tree), dtype=np.int64), {name: over(0 * self.own, name) for name in NAMES}
        )
        return releases_tell_of_few(self.layers(cuts), [crowd(self.own, FIRST)], nobody, 5, search)

    def leaks(self) -> bool:
        return attacked(self.layers(), [crowd(self.own, FIRST)])


def restated(seeds: range) -> list[Restated]:
    return [Restated.of(seed) for seed in seeds]


def test_restated_units_tell_nothing_beside_totals_and_groups_of_their_wave() -> None:
    made = restated(range(4 * N_ORGANISATIONS))
    passed = [one for one in made if not one.told(gate())]
    assert not any(one.leaks() or one.told(auditor()) for one in passed)
    assert len(passed) > N_ORGANISATIONS // 2


@pytest.mark.soak
def test_restated_units_of_three_hundred_more() -> None:
    for one in restated(range(4 * N_ORGANISATIONS, 4 * N_ORGANISATIONS + 300)):
        told = one.told(gate())
        assert told == one.told(auditor())
        assert told or not one.leaks()


def test_restated_units_held_against_totals_alone_tell_of_some() -> None:
    """Negative control; the auditor finds each of them."""
    made = restated(range(4 * N_ORGANISATIONS))
    told = [one for one in made if not one.told(gate(), ()) and one.leaks()]
    assert len(told) > 2
    assert all(one.told(auditor()) for one in told)
