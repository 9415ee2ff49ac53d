"""Weighted figures and who answered as a file: two tidy tables, in Excel or in one CSV."""

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
        (_write_csv if format == "csv" else _write_xlsx)(records, target)


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


def _write_xlsx(records: list[Mapping[str, Any]], out: IO[bytes]) -> None:
    import xlsxwriter  # noqa: PLC0415 -- slow import

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E3ECF5", "bottom": 1})
        for table in ("weighted", "responses"):
            mine = [record for record in records if record["table"] == table]
            names = [name for name in HEADER if any(name in record for record in mine)]
            if not mine:
                continue
            sheet = book.add_worksheet(table)
            sheet.set_column(0, len(names) - 1, 14)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, names, head)
            for row, record in enumerate(mine, 1):
                sheet.write_row(row, 0, [_plain(record.get(name)) for name in names])
