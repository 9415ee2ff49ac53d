"""Results files: nothing in them but released cells, no formulas, the same bytes each time."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session
from statsmodels.stats.proportion import proportion_confint

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.db import make_engine, open_session
from surveyor.errors import InvalidInput, NotFound, Refused
from surveyor.exports.cover import cover_lines
from surveyor.exports.results import results_file, write_results
from surveyor.exports.tidy import HEADER, guarded
from surveyor.releases.enums import CellState, Verdict
from surveyor.releases.queries import cells_of, wave_release
from surveyor.releases.services import freeze_release
from surveyor.releases.spec import Row
from tests.releases_data import Units, add_answers, add_frame, bfi, bfi_questionnaire, make_wave

UNITS: Units = {"K": None, "=A0": "K", "U0": "=A0", "U1": "=A0", "U2": "K", "U3": "K"}
SIZES = {"U0": 8, "U1": 60, "U2": 3, "U3": 40}
KINDS = (("csv", None), ("json", None), ("xlsx", None), ("csv", "=A0"))
SHEETS = {"nb": ["Om tallene", "Resultater", "Fordelinger", "Svarprosent", "Endring", "Figurer", "Kodebok"]}


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    """One system for most: files are made from rows already read, and a test holds both to the same bytes."""
    engine = make_engine(sqlite_url)
    with open_session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def wave(session: Session, settings: Settings) -> Wave:
    return two_waves(session, settings)


def two_waves(session: Session, settings: Settings) -> Wave:
    """The second of two released waves, with a unit whose code looks like a formula."""
    for number, code in enumerate(("W1", "W2")):
        asked = bfi_questionnaire()
        closes = date(2025 + number, 5, 31)
        wave = make_wave(session, asked, UNITS, code=code, closes=closes, simulated=True)
        segments = [unit for unit, n in SIZES.items() for _ in range(n)]
        answers = bfi()[0].iloc[number * 500 : number * 500 + len(segments)]
        add_answers(session, wave, asked, segments, answers)
        add_frame(session, wave, {unit: (n + 4, n) for unit, n in SIZES.items()})
        build_cube(session, wave=wave)
        session.flush()
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        wave.state = WaveState.CLOSED
        session.flush()
    return wave


def written(session: Session, wave: Wave, kind: str, unit: str | None = None, language: str = "nb") -> bytes:
    out = io.BytesIO()
    write_results(session, wave_code=wave.code, unit=unit, format=kind, out=out, language=language)
    return out.getvalue()


def released(session: Session, wave: Wave) -> list[Row]:
    release = wave_release(session, wave_code=wave.code)
    return list(cells_of(session, release_id=release.release_id))


def test_the_csv_holds_every_released_cell_and_nothing_else(session: Session, wave: Wave) -> None:
    table = list(csv.DictReader(io.StringIO(written(session, wave, "csv").decode())))
    rows = released(session, wave)
    assert tuple(table[0]) == HEADER
    assert len(table) == len(rows)
    for line, row in zip(table, rows, strict=True):
        assert line["unit"] == guarded(row.unit)
        for name in ("n", "value", "low", "high", "difference", "p", "p_adjusted", "effect"):
            number = getattr(row, name)
            assert line[name] == ("" if number is None else repr(number))
            assert number is None or float(line[name]) == number


def test_json_is_the_same_rows(session: Session, wave: Wave) -> None:
    lines = json.loads(written(session, wave, "json"))
    assert [list(line) for line in lines[:1]] == [list(HEADER)]
    rows = released(session, wave)
    assert [(one["unit"], one["measure"], one["value"]) for one in lines] == [
        (row.unit, row.measure, row.value) for row in rows
    ]


def test_both_systems_write_the_same_bytes(sqlite_url: str, postgresql_url: str, settings: Settings) -> None:
    """Order, names beyond ASCII, and the last digit of every number."""
    found = []
    for url in (sqlite_url, postgresql_url):
        engine = make_engine(url)
        with open_session(engine) as session:
            wave = two_waves(session, settings)
            found.append([written(session, wave, kind, unit) for kind, unit in KINDS])
        engine.dispose()
    assert found[0] == found[1]
    assert len({*found[0]}) == len(KINDS)


def test_a_unit_means_the_unit_and_what_lies_below(session: Session, wave: Wave) -> None:
    lines = json.loads(written(session, wave, "json", unit="=A0"))
    assert {line["unit"] for line in lines} == {"=A0", "U0", "U1"}
    with pytest.raises(NotFound):
        written(session, wave, "csv", unit="nowhere")


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def error_bars(row: Row) -> list[float]:
    """How far the interval reaches to both sides within the scale: what Excel draws error bars from."""
    if row.value is None or row.low is None or row.high is None:
        return []
    return [b - a for a, b in pairwise((max(row.low, 0.0), row.value, min(row.high, 100.0)))]


def _is_share(row: Row) -> bool:
    return (
        bool(row.n) and row.value is not None and row.measure.startswith(("share:", "top2", "bottom", "miss"))
    )


def wilson_ends(row: Row) -> list[float]:
    """statsmodels' interval of a share."""
    return list(proportion_confint(round(row.value * row.n), row.n, method="wilson"))


