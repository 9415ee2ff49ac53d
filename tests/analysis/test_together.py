"""Several cuts at once: the search for a telling combination, and what an attacker makes of the whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.disclosure.auditor import PRIME
from analysis.disclosure.cutgate import run_cuts
from analysis.disclosure.cuts import CutFrame, CutTable
from analysis.disclosure.gate import GateInput, run_gate
from analysis.disclosure.joint_auditor import Attack, cuts_tell_of_few
from analysis.disclosure.links import Family, Kinds
from analysis.disclosure.rules import EVERYONE
from analysis.disclosure.together import UnclearError, told_together
from analysis.disclosure.tree import Flags, Tree
from tests.analysis.oracles import brute_force
from tests.analysis.several_cuts import (
    NAMES,
    Answers,
    Shown,
    crossed,
    deep,
    least_told,
    organisation,
    seen,
    shown_of,
)
from tests.analysis.trees import kinds_of

N_ORGANISATIONS = 40


def test_a_telling_combination_is_found_exactly_where_there_is_one() -> None:
    """Against every set of atoms tried, on systems of any shape."""
    rng = np.random.default_rng(5)
    n_told = 0
    for _ in range(400):
        cells = (rng.random(rng.integers(1, 8, 2)) < rng.choice([0.3, 0.5, 0.7])).astype(np.int64)
        n, k = rng.integers(1, 5, cells.shape[1]), int(rng.integers(2, 11))
        made_of = told_together(cells, n, k, patience=10_000)
        assert (made_of is None) == (brute_force(cells, n, k) is None)
        if made_of is not None:
            assert 0 < n[made_of @ cells % PRIME != 0].sum() < k
            n_told += 1
    assert 100 < n_told < 350


def test_the_auditor_finds_exactly_the_same() -> None:
    """By its own search, against every set of atoms tried, and against the gate's on larger systems."""
    rng = np.random.default_rng(7)
    for _ in range(300):
        cells = (rng.random(rng.integers(1, 8, 2)) < rng.choice([0.3, 0.5, 0.7])).astype(np.int64)
        n, k = rng.integers(1, 5, cells.shape[1]), int(rng.integers(2, 11))
        assert Attack(100_000).finds_few(cells, n, k) == (brute_force(cells, n, k) is not None)
    n_told = 0
    for _ in range(150):
        shape = rng.integers((4, 20), (16, 50))
        cells = (rng.random(shape) < rng.choice([0.15, 0.3])).astype(np.int64)
        n, k = rng.integers(1, 6, shape[1]), int(rng.choice([5, 10]))
        told = told_together(cells, n, k, patience=10_000) is not None
        assert Attack().finds_few(cells, n, k) == told
        n_told += told
    assert 20 < n_told < 130


def test_a_search_that_comes_to_no_end_says_so() -> None:
    cells, n = np.eye(9, dtype=np.int64), np.full(9, 2)
    assert told_together(cells, n, 2) is None
    with pytest.raises(UnclearError):
        told_together(np.random.default_rng(1).integers(0, 2, (12, 30)), np.ones(30, dtype=np.int64), 10, 3)
    with pytest.raises(UnclearError):
        Attack(3).finds_few(
            np.random.default_rng(1).integers(0, 2, (12, 30)), np.ones(30, dtype=np.int64), 10
        )


def test_the_attacker_says_what_trying_everything_says() -> None:
    rng = np.random.default_rng(6)
    for _ in range(150):
        cells = (rng.random(rng.integers(1, 7, 2)) < 0.5).astype(np.int64)
        n = rng.integers(2, 5, cells.shape[1])
        # Three atoms hold six or more: whoever tells about fewer than six needs no more than two of them.
        assert (least_told(cells, n) < 6) == (brute_force(cells, n, 6) is not None)


def leaks(organisation: tuple[Tree, Answers], shown: Shown) -> bool:
    """Whether the attacker tells about fewer than five from totals and all cuts."""
    return least_told(*seen(*organisation, *shown)) < 5


