"""Every number the demo's waves show, against the opened answers by code that shares nothing with ours."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from statsmodels.stats.proportion import proportion_confint

from surveyor.campaigns.models import Wave as WaveRow
from surveyor.config import Settings
from surveyor.db import make_engine, open_session
from surveyor.demo.loading import load, prepare, steps
from surveyor.exports.results import write_results
from surveyor.releases import supplements
from surveyor.releases.supplements import Supplements
from surveyor.responses.models import RegisterCount
from tests.e2e.recount import Recount, Wave, read_rows, read_wave
from tests.e2e.recount_beside import (
    dependence,
    disagreeing,
    drivers,
    moments,
    polychorics,
    raked,
    read_beside,
    responses,
    standard_errors,
    weighted,
)

Registers = dict[str, pd.DataFrame]
NUMBERS = ("n", "value", "low", "high", "difference", "p", "p_adjusted", "effect")
SEEN_AT_80 = 1 + 0.8416 / 1.96  # a difference seen four times out of five, in half intervals


def names_of(engine: Engine, survey: str) -> list[str]:
    """A survey's closed waves, the earlier first."""
    waves = pd.read_sql("SELECT code, closes FROM wave WHERE outcome = 'released' ORDER BY closes", engine)
    return [code for code in waves["code"] if code.startswith(survey)]


def recounts(engine: Engine, survey: str) -> Iterator[Recount]:
    last: Wave | None = None
    for code in names_of(engine, survey):
        wave = read_wave(engine, code)
        yield Recount(wave, read_rows(engine, code), last).run()
        last = wave


@pytest.fixture(scope="module")
def registers() -> Iterator[Registers]:
    """Counts by register groups of every wave that is released from now on: they are deleted with it."""
    kept: Registers = {}
    store = supplements.store_supplements

    def and_keep(session: Session, *, wave_id: UUID, release_id: UUID, made: Supplements) -> None:
        counts = session.scalars(select(RegisterCount).where(RegisterCount.wave_id == wave_id)).all()
        lines = [(one.groups, one.n_invited, one.n_answered) for one in counts]
        code = session.get_one(WaveRow, wave_id).code
        kept[code] = pd.DataFrame(lines, columns=["groups", "n_invited", "n_answered"])
        store(session, wave_id=wave_id, release_id=release_id, made=made)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supplements, "store_supplements", and_keep)
        yield kept


@pytest.fixture(scope="module")
def parents(tmp_path_factory: pytest.TempPathFactory, registers: Registers) -> Iterator[Engine]:
    """The two closed waves of parents, and nothing else of the demo."""
    settings = prepare(tmp_path_factory.mktemp("parents"), reset=True)
    engine = make_engine(settings.database_url)
    for name, step in steps(engine, settings):
        if name in ("Enheter", "Spørreskjema") or (name.startswith("Måling foresatte-") and len(name) == 21):
            step()
    yield engine
    engine.dispose()


def test_every_row_of_a_wave_is_what_the_answers_say(parents: Engine) -> None:
    """Groups, comparisons with others and with the wave before among them."""
    first, second = names_of(parents, "foresatte")
    recounted = Recount(read_wave(parents, second), read_rows(parents, second), read_wave(parents, first))
    assert recounted.run().wrong == []
    assert recounted.n_checked > 25_000


def test_one_answer_or_one_row_more_or_less_is_noticed(parents: Engine) -> None:
    """The control, on the rows of the whole."""
    code = names_of(parents, "foresatte")[0]
    wave, rows = read_wave(parents, code), read_rows(parents, code)
    rows = rows[rows["unit"] == wave.root]
    shown = rows[rows["state"] == "shown"].index
    assert Recount(wave, rows).run().wrong == []
    for name, change in (("value", 1e-8), ("n", 1)):
        tampered = rows.copy()
        tampered.loc[shown[100], name] += change
        assert Recount(wave, tampered).run().wrong
    item, changed = next(iter(wave.questions)), read_wave(parents, code)
    changed.answers.loc[0, item] = "1" if wave.answers.loc[0, item] != "1" else "2"
    assert len(Recount(changed, rows).run().wrong) > 5


def test_the_files_hold_these_numbers_and_no_others(parents: Engine) -> None:
    code = names_of(parents, "foresatte")[1]
    assert strange_in_files(parents, code) == []
    parents_rows = read_rows(parents, code)
    unit = parents_rows["unit"].iloc[-1]
    assert strange_in_sheet([["Enhetskode", "Navn"], [unit, "q", 12.345]], known(parents_rows))  # the control


def test_reliability_correlations_and_drivers_are_what_the_answers_say(parents: Engine) -> None:
    code = names_of(parents, "foresatte")[1]
    wave, rows = read_wave(parents, code), read_beside(parents, "moment_cell", code)
    plain = read_rows(parents, code)
    for figures, least in (
        (moments(wave, rows), 150),
        (drivers(wave, rows), 10),
        (polychorics(wave, rows), 50),
        (dependence(wave, rows, plain), 15),
    ):
        n, wrong = disagreeing(figures)
        assert n > least
        assert wrong == []
    rows["value"] += 0.02  # the control
    assert len(disagreeing(moments(wave, rows))[1]) > 50
    assert len(disagreeing(polychorics(wave, rows))[1]) > 25
    assert len(disagreeing(dependence(wave, rows, plain))[1]) > 15


