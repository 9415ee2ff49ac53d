"""Several cuts at once: the search for a telling combination, and what an attacker makes of the whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analysis.disclosure.auditor import PRIME, brute_force
from analysis.disclosure.cutgate import CutPatterns, run_cuts
from analysis.disclosure.cuts import CutFrame, CutTable
from analysis.disclosure.gate import GateInput, GateResult, run_gate
from analysis.disclosure.joint_auditor import Attack, tells_of_few
from analysis.disclosure.links import Family, Kinds
from analysis.disclosure.rules import EVERYONE
from analysis.disclosure.together import UnclearError, told_together
from analysis.disclosure.tree import Flags, Tree
from analysis.rollup import roll_up
from tests.analysis.linear import null_space
from tests.analysis.trees import kinds_of

NAMES = "abc"
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
        assert Attack(100_000).tells(cells, n, k) == (brute_force(cells, n, k) is not None)
    n_told = 0
    for _ in range(150):
        shape = rng.integers((4, 20), (16, 50))
        cells = (rng.random(shape) < rng.choice([0.15, 0.3])).astype(np.int64)
        n, k = rng.integers(1, 6, shape[1]), int(rng.choice([5, 10]))
        told = told_together(cells, n, k, patience=10_000) is not None
        assert Attack().tells(cells, n, k) == told
        n_told += told
    assert 20 < n_told < 130


def test_a_search_that_comes_to_no_end_says_so() -> None:
    cells, n = np.eye(9, dtype=np.int64), np.full(9, 2)
    assert told_together(cells, n, 2) is None
    with pytest.raises(UnclearError):
        told_together(np.random.default_rng(1).integers(0, 2, (12, 30)), np.ones(30, dtype=np.int64), 10, 3)
    with pytest.raises(UnclearError):
        Attack(3).tells(np.random.default_rng(1).integers(0, 2, (12, 30)), np.ones(30, dtype=np.int64), 10)


Answers = np.ndarray  # (U, C a, C b, C c) people counted at each unit itself


def organisation(seed: int) -> tuple[Tree, Answers]:
    """A few units; the second and third background question mostly follow from those before."""
    rng = np.random.default_rng(seed)
    size, widths = int(rng.integers(3, 9)), rng.integers(2, 4, 3)
    parent = np.array([-1] + [int(rng.integers(max(0, place - 8), place)) for place in range(1, size)])
    tree = Tree(tuple(f"u{place}" for place in range(size)), parent, np.zeros(size, dtype=bool))
    second, third = rng.integers(0, widths[1], widths[0]), rng.integers(0, widths[2], widths[:2])
    noise, most = rng.choice([0.02, 0.05, 0.3]), rng.uniform(4, 14)
    own = np.zeros((size, *widths), dtype=np.int64)
    for unit in np.repeat(np.arange(size), np.where(tree.leaves, rng.poisson(most, size), 0)):
        a = rng.integers(widths[0])
        b = second[a] if rng.random() > noise else rng.integers(widths[1])
        c = third[a, b] if rng.random() > noise else rng.integers(widths[2])
        own[unit, a, b, c] += 1
    return tree, own


def gated(
    tree: Tree, own: Answers, names: str, *, linked: bool = True
) -> tuple[GateResult, dict[str, CutPatterns]]:
    """Some of the cuts through the gate, with their links or without."""
    whole = roll_up(tree.parent, own)
    given = GateInput(tree=tree, n=whole.sum(axis=(1, 2, 3)), items=())

    def over(*kept: str) -> np.ndarray:
        return whole.sum(axis=tuple(1 + place for place, name in enumerate(NAMES) if name not in kept))

    cuts = [CutTable(name, tuple("xyz"[: over(name).shape[1]]), over(name), min_n=0) for name in names]
    result = run_gate(given)
    return result, run_cuts(given, result, cuts, kinds_of(own, NAMES) if linked else None)


def seen(tree: Tree, own: Answers, totals: Flags, cuts: dict[str, Flags]) -> tuple[np.ndarray, np.ndarray]:
    """Published totals and cells over the people who are alike in everything."""
    place, *categories = np.nonzero(own)
    line = np.eye(len(tree), dtype=bool)
    for unit, parent in enumerate(tree.parent.tolist()):
        line[unit] |= line[parent] if parent >= 0 else False
    rows = [line[place, unit] for unit in np.flatnonzero(totals)]
    for name, shown in cuts.items():
        mine = categories[NAMES.index(name)]
        rows += [line[place, unit] & (mine == category) for unit, category in np.argwhere(shown)]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(place)), own[own > 0]


def least_told(cells: np.ndarray, n: np.ndarray) -> int:
    """The attacker: fewest respondents some combination tells about, as far as they lie in up to three atoms.

    What the cells span is all that is at right angles to their null space: a combination lives on some atoms
    alone exactly when the rows of these in the null space depend on one another.
    """
    rows = null_space(cells)
    found = [int(n[atom]) for atom in np.flatnonzero(~rows.any(axis=1))]
    found += _pairs(rows, n)
    for atom in np.flatnonzero(rows.any(axis=1)).tolist():
        others = np.arange(len(n)) != atom
        found += [int(n[atom]) + one for one in _pairs(_modulo(rows[others], rows[atom]), n[others])]
    return min(found, default=10**6)


def _pairs(rows: np.ndarray, n: np.ndarray) -> list[int]:
    """Respondents of each two atoms whose rows are in proportion, the fewest of each kind."""
    some = rows.any(axis=1)
    if not some.any():
        return []
    rows, n = rows[some], n[some]
    lead = rows[np.arange(len(rows)), np.argmax(rows != 0, axis=1)]
    scaled = rows * np.array([pow(int(one), -1, PRIME) for one in lead], dtype=np.int64)[:, None] % PRIME
    kinds: dict[bytes, list[int]] = {}
    for row, people in zip(scaled, n.tolist(), strict=True):
        kinds.setdefault(row.tobytes(), []).append(people)
    return [sum(sorted(people)[:2]) for people in kinds.values() if len(people) > 1]


def _modulo(rows: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Rows less what they have of one."""
    column = int(np.flatnonzero(row)[0])
    row = row * pow(int(row[column]), -1, PRIME) % PRIME
    return (rows - rows[:, [column]] * row) % PRIME


