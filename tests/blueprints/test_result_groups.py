"""Pages of background groups, and the page of second releases."""

from collections.abc import Callable

import pytest
from flask import Flask

from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.campaigns.queries import wave_by_code
from surveyor.config import Settings
from surveyor.jobs.runner import run_next_job
from surveyor.releases.queries import cells_of, wave_release
from surveyor.releases.services import freeze_release
from surveyor.worker import load_tasks
from tests.factories import app_session, browser, post
from tests.released_groups import add_late, counted
from tests.two_releases import text_of

PAGE = "/resultater/W1/enhet/{}/grupper/sex"


@pytest.fixture
def settled(app: Flask, settings: Settings, remember: Callable[..., None]) -> Flask:
    """A released wave with two background questions."""

    def fill() -> None:
        with app_session(app) as session:
            wave = counted(session)
            freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
            wave.state, wave.outcome, wave.scope = WaveState.CLOSED, WaveOutcome.RELEASED, ["R"]

    remember("a release with groups", fill)
    return app


def test_groups_stand_beside_each_other_and_are_told_in_words(settled: Flask) -> None:
    client = browser(settled, Role.HR, "R")
    page = client.get(PAGE.format("A"))
    assert page.status_code == 200
    words = text_of(page.text)
    assert "Kvinne" in words
    assert "Vil ikke si" not in words
    assert "«Kvinne» ligger tydelig høyere enn de andre" in words
    with app_session(settled) as session:
        release = wave_release(session, wave_code="W1")
        rows = list(cells_of(session, release_id=release.release_id, units=["A"], cut="sex"))
    wanted = ("f", "q1", "index", "")
    women = next(r for r in rows if (r.category, r.item, r.measure, r.compared_to) == wanted)
    assert f">{round(women.value)}<" in page.text
    theme = client.get(PAGE.format("A") + "/tema/s").text
    assert "Mot de andre i enheten" in text_of(theme)
    assert "Spørsmål q1" in text_of(theme)
    assert "Spørsmål q3" in text_of(client.get(PAGE.format("A") + "/sporsmal").text)
    assert "Grupper etter bakgrunnsspørsmål" in client.get("/resultater/W1/slik-regner-vi").text


def test_units_too_deep_or_of_others_have_no_such_page(settled: Flask) -> None:
    client = browser(settled, Role.LEADER, "B")
    assert client.get(PAGE.format("B")).status_code == 200
    assert client.get(PAGE.format("B11")).status_code == 404
    assert "Grupper" not in text_of(client.get("/resultater/W1/enhet/B11").text)
    assert client.get(PAGE.format("A")).status_code == 404
    assert client.get(PAGE.format("B").replace("sex", "q1")).status_code == 404
    assert client.get(PAGE.format("B") + "/tema/nothing").status_code == 404


def test_a_unit_without_groups_says_so(settled: Flask) -> None:
    client = browser(settled, Role.HR, "R")
    page = text_of(client.get(PAGE.format("C")).text)
    assert "Ingen tall vises for grupper i denne enheten." in page


def test_the_page_of_a_second_release_says_what_happened(settled: Flask, settings: Settings) -> None:
    client = browser(settled, Role.SURVEY_ADMIN, "R")
    address = "/undersokelser/W1/ny-frigivelse"
    assert "Frigi på nytt" not in text_of(client.get(address).text)  # nothing to release yet
    refused = post(client, f"{address}/trekk", {"code": "feil"})
    assert refused.status_code == 422
    assert "ikke en kvitteringskode" in refused.text
    with app_session(settled) as session:
        add_late(session, wave_by_code(session, code="W1"), "A1", 2)
    assert "Frigi på nytt" in text_of(client.get(address).text)
    assert post(client, address).status_code == 302
    load_tasks()
    engine = settled.extensions["surveyor.engine"]
    assert run_next_job(engine, settings)
    page = text_of(client.get(address).text)
    assert "Tallene ble ikke frigitt på nytt" in page
    assert "Det gjelder" not in page, "where somebody answered late or withdrew is told to nobody"
