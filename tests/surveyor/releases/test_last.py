"""Which units, items and waves may be compared with the last time."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube, destroy_cube
from surveyor.instruments.spec import Questionnaire
from surveyor.releases.earlier import last_release, same_units
from surveyor.releases.freezing import make_rows
from surveyor.releases.services import freeze_release
from surveyor.units.enums import LineageKind
from surveyor.units.models import OrgUnit, UnitLineage, UnitVersion
from tests.releases_data import Units, add_answers, bfi, choice, code_list, make_wave, one_page

pytestmark = pytest.mark.either

UNITS: Units = {"R": None, "A": "R", "B": "R", "C": "R"}
SIZES = {"A": 40, "B": 30, "C": 20}


def asked(high: int = 6, *, reverse: bool = False) -> Questionnaire:
    lists = [code_list("c6", 1, 6), code_list("cx", 1, high)]
    return one_page(f"q{high}{reverse}", lists, [choice("A1", "c6", reverse=reverse), choice("A2", "cx")])


def counted(
    session: Session, code: str, closes: date, questionnaire: Questionnaire, survey: str = "S1"
) -> Wave:
    wave = make_wave(session, questionnaire, UNITS, code=code, closes=closes, survey=survey)
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    add_answers(session, wave, questionnaire, segments, bfi()[0].head(len(segments)))
    build_cube(session, wave=wave)
    session.flush()
    return wave


def closed(session: Session, settings: Settings, code: str, closes: date, survey: str = "S1") -> Wave:
    wave = counted(session, code, closes, asked(), survey)
    freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    wave.state = WaveState.CLOSED
    session.flush()
    return wave


def compared(session: Session, wave: Wave) -> set[tuple[str, str]]:
    return {(row.unit, row.item) for row in make_rows(session, wave).rows if row.compared_to == "last"}


def test_the_latest_wave_of_the_same_survey_by_closing_day(session: Session, settings: Settings) -> None:
    closed(session, settings, "2023", date(2023, 5, 31))
    latest = closed(session, settings, "2025", date(2025, 5, 31))
    closed(session, settings, "2024", date(2024, 5, 31))
    closed(session, settings, "other", date(2026, 1, 31), survey="S2")
    now = counted(session, "2026", date(2026, 5, 31), asked())
    found = last_release(session, now)
    assert found is not None
    assert found.wave_id == latest.id
    early = counted(session, "2022", date(2022, 5, 31), asked())
    assert last_release(session, early) is None
    assert compared(session, early) == set()


def test_items_compare_when_name_and_scored_codes_are_equal(session: Session, settings: Settings) -> None:
    closed(session, settings, "2025", date(2025, 5, 31))
    same = counted(session, "same", date(2026, 5, 31), asked())
    assert compared(session, same) == {(unit, item) for unit in UNITS for item in ("A1", "A2")}
    longer = counted(session, "longer", date(2026, 5, 31), asked(7))
    assert {item for _, item in compared(session, longer)} == {"A1"}
    turned = counted(session, "turned", date(2026, 5, 31), asked(reverse=True))
    assert {item for _, item in compared(session, turned)} == {"A2"}


def test_equal_answers_have_not_changed(session: Session, settings: Settings) -> None:
    closed(session, settings, "2025", date(2025, 5, 31))
    now = counted(session, "2026", date(2026, 5, 31), asked())
    rows = [row for row in make_rows(session, now).rows if row.compared_to == "last" and row.n]
    assert rows
    assert {(row.difference, row.effect, row.p, row.verdict) for row in rows} == {(0.0, 0.0, 1.0, "none")}


@pytest.mark.parametrize("change", ["moved", "merged"])
def test_a_reorganised_unit_is_not_compared(session: Session, settings: Settings, change: str) -> None:
    before = closed(session, settings, "2025", date(2025, 5, 31))
    now = counted(session, "2026", date(2026, 5, 31), asked())
    assert same_units(session, before, now) == set(UNITS)
    unit = {unit.code: unit for unit in session.scalars(select(OrgUnit))}
    if change == "moved":
        version = session.scalars(select(UnitVersion).where(UnitVersion.unit_id == unit["C"].id)).one()
        version.valid_to = date(2026, 1, 1)
        session.add(
            UnitVersion(
                unit_id=unit["C"].id, parent_id=unit["B"].id, name="C", type="enhet",
                valid_from=date(2026, 1, 1), valid_to=None,
            )
        )  # fmt: skip
    else:
        session.add(
            UnitLineage(
                from_unit_id=unit["B"].id, to_unit_id=unit["C"].id, kind=LineageKind.MERGE,
                on_date=date(2026, 1, 1),
            )
        )  # fmt: skip
    session.flush()
    gone = {"C"} if change == "moved" else {"B", "C"}
    assert same_units(session, before, now) == set(UNITS) - gone
    assert not {unit for unit, _ in compared(session, now)} & gone


def test_no_comparison_when_the_earlier_counts_are_destroyed(session: Session, settings: Settings) -> None:
    before = closed(session, settings, "2025", date(2025, 5, 31))
    destroy_cube(session, wave=before)
    session.flush()
    now = counted(session, "2026", date(2026, 5, 31), asked())
    assert compared(session, now) == set()
