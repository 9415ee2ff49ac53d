"""Answers under way: encrypted under a key that only the respondent's link or code gives."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from surveyor.responses.locking import KEY_BYTES, drawn_bytes, lock_answers, unlock_answers

_DRAFT, _BROWSER = b"draft/v1", b"browser-store/v1"
_NAME_BYTES = 16
_FIRST_REVS = 50_000_000  # below the eight digits that a page may send back


@dataclass(frozen=True)
class BrowserStore:
    """What a respondent's own browser keeps unsaved answers by: a name that tells nothing, and the key."""

    name: str
    key: bytes


def browser_store(*, secret: str, wave_id: UUID) -> BrowserStore:
    """The store of one link or code, on any device; without the link nobody can work it out again."""
    drawn = drawn_bytes(secret, wave_id=wave_id, purpose=_BROWSER, n_bytes=KEY_BYTES + _NAME_BYTES)
    return BrowserStore(drawn[KEY_BYTES:].hex(), drawn[:KEY_BYTES])


def next_rev(rev: int) -> int:
    """The revision after this one; the first is drawn by lot, so that none tells how often somebody saved.

    Nor is a draft begun after a withdrawal taken for an earlier one by a window that still shows that.
    """
    return rev + 1 if rev else secrets.randbelow(_FIRST_REVS) + 1


def seal_draft(
    answers: Mapping[str, str], *, secret: str, wave_id: UUID, participation_id: UUID, rev: int, length: int
) -> bytes:
    """The draft as it is stored; every draft of a wave has the same length."""
    key = drawn_bytes(secret, wave_id=wave_id, purpose=_DRAFT)
    return lock_answers(answers, key=key, bound_to=_bound_to(participation_id, rev), length=length)


def open_draft(
    sealed: bytes, *, secret: str, wave_id: UUID, participation_id: UUID, rev: int
) -> dict[str, str] | None:
    """The answers of a draft; None when the secret, the owner or the revision is another."""
    key = drawn_bytes(secret, wave_id=wave_id, purpose=_DRAFT)
    return unlock_answers(sealed, key=key, bound_to=_bound_to(participation_id, rev))


def _bound_to(participation_id: UUID, rev: int) -> bytes:
    return f"{participation_id}|{rev}".encode()
