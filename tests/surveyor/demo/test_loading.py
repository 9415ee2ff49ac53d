"""The demo municipality: complete, simulated everywhere, and the same figures at every loading."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.cases.enums import CaseState
from surveyor.cases.models import Case, CaseRound
from surveyor.config import Settings
from surveyor.db import make_engine, open_session
from surveyor.demo.loading import load, prepare
from surveyor.demo.municipality import newest_rows, tree_rows
from surveyor.errors import Refused
from surveyor.indicators.models import IndicatorValue
from surveyor.installation import ensure_instance
from surveyor.releases.models import ReleaseCell, ResponseCell, WeightedCell
from surveyor.units.rows import tree_problems

Figures = list[tuple[object, ...]]


def test_every_tree_is_one_tree_of_about_seventy_units_and_seven_types() -> None:
    for years_ago in (2, 1, 0):
        rows = tree_rows(years_ago)
        assert tree_problems(rows, known=()) == []
        assert 60 <= len(rows) <= 70
        assert len({row.type for row in rows}) == 7
    assert {row.code for row in tree_rows(1)} - {row.code for row in tree_rows(0)} == {"BH41", "BH42"}
    assert [row.from_codes for row in newest_rows() if row.from_codes] == [("BH41", "BH42")]


def test_a_real_installation_is_never_made_a_demo(tmp_path: Path) -> None:
    ensure_instance(tmp_path)
    before = (tmp_path / "secrets.toml").read_bytes()
    for reset in (False, True):
        with pytest.raises(Refused):
            prepare(tmp_path, reset=reset)
    assert (tmp_path / "secrets.toml").read_bytes() == before


@pytest.mark.parametrize("reset", [False, True])
def test_an_installation_on_postgresql_is_never_made_a_demo(tmp_path: Path, reset: bool) -> None:
    """Its folder holds no database: it is known by settings, secrets, keys and attached files."""
    ensure_instance(tmp_path)
    (tmp_path / "surveyor.sqlite").unlink()
    (tmp_path / "config.toml").write_text('database_url = "postgresql://surveyor@localhost/surveyor"\n')
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "attached").write_text("vedlegg")
    before = everything_in(tmp_path)
    with pytest.raises(Refused):
        prepare(tmp_path, reset=reset)
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize("reset", [False, True])
def test_no_other_database_is_filled_with_a_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reset: bool
) -> None:
    monkeypatch.setenv("SURVEYOR_DATABASE_URL", f"sqlite:///{tmp_path / 'theirs.sqlite'}")
    with pytest.raises(Refused):
        prepare(tmp_path / "demo", reset=reset)
    assert everything_in(tmp_path) == {}


def test_a_demo_that_was_not_made_whole_is_made_anew(tmp_path: Path) -> None:
    prepare(tmp_path, reset=False)
    secrets = (tmp_path / "secrets.toml").read_bytes()
    assert prepare(tmp_path, reset=False).demo
    assert (tmp_path / "secrets.toml").read_bytes() != secrets


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_two_loadings_show_the_same_figures_and_say_that_they_are_simulated(tmp_path: Path) -> None:
    first, second = (figures(loaded(tmp_path / name)) for name in ("a", "b"))
    assert first == second
    assert len(first) > 20_000


def loaded(folder: Path) -> Settings:
    settings = prepare(folder, reset=True)
    load(settings, lambda *_: None)
    return settings


def figures(settings: Settings) -> Figures:
    """Every released number and every indicator value, by what it is about."""
    engine = make_engine(settings.database_url)
    with open_session(engine) as session:
        check_complete(session)
        cells = select(*(column for column in ReleaseCell.__table__.c if column.name != "release_id"))
        shown = [tuple(row) for row in session.execute(cells)]
        for beside in (WeightedCell, ResponseCell):
            columns = (column for column in beside.__table__.c if column.name != "release_id")
            shown += [tuple(row) for row in session.execute(select(*columns))]
        values = select(IndicatorValue.period, IndicatorValue.value, IndicatorValue.n, IndicatorValue.low)
        shown += [tuple(row) for row in session.execute(values)]
    engine.dispose()
    return sorted(shown, key=repr)


def check_complete(session: Session) -> None:
    waves = session.scalars(select(Wave)).unique().all()
    assert all(wave.simulated for wave in waves)
    for survey in ("employee", "kindergarten", "citizen"):
        states = sorted(wave.state for wave in waves if wave.survey.code == survey)
        assert states == [WaveState.CLOSED, WaveState.CLOSED, WaveState.OPEN]
    assert all(session.scalars(select(CaseRound.simulated)))
    assert set(session.scalars(select(Case.state))) == set(CaseState)
