"""Importing trees and reorganising them: history stays, and what is wrong is said by row and column."""

from datetime import date
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import Actor
from surveyor.errors import InvalidInput, NotFound, Refused
from surveyor.units.enums import LineageKind
from surveyor.units.models import OrgUnit, UnitLineage, UnitVersion
from surveyor.units.queries import (
    reorganised_between,
    tree_as_of,
    tree_in_force,
    unit_codes,
    unit_history,
    unit_ids,
)
from surveyor.units.rows import read_rows, tree_problems
from surveyor.units.services import import_units, merge_units, move_unit, rename_unit, split_unit
from surveyor.units.spec import UnitRow

ACTOR = Actor("kari@fjordvik.example")
FIRST, SECOND, THIRD = date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)
TREE = "code,name,type,parent\nK,Fjordvik,kommune,\nH,Helse,avdeling,K\nO,Oppvekst,avdeling,K\n"
UNITS = TREE + "H1,Solheim,sykehjem,H\nH2,Bakken,sykehjem,H\nO1,Vika,barnehage,O\n"


def load(session: Session, text: str, on: date) -> None:
    import_units(session, file=text.encode(), filename="enheter.csv", on=on, actor=ACTOR)


def lineage(session: Session) -> set[tuple[str, str, LineageKind, date]]:
    codes = unit_codes(session)
    return {
        (codes[row.from_unit_id], codes[row.to_unit_id], row.kind, row.on_date)
        for row in session.scalars(select(UnitLineage))
    }


def test_a_tree_is_read_as_of_a_day(session: Session) -> None:
    load(session, UNITS, FIRST)
    load(session, UNITS.replace("O1,Vika,barnehage,O\n", "O2,Nes,barnehage,O\n"), SECOND)

    assert "O1" in tree_as_of(session, date(2024, 12, 31))
    assert "O2" not in tree_as_of(session, date(2024, 12, 31))
    assert [node.code for node in tree_as_of(session, SECOND)] == ["K", "H", "H1", "H2", "O", "O2"]
    assert len(tree_as_of(session, date(2023, 12, 31))) == 0
    assert len(tree_in_force(session, date(2023, 12, 31))) == 6


def test_a_new_parent_is_a_move_and_keeps_the_unit(session: Session) -> None:
    load(session, UNITS, FIRST)
    before = unit_ids(session)["H2"]
    load(session, UNITS.replace("sykehjem,H\nO1", "sykehjem,O\nO1"), SECOND)

    assert unit_ids(session)["H2"] == before
    assert lineage(session) == {("H2", "H2", LineageKind.MOVE, SECOND)}
    assert reorganised_between(session, FIRST, SECOND) == {before}
    assert reorganised_between(session, SECOND, THIRD) == frozenset()
    versions, steps = unit_history(session, "H2")
    assert [(v.valid_from, v.valid_to) for v in versions] == [(SECOND, None), (FIRST, SECOND)]
    assert len(steps) == 1


def test_the_same_file_twice_changes_nothing(session: Session) -> None:
    load(session, UNITS, FIRST)
    load(session, UNITS, FIRST)
    load(session, UNITS, SECOND)
    assert session.scalar(select(func.count()).select_from(UnitVersion)) == 6
    assert lineage(session) == set()


def test_a_file_for_the_same_day_corrects_the_first(session: Session) -> None:
    load(session, UNITS, FIRST)
    load(session, UNITS.replace("sykehjem,H\nO1", "sykehjem,O\nO1"), SECOND)
    load(session, UNITS.replace("Solheim", "Solheim sykehjem"), SECOND)
    tree = tree_as_of(session, SECOND)
    assert (tree.nodes["H2"].parent, tree.nodes["H1"].name) == ("H", "Solheim sykehjem")
    assert lineage(session) == set()


def test_merge_and_split_are_named_in_the_from_column(session: Session) -> None:
    load(session, UNITS, FIRST)
    merged = (
        TREE.replace("parent\n", "parent,from\n") + "H3,Solbakken,sykehjem,H,H1;H2\nO1,Vika,barnehage,O,\n"
    )
    load(session, merged, SECOND)
    split = merged.replace("H1;H2", "").replace(
        "O1,Vika,barnehage,O,", "O3,Vika 1,barnehage,O,O1\nO4,Vika 2,barnehage,O,O1"
    )
    load(session, split, THIRD)
    assert lineage(session) == {
        ("H1", "H3", LineageKind.MERGE, SECOND),
        ("H2", "H3", LineageKind.MERGE, SECOND),
        ("O1", "O3", LineageKind.SPLIT, THIRD),
        ("O1", "O4", LineageKind.SPLIT, THIRD),
    }


