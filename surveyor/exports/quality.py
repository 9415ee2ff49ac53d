"""Writing what a release says of a questionnaire to a file."""

import io
from collections.abc import Collection

from sqlalchemy.orm import Session

from surveyor.exports.results import results_file
from surveyor.norms.queries import benchmark_of
from surveyor.releases.moment_queries import moment_rows
from surveyor.releases.spec import WaveRelease


def quality_file(
    session: Session, *, wave: WaveRelease, units: Collection[str], language: str, municipality: str
) -> io.BytesIO:
    """An Excel file of some units; what others usually have only beside the whole wave."""
    from surveyor.exports.quality_book import write_quality  # noqa: PLC0415 -- slow import

    file = results_file(
        session, wave_code=wave.wave_code, unit=None, language=language, municipality=municipality
    )
    rows = moment_rows(session, release_id=wave.release_id, units=units)
    tops = {unit.code for unit in file.units if unit.parent is None}
    benchmark = benchmark_of(session, survey_id=wave.survey_id) if tops <= set(units) else None
    out = io.BytesIO()
    write_quality(file, rows, benchmark, out)
    out.seek(0)
    return out
