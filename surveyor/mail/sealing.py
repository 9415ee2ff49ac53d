"""What a waiting mail says: sealed for the worker, or, where nothing is sent, under the application's key.

A link in a mail opens the draft of whoever it is for: database and settings together must not give it away.
"""

import json
import os
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveyor.config import Settings
from surveyor.errors import N_, Refused
from surveyor.mail.keys import open_as_worker, seal_for_worker

_NONCE = 12
_FOR_APPLICATION, _FOR_WORKER = b"a", b"w"  # the first byte says which key


@dataclass(frozen=True)
class MailContent:
    """What a mail says, and to whom."""

    to: str
    subject: str
    body: str


def seal_content(settings: Settings, content: MailContent, *, key: str) -> bytes:
    """Encrypt a mail's content, bound to the row's key; raises Refused when the mail key is missing."""
    plaintext = json.dumps(asdict(content), ensure_ascii=False).encode()
    if settings.mail_is_sent:
        return _FOR_WORKER + seal_for_worker(settings, plaintext, info=_info(key))
    nonce = os.urandom(_NONCE)
    return (
        _FOR_APPLICATION
        + nonce
        + AESGCM(_derive(settings.secret_key)).encrypt(nonce, plaintext, key.encode())
    )


def open_content(settings: Settings, sealed: bytes, *, key: str) -> MailContent:
    """Decrypt a mail's content with the mail key, or a secret key, former ones too; raises Refused."""
    kind, sealed = sealed[:1], sealed[1:]
    try:
        plaintext = (
            open_as_worker(settings, sealed, info=_info(key))
            if kind == _FOR_WORKER
            else _open_as_application(settings, sealed, key)
        )
    except InvalidTag as error:
        raise Refused(N_("E-posten kan ikke leses: den hemmelige nøkkelen er byttet ut.")) from error
    return MailContent(**json.loads(plaintext))


def is_for_worker(sealed: bytes) -> bool:
    """Whether only the worker can open this content."""
    return sealed.startswith(_FOR_WORKER)


def _open_as_application(settings: Settings, sealed: bytes, key: str) -> bytes:
    for secret in (settings.secret_key, *settings.secret_key_fallbacks):
        try:
            return AESGCM(_derive(secret)).decrypt(sealed[:_NONCE], sealed[_NONCE:], key.encode())
        except InvalidTag:
            continue
    raise InvalidTag


def _info(key: str) -> bytes:
    return f"surveyor/outbox/v1|{key}".encode()


def _derive(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"outbox/v1").derive(secret.encode())
