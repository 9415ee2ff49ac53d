"""Launching a wave: whole or not at all, and everything promised frozen with it."""

import json
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import Wave, WaveSegment, WaveUnit
from surveyor.campaigns.queries import wave_by_code, wave_tree
from surveyor.campaigns.services import RETENTION
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.errors import Refused
from surveyor.fieldwork.launch import launch_wave, manifest_hash, planned_launch
from surveyor.instruments.enums import VersionState
from surveyor.invitations.models import Participation
from surveyor.jobs.models import Job
from surveyor.responses.keys import load_wave_key
from surveyor.responses.models import WaveKey
from tests.planned_waves import CODE, invite_people, make_planned_wave


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_launch_freezes_what_was_promised(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    invite_people(session, settings, wave, B1=6, B2=2, OPP=3, S1=5)
    plan = planned_launch(session, settings, wave=wave)
    report = launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    session.flush()
    session.expire_all()
    assert wave.state is WaveState.OPEN
    assert wave.launched_at is not None
    assert report.merges == plan.merges
    assert [(m.unit_code, m.into_code) for m in report.merges] == [("B2", "OPP/own")]
    assert (report.n_invited, report.n_mails, report.n_letters, report.n_units) == (16, 16, 0, 6)
    assert session.scalars(select(WaveUnit.code).order_by(WaveUnit.position)).all()[0] == "FK"
    assert set(session.scalars(select(WaveSegment.code))) == {"B1", "OPP/own", "S1"}
    assert [node.code for node in wave_tree(session, wave=wave)] == ["FK", "HEL", "S1", "OPP", "B1", "B2"]
    by_segment = select(Participation.segment_code, func.count()).group_by(Participation.segment_code)
    assert dict(session.execute(by_segment).all()) == {"B1": 6, "OPP/own": 5, "S1": 5}


def test_the_manifest_is_hashed_audited_and_names_the_key(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    invite_people(session, settings, wave, B1=6)
    report = launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    session.flush()
    session.expire_all()
    manifest = wave.launch_manifest or {}
    assert wave.manifest_sha256 == report.manifest_sha256 == manifest_hash(manifest)
    assert manifest_hash(json.loads(json.dumps(manifest))) == wave.manifest_sha256
    assert (manifest["k_mean"], manifest["k_spread"], manifest["level"]) == (5, 10, "L1")
    assert manifest["segments"] == {"B1": ["B1"]}
    key = session.get_one(WaveKey, wave.id)
    assert manifest["public_key"] == key.public_key.hex()
    assert load_wave_key(session, settings, wave_id=wave.id)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "wave.launched")).one()
    assert entry.details["manifest_sha256"] == wave.manifest_sha256


def test_a_refused_launch_changes_nothing(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    invite_people(session, settings, wave, B1=2, S1=2)
    with pytest.raises(Refused, match="kjennes igjen"):
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    assert wave.state is WaveState.PLANNED
    assert count(session, WaveUnit) == count(session, Participation) == count(session, WaveKey) == 0


def test_a_launch_without_participants_succeeds_and_says_so(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings, audience=Audience.CITIZEN)
    report = launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    assert report.n_invited == 0
    assert "åpen lenke" in " ".join(map(str, report.warnings))
    assert count(session, WaveUnit) == 6
    assert count(session, WaveSegment) == 0
    assert set(session.scalars(select(Job.kind))) == {RETENTION}  # nothing is sent and no rate is counted


def test_a_wave_is_launched_once(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    session.flush()
    with pytest.raises(Refused, match="allerede startet"):
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)


def test_a_draft_is_frozen_by_the_launch(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    version = wave.instrument_version
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    assert version.state is VersionState.FROZEN


def test_mail_waits_for_the_opening_day(session: Session, settings: Settings) -> None:
    tomorrow = clock.today().replace(year=clock.today().year + 1)
    wave = make_planned_wave(session, settings, opens=tomorrow, closes=tomorrow)
    invite_people(session, settings, wave, B1=6)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    job = session.scalars(select(Job).where(Job.kind == "invitations.send")).one()
    assert job.run_after.astimezone(clock.OSLO).date() == tomorrow


def test_what_was_launched_is_there_after_commit(engine: Engine, settings: Settings) -> None:
    with open_session(engine) as session:
        wave = make_planned_wave(session, settings)
        invite_people(session, settings, wave, B1=6)
        session.commit()
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
        session.commit()
    with open_session(engine) as session:
        found: Wave = wave_by_code(session, code=CODE)
        assert found.state is WaveState.OPEN
        assert found.launch_manifest


def test_two_launches_at_once_open_the_wave_once(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        invite_people(session, settings, make_planned_wave(session, settings), B1=6)
    outcomes: list[str] = []
    start = Barrier(2)

    def launch() -> None:
        start.wait()
        try:
            with unit_of_work(engine) as session:
                launch_wave(session, settings, wave=wave_by_code(session, code=CODE), actor=COMMAND_LINE)
            outcomes.append("launched")
        except Refused:
            outcomes.append("refused")

    threads = [Thread(target=launch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["launched", "refused"]
    with open_session(engine) as session:
        assert count(session, Participation) == 6
        assert load_wave_key(session, settings, wave_id=wave_by_code(session, code=CODE).id)
