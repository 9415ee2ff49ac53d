"""The band of few answers tells nothing that the figures beside it do not tell: decision 0006."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sqlalchemy.orm import Session

from analysis.disclosure.tree import Tree, best_pattern
from analysis.rollup import roll_up
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.releases.bands import MANY, pooled_groups
from surveyor.releases.enums import CellKind
from surveyor.releases.services import freeze_release
from tests.releases_data import add_answers, make_wave
from tests.surveyor.releases.small_wave import ASKED, SIZES, UNITS, answers, find, released, rows_of

LEVELS = np.arange(5)


def a_tree(parents: list[int], atoms: np.ndarray) -> tuple[Tree, np.ndarray]:
    """A tree and the answers of its lowest units; none elsewhere."""
    places = range(len(parents))
    tree = Tree(tuple(f"{n:03}" for n in places), np.array(parents), np.zeros(len(parents), dtype=np.bool_))
    own = np.where(tree.leaves[:, None], atoms, 0)
    return tree, own


def within(tables: np.ndarray) -> float:
    """Sum of squares around the means of tables of answers."""
    n = tables.sum(axis=1)
    keep = n > 0
    return float((tables[keep] @ LEVELS**2 - (tables[keep] @ LEVELS) ** 2 / n[keep]).sum())


@st.composite
def a_release(draw: st.DrawFn) -> tuple[Tree, np.ndarray, np.ndarray]:
    """A tree of two or three floors, its answers, and the units whose means are shown."""
    parents = [-1, *[0] * draw(st.integers(1, 3))]
    for inner in range(1, len(parents)):
        parents += [inner] * draw(st.integers(0, 4))
    rows = st.lists(st.integers(0, 3), min_size=5, max_size=5)
    atoms = np.array(draw(st.lists(rows, min_size=len(parents), max_size=len(parents))), dtype=np.int64)
    tree, own = a_tree(parents, atoms)
    n = roll_up(tree.parent, own.sum(axis=1))
    return tree, own, best_pattern(tree, n[None], np.ones((1, len(n)), dtype=np.bool_), 5)[0]


@given(a_release())
def test_the_pooled_spread_follows_from_what_is_shown(case: tuple[Tree, np.ndarray, np.ndarray]) -> None:
    """With sums and numbers of the shown units, and the squares of the whole, and nothing else."""
    tree, own, shown = case
    if not shown[0]:
        return
    whole = roll_up(tree.parent, own)
    n, sums = whole.sum(axis=1), whole @ LEVELS
    left_n, left_sum = n.copy(), sums.copy()
    for place in range(len(tree) - 1, 0, -1):  # shown units taken out of the shown one above them
        if shown[place]:
            above = tree.parent[place]
            while not shown[above]:
                above = tree.parent[above]
            left_n[above] -= n[place]
            left_sum[above] -= sums[place]
    groups = shown & (left_n > 0)
    known = whole[0] @ LEVELS**2 - (left_sum[groups] ** 2 / left_n[groups]).sum()
    assert within(pooled_groups(tree, shown, own, own.sum(axis=1))) == pytest.approx(known, abs=1e-9)


def test_where_all_is_shown_or_very_much_is_hidden_each_unit_is_pooled_for_itself() -> None:
    for n_pairs, is_shown in ((3, True), (MANY, False), (MANY - 1, False)):
        parents = [-1, *[0] * n_pairs, *sorted([*range(1, n_pairs + 1)] * 2)]
        chance = np.random.default_rng(1)
        tree, own = a_tree(parents, chance.integers(1, 3, (len(parents), 5)))
        shown = np.ones(len(tree), dtype=np.bool_)
        shown[tree.leaves] = is_shown
        groups = pooled_groups(tree, shown, own, own.sum(axis=1))
        assert len(groups) == (n_pairs if n_pairs == MANY - 1 else 2 * n_pairs)


def sums_of_two(squares: float, total: int) -> list[int]:
    """What D's sum may be: the three in D and the two straight under the root hold the total together."""
    found = [d for d in range(31) if 0 <= total - d <= 20]
    return [d for d in found if abs(d * d / 3 + (total - d) ** 2 / 2 - squares) < 1e-6]


def test_the_band_does_not_tell_what_three_people_answered(session: Session, settings: Settings) -> None:
    """The attack of decision 0006, on rows at full precision; the settled pooling as negative control."""
    rows = rows_of(session, released(session, settings)[1])
    segments, frame = answers(1)
    own = {unit: frame["q3"][np.array(segments) == unit].to_numpy() for unit in SIZES}
    n = {unit: len(scores) for unit, scores in own.items() if len(scores) > 5} | {"R": len(frame)}
    mean = {unit: find(rows, unit, "q3", "mean").value or math.nan for unit in n}
    sd, few = find(rows, "R", "q3", "sd").value or math.nan, find(rows, "C", "q3", "mean")
    total = round(mean["R"] * n["R"] - sum(mean[unit] * n[unit] for unit in "ABC"))
    assert total == own["D"].sum() + own["R/own"].sum()
    squares = sd**2 * (n["R"] - 1) + mean["R"] ** 2 * n["R"]
    rest = squares - sum(mean[unit] ** 2 * n[unit] for unit in "ABC")

    def told(half: float, df: int) -> list[int]:
        pooled = half * math.sqrt(n["C"]) / stats.t.ppf(0.975, df)
        return sums_of_two(rest - pooled**2 * df, total)

    half, df = ((few.high or math.nan) - (few.low or math.nan)) / 2, n["R"] - len(own)
    assert told(half, df + 1) == told(half, df) == []
    scatter = sum(((x - x.mean()) ** 2).sum() for x in own.values())
    settled = stats.t.ppf(0.975, df) * math.sqrt(scatter / df / n["C"])
    assert own["D"].sum() in (found := told(settled, df))
    assert len(found) <= 2


@pytest.mark.parametrize(("other", "changes"), [("R/own", False), ("B", True)])
def test_answers_exchanged_between_hidden_units_change_no_row(
    session: Session, settings: Settings, other: str, changes: bool
) -> None:
    """One answer to one question, between two hidden groups; with a shown unit as negative control."""
    segments, frame = answers(1)
    places = [np.flatnonzero(np.array(segments) == unit) for unit in ("D", other)]
    mine, theirs = next((a, b) for a in places[0] for b in places[1] if frame["q3"][a] != frame["q3"][b])
    swapped = frame.copy()
    swapped.loc[[mine, theirs], "q3"] = frame.loc[[theirs, mine], "q3"].to_numpy()
    told = []
    for code, said in (("W1", frame), ("W2", swapped)):
        wave = make_wave(session, ASKED, UNITS, code=code, survey=code)
        add_answers(session, wave, ASKED, segments, said)
        build_cube(session, wave=wave)
        release = freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        told.append([row for row in rows_of(session, release) if row.kind is CellKind.ITEM])
    assert (told[0] != told[1]) is changes
