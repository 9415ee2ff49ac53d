"""What stands beside a release is read by an attacker before it is stored: tampered rows are found."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy.orm import Session

from analysis.intervals import Interval
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.errors import Refused
from surveyor.instruments.spec import Questionnaire
from surveyor.releases import nonresponse, weighted
from surveyor.releases.beside_checks import response_holes
from surveyor.releases.enums import CellKind, CellState, MomentMeasure
from surveyor.releases.freezing import make_rows
from surveyor.releases.moment_checks import MomentSight
from surveyor.releases.moments import MomentMaker, moment_maker, moment_sight
from surveyor.releases.nonresponse import response_rows
from surveyor.releases.spec import ResponseRow, WeightedRow
from tests.released_samples import SIZES, answers, release
from tests.releases_data import add_answers, bfi, bfi_questionnaire, make_wave, moments_of
from tests.surveyor.releases.turnouts import turnout

pytestmark = pytest.mark.either


@pytest.fixture
def sight(session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list:  # type: ignore[type-arg]
    """What weighted rows of a sample were read with, and the rows, as the release was made."""
    seen: list = []  # type: ignore[type-arg]
    plain = weighted.WeightedSight.holes

    def holes(self, rows):  # type: ignore[no-untyped-def]
        seen.extend([self, list(rows)])
        return plain(self, rows)

    monkeypatch.setattr(weighted.WeightedSight, "holes", holes)
    segments, frame = answers({"N": 8, "S": 150, "C": 160})
    people = {"N": 200, "S": 3000, "C": 3200}
    release(session, settings, frame, segments, n_by_unit=people, n_population=6400)
    return seen


@pytest.mark.parametrize(
    ("unit", "changes", "rule"),
    [
        ("N", {"state": CellState.SHOWN, "n": 8, "value": 50.0}, "outside the pattern"),
        ("N", {"n": 8}, "a number in a hidden row"),
        ("FJ", {"value": 50.1234}, "too many decimals"),
        ("FJ", {"n": 3}, "not this many"),
        ("FJ", {"unit": "N/own"}, "not a unit"),
    ],
)
def test_a_weighted_row_that_is_tampered_with_is_found(sight, unit: str, changes, rule: str) -> None:  # type: ignore[no-untyped-def]
    reader, rows = sight
    assert reader.holes(rows) == []
    at = next(n for n, r in enumerate(rows) if (r.unit, r.item, r.measure) == (unit, "q1", "index"))
    rows[at] = rows[at]._replace(**changes)
    assert rule in {hole.rule for hole in reader.holes(rows)}


def test_weighted_figures_of_all_but_a_few_are_found(sight) -> None:  # type: ignore[no-untyped-def]
    """The root and both large units: the difference would be the eight."""
    reader, rows = sight
    n = (reader.inside & reader.valid["q1"]).sum(axis=1)
    opened = [
        row._replace(state=CellState.SHOWN, n=int(n[reader.tables.place[row.unit]]))
        if row.unit in ("FJ", "S", "C") and row.item == "q1" else row
        for row in rows
    ]  # fmt: skip
    assert "G1" in {hole.rule for hole in reader.holes(opened)}


def test_weights_of_a_few_are_found(sight) -> None:  # type: ignore[no-untyped-def]
    reader, rows = sight
    reader.weights[:] = np.where(np.arange(len(reader.weights)) < 2, 1000.0, reader.weights)
    assert {hole.rule for hole in reader.holes(rows)} == {"effective n"}


def test_weights_that_tell_of_a_few_beside_plain_sums_are_found(sight) -> None:  # type: ignore[no-untyped-def]
    reader, rows = sight
    men, odd = reader.groups["gender"] == "2", np.flatnonzero(reader.valid["q1"] & reader.inside[0])[::50]
    assert 0 < len(odd) < 10
    for usual, figures in (
        (np.ones(len(men)), {"q1", "q1 gender"}),
        (np.where(men, 1.0, 1.2), {"q1 gender"}),  # with one question alone they are many enough
    ):
        reader.weights[:] = usual
        assert reader.holes(rows) == []
        reader.weights[odd] = np.where(usual[odd] == 1.0, 1.2, 1.0)
        holes = [hole for hole in reader.holes(rows) if hole.rule == "weighted and plain"]
        assert figures <= {hole.figure for hole in holes}
        assert ("q1" in {hole.figure for hole in holes}) is ("q1" in figures)


@pytest.mark.parametrize(
    ("key", "changes", "rule"),
    [
        (("gender", "m", "rate"), {"value": 0.447}, "too many decimals"),
        (("gender", "m", "rate"), {"value": 0.6}, "not this share"),
        (("gender", "m", "rate"), {"n": 191}, "not this many"),
        (("", "", "rr1"), {"value": 0.53712}, "too many decimals"),
        (("", "", "answered"), {"state": CellState.HIDDEN}, "a number in a hidden row"),
        (("gender", "m", "rate"), dict.fromkeys(("n", "value")) | {"state": CellState.HIDDEN},
         "a test beside a hidden group"),
    ],
)  # fmt: skip
def test_a_row_of_who_answered_that_is_tampered_with_is_found(key, changes, rule: str) -> None:  # type: ignore[no-untyped-def]
    rows = response_rows(turnout())[0]
    assert response_holes(rows, turnout()) == []
    changed = [row._replace(**changes) if row[:3] == key else row for row in rows]
    assert rule in {hole.rule for hole in response_holes(changed, turnout())}


def test_a_rate_of_few_silent_or_of_nearly_the_same_people_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    small = turnout({("N", "k"): (400, 200), ("N", "m"): (12, 10)})
    opened = [*response_rows(small)[0], ResponseRow("gender", "m", "rate", CellState.SHOWN, 12, 0.85)]
    assert "few silent" in {hole.rule for hole in response_holes(opened, small)}
    near = turnout({("S", "m"): (13, 6), ("S", "k"): (1, 1), ("N", "k"): (400, 200)})
    assert response_holes(response_rows(near)[0], near) == []
    monkeypatch.setattr(nonresponse, "near_groups", lambda *_: iter(()))  # a maker that does not look
    assert {hole.rule for hole in response_holes(response_rows(near)[0], near)} == {"link"}
    rows = response_rows(turnout(exact_units=frozenset({"N", "S"})))[0]
    beyond = response_holes(rows, turnout(exact_units=frozenset({"N"})))
    assert [(hole.rule, hole.cell) for hole in beyond] == [("outside the pattern", "S")]


@pytest.fixture
def moments_read(session: Session) -> tuple[MomentMaker, MomentSight]:
    asked: Questionnaire = bfi_questionnaire()
    frame, units = bfi()
    wave = make_wave(session, asked, units)
    add_answers(session, wave, asked, list(frame["unit"]), frame)
    build_cube(session, wave=wave)
    session.flush()
    counted, frozen = moments_of(session, wave, asked), make_rows(session, wave)
    return moment_maker(counted, frozen, wave.k_spread), moment_sight(counted, frozen, wave.k_spread)


def test_a_moment_row_that_is_tampered_with_is_found(moments_read) -> None:  # type: ignore[no-untyped-def]
    maker, sight = moments_read
    rows = maker.rows()
    assert sight.holes(rows) == []
    at = next(n for n, row in enumerate(rows) if row.is_shown)
    for changes, rule in (
        ({"value": 0.70123}, "too many decimals"),
        ({"n": 3}, "not this many"),
        ({"state": CellState.HIDDEN}, "a number in a hidden row"),
        ({"unit": "K/own"}, "not a unit"),
        ({"other": "nothing"}, "a measure without a rule"),
    ):
        changed = [row._replace(**changes) if n == at else row for n, row in enumerate(rows)]
        assert [hole.rule for hole in sight.holes(changed)] == [rule]
    fewer = [row for row in sight.plain if (row.unit, row.kind, row.item) != ("K", CellKind.ITEM, "N1")]
    narrow = replace(sight, plain=fewer)
    assert {(hole.rule, hole.cell) for hole in narrow.holes(rows)} == {("outside the pattern", "K")}


def test_nothing_is_stored_when_a_weighted_row_has_a_hole(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attacker stands at the door: a maker that shows what it should not is refused."""

    def careless(self):  # type: ignore[no-untyped-def]
        for item in self.wave.tables.items:
            yield WeightedRow(
                "N", next(iter(self.wave.rows)).kind.ITEM, item, "index", CellState.SHOWN, 8, value=1.0
            )

    monkeypatch.setattr(weighted._Maker, "rows", careless)
    segments, frame = answers({**SIZES, "N": 8})
    with pytest.raises(Refused, match="lekkasjer"):
        release(
            session, settings, frame, segments, n_by_unit={"N": 200, "S": 3000, "C": 5000}, n_population=8200
        )


def test_no_moment_is_stored_as_minus_nothing(moments_read) -> None:  # type: ignore[no-untyped-def]
    """SQLite gives 0.0 back for -0.0, and whoever recounts the package would find another hash."""
    row = moments_read[0]._row(0, (MomentMeasure.SPEARMAN, "A", "C"), (2800, -0.001, Interval(-0.004, 0.2)))
    assert [str(number) for number in (row.value, row.low, row.high)] == ["0.0", "0.0", "0.2"]
    assert str(round(-0.001, 2)) == "-0.0"  # negative control
