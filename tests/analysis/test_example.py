"""The auditor's shortcut: an example of answers in which nobody is at an end."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.disclosure.cut_auditor import anything_proved
from analysis.disclosure.example import has_example

Atoms = tuple[np.ndarray, np.ndarray, np.ndarray]  # groups (F, A), answers, respondents


def atoms(rng: np.random.Generator) -> Atoms:
    """Groups of two families or three, answers and respondents of a few atoms; many of one mind."""
    size = int(rng.integers(2, 14))
    around = rng.integers(0, 4, (rng.integers(2, 4), size))
    n = rng.integers(1, 8, size)
    x = rng.binomial(n, rng.choice([0.0, 0.1, 0.5, 0.9, 1.0], size))
    return around, x, n


def is_found(around: np.ndarray, x: np.ndarray, n: np.ndarray, *, both: bool) -> bool:
    return has_example(around, [np.bincount(line, weights=x) for line in around], n, both=both)


def is_proved(around: np.ndarray, x: np.ndarray, n: np.ndarray, *, both: bool) -> bool:
    """What linear programming says of the same sums."""
    rows = np.array([line == group for line in around for group in range(1, 4)])
    rows = rows[rows.any(axis=1)].astype(np.int64)
    return anything_proved(rows, (rows @ x).astype(float), 0.0 * n, n.astype(float), both=both)


@pytest.mark.parametrize("n_tried", [60, pytest.param(600, marks=pytest.mark.soak)])
def test_an_example_is_never_found_where_something_is_proved(n_tried: int) -> None:
    rng = np.random.default_rng(31)
    n_examples, n_proved, n_undecided = 0, 0, 0
    for _ in range(n_tried):
        made = atoms(rng)
        for both in (False, True):
            found, proved = is_found(*made, both=both), is_proved(*made, both=both)
            assert not (found and proved)
            n_examples, n_proved = n_examples + found, n_proved + proved
            n_undecided += not found and not proved
    assert n_examples > n_tried / 4
    assert n_proved > n_tried / 4
    assert n_undecided < 0.2 * n_examples  # seldom is there an example and not found


def test_a_group_of_one_mind_has_no_example() -> None:
    """All at the top is proved; that nobody is there is proved only where the least counts as well."""
    around, n = np.array([[1, 1, 2], [1, 1, 0]]), np.array([4, 4, 4])
    assert is_found(around, np.array([1, 2, 1]), n, both=True)
    assert not is_found(around, np.array([4, 4, 1]), n, both=True)
    assert not is_found(around, np.array([0, 0, 1]), n, both=True)
    assert is_found(around, np.array([0, 0, 1]), n, both=False)


def test_two_groups_that_overlap_prove_what_neither_does() -> None:
    """Ten of the first group are in the second too: of its other two all chose it, of the last two none."""
    around, n, x = np.array([[1, 1, 0], [1, 0, 1], [1, 1, 1]]), np.array([10, 2, 2]), np.array([5, 2, 0])
    assert not is_found(around, x, n, both=False)
    assert is_found(around, np.array([5, 1, 1]), n, both=False)
