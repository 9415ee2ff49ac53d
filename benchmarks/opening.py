"""What opening a wave costs beside decrypting and inserting its envelopes in a bare loop, in one run.

Both in turn, each time on a fresh copy of the same database; CPU time, since others may work on the machine.

Run: python -m benchmarks.opening [envelopes]
"""

import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

import numpy as np
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from sqlalchemy import Engine, insert, select

from surveyor.config import Settings
from surveyor.db import make_engine, open_session, unit_of_work
from surveyor.installation import ensure_instance
from surveyor.instruments.spec import Questionnaire
from surveyor.jobs.registry import no_progress
from surveyor.migrations import upgrade
from surveyor.responses.keys import load_wave_key, make_wave_keys
from surveyor.responses.models import Envelope, WaveKey
from surveyor.responses.opening import read_batch, store_batch
from surveyor.responses.sealing import seal_response
from surveyor.responses.spec import Response, padded_length
from tests.releases_data import choice, code_list, one_page

N_ENVELOPES, N_ITEMS, BATCH, ROUNDS, GOAL = 100_000, 50, 5_000, 3, 2.0
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def asked() -> Questionnaire:
    """Fifty statements of five options."""
    return one_page("lang", [code_list("c5", 1, 5)], [choice(f"q{n}", "c5") for n in range(N_ITEMS)])


def fill(engine: Engine, settings: Settings, wave_id: UUID, questionnaire: Questionnaire, n: int) -> None:
    """Seal n responses to a wave under new keys."""
    chance, length, version = np.random.default_rng(1), padded_length(questionnaire), uuid4()
    with unit_of_work(engine) as session:
        make_wave_keys(session, settings, wave_id=wave_id)
    with unit_of_work(engine) as session:
        public_key = session.scalars(select(WaveKey.public_key)).one()
        for start in range(0, n, BATCH):
            rows = []
            for codes in chance.integers(1, 6, (min(BATCH, n - start), N_ITEMS)):
                owner = uuid4()
                answers = {f"q{place}": str(code) for place, code in enumerate(codes)}
                sealed = seal_response(
                    Response(version, f"U{codes[0]}", answers), public_key=public_key, wave_id=wave_id,
                    participation_id=owner, length=length,
                )  # fmt: skip
                rows.append(
                    {
                        "participation_id": owner, "wave_id": wave_id, "rev": 1, "submission_id": uuid4(),
                        "sealed": sealed,
                    }
                )  # fmt: skip
            session.execute(insert(Envelope), rows)


def bare(path: Path, settings: Settings, wave_id: UUID) -> None:
    """Decrypt every envelope and insert what was in it, with nothing in between."""
    engine = make_engine(f"sqlite:///{path}")
    with open_session(engine, read_only=True) as session:
        key = load_wave_key(session, settings, wave_id=wave_id)
    engine.dispose()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE opened (id BLOB PRIMARY KEY, body BLOB)")
    rows = database.execute("SELECT participation_id, sealed FROM envelope").fetchall()
    opened = []
    for owner, sealed in rows:
        info = f"surveyor/l1/v1|{wave_id}|{UUID(owner)}".encode()
        opened.append((uuid4().bytes, _SUITE.decrypt(sealed, key, info=info)))
    database.executemany("INSERT INTO opened VALUES (?, ?)", opened)
    database.commit()
    database.close()


def opening(path: Path, settings: Settings, wave_id: UUID) -> None:
    """Our own: read, decrypt, code, shuffle, store, delete."""
    engine = make_engine(f"sqlite:///{path}")
    batch = read_batch(engine, settings, wave_id=wave_id, questionnaire=asked(), progress=no_progress)
    with unit_of_work(engine) as session:
        store_batch(session, wave_id=wave_id, batch=batch)
    engine.dispose()


def cpu_seconds(
    work: Callable[[Path, Settings, UUID], None], filled: Path, settings: Settings, wave_id: UUID
) -> float:
    """Of the work on a copy of the filled database."""
    path = filled.with_name("measured.sqlite")
    shutil.copy(filled, path)
    start = time.process_time()
    work(path, settings, wave_id)
    return time.process_time() - start


def main(n: int) -> bool:
    """Print medians and the median ratio; True when it is within the goal."""
    with tempfile.TemporaryDirectory() as name:
        settings, filled, wave_id = ensure_instance(Path(name)), Path(name, "filled.sqlite"), uuid4()
        upgrade(f"sqlite:///{filled}")
        engine = make_engine(f"sqlite:///{filled}")
        fill(engine, settings, wave_id, asked(), n)
        engine.dispose()
        rounds = [
            tuple(cpu_seconds(work, filled, settings, wave_id) for work in (bare, opening))
            for _ in range(ROUNDS)
        ]
    plain, ours = (median(found) for found in zip(*rounds, strict=True))
    ratios = [ours / plain for plain, ours in rounds]
    say = sys.stdout.write
    say(f"{n} envelopes, {N_ITEMS} items, {ROUNDS} rounds: bare loop {plain:.1f} s, opening {ours:.1f} s, ")
    say(f"{median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f}; goal {GOAL})\n")
    return median(ratios) <= GOAL


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else N_ENVELOPES))
