"""The results pages: only released numbers, only units one may see, one mark for all that is hidden."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from statsmodels.stats.proportion import proportion_confint

from blueprints import result_figures
from blueprints.filters import number
from blueprints.home_tasks import NEWS
from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.models import Release, ReleaseCell
from surveyor.releases.queries import wave_release
from surveyor.releases.services import freeze_release
from surveyor.releases.spec import Row, Share
from surveyor.units.services import move_unit
from tests.factories import app_session, browser
from tests.releases_data import (
    BFI_SCALES,
    add_answers,
    bfi,
    bfi_questionnaire,
    choice,
    code_list,
    make_wave,
    one_page,
)
from tests.two_releases import SIZES, UNITS, freeze, released, table_rows, text_of

NAMES = ("unit", "over_time", "questions", "scale")


def pages(unit: str, wave: str = "W2") -> dict[str, str]:
    base = f"/resultater/{wave}/enhet/{unit}"
    return dict(zip(NAMES, (base, f"{base}/over-tid", f"{base}/sporsmal", f"{base}/tema/N"), strict=True)) | {
        "rest": f"{base}?view=rest",
        "last": f"{base}?view=last",
    }


# Who sees what


def test_the_list_leads_to_the_units_one_leads(settled: Flask) -> None:
    leader = browser(settled, Role.LEADER, "A1")
    page = leader.get("/resultater/").text
    assert "/resultater/W2/enhet/A1" in page
    assert "/resultater/W1/enhet/A1" in page
    assert "enhet/A2" not in page
    assert leader.get("/resultater/W2").location == "/resultater/W2/enhet/A1"


@pytest.mark.parametrize(("role", "unit"), [(Role.LEADER, "A1"), (Role.DIRECTOR, "A"), (Role.HR, "K")])
def test_every_page_of_every_unit_below_ones_own_and_of_no_other(
    settled: Flask, role: Role, unit: str
) -> None:
    client = browser(settled, role, unit)
    below = {"A1": {"A1"}, "A": {"A", "A1", "A2"}, "K": set(UNITS)}[unit]
    for code in [*UNITS, "nowhere"]:
        wanted = 200 if code in below else 404
        assert {client.get(url).status_code for url in pages(code).values()} == {wanted}, code
    assert client.get("/resultater/W2/enhet/A1/tema/nothing").status_code == 404
    assert client.get("/resultater/W9/enhet/A1").status_code == 404


def test_a_leaders_pages_offer_no_other_unit_and_no_file(settled: Flask) -> None:
    leader = browser(settled, Role.LEADER, "A1")
    for url in pages("A1").values():
        page = leader.get(url).text
        assert not re.search(r"Enhet (A|K|A2|B)\b", page), url
        assert "/fil" not in page


def test_a_unit_that_moved_away_is_seen_on_the_tree_of_its_wave(settled: Flask, settings: Settings) -> None:
    with app_session(settled) as session:
        move_unit(session, code="A1", parent="B", on=date(2026, 6, 15), actor=COMMAND_LINE)
        freeze(session, settings, "W3", date(2026, 7, 31), 900)
    a, b = browser(settled, Role.DIRECTOR, "A"), browser(settled, Role.DIRECTOR, "B")
    assert [a.get(pages("A1", wave)["unit"]).status_code for wave in ("W2", "W3")] == [200, 404]
    assert [b.get(pages("A1", wave)["unit"]).status_code for wave in ("W2", "W3")] == [404, 200]
    assert "31.07.2026" not in a.get(pages("A1")["over_time"]).text
    assert "31.05.2026" not in b.get(pages("A1", "W3")["over_time"]).text


def test_the_front_page_leads_to_what_is_new(settled: Flask) -> None:
    leader = browser(settled, Role.LEADER, "A1")
    assert "/resultater/W2/enhet/A1" in leader.get("/").text
    assert "/resultater/" not in browser(settled, Role.READER, "A1").get("/").text
    with clock.fixed_at(clock.now() + NEWS + timedelta(days=1)):
        old = browser(settled, Role.LEADER, "A1").get("/").text
    assert "/resultater/W2" not in old


def test_a_wave_without_a_release_is_not_there(settled: Flask) -> None:
    with app_session(settled) as session:
        make_wave(session, bfi_questionnaire(), UNITS, code="W4", state=WaveState.OPEN)
    hr = browser(settled, Role.HR, "K")
    listed = hr.get("/resultater/").text
    assert "/resultater/W1" in listed
    assert "/resultater/W4" not in listed
    assert hr.get(pages("K", "W4")["unit"]).status_code == 404


def test_the_first_visit(app: Flask) -> None:
    with app_session(app) as session:
        make_wave(session, bfi_questionnaire(), UNITS, code="W1", state=WaveState.OPEN)
    assert "Ingen resultater ennå" in browser(app, Role.HR, "K").get("/resultater/").text


@pytest.mark.parametrize("unit", UNITS)
def test_the_overview_is_the_release_row_by_row(settled: Flask, unit: str) -> None:
    rows = {
        (row.item, row.compared_to): row
        for row in released(settled)
        if row.unit == unit and row.kind is CellKind.SCALE and row.measure == "index"
    }
    page = browser(settled, Role.HR, "K").get(pages(unit)["unit"]).text
    if all(rows[scale, ""].state is CellState.HIDDEN for scale in BFI_SCALES):
        assert 'id="temaer-tabell"' not in page
        return
    found = table_rows(page, "temaer-tabell")
    assert [line[0] for line in found] == [f"Faktor {scale}" for scale in BFI_SCALES]
    for scale, line in zip(BFI_SCALES, found, strict=True):
        bare = rows[scale, ""]
        if bare.state is CellState.HIDDEN or scale in items_only(settled):
            assert line[1:5] == ["Vises ikke", "", "", ""]
        else:
            interval = (
                "–" if bare.low is None else f"{number(max(bare.low, 0))} til {number(min(bare.high, 100))}"
            )
            assert line[1:5] == [number(bare.value), "", interval, number(bare.n)]


def items_only(app: Flask) -> frozenset[str]:
    with app_session(app) as session:
        return wave_release(session, wave_code="W2").items_only


def test_a_theme_whose_questions_do_not_belong_together_has_no_index_and_says_so(settled: Flask) -> None:
    assert items_only(settled) == {"A", "O"}
    client = browser(settled, Role.LEADER, "A")
    overview, theme = pages("A")["unit"], pages("A")["scale"]
    for url in (overview, theme.replace("tema/N", "tema/O"), pages("A")["over_time"]):
        page = client.get(url).text
        assert re.search(r"Disse temaene har ingen indeks her,[^.]*: .*Faktor O\b.*\. Les", text_of(page))
    mine = next(row for row in table_rows(client.get(overview).text, "temaer-tabell") if row[0] == "Faktor O")
    assert mine[1:5] == ["Vises ikke", "", "", ""]
    theme_page = client.get(theme.replace("tema/N", "tema/O")).text
    assert re.search(r"\d", table_rows(theme_page, "sporsmal-tabell")[0][1])


def test_all_that_is_hidden_looks_the_same_and_bears_no_number(settled: Flask) -> None:
    client = browser(settled, Role.HR, "K")
    page = client.get(pages("B3")["unit"]).text
    assert 'id="temaer-tabell"' not in page
    assert "Ingen tall vises for denne enheten" in page
    below = {line[0]: line[1:] for line in table_rows(client.get(pages("B")["unit"]).text, "enheter")}
    assert set(below["Enhet B3"]) == {"Vises ikke"}
    above = client.get(pages("B")["unit"]).text
    marks = set(re.findall(r'<span class="sv-hidden">[^<]*</span>', page + above))
    assert marks == {'<span class="sv-hidden">Vises ikke</span>'}


def test_verdicts_are_words_and_never_bare_probabilities(settled: Flask) -> None:
    client = browser(settled, Role.HR, "K")
    for unit in UNITS:
        for url in pages(unit).values():
            text = text_of(client.get(url).text).casefold()
            assert not re.search(r"signifikan|p-verdi|\bp\s*[=<]", text)


def test_few_answers_have_the_band_of_the_whole_wave_and_say_so(settled: Flask) -> None:
    client = browser(settled, Role.HR, "K")
    shown = {
        row.unit for row in released(settled)
        if row.item == "N" and row.measure == "index" and row.state is CellState.SHOWN
    }  # fmt: skip
    assert {"A1", "B2"} <= shown
    words = "anslått fra spredningen i hele målingen"
    assert words in client.get(pages("B2")["scale"]).text
    assert words not in client.get(pages("A1")["scale"]).text


def test_the_method_tells_the_waves_own_limits(app: Flask, settings: Settings) -> None:
    with app_session(app) as session:
        asked = bfi_questionnaire()
        wave = make_wave(session, asked, UNITS, k_spread=20)
        segments = [unit for unit, n in SIZES.items() for _ in range(n)]
        add_answers(session, wave, asked, segments, bfi()[0].iloc[: len(segments)])
        build_cube(session, wave=wave)
        session.flush()
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    text = text_of(browser(app, Role.LEADER, "A1").get("/resultater/W1/slik-regner-vi").text)
    assert "vises når minst 20 har svart" in text
    assert "vises når minst 5 har svart" in text
    assert "Minst 10 har svart på hver side" in text


# Nothing but released numbers, on a release of made-up, far-apart numbers

SPARSE = {
    "index": (437, 31.7, 23.1, 41.9), "mean": (437, 2.34, 2.11, 2.57), "sd": (437, 0.86, None, None),
    "share:1": (433, 0.137, None, None), "share:2": (433, None, 0.0, 0.1),
    "share:3": (433, 0.763, None, None),
    "missing_share": (433, 0.173, None, None),
}  # fmt: skip


REST, LAST, EFFECT = (17.3, 13.7, 21.9), (-26.8, -33.4, -19.6), 0.0789


ALLOWED_WORDS = {
    "0",
    "100",
    "10",
    "31",
    "05",
    "2026",
    "1",
    "3",
    "25",
    "50",
    "75",
}  # axes, bands, dates, scale


def sparse_rows(unit: str) -> list[Row]:
    rows = [Row(unit, CellKind.WAVE, "", "response_rate", CellState.SHOWN, 613, 0.714)]
    for kind, item in ((CellKind.SCALE, "S"), (CellKind.ITEM, "qa"), (CellKind.ITEM, "qb")):
        for measure, (n, value, low, high) in SPARSE.items():
            if kind is CellKind.ITEM or measure in {"index", "mean", "sd"}:
                rows.append(Row(unit, kind, item, measure, CellState.SHOWN, n, value, low, high))
        for against, (difference, low, high), verdict in (
            ("rest", REST, "higher"), ("last", LAST, "none")
        ):  # fmt: skip
            rows.append(
                Row(
                    unit, kind, item, "index", CellState.SHOWN, 437, None, low, high, against, difference,
                    0.0123, 0.0456, EFFECT, verdict,
                )
            )  # fmt: skip
    return rows


@pytest.fixture
def sparse(app: Flask) -> FlaskClient:
    """A release that no answers lie behind: what pages show can only come from its cells."""
    asked = one_page(
        "q",
        [code_list("c3", 1, 3, missing=True)],
        [choice("qa", "c3", scale="S"), choice("qb", "c3")],
        [result_scale()],
    )
    with app_session(app) as session:
        wave = make_wave(session, asked, {"K": None, "A": "K"}, state=WaveState.CLOSED)
        method = {"k_mean": 5, "k_spread": 10, "n_cells": 2, "confidence": 0.95, "version": "t"}
        release = Release(wave_id=wave.id, frozen_on=wave.closes, method=method, manifest_sha256="x")
        session.add(release)
        session.flush()
        rows = [row for unit in ("K", "A") for row in sparse_rows(unit)]
        cells = [row._asdict() | {"release_id": release.id, "position": n} for n, row in enumerate(rows)]
        session.execute(insert(ReleaseCell), cells)
    return browser(app, Role.HR, "K")


def result_scale() -> object:
    return type(bfi_questionnaire().scales[0])("S", {"nb": "Tema"}, ("qa",))


def written_forms() -> set[str]:
    """Every way a number of the sparse release may be written."""
    percents = [100 * part for _n, *parts in SPARSE.values() for part in parts if part is not None]
    plain = [part for _n, *parts in SPARSE.values() for part in parts if part is not None]
    counts = [n for n, *_ in SPARSE.values()] + [613, 71.4]
    half = (LAST[2] - LAST[1]) / 2 * (1 + 0.8416 / 1.96)  # the smallest sure difference, out of the interval
    pairs = 50 * (1 + EFFECT)  # of a hundred pairs, out of the effect
    shares = [(round(value * n), n) for n, value, *_ in SPARSE.values() if value is not None and value < 1]
    sure = [100 * end for x, n in shares for end in proportion_confint(x, n, method="wilson")]
    numbers = [*percents, *plain, *counts, *map(abs, REST), *map(abs, LAST), half, pairs, *sure]
    return {number(value, decimals) for value in numbers for decimals in (0, 1)} | ALLOWED_WORDS


def strays(page: str) -> set[str]:
    """Numbers a reader meets in the page's content, pictures' texts included, that no cell holds."""
    content = re.search(r"<main.*?</main>", page, re.DOTALL)
    assert content
    picker = re.sub(r"<form.*?</form>", "", content[0], flags=re.DOTALL)
    return set(re.findall(r"\d+(?:,\d+)?", text_of(picker))) - written_forms()


def test_every_number_on_every_page_is_a_cell_of_the_release(sparse: FlaskClient) -> None:
    for unit in ("K", "A"):
        for name, url in pages(unit, "W1").items():
            page = sparse.get(url.replace("tema/N", "tema/S"))
            assert page.status_code == 200
            assert strays(page.text) == set(), name
    overview = text_of(sparse.get(pages("A", "W1")["unit"]).text)
    assert "71 %" in overview
    assert "23 til 42" in overview
    assert "Tydelig høyere +17 poeng (14 til 22)" in overview


def test_a_number_from_elsewhere_is_found(sparse: FlaskClient) -> None:
    page = sparse.get(pages("A", "W1")["unit"]).text
    assert strays(page.replace("</main>", "<p>58</p></main>")) == {"58"}
    assert strays(page.replace("</main>", "<p>0,0123</p></main>")) == {"0,0123"}


def test_bands_are_words_and_have_no_figure_in_the_picture(sparse: FlaskClient) -> None:
    page = sparse.get(pages("A", "W1")["questions"]).text
    assert table_rows(page, "fordeling-1-tabell") == [
        ["Spørsmål qb", "14 % 11 til 17", "høyst 10 %", "76 % 72 til 80", "433", "17 % 14 til 21"]
    ]
    picture = re.search(r'aria-labelledby="fordeling-1-1-t.*?</svg>', page, re.DOTALL)
    assert picture
    assert "Svar 2 høyst 10 %" in text_of(picture[0])
    assert len(re.findall("<text", picture[0])) == 2


@given(st.lists(st.integers(0, 40), min_size=2, max_size=7).filter(any))
def test_drawn_shares_fill_the_bar(counts: list[int]) -> None:
    n = sum(counts)
    shares = [
        Share("share:1", True, n, None, 0.9, 1.0) if n < 20 and x > 0.9 * n
        else Share("share:1", True, n, None, 0.0, 0.1) if n < 20 and x < 0.1 * n
        else Share("share:1", True, n, x / n)
        for x in counts
    ]  # fmt: skip
    drawn = result_figures.drawn_shares(shares)
    assert drawn is not None
    assert sum(drawn) == pytest.approx(1)
    assert all(width >= 0 for width in drawn)
    assert all(w == s.value for w, s in zip(drawn, shares, strict=True) if s.value is not None)
    assert result_figures.drawn_shares([*shares, Share("share:9", False)]) is None