def refused(organisation: tuple[Tree, Answers], shown: Shown) -> bool:
    """Whether the auditor finds a hole."""
    tree, own = organisation
    return cuts_tell_of_few(tree, kinds_of(own, NAMES), EVERYONE, *shown, 5, {})


def test_two_cuts_beside_the_totals_tell_about_nobody() -> None:
    for made in map(organisation, range(N_ORGANISATIONS)):
        assert not any(leaks(made, shown_of(made, names)) for names in ("ab", "ac", "bc"))


@pytest.mark.parametrize("make", [organisation, crossed, deep])
def test_three_cuts_beside_the_totals_tell_about_nobody(make: Callable[[int], tuple[Tree, Answers]]) -> None:
    for made in map(make, range(N_ORGANISATIONS)):
        shown = shown_of(made, NAMES)
        assert not leaks(made, shown)
        assert not refused(made, shown)


@pytest.mark.soak
@pytest.mark.parametrize("make", [organisation, crossed, deep])
def test_three_cuts_of_three_hundred_more(make: Callable[[int], tuple[Tree, Answers]]) -> None:
    for made in map(make, range(N_ORGANISATIONS, N_ORGANISATIONS + 300)):
        shown = shown_of(made, NAMES)
        assert not leaks(made, shown)
        assert not refused(made, shown)


def in_pairs(organisation: tuple[Tree, Answers]) -> Shown:
    """Three cuts of which only every two are held against one another."""
    (totals, ab), (_, ac), (_, bc) = (shown_of(organisation, names) for names in ("ab", "ac", "bc"))
    return totals, {"a": ab["a"], "b": ab["b"] & bc["b"], "c": ac["c"] & bc["c"]}


def test_cuts_safe_in_pairs_tell_together() -> None:
    """Negative control of the search over all cuts; the auditor finds each of them."""
    made = [crossed(seed) for seed in range(N_ORGANISATIONS)]
    told = [one for one in made if leaks(one, in_pairs(one))]
    assert len(told) > 2
    assert all(refused(one, in_pairs(one)) for one in told)


def test_totals_below_the_groups_tell_together_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: totals deeper than the groups left out of the search."""
    whole = Family.of_totals

    def upper(tree: Tree, shown: Flags, kinds: Kinds) -> Family:
        return whole(tree, shown & (CutFrame(tree, 1, 2).depth <= 2), kinds)

    monkeypatch.setattr(Family, "of_totals", upper)
    made = [deep(seed) for seed in range(N_ORGANISATIONS)]
    told = [one for one in made if leaks(one, shown_of(one, NAMES))]
    assert len(told) > 2
    assert all(refused(one, shown_of(one, NAMES)) for one in told)


def test_cuts_each_safe_for_itself_tell_together() -> None:
    """Negative control: the same organisations, nothing told of cuts together."""
    made = [organisation(seed) for seed in range(N_ORGANISATIONS)]
    for names, least in (("ab", 3), ("abc", N_ORGANISATIONS // 4)):
        assert sum(leaks(one, shown_of(one, names, linked=False)) for one in made) > least


def test_two_groups_of_one_cut_that_nearly_are_one_of_another() -> None:
    """No two groups are close, but x is y and z but for two people."""
    tree = Tree(("P",), np.array([-1]), np.array([False]))
    first = CutTable("a", ("y", "z", "w"), np.array([[10, 12, 20]]), min_n=0)
    second = CutTable("b", ("x", "v"), np.array([[20, 22]]), min_n=0)
    both = np.array([[[9, 1], [11, 1], [0, 20]]])
    given = GateInput(tree=tree, n=np.array([42]), items=())
    found = run_cuts(given, run_gate(given), [first, second], kinds_of(both, "ab"))
    assert found["a"].everyone.mean.shown.all()
    assert not found["b"].everyone.mean.shown.any()
    apart = np.array([[[5, 5], [5, 7], [10, 10]]])
    found = run_cuts(given, run_gate(given), [first, second], kinds_of(apart, "ab"))
    assert found["b"].everyone.mean.shown.all()
