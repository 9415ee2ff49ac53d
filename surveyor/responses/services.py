"""Storing envelopes and drafts: one statement each, the database decides who was first."""

from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Boolean, Executable, Table, and_, bindparam, delete, insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from surveyor.errors import N_, Refused
from surveyor.responses.models import AnswerSet, Draft, Envelope, Keying


def store_envelope(
    session: Session,
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
    if _run(session, _envelope_upsert, values) is None:
        raise Refused(N_("Det er allerede svart med denne lenken eller koden."))
    session.connection().execute(_DROP_DRAFT, {"participation": participation_id})


def store_new_envelopes(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store many envelopes under fresh ids."""
    session.execute(insert(cast(Table, Envelope.__table__)), rows)


def save_draft(
    session: Session,
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
    seen = rev - 1 if seen is None else seen
    fresh = {"participation_id": participation_id, "wave_id": wave_id, "rev": rev, "sealed": sealed}
    changed = {"owner": participation_id, "seen": seen, "rev_now": rev, "content": sealed}
    if _run(session, *((_draft_change, changed) if seen else (_draft_insert, fresh))) is None:
        raise Refused(N_("Svarene er endret i et annet vindu."))


def keep_keying(session: Session, *, wave_id: UUID, sheet_id: UUID, sealed: bytes, seen: bytes) -> None:
    """Store the first keying of a sheet; raises Refused when somebody has keyed it since `seen` was read."""
    values = {"sheet_id": sheet_id, "wave_id": wave_id, "sealed": sealed, "seen": seen}
    if _run(session, _keying_upsert, values) is None:
        raise Refused(N_("Arket er tastet av noen andre i mellomtiden. Åpne det på nytt."))


def drop_keying(session: Session, *, sheet_id: UUID) -> None:
    """Forget the first keying of a sheet."""
    session.execute(delete(Keying).where(Keying.sheet_id == sheet_id))


def withdraw_envelope(session: Session, *, participation_id: UUID) -> bool:
    """Delete the envelope and draft of a participation; False when there was no envelope."""
    session.connection().execute(_DROP_DRAFT, {"participation": participation_id})
    gone = session.execute(
        delete(Envelope)
        .where(Envelope.participation_id == participation_id)
        .returning(Envelope.participation_id)
    )
    return gone.first() is not None


def withdraw_answer_set(session: Session, *, receipt_hash: bytes) -> bool:
    """Delete the opened response that carries this receipt; published figures stay as they are."""
    gone = session.execute(
        delete(AnswerSet).where(AnswerSet.receipt_hash == receipt_hash).returning(AnswerSet.id)
    )
    return gone.first() is not None


_DRAFTS = cast(Table, Draft.__table__)
_DROP_DRAFT = delete(_DRAFTS).where(_DRAFTS.c.participation_id == bindparam("participation"))
_DIALECTS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def _run(session: Session, upsert: Callable[[str], Executable], values: dict[str, object]) -> object:
    """The row that was written, or None; Core on the session's own connection."""
    connection = session.connection()
    return connection.execute(upsert(connection.dialect.name), values).first()


@cache
def _envelope_upsert(dialect: str) -> Executable:
    table = Envelope.__table__
    statement = _DIALECTS[dialect].insert(table)
    new = statement.excluded
    same = new.submission_id == table.c.submission_id
    next_rev = and_(bindparam("is_correction", type_=Boolean), new.rev == table.c.rev + 1)
    replaced = {name: new[name] for name in ("rev", "submission_id", "sealed")}
    upsert: Executable = statement.on_conflict_do_update(
        index_elements=["participation_id"], set_=replaced, where=or_(same, next_rev)
    ).returning(table.c.rev)
    return upsert


@cache
def _draft_insert(dialect: str) -> Executable:
    statement = _DIALECTS[dialect].insert(_DRAFTS)
    fresh: Executable = statement.on_conflict_do_nothing(index_elements=["participation_id"]).returning(
        _DRAFTS.c.rev
    )
    return fresh


@cache
def _draft_change(_dialect: str) -> Executable:
    is_seen = and_(_DRAFTS.c.participation_id == bindparam("owner"), _DRAFTS.c.rev == bindparam("seen"))
    changed = update(_DRAFTS).where(is_seen)
    return changed.values(rev=bindparam("rev_now"), sealed=bindparam("content")).returning(_DRAFTS.c.rev)


@cache
def _keying_upsert(dialect: str) -> Executable:
    table = Keying.__table__
    statement = _DIALECTS[dialect].insert(table)
    upsert: Executable = statement.on_conflict_do_update(
        index_elements=["sheet_id"],
        set_={"sealed": statement.excluded.sealed},
        where=table.c.sealed == bindparam("seen", type_=table.c.sealed.type),
    ).returning(table.c.sheet_id)
    return upsert
