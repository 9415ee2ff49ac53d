"""Bad files sent to pages that take margins, benchmarks and mappings: told, never an error, nothing kept."""

import io
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from surveyor.accounts.enums import Role
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import SampleKind, WaveState
from surveyor.campaigns.models import WaveDesign
from surveyor.campaigns.queries import wave_by_code
from surveyor.campaigns.samples import declare_sample
from surveyor.norms.models import Norm, NormFigure
from surveyor.releases.models import Release
from tests.bad_files import UNREADABLE, sheet
from tests.factories import app_session, browser, post
from tests.releases_data import make_wave
from tests.reorganised import NOW
from tests.samples_data import citizen_questionnaire

PLACES = {
    "/undersokelser/P1/utvalg/fordelinger": ("margins", {}, ("variabel", "kategori", "antall", "andel")),
    "/kvalitet/W2/sammenligningstall": (
        "file",
        {"title": "KS"},
        ("kommune", "spørsmål", "svarkode", "antall"),
    ),
    "/kvalitet/W1/regn-om/forhandsvis": ("file", {"later": "W2"}, ("før", "nå")),
}
NASTY = ("", "nan", "inf", "-1", "=1+1", "<script>", "%(n)s", "\u202e", "x" * 500, "A1")


@pytest.fixture
def keeper(app: Flask, reorganised: Flask) -> FlaskClient:
    """A survey administrator of everything, two released waves, and a planned one that asks a sample."""
    with app_session(app) as session:
        wave = make_wave(
            session, citizen_questionnaire(), NOW, code="P1", survey="S9", closes=date(2027, 5, 31),
            state=WaveState.PLANNED,
        )  # fmt: skip
        declare_sample(session, wave=wave, kind=SampleKind.SIMPLE, n_population=1_000, actor=COMMAND_LINE)
    return browser(app, Role.SURVEY_ADMIN, "K")


def stored(app: Flask) -> tuple[object, ...]:
    with app_session(app) as session:
        tables = (Norm, NormFigure, Release, AuditEntry)
        counts = [session.scalar(select(func.count()).select_from(table)) for table in tables]
        design = session.get(WaveDesign, wave_by_code(session, code="P1").id)
        return (*counts, dict(design.margins) if design else None)


def send(client: FlaskClient, path: str, content: bytes, name: str) -> tuple[int, str]:
    field, more, _ = PLACES[path]
    data = {**more, field: (io.BytesIO(content), name)}
    answer = post(client, path, data, content_type="multipart/form-data")
    return answer.status_code, answer.text


def test_no_bad_file_is_an_error_or_leaves_anything(app: Flask, keeper: FlaskClient) -> None:
    before = stored(app)
    for path in PLACES:
        for bad, (content, name) in UNREADABLE.items():
            status, page = send(keeper, path, content, name)
            assert status in (413, 422), (path, bad, status)
            assert status == 413 or "ds-error-summary" in page, (path, bad)
        assert post(keeper, path, PLACES[path][1], content_type="multipart/form-data").status_code == 422
    assert stored(app) == before


def test_no_bad_cell_is_an_error_or_leaves_anything(app: Flask, keeper: FlaskClient) -> None:
    before = stored(app)
    for path, (_, _, headings) in PLACES.items():
        for cell in NASTY:
            row = (cell,) * len(headings)
            for content, name in (
                ("\n".join(";".join(one) for one in (headings, row, row)).encode(), "fil.csv"),
                (sheet(headings, row, row, name="Tall"), "fil.xlsx"),
            ):
                status, page = send(keeper, path, content, name)
                assert status == 422, (path, cell, status)
                assert "<script>" not in page.split("<main", 1)[1].split("</main>")[0]
                if cell not in ("", "=1+1") and name == "fil.xlsx":  # a cell in error is an empty one
                    assert "Ark «Tall», rad " in page, (path, cell)
    assert stored(app) == before


def test_good_files_are_kept(app: Flask, keeper: FlaskClient) -> None:
    """Negative control: the same ways in do store."""
    before = stored(app)
    rows = "".join(f"Kommune {n};C1;3;10\n" for n in range(5))
    norm = f"kommune;spørsmål;svarkode;antall\n{rows}".encode()
    assert send(keeper, "/kvalitet/W2/sammenligningstall", norm, "n.csv")[0] == 302
    margins = b"variabel;kategori;andel\ngender;1;50\ngender;2;50\n"
    assert send(keeper, "/undersokelser/P1/utvalg/fordelinger", margins, "m.csv")[0] == 302
    after = stored(app)
    assert after[:2] > before[:2]
    assert after[4] == {"gender": {"1": 0.5, "2": 0.5}}
