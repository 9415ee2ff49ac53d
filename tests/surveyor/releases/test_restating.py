"""A series across a reorganisation: only by a written mapping, and only where it tells nothing more (L2)."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.errors import InvalidInput, Refused
from surveyor.releases.enums import CellState
from surveyor.releases.mapping import read_mapping
from surveyor.releases.models import Release
from surveyor.releases.queries import cells_of, release_of, released_waves, restated_for
from surveyor.releases.services import freeze_again, freeze_release, restate_release
from tests.released_groups import ASKED, NAMES, answers
from tests.releases_data import Units, add_answers, bfi, bfi_questionnaire, make_wave
from tests.reorganised import BEFORE, NOW, SIZES, two_waves

pytestmark = pytest.mark.either


@pytest.fixture
def waves(session: Session, settings: Settings) -> tuple[Wave, Wave]:
    return two_waves(session, settings)


def restate(session: Session, waves: tuple[Wave, Wave], *pairs: tuple[str, str]) -> Release:
    return restate_release(session, wave=waves[0], later=waves[1], pairs=pairs, actor=COMMAND_LINE)


def test_units_put_together_have_a_series(session: Session, waves: tuple[Wave, Wave]) -> None:
    release = restate(session, waves, ("A1", "N"), ("A2", "N"))
    rows = {(row.item, row.measure): row for row in cells_of(session, release_id=release.id)}
    assert {row.unit for row in rows.values()} == {"N"}
    answers = bfi()[0].iloc[:55]["C1"].dropna()
    assert rows["C1", "mean"].n == len(answers)
    assert rows["C1", "mean"].value == pytest.approx(answers.mean(), rel=1e-12)
    assert rows["C1", "sd"].value == pytest.approx(answers.std(), rel=1e-12)
    assert not any(row.compared_to for row in rows.values())
    assert release_of(session, waves[0].id).number == 1  # type: ignore[union-attr]  # it is released
    assert len(released_waves(session)) == 2
    assert list(restated_for(session, wave_id=waves[1].id, unit="N")) == [waves[0].id]
    assert restated_for(session, wave_id=waves[1].id, unit="B1") == {}
    with pytest.raises(Refused, match="regnet om"):
        freeze_again(session, Settings, wave=waves[0], actor=COMMAND_LINE)  # type: ignore[arg-type]  # not read


def test_a_few_people_between_the_trees_are_not_told(session: Session, settings: Settings) -> None:
    """N is A without its four own people: A less N would be those four."""
    asked = bfi_questionnaire()
    sizes = SIZES | {"A/own": 4}
    first = make_wave(session, asked, BEFORE, code="V1", survey="S2", closes=date(2025, 5, 31))
    segments = [unit for unit, n in sizes.items() for _ in range(n)]
    add_answers(session, first, asked, segments, bfi()[0].iloc[: len(segments)])
    build_cube(session, wave=first)
    session.flush()
    freeze_release(session, settings, wave=first, actor=COMMAND_LINE)
    later = make_wave(session, asked, NOW, code="V2", survey="S2", closes=date(2026, 5, 31))
    shown = {
        row.unit
        for row in cells_of(session, release_id=release_of(session, first.id).id)  # type: ignore[union-attr]  # above
        if row.state is CellState.SHOWN
    }
    assert "A" in shown
    pairs = (("A1", "N"), ("A2", "N"))
    with pytest.raises(Refused, match="færre enn 5 svar"):
        restate_release(session, wave=first, later=later, pairs=pairs, actor=COMMAND_LINE)
    assert session.scalars(select(Release).where(Release.restated_for.is_not(None))).all() == []


@pytest.mark.parametrize("is_alike", [True, False])
def test_units_put_together_are_held_against_groups_as_well(
    session: Session, settings: Settings, is_alike: bool
) -> None:
    """Teams too small to be shown become N, and but for two people N is the women of the whole."""
    teams = [f"T{n}" for n in range(10)]
    then: Units = {"R": None} | dict.fromkeys(teams, "R")
    first = make_wave(session, ASKED, then, code="V1", survey="S2", closes=date(2025, 5, 31))
    segments = [team for team in teams for _ in range(4)]
    sex = [0] * 19 + [1, 0] + [1] * 19 if is_alike else [0, 1] * 20
    frame = answers()[1].iloc[: len(segments)].assign(sex=sex, age=0)
    add_answers(session, first, ASKED, segments, frame, names=NAMES)
    build_cube(session, wave=first)
    session.flush()
    release = freeze_release(session, settings, wave=first, actor=COMMAND_LINE)
    rows = list(cells_of(session, release_id=release.id, cut=None))
    assert {row.category for row in rows if row.state is CellState.SHOWN} >= {"", "f", "m"}
    now: Units = {"R": None, "N": "R"} | dict.fromkeys(teams[5:], "R")
    later = make_wave(session, ASKED, now, code="V2", survey="S2", closes=date(2026, 5, 31))
    pairs = tuple((team, "N") for team in teams[:5])
    if is_alike:
        with pytest.raises(Refused, match="færre enn 5 svar. Det gjelder N"):
            restate_release(session, wave=first, later=later, pairs=pairs, actor=COMMAND_LINE)
    else:  # negative control
        restate_release(session, wave=first, later=later, pairs=pairs, actor=COMMAND_LINE)


def test_a_mapping_that_does_not_fit_is_told_whole(session: Session, waves: tuple[Wave, Wave]) -> None:
    with pytest.raises(InvalidInput) as told:
        restate(session, waves, ("A", "N"), ("A1", "N"), ("X", "N"), ("B1", "Y"), ("B1", "B1"))
    messages = [problem.message for problem in told.value.problems]
    assert len(messages) == 4
    with pytest.raises(Refused, match="senere måling"):
        restate_release(session, wave=waves[1], later=waves[0], pairs=(("N", "A1"),), actor=COMMAND_LINE)


def test_the_mapping_is_a_file_of_two_columns(tmp_path: Path) -> None:
    file = tmp_path / "tre.csv"
    pd.DataFrame({"før": ["A1", "A2"], "nå": ["N", "N"]}).to_csv(file, index=False, sep=";")
    found = read_mapping(file)
    assert [(pair.before, pair.now, pair.row) for pair in found] == [("A1", "N", 2), ("A2", "N", 3)]
    assert found[0].columns == ("før", "nå")
    file.write_text("before,now\nA1,\n")
    with pytest.raises(InvalidInput):
        read_mapping(file)
