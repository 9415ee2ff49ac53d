"""Comments are released once, through the gate, and without anything that says who wrote them."""

import re
from collections import Counter
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.disclosure.gate import GateInput, GateResult, Pattern, run_gate
from analysis.disclosure.rules import NO_FRAME
from analysis.disclosure.tree import Tree
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.errors import Refused
from surveyor.jobs.queries import job_by_key
from surveyor.releases import comments
from surveyor.releases.comment_checks import CommentSight
from surveyor.releases.comment_lists import comment_list, moderation, released_comments
from surveyor.releases.comments import WIPE, freeze_comments, gate_input, readable
from surveyor.releases.enums import CellState
from surveyor.releases.models import ReleasedComment, ReleasedTheme
from surveyor.releases.spec import Readable
from surveyor.responses.models import FreeText
from surveyor.texts.enums import ReviewState
from surveyor.texts.models import CommentReview, ThemeMark
from surveyor.texts.queries import coded_comments, waiting_comments
from surveyor.texts.services import add_theme, code_comment, decide
from surveyor.texts.spec import Coded, ThemeRule
from tests.analysis.oracles import is_safe
from tests.comment_data import ITEM, UNITS, commented_questionnaire, make_commented_wave

BELOW = {"K": [*UNITS], "A": ["A", "A1", "A2"], "B": ["B", "B1", "B2"]} | {
    u: [u] for u in UNITS if len(u) == 2
}


def approve_all(session: Session, wave: Wave, **options: object) -> None:
    while waiting := waiting_comments(session, wave_id=wave.id, item=ITEM, limit=50):
        for one in waiting:
            decide(session, wave=wave, item=ITEM, text_id=one.id, state=ReviewState.SHOWN, actor=COMMAND_LINE)
        session.flush()


def lists(session: Session, wave: Wave) -> dict[str, set[str] | None]:
    """What each unit can read; None where nothing is shown."""
    (release,) = released_comments(session, wave_id=wave.id)
    found: dict[str, set[str] | None] = {}
    for unit, below in BELOW.items():
        pages = comment_list(session, release=release, unit=unit, below=below)
        bodies: set[str] = set()
        for page in range(1, pages.n_pages + 1):
            bodies |= set(comment_list(session, release=release, unit=unit, below=below, page=page).bodies)
        assert pages.n is None or pages.n == len(bodies)
        found[unit] = bodies if pages.is_shown else None
    return found


def test_lists_are_shown_from_ten_and_never_tell_a_smaller_group(
    session: Session, settings: Settings
) -> None:
    wave = make_commented_wave(session, settings, {"A1": 12, "A2": 4, "B1": 20, "B2": 11})
    approve_all(session, wave)
    freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)
    found = lists(session, wave)
    assert {unit: bodies and len(bodies) for unit, bodies in found.items()} == {
        "K": 47, "A": 16, "B": 31, "A1": None, "A2": None, "B1": 20, "B2": 11,
    }  # fmt: skip
    shown = [bodies for bodies in found.values() if bodies]
    for one in shown:
        for other in shown:
            assert len(one - other) == 0 or len(one - other) >= 10


def test_what_is_stored_says_nothing_of_the_segment_and_the_raw_comments_are_gone(
    session: Session, settings: Settings
) -> None:
    wave = make_commented_wave(session, settings, {"A1": 12, "A2": 4})
    approve_all(session, wave)
    freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)
    units = Counter(session.scalars(select(ReleasedComment.unit)))
    assert units == {"A": 16}  # neither A1 nor A2
    for table in (FreeText, CommentReview, ThemeMark):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "comments.frozen")).one()
    assert entry.details["n_comments"] == 16
    assert job_by_key(session, key=f"{WIPE}:{wave.id}:{ITEM}")  # what they leave in the files goes too
    (row,) = moderation(session, wave=wave, asked=commented_questionnaire())
    assert row.is_frozen


def test_a_release_is_refused_until_all_is_decided_and_the_second_time(
    session: Session, settings: Settings
) -> None:
    wave = make_commented_wave(session, settings, {"B1": 12})
    with pytest.raises(Refused, match="ikke gjennomgått"):
        freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)
    approve_all(session, wave)
    first = coded_comments(session, wave_id=wave.id, item=ITEM)[:3]
    for one in first:
        decide(session, wave=wave, item=ITEM, text_id=one.id, state=ReviewState.WITHHELD, actor=COMMAND_LINE)
    session.flush()
    with pytest.raises(Refused, match="Minst 10"):
        freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)
    decide(session, wave=wave, item=ITEM, text_id=first[0].id, state=ReviewState.SHOWN, actor=COMMAND_LINE)
    session.flush()
    freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)
    assert lists(session, wave)["B1"] is not None
    with pytest.raises(Refused, match="én gang"):
        freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)


