"""Launching a wave: one transaction freezes what is promised, makes the keys and queues the invitations."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.approvals import too_few_approvers
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.launch_checks import launch_plan
from surveyor.campaigns.models import Wave, WaveSegment, WaveUnit
from surveyor.campaigns.queries import askable_units, lock_wave, sample_design, sends_thanks, wave_tree
from surveyor.campaigns.sample_checks import sample_refusals
from surveyor.campaigns.spec import LaunchPlan, LaunchReport, SampleDesign, Segment
from surveyor.config import Settings
from surveyor.errors import N_, Refused
from surveyor.fieldwork.asking import schedule_rates
from surveyor.fieldwork.thanking import schedule_thanks
from surveyor.instruments.enums import VersionState
from surveyor.instruments.queries import questionnaire_of
from surveyor.instruments.services import freeze_version
from surveyor.invitations.queries import frame_size, n_by_unit
from surveyor.invitations.services import SEND, issue_participations, queue_sending
from surveyor.responses.keys import make_wave_keys
from surveyor.units.spec import UnitTree

MANIFEST_FORMAT = "surveyor/launch/v1"


def planned_launch(session: Session, settings: Settings, *, wave: Wave) -> LaunchPlan:
    """What launching the wave now would refuse, warn about and merge; nothing is written."""
    tree, version = wave_tree(session, wave=wave), wave.instrument_version
    asked, people = questionnaire_of(version), n_by_unit(session, wave_id=wave.id)
    plan = launch_plan(
        wave,
        questionnaire=asked,
        is_frozen=version.state is VersionState.FROZEN,
        tree=tree,
        askable=askable_units(tree, wave.scope),
        n_by_unit=people,
        n_letters=frame_size(session, wave_id=wave.id).n_letter,
        mail_is_sent=settings.mail_is_sent,
        today=clock.today(),
    )
    plan = replace(plan, warnings=(*plan.warnings, *too_few_approvers(session, wave=wave)))
    if (design := sample_design(session, wave_id=wave.id)) is None:
        return plan
    refusals = sample_refusals(
        design, has_open_link=wave.open_link, questionnaire=asked, tree=tree, n_by_unit=people,
        segments=plan.segments, k=wave.k_invited,
    )  # fmt: skip
    return replace(plan, refusals=(*plan.refusals, *refusals))


def launch_wave(session: Session, settings: Settings, *, wave: Wave, actor: Actor) -> LaunchReport:
    """Open a planned wave; raises Refused with every reason, and then nothing has changed."""
    if lock_wave(session, wave=wave) is not WaveState.PLANNED:
        raise Refused(N_("Målingen er allerede startet."))
    plan = planned_launch(session, settings, wave=wave)
    if not plan.may_launch:
        raise Refused(*plan.refusals)
    freeze_version(session, version=wave.instrument_version, actor=actor)
    tree = wave_tree(session, wave=wave)
    _freeze_tree(session, wave, tree, plan.segments)
    segment_of = {unit: segment.code for segment in plan.segments for unit in segment.member_units}
    issue_participations(session, settings, wave=wave, segment_of=segment_of.__getitem__)
    public_key = make_wave_keys(session, settings, wave_id=wave.id)
    wave.key_grace_days = settings.key_grace_days
    design = sample_design(session, wave_id=wave.id)
    promises = _sample_promise(design) | _thanks_promise(session, wave)
    _open(wave, _manifest(wave, tree, plan.segments, public_key) | promises)
    schedule_thanks(session, wave=wave)
    if plan.n_invited:
        queue_sending(session, wave=wave, key=f"{SEND}:{wave.id}:launch")
        schedule_rates(session, wave=wave)
    report = _report(wave, plan, len(tree))
    _record(session, actor, wave, report)
    return report


def _freeze_tree(session: Session, wave: Wave, tree: UnitTree, segments: tuple[Segment, ...]) -> None:
    units = [
        {
            "id": uuid4(), "wave_id": wave.id, "unit_id": node.id, "code": node.code, "name": node.name,
            "type": node.type, "parent_code": node.parent, "position": position,
        }
        for position, node in enumerate(tree)
    ]  # fmt: skip
    session.execute(insert(WaveUnit), units)
    rows = [
        {
            "id": uuid4(), "wave_id": wave.id, "code": segment.code, "unit_code": segment.unit_code,
            "member_units": list(segment.member_units),
        }
        for segment in segments
    ]  # fmt: skip
    if rows:
        session.execute(insert(WaveSegment), rows)


def _manifest(wave: Wave, tree: UnitTree, segments: tuple[Segment, ...], public_key: bytes) -> dict[str, Any]:
    """Everything promised to respondents; the closing date is not in it, because it may be moved later."""
    version = wave.instrument_version
    return {
        "format": MANIFEST_FORMAT,
        "wave": wave.code,
        "survey": wave.survey.code,
        "audience": str(wave.audience),
        "instrument": {
            "code": version.instrument.code, "number": version.number, "sha256": version.sha256,
        },
        "opens": wave.opens.isoformat(),
        "level": str(wave.level),
        "k_mean": wave.k_mean,
        "k_spread": wave.k_spread,
        "k_invited": wave.k_invited,
        "key_grace_days": wave.key_grace_days,
        "two_approvers": wave.two_approvers,
        "open_link": wave.open_link,
        "simulated": wave.simulated,
        "scope": list(wave.scope),
        "units": [[node.code, node.parent] for node in tree],
        "segments": {segment.code: list(segment.member_units) for segment in segments},
        "public_key": public_key.hex(),
    }  # fmt: skip


def _sample_promise(design: SampleDesign | None) -> dict[str, Any]:
    return {} if design is None else {"sample": design.promise()}


def _thanks_promise(session: Session, wave: Wave) -> dict[str, Any]:
    return {"thanks": True} if sends_thanks(session, wave_id=wave.id) else {}


def manifest_hash(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a manifest."""
    canonical = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _open(wave: Wave, manifest: dict[str, Any]) -> None:
    wave.launch_manifest = manifest
    wave.manifest_sha256 = manifest_hash(manifest)
    wave.launched_at = clock.now()
    wave.state = WaveState.OPEN


def _report(wave: Wave, plan: LaunchPlan, n_units: int) -> LaunchReport:
    return LaunchReport(
        wave.code,
        n_invited=plan.n_invited,
        n_mails=plan.n_invited - plan.n_letters,
        n_letters=plan.n_letters,
        n_units=n_units,
        manifest_sha256=wave.manifest_sha256 or "",
        merges=plan.merges,
        warnings=plan.warnings,
    )


def _record(session: Session, actor: Actor, wave: Wave, report: LaunchReport) -> None:
    record(
        session, actor=actor, action="wave.launched", subject_type="wave", subject_id=wave.id, code=wave.code,
        manifest_sha256=report.manifest_sha256, n_invited=report.n_invited, n_merged=len(report.merges),
    )  # fmt: skip
