"""Jobs of form cases."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select

from surveyor.cases.evidence import ERASE, evidence_path
from surveyor.cases.models import Evidence
from surveyor.config import Settings
from surveyor.db import open_session
from surveyor.jobs.registry import Progress, job


@job(ERASE)
def erase_evidence(
    engine: Engine, settings: Settings, payload: Mapping[str, Any], _progress: Progress
) -> None:
    """Erase a file that no case holds any more; a second time there is nothing to erase."""
    name = str(payload["stored_name"])
    with open_session(engine, read_only=True) as session:
        is_held = session.scalar(select(Evidence.id).where(Evidence.stored_name == name)) is not None
    if not is_held:
        evidence_path(settings, stored_name=name).unlink(missing_ok=True)