def smallest_seen(row: Row) -> list[float]:
    """The difference that would be seen with 80 % power, out of the interval of one that is not sure."""
    if row.verdict != Verdict.NONE or row.low is None or row.high is None:
        return []
    return [(row.high - row.low) / 2 * (1 + 0.8416 / 1.96)]


def test_every_number_of_the_workbook_is_a_released_number(session: Session, wave: Wave) -> None:
    found = sheets(written(session, wave, "xlsx"))
    rows = [row for row in released(session, wave) if row.state is CellState.SHOWN]
    known = {round(v, 9) for row in rows for v in row if isinstance(v, float | int)}
    known |= {0.0, 100.0}  # where the scale stops, an interval does
    known |= {round(end, 9) for row in rows if _is_share(row) for end in wilson_ends(row)}
    known |= {round(gap, 9) for row in rows for gap in error_bars(row)}
    known |= {round(points, 9) for row in rows for points in smallest_seen(row)}
    numbers = [
        (name, value)
        for name, lines in found.items()
        for line in lines
        for value in line
        if isinstance(value, float | int)
    ]
    assert len(numbers) > 1_900  # two weak themes have none
    assert [pair for pair in numbers if round(pair[1], 9) not in known] == []


def test_hidden_cells_all_look_the_same(session: Session, wave: Wave) -> None:
    found = sheets(written(session, wave, "xlsx"))
    results = [line for line in found["Resultater"] if line[0] in ("U2", "U3")]
    hidden = [line for line in results if "Vises ikke" in line]
    assert {line[0] for line in hidden} == {"U2", "U3"}  # U2 is small, U3 is hidden to protect it
    assert len({tuple(line[6:]) for line in hidden}) == 1
    assert all(isinstance(value, str) for line in hidden for value in line)


def test_the_workbook_has_no_formulas_and_real_numbers(session: Session, wave: Wave) -> None:
    content = written(session, wave, "xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    pages = {name: text for name, text in parts.items() if "/worksheets/sheet" in name}
    assert len(pages) == len(SHEETS["nb"])
    assert not any("<f>" in text for text in pages.values())
    assert sum("<autoFilter" in text for text in pages.values()) == 5
    assert sum('state="frozen"' in text for text in pages.values()) == 5
    assert sum("/charts/chart" in name for name in parts) >= 3
    assert not any(re.search(r"[A-Za-z]:\\|/tmp/", text) for text in parts.values())


def test_the_workbook_is_the_same_each_time(session: Session, wave: Wave) -> None:
    assert written(session, wave, "xlsx") == written(session, wave, "xlsx")


def test_the_cover_says_what_it_is(session: Session, wave: Wave) -> None:
    found = sheets(written(session, wave, "xlsx"))
    assert list(found) == SHEETS["nb"]
    words = " ".join(str(value) for line in found["Om tallene"] for value in line)
    assert "SIMULERTE DATA" in words
    assert wave_release(session, wave_code="W2").manifest_sha256 in words
    assert "minst 5 har svart" in words
    assert "minst 10 har svart" in words


def test_the_cover_of_a_second_release_says_so(session: Session, wave: Wave) -> None:
    file = results_file(session, wave_code="W2", unit=None)
    again = replace(file, wave=replace(file.wave, method={**file.wave.method, "replaces": "x"}))
    told = [[line[0] for line in cover_lines(one)].count("Frigitt på nytt") for one in (file, again)]
    assert told == [0, 1]


@pytest.mark.parametrize("language", ["nn", "en", "xx"])
def test_other_languages_are_written_too(session: Session, wave: Wave, language: str) -> None:
    assert len(sheets(written(session, wave, "xlsx", language=language))) == len(SHEETS["nb"])


def test_changes_have_their_own_sheet(session: Session, wave: Wave) -> None:
    lines = sheets(written(session, wave, "xlsx"))["Endring"]
    assert len(lines) == 1 + len(UNITS) * 30
    assert {line[5] for line in lines[1:]} <= {
        "Tydelig høyere", "Tydelig lavere", "Mulig forskjell", "Ingen sikker forskjell",
        "For få svar til å si noe", "Kan ikke vurderes", "Vises ikke",
    }  # fmt: skip


def test_what_cannot_be_written_is_refused_and_leaves_no_file(
    session: Session, wave: Wave, tmp_path: Path
) -> None:
    out = tmp_path / "file"
    with pytest.raises(InvalidInput):
        write_results(session, wave_code="W2", unit=None, format="pdf", out=out)
    with pytest.raises(NotFound):
        write_results(session, wave_code="W9", unit=None, format="csv", out=out)
    make_wave(session, bfi_questionnaire(), UNITS, code="W3", state=WaveState.OPEN)
    with pytest.raises(Refused, match="ikke avsluttet"):
        write_results(session, wave_code="W3", unit=None, format="csv", out=out)
    assert list(tmp_path.glob("*file*")) == []


@given(st.text(max_size=8))
def test_no_text_begins_like_a_formula(text: str) -> None:
    assert (
        not guarded(text)
        .lstrip(" \u3000")
        .startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    )
    assert guarded(text).endswith(text)