def test_nobody_reads_nine_comments(session: Session, settings: Settings) -> None:
    wave = make_commented_wave(session, settings, {"B1": 9})
    (text,) = waiting_comments(session, wave_id=wave.id, item=ITEM, limit=1)
    with pytest.raises(Refused, match="for få"):
        decide(session, wave=wave, item=ITEM, text_id=text.id, state=ReviewState.SHOWN, actor=COMMAND_LINE)


def test_themes_are_counted_by_rule_and_by_hand_through_the_gate(
    session: Session, settings: Settings
) -> None:
    wave = make_commented_wave(session, settings, {"A1": 12, "A2": 4, "B1": 20, "B2": 11})
    approve_all(session, wave)
    pay = add_theme(session, wave=wave, item=ITEM, name="Lønn", keywords="lønn", actor=COMMAND_LINE)
    everything = add_theme(session, wave=wave, item=ITEM, name="Alt", keywords="merke", actor=COMMAND_LINE)
    for one in coded_comments(session, wave_id=wave.id, item=ITEM):
        if re.match(r"merke-B1-0:", one.body):  # put on by hand
            code_comment(
                session,
                wave=wave,
                item=ITEM,
                text_id=one.id,
                chosen=[pay.id, everything.id],
                actor=COMMAND_LINE,
            )
        if re.match(r"merke-B1-1:", one.body):  # taken off by hand
            code_comment(session, wave=wave, item=ITEM, text_id=one.id, chosen=[], actor=COMMAND_LINE)
    session.flush()
    assert session.scalar(select(func.count()).select_from(ThemeMark)) == 3
    freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)
    rows = {(row.unit, row.theme): row for row in session.scalars(select(ReleasedTheme))}
    assert (rows["K", "Lønn"].n, rows["K", "Lønn"].value) == (47, 23 / 47)
    assert (rows["B1", "Lønn"].n, rows["B1", "Lønn"].value) == (20, 10 / 20)
    assert rows["A1", "Lønn"].state is CellState.HIDDEN
    assert rows["A1", "Lønn"].n is None
    assert rows["B2", "Alt"].state is CellState.HIDDEN  # all of one mind


def test_the_wave_pattern_stands_around_the_comments(session: Session, settings: Settings) -> None:
    """Units whose distributions are hidden read no comments, however many they wrote."""
    wave = make_commented_wave(session, settings, {"B2": 12, "A1": 30})
    approve_all(session, wave)
    freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)
    assert lists(session, wave)["B2"] is not None
    tree = Tree(("K", "A", "B"), np.array([-1, 0, 0]), np.zeros(3, dtype=np.bool_))
    coded = [Coded(uuid4(), unit, "x", frozenset(), frozenset()) for unit in "A" * 12 + "B" * 12]
    for inside, wanted in (([True] * 3, {"K", "A", "B"}), ([True, False, True], {"K", "B"})):
        asked = gate_input(tree, np.array(inside), coded, [], k=10)
        found = readable(asked, run_gate(asked), coded, [], n_units=3)
        assert {row.unit for row in found.rows if row.state is CellState.SHOWN} == wanted