def test_rates_of_groups_are_what_the_register_says(parents: Engine, registers: Registers) -> None:
    code = names_of(parents, "foresatte")[1]
    rows = read_beside(parents, "response_cell", code)
    n, wrong = disagreeing(responses(registers[code], rows))
    assert n > 25
    assert wrong == []
    one_more = registers[code].assign(n_answered=lambda counts: counts["n_answered"] - 1)  # the control
    assert len(disagreeing(responses(one_more, rows))[1]) > 5


def strange_in_files(engine: Engine, code: str) -> list[str]:
    """What csv, json or xlsx of a wave hold that its release does not, or the other way round."""
    rows, found = read_rows(engine, code), []
    with open_session(engine, read_only=True) as session:
        written = {}
        for format_ in ("csv", "json", "xlsx"):
            out = io.BytesIO()
            write_results(session, wave_code=code, unit=None, format=format_, out=out)
            written[format_] = out.getvalue()
    plain = json.loads(written["json"])
    table = list(csv.DictReader(io.StringIO(written["csv"].decode())))
    for row, one, other in zip(rows.to_dict("records"), plain, table, strict=True):
        for name in NUMBERS:
            value = None if row[name] is None else float(row[name])
            told = (one[name], float(other[name]) if other[name] else None)
            if told != (value, value):
                found.append(f"{row['unit']} {row['item']} {row['measure']} {name}: {told} {value}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(written["xlsx"]))
    numbers = known(rows)
    for sheet in book.sheet_names:
        found += strange_in_sheet(book.get_sheet_by_name(sheet).to_python(), numbers)
    return found


def known(rows: pd.DataFrame) -> dict[str, set[float]]:
    """Released numbers by unit, with the smallest difference that would have been seen."""
    found: dict[str, set[float]] = defaultdict(lambda: {0.0, 100.0})  # an interval stops where the scale does
    for row in rows[rows["state"] == "shown"].to_dict("records"):
        if row["value"] is not None and row["measure"].startswith(("share:", "top2", "bottom", "missing")):
            ends = proportion_confint(round(row["value"] * row["n"]), row["n"], method="wilson")
            found[row["unit"]] |= {round(float(end), 9) for end in ends}
        found[row["unit"]] |= {round(float(row[name]), 9) for name in NUMBERS if row[name] is not None}
        if row["compared_to"] and row["low"] is not None:
            found[row["unit"]].add(round((row["high"] - row["low"]) / 2 * SEEN_AT_80, 9))
    return found


def strange_in_sheet(lines: Sequence[Sequence[object]], numbers: dict[str, set[float]]) -> list[str]:
    """Numbers in the lines of a unit that are none of its own; sheets without units tell of no answers."""
    if not lines or "Enhetskode" not in lines[0]:
        return []
    place = lines[0].index("Enhetskode")
    return [
        f"{line[place]}: {cell}"
        for line in lines[1:]
        for cell in line
        if isinstance(cell, int | float) and round(float(cell), 9) not in numbers[str(line[place])]
    ]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, registers: Registers) -> Settings:
    settings = prepare(tmp_path_factory.mktemp("demo"), reset=True)
    load(settings, lambda *_: None)
    return settings


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("survey", ["medarbeider", "foresatte", "innbygger"])
def test_every_number_of_the_demo_is_what_the_answers_say(
    demo: Settings, registers: Registers, survey: str
) -> None:
    engine = make_engine(demo.database_url)
    done = list(recounts(engine, survey))
    assert len(done) == 2
    assert [wrong for one in done for wrong in one.wrong] == []
    for code, one in zip(names_of(engine, survey), done, strict=True):
        assert strange_in_files(engine, code) == []
        rows = read_beside(engine, "moment_cell", code)
        figures = [moments(one.wave, rows), drivers(one.wave, rows), polychorics(one.wave, rows)]
        figures += [dependence(one.wave, rows, one.rows)]
        if len(registers[code]):
            figures += [responses(registers[code], read_beside(engine, "response_cell", code))]
        assert [wrong for each in figures for wrong in disagreeing(each)[1]] == []
    if survey == "innbygger":
        wave, design = done[1].wave, design_of(engine)
        made = raked(wave, *design)
        rows = read_beside(engine, "weighted_cell", names_of(engine, survey)[1])
        n, wrong = disagreeing(weighted(wave, rows, made[0]))
        assert n > 3_000
        assert wrong == []
        n, wrong = disagreeing(standard_errors(wave, rows, made, design[0], [*design[1]]))
        assert n > 1_000
        assert wrong == []
        rows["se"] *= 1.05  # the control
        assert len(disagreeing(standard_errors(wave, rows, made, design[0], [*design[1]]))[1]) > 900
    engine.dispose()


def design_of(engine: Engine) -> tuple[dict[str, int], dict[str, dict[str, float]]]:
    """People by stratum, and the margins."""
    design = pd.read_sql("SELECT n_by_unit, margins FROM wave_design", engine).iloc[0]
    return json.loads(design["n_by_unit"]), json.loads(design["margins"])
