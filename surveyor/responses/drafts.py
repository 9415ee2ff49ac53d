"""Answers under way: encrypted under a key that only the respondent's link or code gives."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveyor.responses.spec import canonical, pad, unpad

_NONCE_BYTES = 12
_NAME_BYTES = 16


@dataclass(frozen=True)
class BrowserStore:
    """What a respondent's own browser keeps unsaved answers by: a name that tells nothing, and the key."""

    name: str
    key: bytes


def browser_store(*, secret: str, wave_id: UUID) -> BrowserStore:
    """The store of one link or code, on any device; without the link nobody can work it out again."""
    drawn = HKDF(SHA256(), 32 + _NAME_BYTES, salt=wave_id.bytes, info=b"browser-store/v1").derive(
        secret.encode()
    )
    return BrowserStore(drawn[32:].hex(), drawn[:32])


def seal_draft(
    answers: Mapping[str, str], *, secret: str, wave_id: UUID, participation_id: UUID, rev: int, length: int
) -> bytes:
    """The draft as it is stored; every draft of a wave has the same length."""
    nonce = os.urandom(_NONCE_BYTES)
    padded = pad(canonical(dict(answers)), length)
    return nonce + _cipher(secret, wave_id).encrypt(nonce, padded, _aad(participation_id, rev))


def open_draft(
    sealed: bytes, *, secret: str, wave_id: UUID, participation_id: UUID, rev: int
) -> dict[str, str] | None:
    """The answers of a draft; None when the secret, the owner or the revision is another."""
    nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        padded = _cipher(secret, wave_id).decrypt(nonce, content, _aad(participation_id, rev))
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        return None
    answers: dict[str, str] = json.loads(unpad(padded))
    return answers


def _cipher(secret: str, wave_id: UUID) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=wave_id.bytes, info=b"draft/v1").derive(secret.encode()))


def _aad(participation_id: UUID, rev: int) -> bytes:
    return f"{participation_id}|{rev}".encode()