def test_move_merge_split_and_rename_by_hand(session: Session) -> None:
    load(session, UNITS, FIRST)
    move_unit(session, code="O1", parent="H", on=SECOND, actor=ACTOR)
    merge_units(session, sources=["H1", "H2"], code="H1", name="Solbakken", on=SECOND, actor=ACTOR)
    split_unit(session, code="O1", into=[("O8", "Vika nord"), ("O9", "Vika sør")], on=THIRD, actor=ACTOR)
    rename_unit(session, code="O", name="Oppvekst og kultur", type_="avdeling", on=THIRD, actor=ACTOR)
    assert {n.code: n.name for n in tree_as_of(session, THIRD)} == {
        "K": "Fjordvik", "H": "Helse", "H1": "Solbakken", "O": "Oppvekst og kultur", "O8": "Vika nord",
        "O9": "Vika sør",
    }  # fmt: skip
    assert ("O1", "O1", LineageKind.MOVE, SECOND) in lineage(session)
    assert ("H2", "H1", LineageKind.MERGE, SECOND) in lineage(session)
    assert ("O1", "O9", LineageKind.SPLIT, THIRD) in lineage(session)
    actions = session.scalars(select(AuditEntry.action)).all()
    assert sorted(actions) == ["units.import", "units.merge", "units.move", "units.rename", "units.split"]


BAD = {
    "cycle": ("K,F,k,\nA,A,x,B\nB,B,x,A\n", "ring", 3, "parent"),
    "unknown parent": ("K,F,k,\nA,A,x,Q\n", "Q", 3, "parent"),
    "duplicate": ("K,F,k,\nA,A,x,K\nA,B,x,K\n", "flere rader", 3, "code"),
    "two roots": ("K,F,k,\nL,F,k,\n", "øverst", 2, "parent"),
    "no root": ("A,A,x,B\nB,B,x,A\n", "øverst", None, "parent"),
    "empty name": ("K,,k,\n", "tomt", 2, "name"),
    "slash": ("K,F,k,\nK/own,A,x,K\n", "/", 3, "code"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_broken_file_is_refused_by_row_and_column(session: Session, case: str) -> None:
    rows, words, number, column = BAD[case]
    with pytest.raises(InvalidInput) as refused:
        load(session, "code,name,type,parent\n" + rows, FIRST)
    problem = refused.value.problems[0]
    assert words in str(problem)
    assert (problem.row, problem.column) == (number, column)
    assert session.scalar(select(func.count()).select_from(OrgUnit)) == 0


def test_a_missing_column_is_named(session: Session) -> None:
    with pytest.raises(InvalidInput, match="type"):
        load(session, "code,name,parent\nK,F,\n", FIRST)


def test_history_is_not_rewritten(session: Session) -> None:
    load(session, UNITS, SECOND)
    with pytest.raises(Refused, match="2025-01-01"):
        load(session, UNITS, FIRST)
    with pytest.raises(NotFound):
        move_unit(session, code="nope", parent="K", on=THIRD, actor=ACTOR)
    with pytest.raises(InvalidInput, match="ring"):
        move_unit(session, code="H", parent="H1", on=THIRD, actor=ACTOR)
    with pytest.raises(Refused):
        split_unit(session, code="H", into=[("a", "A"), ("b", "B")], on=THIRD, actor=ACTOR)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 9)), max_size=10))
def test_rows_are_taken_exactly_when_they_are_one_tree(pairs: list[tuple[int, int | None]]) -> None:
    rows = [
        UnitRow(str(c), "n", "t", None if p is None else str(p), (), i) for i, (c, p) in enumerate(pairs, 2)
    ]
    parents = dict(pairs)

    def reaches_root(code: int) -> bool:
        seen: set[int | None] = set()
        here: int | None = code
        while here is not None and here in parents and here not in seen:
            seen.add(here)
            here = parents[here]
        return here is None

    is_tree = (
        len(parents) == len(pairs) > 0
        and sum(p is None for p in parents.values()) == 1
        and all(map(reaches_root, parents))
    )
    assert (tree_problems(rows, known=()) == []) == is_tree


def test_empty_cells_do_not_hide_what_else_is_wrong() -> None:
    file = "kode;navn;type;overordnet\nK;K;kommune;\nA;A;avdeling;FINNES_IKKE\nA;A;avdeling;K\n;B;skole;K\n"
    with pytest.raises(InvalidInput) as wrong:
        read_rows(BytesIO(file.encode()), "units.csv")
    assert [(problem.row, problem.column) for problem in wrong.value.problems] == [
        (5, "kode"), (3, "code"), (3, "parent"), (4, "code"),
    ]  # fmt: skip
