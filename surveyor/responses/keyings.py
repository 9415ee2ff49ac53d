"""A paper sheet keyed once: encrypted under a key that only the code on the sheet gives."""

import hmac
import json
import os
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveyor.config import Settings
from surveyor.responses.spec import canonical, pad, unpad

_NONCE_BYTES = 12


def seal_keying(
    answers: Mapping[str, str], *, code: str, wave_id: UUID, sheet_id: UUID, length: int
) -> bytes:
    """The first keying as it is stored; every one of a wave has the same length."""
    nonce = os.urandom(_NONCE_BYTES)
    padded = pad(canonical(dict(answers)), length)
    return nonce + _cipher(code, wave_id).encrypt(nonce, padded, sheet_id.bytes)


def open_keying(sealed: bytes, *, code: str, wave_id: UUID, sheet_id: UUID) -> dict[str, str] | None:
    """The answers of a first keying; None when it was sealed under another code or for another sheet."""
    nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        padded = _cipher(code, wave_id).decrypt(nonce, content, sheet_id.bytes)
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        return None
    answers: dict[str, str] = json.loads(unpad(padded))
    return answers


def sheet_id_of(settings: Settings, *, wave_id: UUID, code: str) -> UUID:
    """What a sheet of an open-link wave is stored under: drawn from its code, which belongs to nobody."""
    drawn = hmac.digest(
        settings.code_pepper.encode(), b"paper-sheet|" + wave_id.bytes + code.encode(), sha256
    )
    return UUID(bytes=drawn[:16], version=4)


def _cipher(code: str, wave_id: UUID) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=wave_id.bytes, info=b"keying/v1").derive(code.encode()))
