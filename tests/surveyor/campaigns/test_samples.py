"""A wave that asks a sample: declared with every problem told, checked at launch, frozen by it."""

import io
import random
from contextlib import suppress

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import SampleKind
from surveyor.campaigns.margins import read_margins, read_sizes
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import sample_design
from surveyor.campaigns.samples import declare_sample, drop_sample, import_margins
from surveyor.campaigns.spec import SampleDesign, group_above
from surveyor.config import Settings
from surveyor.errors import InvalidInput, Refused
from surveyor.fieldwork.launch import launch_wave, planned_launch
from surveyor.units.spec import UnitNode, UnitTree
from tests.factories import TREE
from tests.planned_waves import invite_people, make_planned_wave
from tests.samples_data import citizen_questionnaire

FORM = citizen_questionnaire()
UNITS = UnitTree.of(UnitNode(None, code, name, kind, parent) for code, name, kind, parent in TREE)  # type: ignore[arg-type]
GOOD = "variabel;kategori;antall\ngender;1;600\ngender;2;400\nenhet;OPP;700\nenhet;HEL;300\n"
STRATA = b"enhet;antall\nOPP;700\nHEL;300\n"


def margins(content: str | bytes, n: int = 1000) -> dict[str, dict[str, float]]:
    file = content.encode() if isinstance(content, str) else content
    return read_margins(file, "m.csv", questionnaire=FORM, tree=UNITS, n_population=n)


def problems(content: str, n: int = 1000) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(InvalidInput) as refused:
        margins(content, n)
    return [(p.row, p.column, str(p)) for p in refused.value.problems]


def make_sample(session: Session, settings: Settings, **fields: object) -> Wave:
    wave = make_planned_wave(session, settings, questionnaire=FORM, **fields)
    invite_people(session, settings, wave, B1=8, B2=7, S1=9)
    return wave


def declare(session: Session, wave: Wave, **fields: object) -> SampleDesign:
    given = {"kind": SampleKind.STRATIFIED, "file": STRATA, "filename": "s.csv", **fields}
    return declare_sample(session, wave=wave, actor=COMMAND_LINE, **given)  # type: ignore[arg-type]


def refusals(session: Session, settings: Settings, wave: Wave) -> str:
    return " ".join(map(str, planned_launch(session, settings, wave=wave).refusals))


def test_margins_become_shares_whatever_they_were() -> None:
    assert margins(GOOD) == {"gender": {"1": 0.6, "2": 0.4}, "unit": {"OPP": 0.7, "HEL": 0.3}}
    percent = 'item,code,prosent\ngender,1,"60,0 %"\ngender,2,40\n'
    assert margins(percent)["gender"] == {"1": 0.6, "2": 0.4}
    assert margins("item,code,andel\ngender,1,.6\n".replace(".6", "0.6") + "gender,2,0.4\n") == margins(
        percent
    )


def test_margins_are_read_from_a_workbook() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(
            [("Variabel", "Kategori", "Antall"), ("gender", 1, 600), ("gender", 2, 400)]
        ):
            sheet.write_row(row, 0, cells)
    assert margins(out.getvalue()) == {"gender": {"1": 0.6, "2": 0.4}}


def test_every_problem_of_a_margins_file_with_row_and_column() -> None:
    found = problems(
        "variabel;kategori;antall\nmood;1;5\ngender;7;5\ngender;1;x\ngender;1;0\nenhet;B9;5\n;1;5\ngender;;5\n"
        "age;1;300\nage;1;300\nage;2;\n"
    )
    assert [(row, column) for row, column, _ in found] == [
        (2, "variabel"), (3, "kategori"), (4, "antall"), (5, "antall"), (6, "kategori"), (7, "variabel"),
        (8, "kategori"), (10, "kategori"), (11, "antall"), (9, "kategori"),
    ]  # fmt: skip
    assert "gender, age, unit" in found[0][2]
    assert "1, 2" in found[1][2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("variabel;kategori;antall\ngender;1;600\ngender;2;300\n", "900 til sammen"),
        ("variabel;kategori;andel\ngender;1;60\ngender;2;30\n", "100 prosent"),
        ("variabel;kategori;antall;andel\ngender;1;600;\ngender;2;;0.4\n", "både antall og andeler"),
        ("variabel;kategori;antall;andel\ngender;1;600;60\ngender;2;400;40\n", "enten antall eller andel"),
        ("variabel;kategori;antall\ngender;1;1000\n", "minst to kategorier"),
        ("variabel;kategori;antall\n", "ingen fordelinger"),
        ("variabel;antall\ngender;1\n", "Kolonnen «kategori» (eller «category») mangler"),
    ],
)
def test_margins_that_cannot_be_used_are_refused(content: str, said: str) -> None:
    assert said in " ".join(message for *_, message in problems(content))


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    for read in (margins, lambda file: read_sizes(file, "s.csv", tree=UNITS)):
        with suppress(InvalidInput):
            read(b"variable,category,count,unit,population\n" + content)