def test_nothing_is_stored_when_lists_have_a_hole(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A1 of twelve beside A of sixteen would be the other four."""
    wave = make_commented_wave(session, settings, {"A1": 12, "A2": 4})
    approve_all(session, wave)

    def careless(given: GateInput, result: GateResult, *others, **more):  # type: ignore[no-untyped-def]
        shown = given.n >= 10
        spread = replace(result.everyone, spread=Pattern(shown, ~shown, ~shown))
        return readable(given, replace(result, everyone=spread), *others, **more)

    monkeypatch.setattr(comments, "readable", careless)
    with pytest.raises(Refused, match="lekkasjer"):
        freeze_comments(session, wave=wave, item=ITEM, actor=COMMAND_LINE)
    assert session.scalar(select(func.count()).select_from(ReleasedComment)) == 0


trees = st.lists(st.integers(0, 30), min_size=2, max_size=7)


@hypothesis_settings(max_examples=60)
@given(sizes=trees, shape=st.integers(0, 5), touched=st.lists(st.booleans(), min_size=210, max_size=210))
def test_any_tree_of_comments_passes_the_auditor(sizes: list[int], shape: int, touched: list[bool]) -> None:
    """Residual groups of lists are nobody or ten; plain hiding below ten would fail (negative control)."""
    codes, parent = ["R", "M"], [-1, 0]
    for number in range(len(sizes)):
        codes.append(f"L{number}")
        parent.append(1 if number < shape else 0)
    tree = Tree(tuple(codes), np.array(parent), np.zeros(len(codes), dtype=np.bool_))
    rule = ThemeRule(uuid4(), "T", ())
    units = [f"L{number}" for number, n in enumerate(sizes) for _ in range(n)]
    coded = [
        Coded(uuid4(), unit, unit, frozenset(), frozenset({rule.id} if yes else ()))
        for unit, yes in zip(units, touched, strict=False)
    ]
    asked = gate_input(tree, np.ones(len(codes), dtype=np.bool_), coded, [rule], k=10)
    result = run_gate(asked)
    assert is_safe(tree, result.everyone.spread.shown, asked.n, 10)
    found = readable(asked, result, coded, [rule], n_units=len(codes))
    sight = CommentSight(tree, asked.n, np.full(len(codes), NO_FRAME), coded, [rule], 10, 10)
    assert sight.holes(found) == []
    plain = asked.n >= 10
    careless = replace(result, everyone=replace(result.everyone, spread=Pattern(plain, ~plain, ~plain)))
    holes = sight.holes(readable(asked, careless, coded, [rule], n_units=len(codes)))
    assert ("G1" in {hole.rule for hole in holes}) is not is_safe(tree, plain, asked.n, 10)


@pytest.fixture
def lists_read() -> tuple[CommentSight, Readable]:
    """Twelve comments in A, fifteen in B, of more respondents; a theme that some touch."""
    tree, rule = (
        Tree(("K", "A", "B"), np.array([-1, 0, 0]), np.zeros(3, dtype=np.bool_)),
        ThemeRule(uuid4(), "T", ()),
    )
    coded = [
        Coded(uuid4(), unit, f"{unit}{n}", frozenset(), frozenset({rule.id} if n % 3 else ()))
        for unit, size in (("A", 12), ("B", 15)) for n in range(size)
    ]  # fmt: skip
    asked = gate_input(tree, np.ones(3, dtype=np.bool_), coded, [rule], k=10)
    made = readable(asked, run_gate(asked), coded, [rule], n_units=3)
    return CommentSight(tree, np.array([50, 20, 30]), np.array([60, 25, 35]), coded, [rule], 10, 10), made


@pytest.mark.parametrize(
    ("at", "changes", "rule"),
    [
        (("A", ""), {"n": 11}, "not this many"),
        (("A", ""), {"state": CellState.HIDDEN}, "a number in a hidden row"),
        (("A", ""), {"state": CellState.HIDDEN, "n": None}, "outside the pattern"),
        (("A", "T"), {"value": 0.5}, "not this share"),
        (("A", "T"), {"theme": "U"}, "a measure without a rule"),
        (("A", "T"), {"unit": "C"}, "not a unit"),
    ],
)
def test_a_theme_row_that_is_tampered_with_is_found(lists_read, at, changes, rule: str) -> None:  # type: ignore[no-untyped-def]
    sight, made = lists_read
    assert sight.holes(made) == []
    rows = tuple(replace(row, **changes) if (row.unit, row.theme) == at else row for row in made.rows)
    assert rule in {hole.rule for hole in sight.holes(replace(made, rows=rows))}


def test_a_comment_in_the_wrong_list_and_a_list_of_few_respondents_are_found(lists_read) -> None:  # type: ignore[no-untyped-def]
    sight, made = lists_read
    (unit, body), *others = made.comments
    for one in ((("B" if unit == "A" else "A"), body), (unit, "somebody else's"), ("C", body)):
        assert "not these comments" in {
            hole.rule for hole in sight.holes(replace(made, comments=(one, *others)))
        }
    few = replace(sight, respondents=np.array([41, 12, 29])), replace(sight, invited=np.array([43, 9, 34]))
    assert [[(hole.rule, hole.cell) for hole in one.holes(made)] for one in few] == [[], [("cell", "A")]]
    few = replace(sight, respondents=np.array([39, 9, 30])).holes(made)
    assert {(hole.rule, hole.cell) for hole in few} >= {("cell", "A")}
