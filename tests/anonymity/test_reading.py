"""ANON-2 and ANON-3: without the key store nothing can be read, and lengths tell nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from flask import Flask
from sqlalchemy import Engine, select

from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import Refused
from surveyor.fieldwork.closing import open_wave
from surveyor.responses.models import Draft, Envelope
from surveyor.responses.sealing import open_response, seal_response
from surveyor.responses.spec import Response
from tests.anonymity.crowd import respond
from tests.anonymity.written_down import config_strings, database_strings
from tests.waves import OpenWave, make_open_wave

pytestmark = pytest.mark.either

N = 12
Sealed = list[tuple[UUID, bytes]]


@pytest.fixture
def wave(both_app: Flask, both_settings: Settings, db: Engine) -> OpenWave:
    """Everybody has answered, one word to two thousand characters; three more have only begun."""
    both_app.config["WTF_CSRF_ENABLED"] = False
    with unit_of_work(db) as session:
        wave = make_open_wave(session, both_settings, invited={"B1": N + 3})
    for number, person in enumerate(wave.people[:N]):
        respond(both_app, person, {"w1": str(number % 5 + 1), "again": "yes"})
    for number, person in enumerate(wave.people[N:]):
        client = both_app.test_client()
        home = client.get(f"/medarbeider/s/{person.token}").headers["Location"].split("?")[0]
        fields = {"rev": "0", "to": "senere", "q-comment": f"HEMMELIG{number}" + "x" * 600 * number}
        assert client.post(f"{home}/side/3", data=fields).status_code == 303
    return wave


def envelopes(engine: Engine) -> Sealed:
    with unit_of_work(engine) as session:
        return [
            (owner, sealed)
            for owner, sealed in session.execute(select(Envelope.participation_id, Envelope.sealed))
        ]


def n_readable(wave: OpenWave, sealed: Sealed, secrets: Iterable[bytes]) -> int:
    """How many envelopes one of these 32-byte secrets opens."""
    keys = [X25519PrivateKey.from_private_bytes(secret) for secret in set(secrets)]
    return sum(any(_opens(wave, owner, body, key) for key in keys) for owner, body in sealed)


def _opens(wave: OpenWave, owner: UUID, body: bytes, key: X25519PrivateKey) -> bool:
    try:
        return bool(open_response(body, key, wave_id=wave.id, participation_id=owner))
    except Refused:
        return False


def derived(word: bytes) -> Iterator[bytes]:
    """What somebody would try a string as: itself, cut or filled, its hash."""
    yield word[:32].ljust(32, b"\0")
    yield sha256(word).digest()
    if len(word) == 64 and all(c in b"0123456789abcdef" for c in word):
        yield bytes.fromhex(word.decode())


def key_files(settings: Settings) -> list[bytes]:
    return [path.read_bytes() for path in Path(settings.key_store_a).glob("*.key")]


def test_dump_and_configuration_open_no_envelope(both_settings: Settings, db: Engine, wave: OpenWave) -> None:
    words = {*database_strings(db), *config_strings(both_settings)}
    found = [secret for word in words for secret in derived(word)]
    assert len(found) > 200
    assert n_readable(wave, envelopes(db), found) == 0
    assert n_readable(wave, envelopes(db), key_files(both_settings)) == N  # the control: the key store does


def test_drafts_are_not_in_clear_anywhere(both_settings: Settings, db: Engine, wave: OpenWave) -> None:
    assert not any(b"HEMMELIG" in word for word in database_strings(db))
    for path in both_settings.instance.rglob("surveyor.sqlite*"):
        assert b"HEMMELIG" not in path.read_bytes()


def test_an_old_back_up_is_worthless_once_the_key_is_gone(
    both_settings: Settings, db: Engine, wave: OpenWave
) -> None:
    back_up, key = envelopes(db), key_files(both_settings)
    open_wave(db, both_settings, wave_id=wave.id)
    words = {*database_strings(db), *config_strings(both_settings)}
    stores = [p for store in (both_settings.key_store_a, both_settings.key_store_b) for p in store.rglob("*")]
    words |= {path.read_bytes() for path in stores if path.is_file()}
    assert n_readable(wave, back_up, [s for word in words for s in derived(word)]) == 0
    assert n_readable(wave, back_up, key) == N  # the control: it would have been, with the key


def test_lengths_are_the_same_for_everybody(db: Engine, wave: OpenWave) -> None:
    with unit_of_work(db) as session:
        drafts = [len(sealed) for sealed in session.scalars(select(Draft.sealed))]
    assert len(drafts) == 3
    assert set(Counter(drafts).values()) == {3}
    assert len({len(sealed) for _, sealed in envelopes(db)}) == 1


def test_without_padding_lengths_would_tell(wave: OpenWave) -> None:
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    lengths = Counter()
    for number in range(N):
        response = Response(wave.id, "B1", {"comment": "x" * number})
        length = len(response.to_bytes()) + 4
        sealed = seal_response(
            response, public_key=public, wave_id=wave.id, participation_id=wave.id, length=length
        )
        lengths[len(sealed)] += 1
    assert sum(count == 1 for count in lengths.values()) == N
