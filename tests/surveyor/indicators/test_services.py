"""Definitions from files and by hand, values and where they come from."""

from datetime import timedelta
from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.models import AuditEntry
from surveyor.config import Settings
from surveyor.errors import InvalidInput, NotFound, Refused
from surveyor.indicators.enums import Direction, Perspective
from surveyor.indicators.models import Indicator, IndicatorValue
from surveyor.indicators.queries import current_values, indicator_by_code, indicators
from surveyor.indicators.services import (
    delete_indicator,
    import_indicators,
    import_values,
    publish_wave,
    refresh_form_values,
    save_indicator,
)
from surveyor.indicators.spec import Definition, parse_number
from surveyor.releases.models import ReleaseCell
from surveyor.units.models import OrgUnit
from tests.card_data import OFFICE, make_indicator, make_score, record_value, release_wave
from tests.case_rounds import CODE as FORM
from tests.case_rounds import GOOD, file_case, make_round
from tests.factories import make_tree

HEAD = "code,name,perspective,source,direction,target,green_from,yellow_from,measured_in,unit_types\n"
ROW = 'fravaer,Sykefravær,Medarbeidere,csv,ned,"6,5",7,9,%,barnehage;sykehjem\n'


def take(session: Session, text: str, filename: str = "indikatorer.csv") -> None:
    import_indicators(session, file=text.encode(), filename=filename, actor=OFFICE)


def refused(session: Session, text: str) -> list[tuple[int | None, str | None]]:
    with pytest.raises(InvalidInput) as caught:
        take(session, text)
    assert session.scalar(select(func.count()).select_from(Indicator)) == 0
    return [(problem.row, problem.column) for problem in caught.value.problems]


def n_rows(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(IndicatorValue)) or 0


def test_a_file_of_definitions_is_read_and_read_again(session: Session) -> None:
    make_tree(session)
    take(session, HEAD + ROW)
    one = indicator_by_code(session, code="fravaer")
    assert (one.perspective, one.direction, one.target) == (Perspective.EMPLOYEES, Direction.DOWN, 6.5)
    assert (one.green_from, one.yellow_from, one.unit_types) == (7, 9, ["barnehage", "sykehjem"])
    report = import_indicators(
        session, file=(HEAD + ROW.replace("Sykefravær", "Fravær") + ROW.replace("fravaer", "annet")).encode(),
        filename="i.csv", actor=OFFICE,
    )  # fmt: skip
    assert (report.n_new, report.n_changed, report.n_same) == (1, 1, 0)
    assert str(report.lines[0]).endswith("1 nye, 1 endret, 0 uendret.")
    assert [i.name for i in indicators(session)] == ["Fravær", "Sykefravær"]


def test_norwegian_headings_and_a_workbook(session: Session) -> None:
    make_tree(session)
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Kode", "Navn", "Perspektiv", "Kilde", "Retning", "Grønt fra"])
        sheet.write_row(1, 0, ["budsjett", "Budsjett", "Økonomi", "manual", "opp", 0.5])
    import_indicators(session, file=content.getvalue(), filename="i.xlsx", actor=OFFICE)
    one = indicator_by_code(session, code="budsjett")
    assert (one.perspective, one.green_from, one.unit_types) == (Perspective.ECONOMY, 0.5, [])


def test_every_fault_is_told_with_row_and_column_and_nothing_is_stored(session: Session) -> None:
    make_tree(session)
    bad = "a b,,Penger,tull,til siden,mye,7,9,%,\nfravaer,X,users,csv,up,1,2,3,%,\n"
    assert refused(session, HEAD + bad + ROW) == [
        (2, "name"), (2, "code"), (2, "perspective"), (2, "direction"), (2, "target"), (3, "code"),
        (4, "code"),
    ]  # fmt: skip
    assert refused(session, HEAD) == [(None, None)]
    assert refused(session, "code,name\n")[0][1] is None


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("survey:S9/item:q1/mean", "undersøkelse"),
        ("survey:S1/item:q9/mean", "spørsmål"),
        ("survey:S1/scale:q1/index", "indeks"),
        ("survey:S1/item:q1/median", "median"),
        ("survey:S1/item:q1/share:7", "share:7"),
        ("survey:S1/item:q1/missing_share", "missing_share"),
        ("form:ukjent/on_time", "skjema"),
        ("form:ukjent/mean", "mean"),
        ("tull", "tull"),
    ],
)
def test_a_source_that_is_not_there_is_a_fault(
    session: Session, settings: Settings, source: str, word: str
) -> None:
    make_tree(session)
    release_wave(session, settings)
    with pytest.raises(InvalidInput) as caught:
        take(session, HEAD + f"x,X,users,{source},up,,70,60,,\n")
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (2, "source")
    assert word in str(problem)


