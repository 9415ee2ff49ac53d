"""A wave's keys: made at launch, kept as files outside the database, destroyed after the opening.

Each of two stores has the pair that answers are sealed with, and bytes that drafts need beside link or code.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from errno import ENODEV
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.config import Settings
from surveyor.errors import N_, Refused
from surveyor.files import make_private_folder, replace, sync_folder
from surveyor.responses.models import WaveKey
from surveyor.responses.sealing import open_response, seal_response
from surveyor.responses.spec import Response

_DRAFTS = ".drafts"


def make_wave_keys(session: Session, settings: Settings, *, wave_id: UUID) -> bytes:
    """Make the key pair in the launch's transaction and try both copies; returns the public key.

    Raises Refused when a store cannot be written or a copy does not open the test envelope.
    """
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    # the row first: of two launches at once the loser stops here, before it can replace the winner's files
    session.execute(insert(WaveKey).values(wave_id=wave_id, kid=key_id(public), public_key=public))
    try:
        drawn = os.urandom(32)
        for path in _paths(settings, wave_id):
            make_private_folder(path.parent)
            replace(path, private.private_bytes_raw())
            replace(path.with_suffix(_DRAFTS), drawn)
        for path in _paths(settings, wave_id):
            _try_copy(path, public, wave_id)
    except OSError as error:
        raise Refused(
            N_("Nøkkelen kunne ikke lagres i begge nøkkellagrene. Ingenting er startet.")
        ) from error
    return public


def load_wave_key(session: Session, settings: Settings, *, wave_id: UUID) -> X25519PrivateKey:
    """The private key, from whichever store has it; raises Refused when neither has the right one."""
    public = session.scalar(select(WaveKey.public_key).where(WaveKey.wave_id == wave_id))
    for path in _paths(settings, wave_id):
        key = _read(path)
        if key and key.public_key().public_bytes_raw() == public:
            return key
    raise Refused(N_("Ingen av nøkkellagrene har nøkkelen til denne målingen. Svarene kan ikke åpnes."))


def draft_secret(settings: Settings, *, wave_id: UUID) -> str:
    """What a wave's drafts need beside link or code; gone with the key, so that no back-up's drafts open.

    Empty for a wave launched before there was one; raises OSError while both stores are away.
    """
    for path in _paths(settings, wave_id, _DRAFTS):
        with suppress(FileNotFoundError):
            return path.read_bytes().hex()
    if not any(path.exists() for path in _paths(settings, wave_id)):
        raise OSError(ENODEV, "the key stores are away")
    return ""


def destroy_wave_keys(session: Session, settings: Settings, *, wave_id: UUID) -> bool:
    """Overwrite and remove both copies, then note the day; False when that was done before."""
    for path in _secrets(settings, wave_id):
        _destroy(path)
    noted = session.execute(
        update(WaveKey)
        .where(WaveKey.wave_id == wave_id, WaveKey.destroyed_on.is_(None))
        .values(destroyed_on=clock.today())
        .returning(WaveKey.kid)
    )
    return noted.first() is not None


def destroy_leftover_keys(session: Session, settings: Settings) -> int:
    """Destroy copies that came back with a store that was away, or with a back-up of one; tells how many."""
    gone = session.scalars(select(WaveKey.wave_id).where(WaveKey.destroyed_on.is_not(None)))
    left = [path for wave_id in gone for path in _secrets(settings, wave_id) if path.exists()]
    for path in left:
        _destroy(path)
    return len(left)


def key_id(public_key: bytes) -> str:
    """A short name for a key."""
    return sha256(public_key).hexdigest()[:16]


def _paths(settings: Settings, wave_id: UUID, ending: str = ".key") -> list[Path]:
    name = f"{wave_id}{ending}"
    return [settings.key_store_a / name, settings.key_store_b / name]


def _secrets(settings: Settings, wave_id: UUID) -> Iterator[Path]:
    yield from _paths(settings, wave_id)
    yield from _paths(settings, wave_id, _DRAFTS)


def _read(path: Path) -> X25519PrivateKey | None:
    try:
        return X25519PrivateKey.from_private_bytes(path.read_bytes())
    except (OSError, ValueError):
        return None


def _try_copy(path: Path, public: bytes, wave_id: UUID) -> None:
    probe = Response(wave_id, "prøve", {})
    sealed = seal_response(probe, public_key=public, wave_id=wave_id, participation_id=wave_id, length=512)
    key = _read(path)
    if key is None or open_response(sealed, key, wave_id=wave_id, participation_id=wave_id) != probe:
        raise Refused(N_("En av nøkkelkopiene åpnet ikke prøvekonvolutten. Ingenting er startet."))


def _destroy(path: Path) -> None:
    """Overwrite and remove a copy; another process may be doing the same at this moment."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(os.urandom(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
