"""Answers from a file: all or nothing, problems named with row and column, fast in bounded memory."""

import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import InvalidInput, NotFound, Refused
from surveyor.fieldwork.closing import open_wave
from surveyor.fieldwork.imports import MAX_PROBLEMS, ImportReport, import_responses
from surveyor.responses.models import AnswerSet, Envelope, FreeText
from tests.waves import OpenWave, make_open_wave

HEAD = "unit,w1,w2,again,goods,years,comment\n"


@pytest.fixture
def wave(engine: Engine, settings: Settings) -> OpenWave:
    with unit_of_work(engine) as session:
        return make_open_wave(session, settings)


def run(
    engine: Engine, settings: Settings, tmp_path: Path, content: str | bytes, **options: object
) -> ImportReport:
    file = tmp_path / "svar.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return import_responses(
        engine, settings, wave_code="trivsel-2026", file=file, actor=COMMAND_LINE, **options
    )  # type: ignore[arg-type]


def n_envelopes(engine: Engine) -> int:
    with unit_of_work(engine) as session:
        return session.scalar(select(func.count()).select_from(Envelope)) or 0


def test_rows_become_answers_of_their_units(
    engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path
) -> None:
    rows = (
        HEAD
        + "B1,1,,yes,a c,12,\nB1,5,9,no,,,Fint «sted»\nOPP,3,3,,,,\n"
        + "S1,2,2,yes,b,,\n" * 3
        + "\n,,,,,,\n"
    )
    report = run(engine, settings, tmp_path, rows, mode="paper")
    assert report == ImportReport("trivsel-2026", 6)
    assert n_envelopes(engine) == 6
    with unit_of_work(engine) as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert entry.details == {"mode": "paper", "n_answers": 6}
        assert len(set(session.scalars(select(func.length(Envelope.sealed))))) == 1
    open_wave(engine, settings, wave_id=wave.id)
    with unit_of_work(engine) as session:
        assert Counter(session.scalars(select(AnswerSet.segment_code))) == {"B1": 2, "OPP/own": 1, "S1": 3}
        bodies = session.scalars(select(AnswerSet.body).where(AnswerSet.segment_code == "B1")).all()
        expected = [{"w1": "1", "again": "yes", "goods": ["a", "c"]}, {"w1": "5", "w2": "9", "again": "no"}]
        assert sorted(bodies, key=lambda body: body["w1"]) == expected
        assert session.scalars(select(FreeText.body)).all() == ["Fint «sted»"]


def test_every_problem_has_its_row_and_column_and_nothing_is_stored(
    engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path
) -> None:
    rows = HEAD + "B1,1,1,yes,a,1,\nNEI,1,1,yes,a,1,\nB1,7,1,kanskje,a d,x,\n,1,,,,,\nB1,1,1,yes,a,1,ok,mer\n"
    with pytest.raises(InvalidInput) as raised:
        run(engine, settings, tmp_path, rows)
    places = [(p.row, p.column) for p in raised.value.problems]
    assert places == [
        (3, "unit"),
        (4, "w1"),
        (4, "again"),
        (4, "goods"),
        (4, "years"),
        (5, "unit"),
        (6, None),
    ]
    assert "NEI" in str(raised.value.problems[0])
    assert "«7»" in str(raised.value.problems[1])
    assert n_envelopes(engine) == 0


@pytest.mark.parametrize(
    ("head", "column"),
    [("unit,w1,ukjent", "ukjent"), ("unit,w1,w1", "w1"), ("w1,w2", None), ("unit,unit,w1", "unit")],
)
def test_headings_are_checked_first(
    engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path, head: str, column: str | None
) -> None:
    with pytest.raises(InvalidInput) as raised:
        run(engine, settings, tmp_path, head + "\nB1,1,1\n")
    assert raised.value.problems[0].row == 1
    assert raised.value.problems[0].column == column


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "tom"),
        (b"\n \n", "tom"),
        (b"PK\x03\x04rest", "Excel-fil"),
        (b"\xd0\xcf\x11\xe0rest", "Excel-fil"),
        ("unit;w1\n".encode("utf-16-le"), "ikke en CSV-fil"),
        (b"unit,w1\nB1," + b"1" * 200_000, "131072 tegn"),
    ],
)
def test_what_is_no_csv_is_said_to_be_none(
    engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path, content: bytes, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        run(engine, settings, tmp_path, content)
    assert n_envelopes(engine) == 0


def test_a_broken_quote_is_named(engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        run(engine, settings, tmp_path, 'unit,w1\nB1,1\nB1,"1"x\n')
    assert raised.value.problems[0].row == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_files_as_people_save_them(
    engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path, encoding: str
) -> None:
    content = "unit;w1;comment\r\n" + "B1;4;Blåbær på øya\r\n" * 5
    assert run(engine, settings, tmp_path, content.encode(encoding)).n_answers == 5
    open_wave(engine, settings, wave_id=wave.id)
    with unit_of_work(engine) as session:
        assert set(session.scalars(select(FreeText.body))) == {"Blåbær på øya"}


@pytest.mark.parametrize("state", [WaveState.PLANNED, WaveState.CLOSING, WaveState.CLOSED])
def test_only_an_open_wave_takes_answers(
    engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path, state: WaveState
) -> None:
    with unit_of_work(engine) as session:
        session.execute(update(Wave).values(state=state))
    with pytest.raises(Refused):
        run(engine, settings, tmp_path, HEAD)


def test_an_unknown_wave_is_not_found(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        run(engine, settings, tmp_path, HEAD)


def test_a_file_wrong_all_the_way_down_stops_early(
    engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as raised:
        run(engine, settings, tmp_path, HEAD + "X,1,1,yes,a,1,\n" * 5_000)
    assert len(raised.value.problems) == MAX_PROBLEMS


def test_many_rows_take_little_memory(
    engine: Engine, settings: Settings, wave: OpenWave, tmp_path: Path
) -> None:
    n_rows, steps = 8_000, []
    content = "unit,w1\n" + "B1,4\nS1,5\n" * (n_rows // 2)
    tracemalloc.start()
    report = run(
        engine, settings, tmp_path, content, progress=lambda done, total: steps.append((done, total))
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.n_answers == n_envelopes(engine) == n_rows
    assert peak < 16 << 20
    assert steps[-1][0] == steps[-1][1]
    assert sorted(steps) == steps
