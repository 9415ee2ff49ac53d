"""The auditor's shortcut: an example of answers in which nobody is at an end."""

from __future__ import annotations

import numpy as np

from analysis.disclosure.cut_auditor import anything_proved
from analysis.disclosure.example import has_example

Atoms = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def atoms(rng: np.random.Generator) -> Atoms:
    """Groups of two families, answers and respondents of a few atoms; many of one mind."""
    size = int(rng.integers(2, 14))
    first, second = rng.integers(0, 4, size), rng.integers(0, 4, size)
    n = rng.integers(1, 8, size)
    x = rng.binomial(n, rng.choice([0.0, 0.1, 0.5, 0.9, 1.0], size))
    return first, second, x, n


def is_proved(first: np.ndarray, second: np.ndarray, x: np.ndarray, n: np.ndarray, *, both: bool) -> bool:
    """What linear programming says of the same sums."""
    rows = np.array([first == group for group in range(1, 4)] + [second == group for group in range(1, 4)])
    rows = rows[rows.any(axis=1)].astype(np.int64)
    return anything_proved(rows, (rows @ x).astype(float), 0.0 * n, n.astype(float), both=both)


def test_an_example_is_never_found_where_something_is_proved() -> None:
    rng = np.random.default_rng(31)
    n_examples, n_proved, n_undecided = 0, 0, 0
    for _ in range(400):
        first, second, x, n = atoms(rng)
        for both in (False, True):
            found = has_example(first, second, x, n, both=both)
            proved = is_proved(first, second, x, n, both=both)
            assert not (found and proved)
            n_examples, n_proved = n_examples + found, n_proved + proved
            n_undecided += not found and not proved
    assert n_examples > 100
    assert n_proved > 100
    assert n_undecided < 0.2 * n_examples  # seldom is there an example and not found


def test_a_group_of_one_mind_has_no_example() -> None:
    """All at the top is proved; that nobody is there is proved only where the least counts as well."""
    first, second = np.array([1, 1, 2]), np.array([1, 1, 0])
    assert has_example(first, second, np.array([1, 2, 1]), np.array([4, 4, 4]), both=True)
    assert not has_example(first, second, np.array([4, 4, 1]), np.array([4, 4, 4]), both=True)
    assert not has_example(first, second, np.array([0, 0, 1]), np.array([4, 4, 4]), both=True)
    assert has_example(first, second, np.array([0, 0, 1]), np.array([4, 4, 4]), both=False)
