"""Writing the released figures of a wave to a file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from surveyor.errors import N_, InvalidInput
from surveyor.exports.spec import ResultsFile
from surveyor.exports.tidy import write_csv, write_json
from surveyor.instruments.queries import questionnaire
from surveyor.releases.queries import cells_of, released_units, wave_release
from surveyor.releases.spec import Row
from surveyor.wording import LANGUAGES


def write_results(
    session: Session,
    *,
    wave_code: str,
    unit: str | None,
    format: str,  # noqa: A002 -- the command line's own word
    out: Path | IO[bytes],
    language: str = "nb",
    municipality: str = "",
) -> None:
    """Write csv, json or xlsx of a wave, or of one unit and what lies below; raises NotFound and Refused."""
    file = results_file(session, wave_code=wave_code, unit=unit, language=language, municipality=municipality)
    write_file(file, format=format, out=out)


def write_file(
    file: ResultsFile,
    *,
    format: str,  # noqa: A002 -- the command line's own word
    out: Path | IO[bytes],
) -> None:
    """Write a results file as csv, json or xlsx; raises InvalidInput for another format."""
    wave_code, rows = file.wave.wave_code, file.read([each.code for each in file.units])
    with opened(out) as target:
        if format == "csv":
            write_csv(wave_code, rows, target)
        elif format == "json":
            write_json(wave_code, rows, target)
        elif format == "xlsx":
            from surveyor.exports.workbook import write_workbook  # noqa: PLC0415 -- slow import

            write_workbook(file, target)
        else:
            raise InvalidInput(
                N_("Filtypen %(format)s finnes ikke. Velg csv, json eller xlsx."), format=format
            )


def results_file(
    session: Session, *, wave_code: str, unit: str | None, language: str = "nb", municipality: str = ""
) -> ResultsFile:
    """Everything a results file is made from; raises NotFound and Refused."""
    wave = wave_release(session, wave_code=wave_code)
    everyone = released_units(session, wave_id=wave.wave_id)
    chosen = everyone if unit is None else released_units(session, wave_id=wave.wave_id, under=unit)

    def read(units: Sequence[str]) -> Iterator[Row]:
        some = None if len(units) == len(everyone) else units
        return cells_of(session, release_id=wave.release_id, units=some, cut=None)

    asked = questionnaire(session, version_id=wave.instrument_version_id)
    spoken = language if language in LANGUAGES else "nb"
    return ResultsFile(wave, asked, chosen, municipality, spoken, read)


@contextmanager
def opened(out: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """The file to write to; a path gets its file only when all of it was written."""
    if not isinstance(out, Path):
        yield out
        return
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as target:
            yield target
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
