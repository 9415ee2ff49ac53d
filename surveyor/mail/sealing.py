"""The content of a waiting mail: encrypted under a key drawn from the application's secret key."""

import json
import os
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveyor.config import Settings
from surveyor.errors import N_, Refused

_NONCE = 12


@dataclass(frozen=True)
class MailContent:
    """What a mail says, and to whom."""

    to: str
    subject: str
    body: str


def seal_content(settings: Settings, content: MailContent, *, key: str) -> bytes:
    """Encrypt a mail's content, bound to the row's key."""
    nonce = os.urandom(_NONCE)
    plaintext = json.dumps(asdict(content), ensure_ascii=False).encode()
    return nonce + AESGCM(_derive(settings.secret_key)).encrypt(nonce, plaintext, key.encode())


def open_content(settings: Settings, sealed: bytes, *, key: str) -> MailContent:
    """Decrypt a mail's content with the present or a former secret key; raises Refused when none fits."""
    for secret in (settings.secret_key, *settings.secret_key_fallbacks):
        try:
            plaintext = AESGCM(_derive(secret)).decrypt(sealed[:_NONCE], sealed[_NONCE:], key.encode())
        except InvalidTag:
            continue
        return MailContent(**json.loads(plaintext))
    raise Refused(N_("E-posten kan ikke leses: den hemmelige nøkkelen er byttet ut."))


def _derive(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"outbox/v1").derive(secret.encode())
