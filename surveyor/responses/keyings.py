"""A paper sheet keyed once: encrypted under a key that only the code on the sheet gives."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from surveyor.config import Settings
from surveyor.responses.locking import drawn_bytes, lock_answers, unlock_answers

_KEYING = b"keying/v1"


def seal_keying(
    answers: Mapping[str, str], *, code: str, wave_id: UUID, sheet_id: UUID, length: int
) -> bytes:
    """The first keying as it is stored; every one of a wave has the same length."""
    key = drawn_bytes(code, wave_id=wave_id, purpose=_KEYING)
    return lock_answers(answers, key=key, bound_to=sheet_id.bytes, length=length)


def open_keying(sealed: bytes, *, code: str, wave_id: UUID, sheet_id: UUID) -> dict[str, str] | None:
    """The answers of a first keying; None when it was sealed under another code or for another sheet."""
    key = drawn_bytes(code, wave_id=wave_id, purpose=_KEYING)
    return unlock_answers(sealed, key=key, bound_to=sheet_id.bytes)


def sheet_id_of(settings: Settings, *, wave_id: UUID, code: str) -> UUID:
    """What a sheet of an open-link wave is stored under: drawn from its code, which belongs to nobody."""
    drawn = hmac.digest(
        settings.code_pepper.encode(), b"paper-sheet|" + wave_id.bytes + code.encode(), sha256
    )
    return UUID(bytes=drawn[:16], version=4)
