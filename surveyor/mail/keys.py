"""The mail key pair: the web seals a respondent's link with the public half, only the worker opens it.

The private half lies in both key stores, the public half in the instance folder.
HPKE: X25519, HKDF-SHA256, AES-256-GCM.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from surveyor.config import Settings
from surveyor.errors import N_, Refused
from surveyor.files import replace, write_new

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PRIVATE_NAME = "mail.key"


def seal_for_worker(settings: Settings, plaintext: bytes, *, info: bytes) -> bytes:
    """Seal bytes that only the worker can open; raises Refused when the installation has no mail key."""
    try:
        public = X25519PublicKey.from_public_bytes(_public_path(settings).read_bytes())
    except FileNotFoundError as error:
        raise Refused(N_("E-postnøkkelen mangler. Kjør «surveyor db upgrade» på serveren.")) from error
    return _SUITE.encrypt(plaintext, public, info=info)


def open_as_worker(settings: Settings, sealed: bytes, *, info: bytes) -> bytes:
    """Open what seal_for_worker sealed; raises Refused without a key, InvalidTag for other bytes or info."""
    for store in (settings.key_store_a, settings.key_store_b):
        if (path := store / _PRIVATE_NAME).exists():
            private = X25519PrivateKey.from_private_bytes(path.read_bytes())
            return _SUITE.decrypt(sealed, private, info=info)
    raise Refused(N_("E-postnøkkelen mangler i begge nøkkellagrene."))


def make_key_pair(settings: Settings) -> None:
    """Make the mail key pair unless it is there; a copy lost from one store comes from the other."""
    stores = [settings.key_store_a / _PRIVATE_NAME, settings.key_store_b / _PRIVATE_NAME]
    kept = next((path.read_bytes() for path in stores if path.exists()), None)
    private = kept or X25519PrivateKey.generate().private_bytes_raw()
    for path in stores:
        write_new(path, private)
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    if not write_new(_public_path(settings), public, mode=0o644):
        _replace_stale_public(settings, public)


def _replace_stale_public(settings: Settings, public: bytes) -> None:
    """With both stores lost the pair is a new one: what the web seals must not be for the old."""
    if _public_path(settings).read_bytes() != public:
        replace(_public_path(settings), public, mode=0o644)


def _public_path(settings: Settings) -> Path:
    return settings.instance / "mail.pub"
