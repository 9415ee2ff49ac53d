"""Envelopes and drafts in the database: who was first, who may replace."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.errors import Refused
from surveyor.responses.models import Draft, Envelope
from surveyor.responses.services import save_draft, store_envelope, withdraw_envelope

WAVE, OWNER = uuid4(), uuid4()


def store(
    session: Session, *, rev: int, sealed: bytes, submission: object = None, correction: bool = False
) -> None:
    store_envelope(
        session, wave_id=WAVE, participation_id=OWNER, rev=rev, submission_id=submission or uuid4(),  # type: ignore[arg-type]
        sealed=sealed, correction=correction,
    )  # fmt: skip


def stored(session: Session) -> list[tuple[int, bytes]]:
    return [(row.rev, row.sealed) for row in session.execute(select(Envelope.rev, Envelope.sealed))]


def test_the_second_response_is_refused(session: Session) -> None:
    store(session, rev=1, sealed=b"first")
    with pytest.raises(Refused):
        store(session, rev=1, sealed=b"second")
    with pytest.raises(Refused):
        store(session, rev=2, sealed=b"second")
    assert stored(session) == [(1, b"first")]


def test_the_same_submission_twice_is_one(session: Session) -> None:
    submission = uuid4()
    store(session, rev=1, sealed=b"first", submission=submission)
    store(session, rev=1, sealed=b"first again", submission=submission)
    assert stored(session) == [(1, b"first again")]


def test_a_correction_replaces_exactly_the_revision_before_it(session: Session) -> None:
    store(session, rev=1, sealed=b"first")
    store(session, rev=2, sealed=b"corrected", correction=True)
    for rev in (1, 2, 4):
        with pytest.raises(Refused):
            store(session, rev=rev, sealed=b"late", correction=True)
    assert stored(session) == [(2, b"corrected")]


def test_drafts_never_go_back(session: Session) -> None:
    def save(rev: int, sealed: bytes) -> None:
        save_draft(session, wave_id=WAVE, participation_id=OWNER, rev=rev, sealed=sealed)

    save(1, b"one")
    save(2, b"two")
    for rev in (1, 2, 4):
        with pytest.raises(Refused):
            save(rev, b"old")
    assert session.execute(select(Draft.rev, Draft.sealed)).one() == (2, b"two")


def test_a_save_under_way_brings_no_draft_back_after_the_sending(session: Session) -> None:
    owner = {"wave_id": WAVE, "participation_id": OWNER}
    save_draft(session, **owner, rev=7, sealed=b"draft", seen=0)
    store(session, rev=1, sealed=b"answer")
    with pytest.raises(Refused):
        save_draft(session, **owner, rev=8, sealed=b"late", seen=7)
    assert not session.execute(select(Draft.rev)).all()
    save_draft(
        session, **owner, rev=8, sealed=b"a correction", seen=0
    )  # the control: one begun afterwards stays
    assert session.scalars(select(Draft.rev)).all() == [8]


def test_submitting_drops_the_draft_and_withdrawing_drops_both(session: Session) -> None:
    save_draft(session, wave_id=WAVE, participation_id=OWNER, rev=1, sealed=b"draft")
    store(session, rev=1, sealed=b"answer")
    assert not session.execute(select(Draft.rev)).all()
    save_draft(session, wave_id=WAVE, participation_id=OWNER, rev=1, sealed=b"draft of a correction")
    assert withdraw_envelope(session, participation_id=OWNER)
    assert not session.execute(select(Draft.rev)).all()
    assert not stored(session)
    assert not withdraw_envelope(session, participation_id=OWNER)
