"""Background groups in a release: what is shown, compared and hidden, and that the rows are attacked."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.disclosure import cut_auditor
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.errors import Refused
from surveyor.releases import freezing
from surveyor.releases.checking import RowsRead, holes
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.freezing import counted_wave, make_rows
from surveyor.releases.frozen import Frozen
from surveyor.releases.group_cells import GroupCells
from surveyor.releases.models import Release, ReleaseCell
from surveyor.releases.queries import cells_of
from surveyor.releases.services import freeze_release
from surveyor.releases.spec import Row
from tests.analysis.trees import kinds_of
from tests.released_groups import AGE, ASKED, SEX, SIZES, UNITS, answers, background, counted, find
from tests.releases_data import add_answers, choice, code_list, make_wave, one_page

pytestmark = pytest.mark.either


def test_groups_stand_at_the_upper_levels_only_and_equal_pandas(session: Session) -> None:
    rows = make_rows(session, counted(session)).rows
    groups = [row for row in rows if row.cut]
    assert {row.unit for row in groups} == {"R", "A", "A1", "A2", "B", "B1", "B2"}
    assert {(row.cut, row.category) for row in groups} == {
        ("sex", "f"), ("sex", "m"), ("age", "a20"), ("age", "a40"), ("age", "a60"),
    }  # fmt: skip
    segments, frame = answers()
    women = frame[(frame["sex"] == 0) & np.isin(segments, ["A1", "A2"])]
    row = find(rows, "A", "f", "q1", "mean")
    assert (row.n, row.value) == (len(women), pytest.approx(women["q1"].mean(), rel=1e-12))
    assert find(rows, "A", "f", "q1", "sd").value == pytest.approx(women["q1"].std(), rel=1e-12)
    assert find(rows, "A", "f", "q1", "share:4").value == pytest.approx((women["q1"] == 4).mean(), rel=1e-12)
    indexes = [find(rows, "A", "f", item, "index").value for item in ("q1", "q2")]
    assert find(rows, "A", "f", "s", "index").value == pytest.approx(np.mean(indexes), rel=1e-12)
    # B11 and B12 lie too deep; C has 24, fewer than thirty


def test_a_group_is_compared_with_the_others_in_its_unit(session: Session) -> None:
    rows = make_rows(session, counted(session)).rows
    segments, frame = answers()
    here = frame[np.isin(segments, ["A1", "A2"])]
    women, others = here[here["sex"] == 0]["q1"], here[here["sex"] != 0]["q1"]
    row = find(rows, "A", "f", "q1", "index", "rest")
    test = stats.mannwhitneyu(women, others, method="asymptotic")
    assert row.p == pytest.approx(test.pvalue, rel=1e-9)
    assert row.difference == pytest.approx((women.mean() - others.mean()) * 25, rel=1e-12)
    assert row.verdict == "higher"
    family = [find(rows, "A", c, item, "mean", "rest") for c in ("f", "m") for item in ("q1", "q2", "q3")]
    adjusted = stats.false_discovery_control([one.p for one in family if one.p is not None])
    assert [one.p_adjusted for one in family if one.p is not None] == pytest.approx(list(adjusted), rel=1e-12)


def test_a_row_that_is_not_there_says_no_more_than_that_it_is_hidden(session: Session) -> None:
    """The rows follow from what is shown: the same groups shown, the same rows."""
    frozen = make_rows(session, counted(session))
    groups = [row for row in frozen.rows if row.cut]
    assert {row.measure for row in groups if row.state is CellState.HIDDEN} == {"index"}
    kept = {(row.unit, row.cut) for row in groups}
    for unit, cut in kept:
        mine = [row for row in groups if (row.unit, row.cut) == (unit, cut)]
        assert any(row.state is CellState.SHOWN for row in mine)
        about = {(row.category, row.kind, row.item) for row in mine if row.measure == "index"}
        categories, items = {"sex": 2, "age": 3}[cut], len(ASKED.scored_items) + len(ASKED.scales)
        assert len(about) == categories * items


def test_readers_of_totals_see_no_group(session: Session, settings: Settings) -> None:
    release = freeze_release(session, settings, wave=counted(session), actor=COMMAND_LINE)
    totals, whole = (list(cells_of(session, release_id=release.id, cut=cut)) for cut in ("", None))
    assert not any(row.cut for row in totals)
    assert len(whole) == release.method["n_cells"] > len(totals)
    assert {row.cut for row in cells_of(session, release_id=release.id, cut="age")} == {"age"}


def attacked(session: Session, wave: Wave, frozen: Frozen, rows: list[Row]) -> set[str]:
    """Rules the attacker finds broken in rows that were tampered with."""
    counted = counted_wave(session, wave)
    return {one.rule for one in holes(RowsRead(counted.tables, frozen.asked, counted.cuts), rows)}


def test_the_attacker_reads_the_rows(session: Session) -> None:
    """Negative control: each way of tampering is found; the rows as they are pass."""
    wave = counted(session)
    frozen = make_rows(session, wave)
    rows = list(frozen.rows)
    assert attacked(session, wave, frozen, rows) == set()

    def changed(place: int, **values: object) -> list[Row]:
        return [*rows[:place], rows[place]._replace(**values), *rows[place + 1 :]]

    def place_of(**wanted: object) -> int:
        return next(
            n
            for n, row in enumerate(rows)
            if all(getattr(row, name) == value for name, value in wanted.items())
        )

    hidden = place_of(cut="age", state=CellState.HIDDEN)
    assert attacked(session, wave, frozen, changed(hidden, n=14)) == {"a number in a hidden row"}
    shown = place_of(unit="A", category="f", item="q1", measure="mean", compared_to="", state=CellState.SHOWN)
    assert "not this mean" in attacked(session, wave, frozen, changed(shown, value=4.9))
    assert "not this many" in attacked(session, wave, frozen, changed(shown, n=rows[shown].n - 1))
    assert "a measure without a rule" in attacked(session, wave, frozen, changed(shown, measure="median"))
    share = place_of(unit="A", category="f", item="q1", measure="share:4", state=CellState.SHOWN)
    assert "not this share" in attacked(session, wave, frozen, changed(share, value=0.5))
    deep = changed(shown, unit="B11")
    assert {"no group there"} <= attacked(session, wave, frozen, deep)


def test_the_attacker_puts_groups_of_two_questions_together(session: Session) -> None:
    """Negative control: people laid out so that women are those under 60 but for two."""
    wave = counted(session)
    frozen = make_rows(session, wave)
    own = np.zeros((len(frozen.tables.tree), 2, 3), dtype=np.int64)
    own[frozen.tables.place["A1"]] = [[29, 39, 0], [1, 1, 40]]
    asked = replace(frozen.asked, kinds=kinds_of(own, ("sex", "age")))
    read = RowsRead(counted_wave(session, wave).tables, asked, counted_wave(session, wave).cuts)
    assert ("link", "sex age mean") in {(one.rule, one.figure) for one in holes(read, frozen.rows)}


def test_hiding_only_what_is_small_is_refused_and_nothing_is_written(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: a gate that shows every group of five or more."""
    wave = counted(session)

    class Careless(GroupCells):
        def _flags(self, cut, subject):  # type: ignore[no-untyped-def]
            names = (
                [item.name for item in subject.tables.items]
                if subject.kind is CellKind.SCALE
                else [subject.name]
            )
            n = np.min([cut.items[name].sum(axis=2) for name in names], axis=0)
            return n >= 5, n >= 10

    monkeypatch.setattr(freezing, "GroupCells", Careless)
    with pytest.raises(Refused, match="lekkasjer"):
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    assert session.scalar(select(Release)) is None
    assert session.scalar(select(ReleaseCell.position).limit(1)) is None