def test_limits_and_types_are_checked(session: Session) -> None:
    make_tree(session)
    text = HEAD + "a,A,users,manual,up,,60,70,,\nb,B,users,manual,down,,,70,,\nc,C,users,manual,up,,,,,skip\n"
    assert refused(session, text) == [(2, "yellow_from"), (3, "green_from"), (4, "unit_types")]


def test_by_hand_a_code_is_taken_once_and_changes_are_noted(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    with pytest.raises(InvalidInput) as caught:
        make_indicator(session)
    assert [problem.field for problem in caught.value.problems] == ["code"]
    definition = Definition("fravaer", "Fravær", Perspective.EMPLOYEES, "csv", Direction.DOWN)
    save_indicator(session, definition=definition, code="fravaer", actor=OFFICE)
    session.flush()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "indicator.edited")).one()
    assert set(entry.details["fields"]) >= {"name", "source", "target"}


def test_only_an_unused_indicator_is_deleted(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    record_value(session, 8)
    with pytest.raises(Refused):
        delete_indicator(session, code="fravaer", is_on_card=False, actor=OFFICE)
    make_indicator(session, "annet")
    with pytest.raises(Refused):
        delete_indicator(session, code="annet", is_on_card=True, actor=OFFICE)
    delete_indicator(session, code="annet", is_on_card=False, actor=OFFICE)
    with pytest.raises(NotFound):
        indicator_by_code(session, code="annet")


def test_a_new_value_replaces_and_the_old_one_stays(session: Session) -> None:
    make_tree(session)
    one = make_indicator(session)
    first = clock.now()
    with clock.fixed_at(first):
        assert record_value(session, 8)
        assert not record_value(session, 8)  # the same again is nothing new
    with clock.fixed_at(first + timedelta(hours=1)):
        assert record_value(session, 7.5)
    assert n_rows(session) == 2
    (now,) = current_values(session, periods=[2026], indicator_ids=[one.id]).values()
    (then,) = current_values(session, periods=[2026], as_of=first).values()
    assert (now.value, then.value, now.source) == (7.5, 8, OFFICE.name)
    assert current_values(session, periods=[2026], as_of=first - timedelta(seconds=1)) == {}


def test_values_from_a_file_and_every_fault_in_it(session: Session, settings: Settings) -> None:
    make_tree(session)
    release_wave(session, settings)
    make_indicator(session, source="csv")
    make_score(session)
    good = b"indikator;enhet;\xc3\xa5r;verdi\nfravaer;B1;2026;7,3\nfravaer;B2;2026;8,1 %\n"
    report = import_values(session, file=good, filename="fravær.csv", actor=OFFICE)
    assert (report.n_values, report.n_new, report.n_units) == (2, 2, 2)
    assert import_values(session, file=good, filename="fravær.csv", actor=OFFICE).n_new == 0
    bad = good + b"trivsel;B1;2026;9\nfravaer;X;2026;9\nfravaer;B1;2026;9\nx;B1;2026;1\n"
    with pytest.raises(InvalidInput) as caught:
        import_values(session, file=bad, filename="fravær.csv", actor=OFFICE)
    places = [(problem.row, problem.column) for problem in caught.value.problems]
    assert places == [(4, "indikator"), (5, "enhet"), (7, "indikator"), (6, "verdi")]
    with pytest.raises(InvalidInput) as caught:
        import_values(session, file=good + b"fravaer;B1;26;mye\n;;;\n", filename="f.csv", actor=OFFICE)
    assert [(p.row, p.column) for p in caught.value.problems] == [(4, "verdi"), (4, "år")]
    with pytest.raises(InvalidInput):
        import_values(session, file=good, filename="f.csv", actor=OFFICE, units={"B1"})
    assert n_rows(session) == 2


def test_figures_out_of_answers_are_never_written_by_hand(session: Session, settings: Settings) -> None:
    make_tree(session)
    release_wave(session, settings)
    make_score(session)
    with pytest.raises(Refused):
        record_value(session, 100, code="trivsel")
    with pytest.raises(NotFound):
        record_value(session, 100, code="trivsel", unit="X")


def test_a_wave_gives_every_unit_that_is_shown_its_value(session: Session, settings: Settings) -> None:
    make_tree(session)
    release_wave(session, settings)
    one = make_score(session)
    share = make_score(session, "enig", source="survey:S1/item:q1/top2", measured_in="%")
    report = publish_wave(session, wave_code="W1", actor=OFFICE)
    cells = {
        (cell.unit, cell.measure): cell
        for cell in session.scalars(
            select(ReleaseCell).where(ReleaseCell.item == "q1", ReleaseCell.compared_to == "")
        )
    }
    codes = {unit.id: unit.code for unit in all_units(session)}
    values = current_values(session, periods=[2026])
    found = {codes[v.unit_id]: v for v in values.values() if v.indicator_id == one.id}
    shown = {unit for (unit, measure), cell in cells.items() if measure == "index" and cell.value is not None}
    assert set(found) == shown
    assert "B2" not in found
    assert {"FK", "S1"} <= set(found)
    for unit, value in found.items():
        cell = cells[unit, "index"]
        assert (value.value, value.n, value.low, value.high) == (cell.value, cell.n, cell.low, cell.high)
        assert (value.source, value.release_sha256) == ("W1", report.release_sha256)
    shares = {codes[v.unit_id]: v.value for v in values.values() if v.indicator_id == share.id}
    exact = {u: c.value * 100 for (u, m), c in cells.items() if m == "top2" and c.value is not None}
    assert shares == pytest.approx(exact)
    assert publish_wave(session, wave_code="W1", actor=OFFICE).n_new == 0
    assert str(report.lines[0]).startswith("W1: ")


def all_units(session: Session) -> list[OrgUnit]:
    return list(session.scalars(select(OrgUnit)))


def test_a_share_known_only_as_a_band_is_no_value(session: Session, settings: Settings) -> None:
    make_tree(session)
    release_wave(session, settings)
    make_score(session, "bunn", source="survey:S1/item:q1/share:5", measured_in="%")
    publish_wave(session, wave_code="W1", actor=OFFICE)
    bands = session.scalars(
        select(ReleaseCell.unit).where(
            ReleaseCell.item == "q1", ReleaseCell.measure == "share:5", ReleaseCell.state == "shown",
            ReleaseCell.value.is_(None),
        )
    ).all()  # fmt: skip
    assert bands
    values = {value.unit_id for value in current_values(session, periods=[2026]).values()}
    assert not values & {unit.id for unit in all_units(session) if unit.code in bands}


def test_publishing_only_where_one_may_and_not_without_a_release(
    session: Session, settings: Settings
) -> None:
    make_tree(session)
    release_wave(session, settings)
    assert publish_wave(session, wave_code="W1", actor=OFFICE).lines[0].params == {"source": "W1"}
    make_score(session)
    assert publish_wave(session, wave_code="W1", actor=OFFICE, units={"S1"}).n_units == 1
    with pytest.raises(NotFound):
        publish_wave(session, wave_code="W9", actor=OFFICE)


def test_forms_are_counted_into_values_of_units_and_parents(session: Session, settings: Settings) -> None:
    make_tree(session)
    _round, cases = make_round(session, settings, units=("B1", "B2"), deadline_on=clock.today())
    file_case(session, cases["B1"], GOOD)
    make_indicator(
        session,
        "frist",
        source=f"form:{FORM}/on_time",
        direction=Direction.UP,
        green_from=90.0,
        yellow_from=80.0,
    )
    make_indicator(session, "avvik", source=f"form:{FORM}/open_deviations", measured_in="antall")
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        report = refresh_form_values(session, instrument_code=FORM, period=2026, actor=OFFICE)
    codes = {unit.id: unit.code for unit in all_units(session)}
    ids = {one.id: one.code for one in indicators(session)}
    found = {
        (ids[v.indicator_id], codes[v.unit_id]): v.value
        for v in current_values(session, periods=[2026]).values()
    }
    assert found["frist", "B1"] == 100
    assert found["frist", "B2"] == 0
    assert found["frist", "OPP"] == 50
    assert found["avvik", "B1"] == 0
    assert report.n_values == len(found)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7,3", 7.3),
        ("1 234,50", 1234.5),
        ("7.3 %", 7.3),
        ("\N{MINUS SIGN}2", -2),
        ("1\u00a0000", 1000),
        ("+.5", 0.5),
    ],
)
def test_numbers_as_people_write_them(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "nan", "inf", "1e999", "1,2,3", "sju", "0x10", "1_000"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=".*"):
        parse_number(text)