@given(st.lists(st.integers(1, 10**6), min_size=5, max_size=5))
def test_shares_of_a_variable_make_one(counts: list[int]) -> None:
    lines = [f"age;{code};{n}" for code, n in enumerate(counts, 1)]
    random.Random(1).shuffle(lines)
    found = margins("\n".join(["variabel;kategori;antall", *lines]), sum(counts))["age"]
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert found["1"] == pytest.approx(counts[0] / sum(counts), rel=1e-12)


def test_a_sample_is_declared_kept_and_dropped(session: Session, settings: Settings) -> None:
    wave = make_sample(session, settings)
    found = declare(session, wave)
    assert (found.kind, found.n_population, found.n_by_unit) == ("stratified", 1000, {"OPP": 700, "HEL": 300})
    import_margins(session, wave=wave, file=GOOD.encode(), filename="m.csv", actor=COMMAND_LINE)
    session.expire_all()
    kept = sample_design(session, wave_id=wave.id)
    assert kept is not None
    assert kept.margins["gender"] == {"1": 0.6, "2": 0.4}
    assert refusals(session, settings, wave) == ""
    drop_sample(session, wave=wave, actor=COMMAND_LINE)
    session.flush()
    assert sample_design(session, wave_id=wave.id) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": SampleKind.SIMPLE, "file": None}, ["hvor mange personer"]),
        ({"kind": SampleKind.SIMPLE, "n_population": 2000}, ["ingen fil"]),
        ({"file": None}, ["hvor mange personer", "minst to enheter"]),
        ({"n_population": 900}, ["flere enn målingen gjelder"]),
        ({"n_population": 1200}, ["skal utgjøre alle"]),
        ({"kind": SampleKind.CLUSTER, "n_population": 5000, "n_clusters": 1}, ["klynger"]),
        (
            {"file": b"enhet;antall\nOPP;700\nB1;20\nX;4\nHEL;0\nHEL;5\n"},
            ["ligger under", "ikke med", "over 0"],
        ),
    ],
)
def test_what_is_wrong_with_a_sample_is_told(
    session: Session, settings: Settings, fields: dict[str, object], said: list[str]
) -> None:
    wave = make_sample(session, settings)
    with pytest.raises(InvalidInput) as refused:
        declare(session, wave, **fields)
    told = " ".join(map(str, refused.value.problems))
    assert all(words in told for words in said), told
    assert sample_design(session, wave_id=wave.id) is None


def test_margins_need_a_sample(session: Session, settings: Settings) -> None:
    with pytest.raises(Refused, match="Si først"):
        import_margins(session, wave=make_sample(session, settings), file=GOOD.encode(), actor=COMMAND_LINE)


def test_a_launch_freezes_the_sample(session: Session, settings: Settings) -> None:
    wave = make_sample(session, settings)
    declare(session, wave)
    import_margins(session, wave=wave, file=GOOD.encode(), actor=COMMAND_LINE)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    session.flush()
    assert (wave.launch_manifest or {})["sample"]["margins"]["unit"] == {"OPP": 0.7, "HEL": 0.3}
    with pytest.raises(Refused, match="startet"):
        declare(session, wave)
    with pytest.raises(Refused, match="startet"):
        drop_sample(session, wave=wave, actor=COMMAND_LINE)
    with pytest.raises(IntegrityError, match="frozen: "):
        session.execute(text("UPDATE wave_design SET n_population = 9"))


@pytest.mark.parametrize(
    ("fields", "sizes", "said"),
    [
        ({"open_link": True}, STRATA, "åpen lenke"),
        ({}, b"enhet;antall\nOPP;10\nHEL;300\n", "bare 10 personer"),
        ({}, b"enhet;antall\nB1;70\nHEL;300\n", "ikke hører til noen enhet"),
        ({}, b"enhet;antall\nOPP;700\nS1;300\n", ""),
    ],
)
def test_what_keeps_a_sample_from_being_launched(
    session: Session, settings: Settings, fields: dict[str, object], sizes: bytes, said: str
) -> None:
    wave = make_sample(session, settings)
    declare(session, wave, file=sizes)
    assert not wave.open_link
    wave.open_link = bool(fields.get("open_link"))
    assert said in refusals(session, settings, wave)
    assert (not said) is planned_launch(session, settings, wave=wave).may_launch


def test_small_strata_are_refused_not_merged(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings, questionnaire=FORM)
    invite_people(session, settings, wave, B1=8, B2=3, S1=9)
    declare(session, wave, file=b"enhet;antall\nB1;70\nB2;30\nS1;90\n")
    told = refusals(session, settings, wave)
    assert "har 3 inviterte" in told
    assert "lagres samlet" in told


def test_a_sample_needs_people(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings, questionnaire=FORM)
    declare(session, wave)
    assert "Les inn deltakerne" in refusals(session, settings, wave)


def test_a_unit_belongs_to_the_listed_unit_above() -> None:
    parents = {"FK": None, "OPP": "FK", "B1": "OPP"}
    assert [group_above(unit, parents, {"OPP": 1}) for unit in ("B1", "OPP", "FK")] == ["OPP", "OPP", None]