def test_a_group_of_one_mind_shows_no_spread(session: Session) -> None:
    wave = make_wave(session, ASKED, UNITS, code="W7")
    segments, frame = answers()
    in_a = np.isin(segments, ["A1", "A2"])
    frame.loc[in_a & (frame["sex"] == 0), "q1"] = 5
    add_answers(
        session, wave, ASKED, segments, frame,
        names={"sex": [c.code for c in SEX.categories], "age": [c.code for c in AGE.categories]},
    )  # fmt: skip
    build_cube(session, wave=wave)
    session.flush()
    frozen = make_rows(session, wave)
    assert find(frozen.rows, "A", "f", "q1", "index").state is CellState.HIDDEN
    assert find(frozen.rows, "A", "f", "q3", "mean").state is CellState.SHOWN


def test_groups_have_the_priority_of_the_questionnaire(session: Session) -> None:
    """Also where the database sorts the keys of what it stores."""
    assert [cut.name for cut in counted_wave(session, counted(session)).cuts] == ["sex", "age"]


def test_answers_to_every_question_are_judged(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """No example is found for any: then a linear programme decides on every one, however many there are."""
    names = [f"q{k}" for k in range(1, 13)]
    asked = one_page(
        "many", [code_list("c5", 1, 5), AGE], [choice(q, "c5") for q in names] + [background("age", "age")]
    )
    wave, chance = make_wave(session, asked, UNITS, code="W9"), np.random.default_rng(4)
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    frame = pd.DataFrame({q: chance.integers(1, 6, len(segments)) for q in names})
    frame["age"] = chance.choice([0, 1], len(segments))
    add_answers(session, wave, asked, segments, frame, names={"age": [c.code for c in AGE.categories]})
    build_cube(session, wave=wave)
    session.flush()
    frozen, read = make_rows(session, wave), counted_wave(session, wave)
    judged: list[int] = []
    monkeypatch.setattr(cut_auditor, "has_example", lambda *_, **__: False)
    monkeypatch.setattr(cut_auditor, "anything_proved", lambda *_, **__: judged.append(1) or len(judged) > 60)
    found = holes(RowsRead(read.tables, frozen.asked, read.cuts), frozen.rows)
    assert len(judged) >= 6 * len(names)
    assert {one.rule[:2] for one in found} == {"G2"}
    assert "age q12 spread" in {one.figure for one in found}
