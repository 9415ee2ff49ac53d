"""The tidy results file: one row per released cell, full precision, point decimals."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from typing import IO

from surveyor.releases.spec import Row

HEADER = (
    "wave", "unit", "cut", "category", "kind", "item", "measure", "n", "value", "low", "high", "compared_to",
    "difference", "p", "p_adjusted", "effect", "verdict", "state",
)  # fmt: skip
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before a dangerous beginning."""
    plain = unicodedata.normalize("NFKC", text)
    return f"'{text}" if plain.lstrip(" ").startswith(_DANGEROUS) else text


def record(wave_code: str, row: Row) -> dict[str, str | int | float | None]:
    """A row as the contract names its fields; numbers are None and words empty where they do not apply."""
    values = {**row._asdict(), "wave": wave_code, "kind": row.kind.value, "state": row.state.value}
    return {name: values[name] for name in HEADER}


def _cell(value: str | int | float | None) -> str:
    if value is None:
        return ""
    return guarded(value) if isinstance(value, str) else repr(value)


def write_csv(wave_code: str, rows: Iterator[Row], out: IO[bytes]) -> None:
    """The rows as UTF-8 with commas."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([_cell(value) for value in record(wave_code, row).values()])
    text.detach()


def write_json(wave_code: str, rows: Iterator[Row], out: IO[bytes]) -> None:
    """The rows as one JSON list, a row on each line."""
    before = b"[\n"
    for row in rows:
        line = json.dumps(record(wave_code, row), ensure_ascii=False, allow_nan=False)
        out.write(before + line.encode())
        before = b",\n"
    out.write(b"\n]\n" if before != b"[\n" else b"[]\n")
