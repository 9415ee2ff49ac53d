"""Sealing responses: HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM."""

from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from surveyor.errors import N_, Refused
from surveyor.responses.spec import Response, pad, unpad

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
OVERHEAD = 48  # bytes a sealed response is longer than its padded content


def seal_response(
    response: Response, *, public_key: bytes, wave_id: UUID, participation_id: UUID, length: int
) -> bytes:
    """The envelope: only the wave's private key opens it, and only as this participation's."""
    key = X25519PublicKey.from_public_bytes(public_key)
    return seal(pad(response.to_bytes(), length), key, wave_id=wave_id, participation_id=participation_id)


def open_response(sealed: bytes, key: X25519PrivateKey, *, wave_id: UUID, participation_id: UUID) -> Response:
    """The response in an envelope; raises Refused for a changed or moved envelope or another key."""
    try:
        padded = _SUITE.decrypt(sealed, key, info=_info(wave_id, participation_id))
    except InvalidTag as error:
        raise Refused(
            N_("En konvolutt lar seg ikke åpne. Hele åpningen er stoppet, og ingenting er endret.")
        ) from error
    return Response.from_bytes(unpad(padded))


def seal(plain: bytes, key: X25519PublicKey, *, wave_id: UUID, participation_id: UUID) -> bytes:
    return _SUITE.encrypt(plain, key, info=_info(wave_id, participation_id))


def _info(wave_id: UUID, participation_id: UUID) -> bytes:
    # the one-shot API takes no associated data, so the owner goes into info: a moved envelope does not open
    return f"surveyor/l1/v1|{wave_id}|{participation_id}".encode()
