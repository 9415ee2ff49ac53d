"""Asking again, and how it goes: reminders to those who have not answered, and coarse response rates."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave, WaveSegment
from surveyor.campaigns.queries import lock_wave, wave_tree
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import N_, Refused
from surveyor.fieldwork.rates import Turnout, live_percents
from surveyor.invitations.mailing import Mailing, queue_mailing, with_link
from surveyor.invitations.models import Participation, ResponseRate
from surveyor.invitations.queries import frame_size
from surveyor.invitations.services import ASKING_KINDS, participation_of_key
from surveyor.invitations.wording import reminder
from surveyor.jobs.registry import Progress, job
from surveyor.jobs.services import enqueue
from surveyor.mail.wanted import wanted_check
from surveyor.responses.models import Envelope

REMIND, RATES = "fieldwork.remind", "fieldwork.rates"


@dataclass(frozen=True)
class LiveRate:
    """A unit's response rate so far, as coarse as it may be told."""

    unit_code: str
    unit_name: str
    depth: int
    share: float


def queue_reminders(session: Session, settings: Settings, *, wave: Wave, actor: Actor) -> None:
    """Let the worker remind those with e-mail who have not answered, once a day; how many is never told.

    Raises Refused when the wave takes no answers, nobody has e-mail, or today's reminder is queued already.
    """
    is_open = lock_wave(session, wave=wave) is WaveState.OPEN
    if not is_open or not wave.opens <= clock.today() <= wave.closes:
        raise Refused(N_("Påminnelser kan bare sendes mens målingen tar imot svar."))
    if not frame_size(session, wave_id=wave.id).n_mail:
        raise Refused(N_("Ingen av deltakerne har e-post. Lag brev i stedet."))
    today = clock.today().isoformat()
    payload = {"wave_id": str(wave.id), "round": today}
    if not enqueue(session, kind=REMIND, key=f"{REMIND}:{wave.id}:{today}", payload=payload):
        raise Refused(N_("Det er alt sendt en påminnelse i dag. Det går høyst én om dagen."))
    record(
        session, actor=actor, action="invitations.reminded", subject_type="wave", subject_id=wave.id,
        code=wave.code,
    )  # fmt: skip


@job(REMIND)
def remind(engine: Engine, settings: Settings, payload: Mapping[str, Any], progress: Progress) -> None:
    """Queue this round's reminder for everyone with a link who has not answered. Twice equals once."""
    mailing = Mailing(
        "reminder", "remind", with_link(settings, reminder), round_name=payload["round"], to=~_has_answered()
    )
    queue_mailing(engine, settings, mailing, wave_id=UUID(payload["wave_id"]), progress=progress)


@wanted_check(*ASKING_KINDS)
def is_still_asked(session: Session, key: str) -> bool:
    """Whether a mail should still go out: the wave takes answers and this person has not given theirs."""
    participation_id = participation_of_key(key)
    statement = (
        select(Wave.state, Wave.closes)
        .join(Participation, Participation.wave_id == Wave.id)
        .where(Participation.id == participation_id, ~_has_answered())
    )
    found = session.execute(statement).first()
    return found is not None and found.state is WaveState.OPEN and clock.today() <= found.closes


def _has_answered() -> Any:
    return select(Envelope.participation_id).where(Envelope.participation_id == Participation.id).exists()


def live_rates(session: Session, *, wave: Wave) -> tuple[LiveRate, ...]:
    """Response rates as of the last full hour, root first; looking more often shows nothing more."""
    stored = select(ResponseRate.unit_code, ResponseRate.percent).where(ResponseRate.wave_id == wave.id)
    percents = dict(session.execute(stored).all())
    if not percents:
        return ()
    tree = wave_tree(session, wave=wave)
    return tuple(
        LiveRate(node.code, node.name, len(tree.path(node.code)) - 1, percents[node.code] / 100)
        for node in tree
        if node.code in percents
    )


def schedule_rates(session: Session, *, wave: Wave) -> None:
    """Let the worker count again at the next full hour."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    key = f"{RATES}:{wave.id}:{hour.isoformat()}"
    enqueue(session, kind=RATES, key=key, payload={"wave_id": str(wave.id)}, run_after=hour)


def refresh_rates(session: Session, *, wave: Wave) -> None:
    """Write the rates as they are now; only the hourly job, and a demo being built, may do so."""
    tree = wave_tree(session, wave=wave)
    percents = live_percents({node.code: node.parent for node in tree}, _turnouts(session, wave.id))
    session.execute(delete(ResponseRate).where(ResponseRate.wave_id == wave.id))
    rows = [{"wave_id": wave.id, "unit_code": unit, "percent": percent} for unit, percent in percents.items()]
    if rows:
        session.execute(insert(ResponseRate), rows)


@job(RATES)
def count_rates(engine: Engine, _settings: Settings, payload: Mapping[str, Any], _progress: Progress) -> None:
    """Write the rates of an open wave and schedule the next hour's; a wave that closes keeps its last."""
    with unit_of_work(engine) as session:
        wave = session.get(Wave, UUID(payload["wave_id"]))
        if wave is not None and lock_wave(session, wave=wave) is WaveState.OPEN:
            refresh_rates(session, wave=wave)
            schedule_rates(session, wave=wave)


def _turnouts(session: Session, wave_id: UUID) -> Mapping[str, Turnout]:
    """Invited and answered by the unit their segment belongs to."""
    statement = (
        select(WaveSegment.unit_code, func.count(), func.count(Envelope.participation_id))
        .select_from(Participation)
        .join(
            WaveSegment,
            (WaveSegment.wave_id == Participation.wave_id) & (WaveSegment.code == Participation.segment_code),
        )
        .outerjoin(Envelope, Envelope.participation_id == Participation.id)
        .where(Participation.wave_id == wave_id)
        .group_by(WaveSegment.unit_code)
    )
    turnouts: dict[str, Turnout] = defaultdict(Turnout)
    for unit, n_invited, n_answered in session.execute(statement):
        turnouts[unit] += Turnout(n_invited, n_answered)
    return turnouts
