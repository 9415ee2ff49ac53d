"""Work the queue does for responses: destroying keys when their days of grace are over."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from surveyor.audit.services import record
from surveyor.audit.spec import WORKER
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.jobs.registry import Progress, job
from surveyor.responses.keys import destroy_leftover_keys, destroy_wave_keys

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