def test_the_attacker_says_what_trying_everything_says() -> None:
    rng = np.random.default_rng(6)
    for _ in range(150):
        cells = (rng.random(rng.integers(1, 7, 2)) < 0.5).astype(np.int64)
        n = rng.integers(2, 5, cells.shape[1])
        # Three atoms hold six or more: whoever tells about fewer than six needs no more than two of them.
        assert (least_told(cells, n) < 6) == (brute_force(cells, n, 6) is not None)


def crossed(seed: int) -> tuple[Tree, Answers]:
    """The first two questions are free, and the third nearly follows from both together."""
    rng = np.random.default_rng(10_000 + seed)
    size, widths = int(rng.integers(2, 6)), rng.integers(2, 4, 3)
    tree = random_tree(rng, size, size)
    third, noise, most = (
        rng.integers(0, widths[2], widths[:2]),
        rng.choice([0, 0.02, 0.05]),
        rng.uniform(15, 60),
    )
    own = np.zeros((size, *widths), dtype=np.int64)
    for unit in np.repeat(np.arange(size), np.where(tree.leaves, rng.poisson(most, size), 0)):
        a, b = rng.integers(widths[0]), rng.integers(widths[1])
        c = third[a, b] if rng.random() > noise else rng.integers(widths[2])
        own[unit, a, b, c] += 1
    return tree, own


def deep(seed: int) -> tuple[Tree, Answers]:
    """Units below level 2: in the first of each three nearly everybody is in one of two or three groups.

    These are groups of different questions, and next to nobody outside the unit is in them.
    """
    rng = np.random.default_rng(20_000 + seed)
    n_upper, n_cuts = int(rng.integers(1, 4)), int(rng.integers(2, 4))
    parent = [-1, 0, *([1] * n_upper), *(2 + np.repeat(np.arange(n_upper), 3))]
    size, noise, most = len(parent), rng.choice([0, 0.02, 0.05]), rng.uniform(10, 20)
    tree = Tree(tuple(f"u{place}" for place in range(size)), np.array(parent), np.zeros(size, dtype=bool))
    own = np.zeros((size, 2, 2, 2), dtype=np.int64)
    for unit in np.repeat(np.arange(size), np.where(tree.leaves, rng.poisson(most, size), 0)):
        where = np.zeros(3, dtype=np.int64)
        if (unit - n_upper - 2) % 3 == 0:
            where[rng.integers(n_cuts)] = 1
        own[unit, *np.where(rng.random(3) < noise, 1 - where, where)] += 1
    return tree, own


def random_tree(rng: np.random.Generator, size: int, near: int) -> Tree:
    parent = np.array([-1] + [int(rng.integers(max(0, place - near), place)) for place in range(1, size)])
    return Tree(tuple(f"u{place}" for place in range(size)), parent, np.zeros(size, dtype=bool))


Shown = tuple[Flags, dict[str, Flags]]


def shown_of(organisation: tuple[Tree, Answers], names: str, *, linked: bool = True) -> Shown:
    """What the gate shows of everybody: totals and cuts."""
    result, found = gated(*organisation, names, linked=linked)
    return result.everyone.mean.shown, {name: found[name].everyone.mean.shown for name in names}


def leaks(organisation: tuple[Tree, Answers], shown: Shown) -> bool:
    """Whether the attacker tells about fewer than five from totals and all cuts."""
    return least_told(*seen(*organisation, *shown)) < 5


def refused(organisation: tuple[Tree, Answers], shown: Shown) -> bool:
    """Whether the auditor finds a hole."""
    tree, own = organisation
    return tells_of_few(tree, kinds_of(own, NAMES), EVERYONE, *shown, 5, {})


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
