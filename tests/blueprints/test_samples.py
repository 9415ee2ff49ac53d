"""Samples in the browser: declared, read from files; weighted figures and who answered, for those who may."""

import csv
import io
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import SampleKind
from surveyor.campaigns.models import WaveDesign
from surveyor.campaigns.queries import sample_design, wave_by_code
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.releases.services import freeze_release
from surveyor.responses.models import RegisterCount
from tests.factories import app_session, browser, post
from tests.planned_waves import CODE, make_planned_wave
from tests.released_samples import MARGINS, PEOPLE, SIZES, UNITS, answers
from tests.releases_data import add_answers, add_frame, make_wave
from tests.samples_data import citizen_questionnaire
from tests.surveyor.releases.turnouts import GROUPS

PAGE = f"/undersokelser/{CODE}/utvalg"
RESULTS = "/resultater/W1"
FORM = citizen_questionnaire()
MARGIN_FILE = b"variabel;kategori;andel\ngender;1;0,5\ngender;2;0,5\n"


@pytest.fixture
def admin(app: Flask, settings: Settings) -> FlaskClient:
    with app_session(app) as session:
        make_planned_wave(session, settings, questionnaire=FORM)
    return browser(app, Role.SURVEY_ADMIN, "FK")


def released(app: Flask, settings: Settings, **design: object) -> None:
    segments, frame = answers(SIZES)
    with app_session(app) as session:
        wave = make_wave(session, FORM, UNITS, closes=date(2026, 5, 31))
        add_answers(session, wave, FORM, segments, frame, {"bus": ["yes", "no"]})
        given = {"kind": SampleKind.STRATIFIED, "n_population": 10_000, "n_clusters": None,
                 "n_by_unit": PEOPLE, "margins": MARGINS, **design}  # fmt: skip
        session.add(WaveDesign(wave_id=wave.id, **given))
        for place, ((unit, gender), (invited, n)) in enumerate(GROUPS.items()):
            row = {"position": place, "groups": {"unit": unit, "gender": gender}}
            session.add(RegisterCount(wave_id=wave.id, n_invited=invited * 2, n_answered=n * 2 - 10, **row))
        add_frame(session, wave, {"N": (440, 200), "S": (360, 190)})
        session.flush()
        build_cube(session, wave=wave)
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)


def reader(app: Flask, unit: str, role: Role = Role.DIRECTOR) -> FlaskClient:
    return browser(app, role, unit)


def send(client: FlaskClient, path: str, **data: object) -> tuple[int, str]:
    answer = post(client, PAGE + path, data, content_type="multipart/form-data", follow_redirects=True)
    return answer.status_code, answer.text


def test_a_sample_is_declared_with_files_and_dropped(admin: FlaskClient) -> None:
    sizes = (BytesIO(b"enhet;antall\nOPP;700\nHEL;300\n"), "s.csv")
    assert send(admin, "", kind="stratified", file=sizes)[0] == 200
    status, page = send(admin, "/fordelinger", margins=(BytesIO(MARGIN_FILE), "m.csv"))
    assert status == 200
    assert "50,0" in page
    with app_session(admin.application) as session:
        design = sample_design(session, wave_id=wave_by_code(session, code=CODE).id)
        assert design is not None
        assert (design.n_population, design.margins["gender"]["1"]) == (1000, 0.5)
    assert "1 000 personer" in admin.get(f"/undersokelser/{CODE}").text.replace("\xa0", " ")
    send(admin, "/fjern")
    with app_session(admin.application) as session:
        assert sample_design(session, wave_id=wave_by_code(session, code=CODE).id) is None


def test_every_problem_stands_on_the_page_and_nothing_is_kept(admin: FlaskClient) -> None:
    status, page = send(admin, "", kind="simple")
    assert status == 422
    assert "hvor mange personer" in page
    status, page = send(admin, "", kind="cluster", file=(BytesIO(b"enhet;antall\nX;0\nB1;5\n"), "s.csv"))
    assert status == 422
    assert "Rad 2, kolonne «enhet»" in page
    assert send(admin, "", kind="odd", n_population="-4")[0] == 422
    assert send(admin, "", kind="simple", n_population="1000")[0] == 200
    status, page = send(
        admin, "/fordelinger", margins=(BytesIO(b"variabel;kategori;antall\nx;1;5\n"), "m.csv")
    )
    assert status == 422
    assert "Rad 2, kolonne «variabel»" in page
    assert send(admin, "/fordelinger")[0] == 422


def test_weighted_figures_stand_beside_the_plain_ones(app: Flask, settings: Settings) -> None:
    released(app, settings)
    client = reader(app, "FJ")
    page = client.get(f"{RESULTS}/enhet/FJ/vektet").text
    for words in ("Vektet indeks", "Endring fra uvektet", "Designeffekt", "Svarene veier som", "50,0"):
        assert words in page
    assert "nan" not in page
    assert "Vektede tall" in client.get(f"{RESULTS}/enhet/FJ").text
    assert client.get(f"{RESULTS}/enhet/N/vektet").status_code == 200
    assert "Utvalg og vekter" in client.get(f"{RESULTS}/slik-regner-vi").text


def test_refused_weights_are_told_with_the_reason(app: Flask, settings: Settings) -> None:
    released(app, settings, margins={"gender": {"1": 0.001, "2": 0.999}})
    page = reader(app, "FJ").get(f"{RESULTS}/enhet/FJ/vektet").text
    assert "Tallene er ikke vektet" in page
    assert "Vektet indeks" not in page


def test_who_answered_is_for_those_who_see_the_whole(app: Flask, settings: Settings) -> None:
    released(app, settings)
    client = reader(app, "FJ")
    page = client.get(f"{RESULTS}/svar").text
    for words in ("Inviterte", "800", "Jevnhet (R)", "Kjønn", "omtrent"):
        assert words in page
    assert "Vis grensene" in page
    assert "Lavest og høyest mulig andel" in client.get(f"{RESULTS}/svar?grenser=1").text
    below = reader(app, "N", Role.LEADER)
    assert below.get(f"{RESULTS}/enhet/N/vektet").status_code == 200
    assert below.get(f"{RESULTS}/svar").status_code == 404
    assert below.get(f"{RESULTS}/enhet/S/vektet").status_code == 404


def test_files_hold_what_the_pages_show_and_no_more(app: Flask, settings: Settings) -> None:
    released(app, settings)
    client = reader(app, "FJ")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{RESULTS}/utvalg/fil/csv").text)))
    assert {row["table"] for row in rows} == {"weighted", "responses"}
    assert all(row["state"] == "shown" or not (row["value"] or row["n"]) for row in rows)
    book = CalamineWorkbook.from_filelike(BytesIO(client.get(f"{RESULTS}/utvalg/fil/xlsx").data))
    assert book.sheet_names == ["Om tallene", "Vektede tall", "Fordelinger", "Hvem svarte", "Grupper"]
    tables = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    written = [str(line[4]) for line in tables["Vektede tall"][1:]]
    assert written == [row["value"] or "Vises ikke" for row in rows if row["measure"] == "index"]
    assert len(tables["Fordelinger"]) - 1 == sum(row["measure"].startswith("share:") for row in rows)
    assert len(tables["Grupper"]) - 1 == sum(row["measure"] == "rate" for row in rows)
    assert client.get(f"{RESULTS}/utvalg/fil/json").status_code == 404
    assert reader(app, "N").get(f"{RESULTS}/utvalg/fil/csv").status_code == 404
