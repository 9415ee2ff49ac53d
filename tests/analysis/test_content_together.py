"""Answers of several cuts at once: nobody's follow from totals and all groups together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from analysis.disclosure import cutgate
from analysis.disclosure.cut_auditor import anything_proved
from analysis.disclosure.cutgate import Kinds
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.gate import GateInput
from analysis.disclosure.joint_auditor import forces_answers
from analysis.disclosure.rules import EVERYONE, ItemTable, each_option, ends
from analysis.disclosure.tree import Flags, Tree
from analysis.disclosure.wave import WaveInput, WaveResult, run_wave
from analysis.rollup import roll_up
from tests.analysis.several_cuts import NAMES, crossed, deep, organisation, over, seen

N_ORGANISATIONS = 8
SCORES = (1, 2, 3, 4)


@dataclass(frozen=True, eq=False)
class Asked:
    """An organisation, people by kind (U, a, b, c), and their answers (U, a, b, c, options)."""

    tree: Tree
    own: np.ndarray
    answers: np.ndarray

    @property
    def wave(self) -> WaveInput:
        whole, people = (roll_up(self.tree.parent, one) for one in (self.answers, self.own))
        item = ItemTable("y", SCORES, whole.sum(axis=(1, 2, 3)))
        cuts = tuple(
            CutTable(name, tuple("wxyz"[:width]), over(people, name), {"y": over(whole, name)}, min_n=0)
            for name, width in zip(NAMES, self.own.shape[1:], strict=True)
        )
        leaf, *categories = np.nonzero(self.own)
        n = self.own[self.own > 0]
        kinds = Kinds(leaf, dict(zip(NAMES, categories, strict=True)), {EVERYONE: n, ("item", "y"): n})
        return WaveInput(gate=GateInput(tree=self.tree, n=item.n, items=(item,)), cuts=cuts, kinds=kinds)

    def shown(self, result: WaveResult, *, spread: bool) -> tuple[Flags, dict[str, Flags]]:
        about = "item", "y"
        return result.gate.shown(about, spread=spread), {
            name: one.shown(about, spread=spread) for name, one in result.cuts.items()
        }

    def told(self, result: WaveResult) -> bool:
        """The attacker: one linear programme over everybody who is alike, of sums and of each option."""
        item, mine = self.wave.gate.items[0], self.answers[self.own > 0]
        for spread, sets in ((False, ends(item.scores)), (True, each_option(item))):
            cells, n = seen(self.tree, self.own, *self.shown(result, spread=spread))
            chosen = [mine[:, list(one.options)].sum(axis=1) for one in sets]
            asked = chosen if spread else [(n - chosen[0] + chosen[1]) / 2]
            covered = cells.any(axis=0)
            cells, n = cells[:, covered], n[covered].astype(float)
            if any(anything_proved(cells, cells @ x[covered], 0 * n, n, both=not spread) for x in asked):
                return True
        return False

    def audited(self, result: WaveResult) -> bool:
        """Whether the auditor finds a hole."""
        given = self.wave
        item, counts = given.gate.items[0], {table.name: table.items["y"] for table in given.cuts}
        assert given.kinds is not None
        return any(
            forces_answers(
                self.tree, given.kinds, ("item", "y"), *self.shown(result, spread=spread), counts, sets,
                sums=not spread,
            )
            for spread, sets in ((False, ends(item.scores)), (True, each_option(item)))
        )  # fmt: skip


def extreme(make: Callable[[int], tuple[Tree, np.ndarray]], seed: int) -> Asked:
    """Many kinds of people are of one mind, at an end; in every third organisation a whole category is."""
    rng = np.random.default_rng(seed)
    tree, own = make(seed)
    own = own * int(rng.integers(1, 4))
    answers = np.zeros((*own.shape, len(SCORES)), dtype=np.int64)
    for place in zip(*np.nonzero(own), strict=True):
        shares = np.eye(4)[rng.choice([0, 3])] if rng.random() < 0.4 else rng.dirichlet(np.full(4, 0.3))
        answers[place] = rng.multinomial(own[place], shares)
    if seed % 3 == 0:
        axis = 1 + int(rng.integers(3))
        mine = np.moveaxis(answers, axis, 0)[int(rng.integers(own.shape[axis]))]
        mine[:] = mine.sum(axis=-1, keepdims=True) * np.eye(4, dtype=np.int64)[3]
    return Asked(tree, own, answers)


def nothing_told(seeds: range) -> None:
    n_shown = 0
    for make in (organisation, crossed, deep):
        for one in (extreme(make, seed) for seed in seeds):
            result = run_wave(one.wave)
            assert not one.told(result)
            assert not one.audited(result)
            n_shown += sum(int(cut.items["y"].mean.shown.sum()) for cut in result.cuts.values())
    assert n_shown > 12 * len(seeds)


def test_totals_and_all_cuts_together_force_nobodys_answers() -> None:
    nothing_told(range(N_ORGANISATIONS))


@pytest.mark.soak
def test_they_force_nobodys_answers_in_a_hundred_and_twenty_more() -> None:
    nothing_told(range(N_ORGANISATIONS, N_ORGANISATIONS + 40))


def test_cuts_whose_answers_are_judged_one_by_one_force_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same organisations, no search over all cuts; the auditor finds each of them."""
    monkeypatch.setattr(cutgate, "_hide_told_together", lambda *_, **__: ())
    made = [extreme(make, seed) for make in (organisation, crossed, deep) for seed in range(N_ORGANISATIONS)]
    results = [run_wave(one.wave) for one in made]
    told = [one.told(result) for one, result in zip(made, results, strict=True)]
    assert sum(told) > N_ORGANISATIONS // 2
    assert told == [one.audited(result) for one, result in zip(made, results, strict=True)]


def test_two_groups_that_are_nearly_one_force_those_between() -> None:
    """Women and part-timers differ by six people at one end and five at the other."""
    own = np.zeros((1, 2, 2, 1), dtype=np.int64)
    own[0, :, :, 0] = [[20, 6], [5, 30]]
    answers = np.zeros((1, 2, 2, 1, 4), dtype=np.int64)
    answers[0, 0, 0, 0], answers[0, 1, 1, 0] = [5, 5, 5, 5], [8, 8, 8, 6]
    answers[0, 0, 1, 0, 3], answers[0, 1, 0, 0, 0] = 6, 5
    one = Asked(Tree(("P",), np.array([-1]), np.array([False])), own, answers)
    result = run_wave(one.wave)
    assert result.cuts["a"].items["y"].mean.shown.all()
    assert result.cuts["b"].everyone.mean.shown.all()
    assert not result.cuts["b"].items["y"].mean.shown.any()
    milder = answers.copy()
    milder[0, 0, 1, 0] = [1, 0, 0, 5]
    milder[0, 1, 0, 0] = [4, 0, 0, 1]
    assert run_wave(Asked(one.tree, own, milder).wave).cuts["b"].items["y"].mean.shown.all()
