"""Receipt codes: random, shown once, kept only as an HMAC inside the sealed response."""

import hmac
import secrets
from hashlib import sha256

from surveyor.config import Settings

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_LENGTH, _GROUP, _BITS = 16, 4, 5  # 80 bits
_READ_AS = str.maketrans("ILO", "110")


def new_receipt_code() -> str:
    """A fresh code, derived from nothing: whoever holds every key and back-up cannot work it out again."""
    drawn = secrets.randbits(_BITS * _LENGTH)
    return _grouped("".join(_ALPHABET[drawn >> _BITS * place & 31] for place in range(_LENGTH)))


def read_receipt_code(text: str) -> str | None:
    """The code in what somebody typed, forgiving case, spaces and look-alikes; None when it is not one."""
    bare = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    return _grouped(bare) if len(bare) == _LENGTH and set(bare) <= set(_ALPHABET) else None


def receipt_hash(settings: Settings, code: str) -> bytes:
    """HMAC-SHA256 of a receipt code under the installation's pepper."""
    return hmac.digest(settings.code_pepper.encode(), b"receipt/v1|" + code.encode(), sha256)


def _grouped(bare: str) -> str:
    return "-".join(bare[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
