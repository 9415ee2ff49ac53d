"""Planning waves: what is refused, with every reason, and what stays changeable."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import (
    askable_units,
    closing_job,
    covered_tree,
    wave_by_code,
    wave_tree,
    waves,
)
from surveyor.campaigns.services import create_wave, delete_wave, edit_wave, move_closing, order_closing
from surveyor.campaigns.spec import WavePlan
from surveyor.config import Settings
from surveyor.errors import InvalidInput, NotFound, Refused
from surveyor.jobs.enums import JobState
from surveyor.units.queries import tree_as_of
from tests.factories import make_tree
from tests.planned_waves import CODE, make_planned_wave

TODAY = clock.today()


def test_a_wave_is_planned_over_the_whole_tree_with_safe_thresholds(
    session: Session, settings: Settings
) -> None:
    wave = make_planned_wave(session, settings)
    assert wave_by_code(session, code=CODE) is wave
    assert list(waves(session)) == [wave]
    assert (wave.state, wave.scope, wave.open_link) == (WaveState.PLANNED, ["FK"], False)
    assert (wave.k_mean, wave.k_spread, wave.k_invited) == (5, 10, 5)
    assert wave.survey.code == "trivsel"
    assert wave.retention_on.year == wave.closes.year + 1
    session.flush()
    assert session.scalars(select(AuditEntry.action)).all() == ["wave.created"]


def test_citizens_get_an_open_link(session: Session, settings: Settings) -> None:
    assert make_planned_wave(session, settings, audience=Audience.CITIZEN).open_link


def test_everything_wrong_is_told_at_once(session: Session, settings: Settings) -> None:
    make_planned_wave(session, settings)
    with pytest.raises(InvalidInput) as refused:
        create_wave(
            session, settings, code=CODE, instrument="nope", audience=Audience.USER, opens=TODAY,
            closes=TODAY - timedelta(days=1), units=["B1", "X9"], k_mean=4, k_spread=9, actor=COMMAND_LINE,
        )  # fmt: skip
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["code", "closes", "k_mean", "k_spread", "units", "instrument"]


@pytest.mark.parametrize("code", ["", "a b", "a/b", "../x", "x" * 65, "-a"])
def test_a_code_must_fit_in_an_address(session: Session, settings: Settings, code: str) -> None:
    with pytest.raises(InvalidInput):
        make_planned_wave(session, settings, code=code)


def test_a_survey_keeps_its_audience(session: Session, settings: Settings) -> None:
    make_planned_wave(session, settings)
    with pytest.raises(InvalidInput, match="målgruppe"):
        create_wave(
            session, settings, code="w2", instrument="trivsel", audience=Audience.USER, opens=TODAY,
            closes=TODAY, actor=COMMAND_LINE,
        )  # fmt: skip


def test_without_units_there_is_nothing_to_plan(session: Session, settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="ingen enheter"):
        create_wave(
            session, settings, code="w", instrument="x", audience=Audience.USER, opens=TODAY, closes=TODAY,
            actor=COMMAND_LINE,
        )  # fmt: skip


def test_a_plan_may_change_until_launch(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    plan = WavePlan(TODAY, TODAY + timedelta(days=30), ("OPP",), 6, 12, True)
    edit_wave(session, wave=wave, plan=plan, actor=COMMAND_LINE)
    assert (wave.scope, wave.k_mean, wave.k_spread, wave.open_link) == (["OPP"], 6, 12, True)
    edit_wave(session, wave=wave, plan=replace(plan, k_mean=7), actor=COMMAND_LINE)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "wave.edited")).all()
    assert sorted(entry.details["fields"] for entry in entries) == [
        ["closes", "k_mean", "k_spread", "open_link", "units"],
        ["k_mean"],
    ]
    with pytest.raises(InvalidInput):
        edit_wave(session, wave=wave, plan=WavePlan(TODAY, TODAY, k_mean=2), actor=COMMAND_LINE)
    wave.state = WaveState.OPEN
    with pytest.raises(Refused):
        edit_wave(session, wave=wave, plan=plan, actor=COMMAND_LINE)
    with pytest.raises(Refused):
        delete_wave(session, wave=wave, actor=COMMAND_LINE)


def test_a_planned_wave_can_be_deleted(session: Session, settings: Settings) -> None:
    delete_wave(session, wave=make_planned_wave(session, settings), actor=COMMAND_LINE)
    session.flush()
    with pytest.raises(NotFound):
        wave_by_code(session, code=CODE)


def test_closing_moves_only_later_and_only_while_open(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    later = wave.closes + timedelta(days=3)
    with pytest.raises(Refused):
        move_closing(session, wave=wave, closes=later, actor=COMMAND_LINE)
    wave.state = WaveState.OPEN
    kept_until = wave.retention_on
    move_closing(session, wave=wave, closes=later, actor=COMMAND_LINE)
    assert (wave.closes, wave.retention_on) == (later, kept_until + timedelta(days=3))
    with pytest.raises(InvalidInput):
        move_closing(session, wave=wave, closes=later - timedelta(days=1), actor=COMMAND_LINE)


def test_closing_is_queued_once_and_again_when_it_was_given_up(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    with pytest.raises(Refused):
        order_closing(session, wave=wave, actor=COMMAND_LINE)
    wave.state = WaveState.OPEN
    for _ in range(2):
        order_closing(session, wave=wave, actor=COMMAND_LINE)
    first = closing_job(session, wave=wave)
    assert first is not None
    first.state = JobState.DEAD
    session.flush()
    with clock.fixed_at(clock.now() + timedelta(seconds=5)):
        order_closing(session, wave=wave, actor=COMMAND_LINE)
    second = closing_job(session, wave=wave)
    assert second is not None
    assert second.id != first.id
    assert second.payload == {"wave_code": CODE, "actor": COMMAND_LINE.name}


def test_the_tree_of_a_wave_has_one_root_and_only_what_it_covers(session: Session) -> None:
    make_tree(session)
    tree = tree_as_of(session, TODAY)
    assert [n.code for n in covered_tree(tree, ["OPP"])] == ["OPP", "B1", "B2"]
    assert [n.code for n in covered_tree(tree, ["B1", "S1"])] == ["FK", "HEL", "S1", "OPP", "B1"]
    assert [n.code for n in covered_tree(tree, ["B1", "B2"])] == ["OPP", "B1", "B2"]
    assert len(covered_tree(tree, [])) == len(tree)
    assert askable_units(covered_tree(tree, ["B1", "S1"]), ["B1", "S1"]) == {"B1", "S1"}


def test_before_launch_the_tree_follows_the_opening_day(session: Session, settings: Settings) -> None:
    wave: Wave = make_planned_wave(session, settings, units=["HEL"])
    assert [node.code for node in wave_tree(session, wave=wave)] == ["HEL", "S1"]
