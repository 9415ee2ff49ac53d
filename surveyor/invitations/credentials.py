"""How an invited person proves it: a token in a link or a short code on a letter. Kept as hashes only."""

import hashlib
import hmac
import secrets

from surveyor.config import Settings

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "–": None, "\t": None})
_VALUES = {sign: value for value, sign in enumerate(_ALPHABET)}
CODE_LENGTH = 12
_TOKEN_BYTES = 20


def new_token() -> str:
    """160 random bits for an address."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def new_code() -> str:
    """60 random bits as twelve signs and a check sign."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    return body + _check_sign(body)


def show_code(code: str) -> str:
    """The code as printed: 4-4-4 and the check sign."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def normal_code(written: str) -> str | None:
    """The code someone typed, whatever its case and spaces; None when the check sign is wrong."""
    code = written.upper().translate(_LOOKALIKES).strip()
    if len(code) != CODE_LENGTH + 1 or any(sign not in _VALUES for sign in code):
        return None
    return code if _check_sign(code[:-1]) == code[-1] else None


def hash_code(settings: Settings, code: str) -> bytes:
    """What is kept of a code in its normal form: an HMAC, because sixty bits alone could be searched."""
    return hmac.digest(settings.code_pepper.encode(), b"letter-code|" + code.encode(), "sha256")


def unguessable() -> bytes:
    """A stand-in for the hash of a code that has not been printed yet: nothing has this hash."""
    return secrets.token_bytes(32)


def _check_sign(body: str) -> str:
    """Luhn's sum in base 32: one wrong sign is always caught, swapped neighbours nearly always."""
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = _VALUES[sign] * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return _ALPHABET[-total % 32]
