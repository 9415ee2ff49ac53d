"""Answers not sent yet: encrypted under a key that only a link or a code gives, all of one length."""

import os
from collections.abc import Mapping
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveyor.responses.spec import canonical, pad, unpad

_ANSWERS = msgspec.json.Decoder(dict[str, str])
_NONCE_BYTES = 12
KEY_BYTES = 32


def drawn_bytes(secret: str, *, wave_id: UUID, purpose: bytes, n_bytes: int = KEY_BYTES) -> bytes:
    """Key bytes of one link or code, for one purpose in one wave."""
    return HKDF(SHA256(), n_bytes, salt=wave_id.bytes, info=purpose).derive(secret.encode())


def lock_answers(answers: Mapping[str, str], *, key: bytes, bound_to: bytes, length: int) -> bytes:
    """The answers padded and encrypted; they open under the same key and for the same owner only."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, pad(canonical(dict(answers)), length), bound_to)


def unlock_answers(locked: bytes, *, key: bytes, bound_to: bytes) -> dict[str, str] | None:
    """The answers again; None under another key or for another owner."""
    nonce, content = locked[:_NONCE_BYTES], locked[_NONCE_BYTES:]
    try:
        padded = AESGCM(key).decrypt(nonce, content, bound_to)
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        return None
    return _ANSWERS.decode(unpad(padded))
