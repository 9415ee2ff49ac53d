"""Work the queue does for responses: destroying keys, and wiping what withdrawn responses leave."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from surveyor.accounts.models import RateCount, RateKey
from surveyor.audit.services import record
from surveyor.audit.spec import WORKER
from surveyor.config import Settings
from surveyor.db import unit_of_work, wipe_deleted
from surveyor.jobs.registry import Progress, job
from surveyor.responses.keys import destroy_leftover_keys, destroy_wave_keys
from surveyor.responses.models import AnswerSet, Draft, Envelope, Keying, LateAnswer
from surveyor.responses.services import WIPE

DESTROY_KEYS = "keys.destroy"


@job(DESTROY_KEYS, is_promise=True)
def destroy_keys(engine: Engine, settings: Settings, payload: Mapping[str, Any], _progress: Progress) -> None:
    """Destroy both copies of a wave's private key and say so in the audit, once."""
    wave_id = UUID(payload["wave_id"])
    with unit_of_work(engine) as session:
        if destroy_wave_keys(session, settings, wave_id=wave_id):
            record(
                session, actor=WORKER, action="wave.keys_destroyed", subject_type="wave", subject_id=wave_id
            )
        destroy_leftover_keys(session, settings)


@job(WIPE, is_promise=True)
def wipe_withdrawn(
    engine: Engine, _settings: Settings, _payload: Mapping[str, Any], _progress: Progress
) -> None:
    """Wipe what withdrawn responses and attempts to come in leave in the files; twice is as once.

    Raises RuntimeError where others are busy in the database: then it is tried again.
    """
    if not wipe_deleted(engine, Envelope, Draft, Keying, AnswerSet, LateAnswer, RateCount, RateKey):
        raise RuntimeError("the database is busy")
