"""Weighted figures and who answered as a file: in words in Excel, or two tidy tables in one CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from surveyor.errors import N_, InvalidInput, Refused
from surveyor.exports.results import opened, results_file
from surveyor.exports.tidy import guarded
from surveyor.releases.queries import wave_release
from surveyor.releases.sample_queries import response_rows, weighted_rows

HEADER = (
    "wave", "table", "unit", "kind", "item", "variable", "category", "measure", "state", "n", "n_eff",
    "value", "se", "low", "high", "difference", "deff",
)  # fmt: skip


def write_sample_figures(
    session: Session,
    *,
    wave_code: str,
    format: str,  # noqa: A002 -- the command line's own word
    out: Path | IO[bytes],
    municipality: str = "",
) -> None:
    """Write csv or xlsx of a wave's weighted figures and who answered; raises NotFound and Refused."""
    wave = wave_release(session, wave_code=wave_code)
    records = list(_records(session, wave_code, wave.release_id))
    if not records:
        raise Refused(
            N_("Målingen %(code)s har verken vektede tall eller tall for hvem som svarte."), code=wave_code
        )
    if format not in ("csv", "xlsx"):
        raise InvalidInput(N_("Filtypen %(format)s finnes ikke. Velg csv eller xlsx."), format=format)
    with opened(out) as target:
        if format == "csv":
            _write_csv(records, target)
        else:
            book = sample_file(session, wave_code=wave_code, language="nb", municipality=municipality)
            target.write(book.getbuffer())


def sample_file(session: Session, *, wave_code: str, language: str, municipality: str) -> io.BytesIO:
    """An Excel file in words of a wave's weighted figures and who answered; raises NotFound."""
    from surveyor.exports.sample_book import write_sample_book  # noqa: PLC0415 -- slow import

    file = results_file(session, wave_code=wave_code, unit=None, language=language, municipality=municipality)
    release_id, out = file.wave.release_id, io.BytesIO()
    weighted = weighted_rows(session, release_id=release_id)
    write_sample_book(file, weighted, response_rows(session, release_id=release_id), out)
    out.seek(0)
    return out


def _records(session: Session, wave_code: str, release_id: Any) -> Iterator[Mapping[str, Any]]:
    for row in weighted_rows(session, release_id=release_id):
        yield row._asdict() | {"wave": wave_code, "table": "weighted"}
    for response in response_rows(session, release_id=release_id):
        yield response._asdict() | {"wave": wave_code, "table": "responses"}


def _plain(value: object) -> str | int | float | None:
    return value if value is None or isinstance(value, (int, float)) else guarded(str(value))


def _write_csv(records: list[Mapping[str, Any]], out: IO[bytes]) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for record in records:
        cells = (_plain(record.get(name)) for name in HEADER)
        writer.writerow(["" if cell is None else cell for cell in cells])
    text.detach()
