"""Storing envelopes and drafts: one statement each, the database decides who was first."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from types import ModuleType
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Boolean, Result, Table, UpdateBase, and_, bindparam, delete, insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.db import Connected, Prepared, connection_of
from surveyor.errors import N_, Refused
from surveyor.jobs.services import enqueue
from surveyor.responses.models import AnswerSet, Draft, Envelope, Keying

WIPE = "responses.wipe"
_AT_NIGHT = time(3, 30)  # an hour that every day has once
_LEEWAY = timedelta(minutes=1)  # longer than any transaction: no job that runs already is counted on


def store_envelope(
    session: Connected,
    *,
    wave_id: UUID,
    participation_id: UUID,
    rev: int,
    submission_id: UUID,
    sealed: bytes,
    correction: bool = False,
) -> None:
    """Store an envelope and drop the draft; raises Refused when another response was there already.

    The same submission sent twice is stored once; a correction replaces exactly the revision before it.
    """
    values = {
        "participation_id": participation_id,
        "wave_id": wave_id,
        "rev": rev,
        "submission_id": submission_id,
        "sealed": sealed,
        "is_correction": correction,
    }
    connection = connection_of(session)
    if _STORE_ENVELOPE.first(connection, **values) is None:
        raise Refused(N_("Det er allerede svart med denne lenken eller koden."))
    _DROP_DRAFT.first(connection, participation=participation_id)


def store_new_envelopes(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store many envelopes under fresh ids."""
    session.execute(insert(cast(Table, Envelope.__table__)), rows)


def save_draft(
    session: Connected,
    *,
    wave_id: UUID,
    participation_id: UUID,
    rev: int,
    sealed: bytes,
    seen: int | None = None,
) -> None:
    """Store a draft that builds on the revision seen, 0 for none; raises Refused when another is there.

    A draft that went when the answer was sent does not come back by a save that was under way.
    """
    connection, seen = connection_of(session), rev - 1 if seen is None else seen
    fresh = {"participation_id": participation_id, "wave_id": wave_id, "rev": rev, "sealed": sealed}
    changed = {"owner": participation_id, "seen": seen, "rev_now": rev, "content": sealed}
    stored = _CHANGE_DRAFT.first(connection, **changed) if seen else _ADD_DRAFT.first(connection, **fresh)
    if stored is None:
        raise Refused(N_("Svarene er endret i et annet vindu."))


def keep_keying(session: Session, *, wave_id: UUID, sheet_id: UUID, sealed: bytes, seen: bytes) -> None:
    """Store the first keying of a sheet; raises Refused when somebody has keyed it since `seen` was read."""
    values = {"sheet_id": sheet_id, "wave_id": wave_id, "sealed": sealed, "seen": seen}
    if _KEEP_KEYING.first(connection_of(session), **values) is None:
        raise Refused(N_("Arket er tastet av noen andre i mellomtiden. Åpne det på nytt."))


def drop_keying(session: Session, *, sheet_id: UUID) -> None:
    """Forget the first keying of a sheet."""
    session.execute(delete(Keying).where(Keying.sheet_id == sheet_id))


def withdraw_envelope(session: Connected, *, participation_id: UUID) -> bool:
    """Delete the envelope and draft of a participation; False when there was no envelope."""
    _DROP_DRAFT.first(connection_of(session), participation=participation_id)
    gone = session.execute(
        delete(Envelope)
        .where(Envelope.participation_id == participation_id)
        .returning(Envelope.participation_id)
    )
    return _is_gone(session, gone)


def withdraw_answer_set(session: Session, *, receipt_hash: bytes) -> bool:
    """Delete the opened response that carries this receipt; published figures stay as they are."""
    gone = session.execute(
        delete(AnswerSet).where(AnswerSet.receipt_hash == receipt_hash).returning(AnswerSet.id)
    )
    return _is_gone(session, gone)


def schedule_wiping(session: Connected) -> None:
    """Let the worker wipe what deleted responses leave in the files: at night, when few wait to write.

    One job for all of a day, whose row tells the night alone: nobody can hold a withdrawal against a visit.
    """
    now = clock.now() + _LEEWAY
    nights = (datetime.combine(clock.day_of(now) + timedelta(days=n), _AT_NIGHT, clock.OSLO) for n in (0, 1))
    night = next(each for each in nights if each > now)
    key = f"{WIPE}:{night.date().isoformat()}"
    enqueue(session, kind=WIPE, key=key, payload={}, run_after=night, asked_at=night)


def _is_gone(session: Connected, deleted: Result[Any]) -> bool:
    if deleted.first() is None:
        return False
    schedule_wiping(session)
    return True


_DRAFTS = cast(Table, Draft.__table__)
_DIALECTS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def _envelope_upsert(dialect: str) -> UpdateBase:
    table = Envelope.__table__
    statement = _DIALECTS[dialect].insert(table)
    new = statement.excluded
    same = new.submission_id == table.c.submission_id
    next_rev = and_(bindparam("is_correction", type_=Boolean), new.rev == table.c.rev + 1)
    replaced = {name: new[name] for name in ("rev", "submission_id", "sealed")}
    upsert: UpdateBase = statement.on_conflict_do_update(
        index_elements=["participation_id"], set_=replaced, where=or_(same, next_rev)
    ).returning(table.c.rev)
    return upsert


def _draft_insert(dialect: str) -> UpdateBase:
    statement = _DIALECTS[dialect].insert(_DRAFTS)
    fresh: UpdateBase = statement.on_conflict_do_nothing(index_elements=["participation_id"]).returning(
        _DRAFTS.c.rev
    )
    return fresh


def _keying_upsert(dialect: str) -> UpdateBase:
    table = Keying.__table__
    statement = _DIALECTS[dialect].insert(table)
    upsert: UpdateBase = statement.on_conflict_do_update(
        index_elements=["sheet_id"],
        set_={"sealed": statement.excluded.sealed},
        where=table.c.sealed == bindparam("seen", type_=table.c.sealed.type),
    ).returning(table.c.sheet_id)
    return upsert


_STORE_ENVELOPE = Prepared(_envelope_upsert)
_ADD_DRAFT = Prepared(_draft_insert)
_CHANGE_DRAFT = Prepared(
    update(_DRAFTS)
    .where(and_(_DRAFTS.c.participation_id == bindparam("owner"), _DRAFTS.c.rev == bindparam("seen")))
    .values(rev=bindparam("rev_now"), sealed=bindparam("content"))
    .returning(_DRAFTS.c.rev)
)
_DROP_DRAFT = Prepared(delete(_DRAFTS).where(_DRAFTS.c.participation_id == bindparam("participation")))
_KEEP_KEYING = Prepared(_keying_upsert)
