"""Jobs of form cases."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select

from surveyor import clock
from surveyor.cases.evidence import ERASE, LONGEST_UNHELD, SWEEP, evidence_path
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


@job(SWEEP)
def sweep_evidence(
    engine: Engine, settings: Settings, _payload: Mapping[str, Any], _progress: Progress
) -> None:
    """Erase files that no case ever came to hold: the process ended between the file and the COMMIT."""
    oldest = (clock.now() - LONGEST_UNHELD).timestamp()
    files = list(evidence_path(settings, stored_name="").glob("*"))
    with open_session(engine, read_only=True) as session:
        held = set(session.scalars(select(Evidence.stored_name)))
    for path in files:
        if path.name not in held and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
