"""Closing a wave: no more answers, open the envelopes, count, forget the links, destroy the key.

Run twice, at once or after being killed anywhere, the end is the same.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import WORKER, Actor
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import may_be_opened
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.errors import N_, NotFound, Refused
from surveyor.fieldwork.register_counts import count_register
from surveyor.instruments.queries import questionnaire
from surveyor.invitations.models import Participation
from surveyor.invitations.services import forget_links
from surveyor.jobs.registry import Progress, no_progress
from surveyor.jobs.services import enqueue
from surveyor.responses.models import Envelope, Opening, SegmentCount
from surveyor.responses.opening import Batch, clean_up, discard_batch, read_batch, store_batch
from surveyor.responses.queries import count_answer_sets, count_envelopes, opening_of
from surveyor.responses.tasks import DESTROY_KEYS, destroy_keys


@dataclass(frozen=True)
class OpeningReport:
    """How an opening ended: how many answers there are now, and whether they were too few to be opened."""

    n_answers: int
    is_too_few: bool


def open_wave(
    engine: Engine,
    settings: Settings,
    *,
    wave_id: UUID,
    progress: Progress = no_progress,
    actor: Actor = WORKER,
) -> OpeningReport:
    """Close a wave to answers and open its envelopes.

    Raises Refused when a single one does not open, and until two have agreed where that was promised.
    """
    wave = _stop_answers(engine, wave_id)
    if (opened := _opened(engine, wave_id)) is None:
        _open(engine, settings, wave, progress, actor)
        opened = _opened(engine, wave_id)
    assert opened is not None, "the opening's transaction has been committed"
    _check_count(engine, opened)
    clean_up(engine)
    if wave.key_grace_days == 0:
        destroy_keys(engine, settings, {"wave_id": str(wave_id)}, no_progress)
    return OpeningReport(opened.n, is_too_few=opened.n < wave.k_mean)


def _stop_answers(engine: Engine, wave_id: UUID) -> Wave:
    """State `closing`, committed on its own: submits share-lock the wave, so none is under way after it."""
    with unit_of_work(engine) as session:
        wave = session.scalar(select(Wave).where(Wave.id == wave_id).with_for_update(of=Wave))
        if wave is None:
            raise NotFound(N_("Målingen finnes ikke."))
        if wave.state is WaveState.PLANNED:
            raise Refused(N_("Målingen er ikke startet og kan ikke avsluttes."))
        if wave.state is WaveState.OPEN:
            if not may_be_opened(session, wave=wave):
                raise Refused(N_("To personer må godkjenne på siden til målingen at svarene åpnes."))
            wave.state = WaveState.CLOSING
    return wave


def _open(engine: Engine, settings: Settings, wave: Wave, progress: Progress, actor: Actor) -> None:
    try:
        batch = _read(engine, settings, wave, progress)
    except Refused:
        if _opened(engine, wave.id) is not None:  # another process was first and has destroyed the key
            return
        raise
    with unit_of_work(engine) as session:
        _lock(session, wave.id)
        if opening_of(session, wave_id=wave.id) is not None:
            return
        if batch is None:
            _end_as_too_few(session, wave)
        else:
            _count_segments(session, wave.id)
            count_register(session, wave=wave)
            store_batch(session, wave_id=wave.id, batch=batch)
        forget_links(session, wave_id=wave.id)
        _plan_key_destruction(session, wave)
        n_answers = len(batch.answer_sets) if batch else 0
        record(
            session,
            actor=actor,
            action="wave.opened",
            subject_type="wave",
            subject_id=wave.id,
            n_answers=n_answers,
        )


def _read(engine: Engine, settings: Settings, wave: Wave, progress: Progress) -> Batch | None:
    """The wave's answers, or None when they are too few to be opened at all."""
    with open_session(engine, read_only=True) as session:
        if count_envelopes(session, wave_id=wave.id) < wave.k_mean:
            return None
        questions = questionnaire(session, version_id=wave.instrument_version_id)
    return read_batch(engine, settings, wave_id=wave.id, questionnaire=questions, progress=progress)


def _opened(engine: Engine, wave_id: UUID) -> Opening | None:
    with open_session(engine, read_only=True) as session:
        return opening_of(session, wave_id=wave_id)


def _lock(session: Session, wave_id: UUID) -> None:
    session.execute(select(Wave.id).where(Wave.id == wave_id).with_for_update())


def _end_as_too_few(session: Session, wave: Wave) -> None:
    discard_batch(session, wave_id=wave.id)
    session.execute(
        update(Wave)
        .where(Wave.id == wave.id)
        .values(state=WaveState.CLOSED, outcome=WaveOutcome.TOO_FEW, closed_at=clock.now())
    )


def _count_segments(session: Session, wave_id: UUID) -> None:
    """Invited and answered by invited, per segment, while the envelopes still tell."""
    for segment, n_invited, n_answered in _segment_counts(session, wave_id):
        session.execute(
            insert(SegmentCount).values(
                wave_id=wave_id, segment_code=segment, n_invited=n_invited, n_answered=n_answered
            )
        )


def _segment_counts(session: Session, wave_id: UUID) -> list[tuple[str, int, int]]:
    counted = (
        select(Participation.segment_code, func.count(), func.count(Envelope.participation_id))
        .outerjoin(Envelope, Envelope.participation_id == Participation.id)
        .where(Participation.wave_id == wave_id)
        .group_by(Participation.segment_code)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(counted)]


def _plan_key_destruction(session: Session, wave: Wave) -> None:
    if wave.key_grace_days:
        enqueue(
            session,
            kind=DESTROY_KEYS,
            key=f"{DESTROY_KEYS}:{wave.id}",
            payload={"wave_id": str(wave.id)},
            run_after=clock.now() + timedelta(days=wave.key_grace_days),
        )


def _check_count(engine: Engine, opened: Opening) -> None:
    """Before the key goes: what was opened is there. Answers withdrawn since by receipt code may be fewer."""
    with open_session(engine, read_only=True) as session:
        n_now = count_answer_sets(session, wave_id=opened.wave_id)
        if n_now > opened.n or (opened.n and not n_now):
            raise Refused(N_("Antallet svar stemmer ikke med åpningen. Nøkkelen er ikke slettet."))
