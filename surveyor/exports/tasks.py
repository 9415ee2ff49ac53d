"""Writing ordered results files; those a day old are thrown away when the next is written."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from surveyor import clock
from surveyor.config import Settings
from surveyor.db import open_session
from surveyor.exports.queries import KIND, file_path
from surveyor.exports.results import results_file, write_file
from surveyor.exports.spec import ResultsFile
from surveyor.files import make_private_folder
from surveyor.jobs.registry import Progress, job
from surveyor.releases.spec import Row

KEPT = timedelta(days=1)
_STEP = 1_000


@job(KIND)
def write_ordered_file(
    engine: Engine, settings: Settings, payload: Mapping[str, Any], progress: Progress
) -> None:
    """Write the file the payload names; twice gives the same file. Raises NotFound and Refused."""
    path = file_path(settings, order_id=UUID(payload["order_id"]), file_format=payload["format"])
    make_private_folder(path.parent)
    _throw_away(path.parent)
    with open_session(engine, read_only=True) as session:
        file = results_file(
            session,
            wave_code=payload["wave_code"],
            unit=payload["unit"],
            language=payload["language"],
            municipality=settings.municipality,
        )
        write_file(_watched(file, progress), format=payload["format"], out=path)


def _watched(file: ResultsFile, progress: Progress) -> ResultsFile:
    """The same file, telling how many of its units have been read."""
    places = {unit.code: number for number, unit in enumerate(file.units, start=1)}

    def read(units: Sequence[str]) -> Iterator[Row]:
        for number, row in enumerate(file.read(units)):
            if number % _STEP == 0:
                progress(places[row.unit], len(places))
            yield row

    return dataclasses.replace(file, read=read)


def _throw_away(folder: Path) -> None:
    """Files older than a day."""
    oldest = (clock.now() - KEPT).timestamp()
    for path in folder.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
