"""On a machine that others use too, not even the language is left behind."""

import pytest
from flask import Flask

from surveyor.config import Settings
from tests.factories import app_session
from tests.respondent import Respondent, cookie_names
from tests.waves import OpenWave, make_open_wave


@pytest.fixture
def wave(app: Flask, settings: Settings) -> OpenWave:
    with app_session(app) as session:
        return make_open_wave(session, settings, invited={"B1": 6})


def language_cookie(respondent: Respondent) -> str:
    """The line that last set the language."""
    assert respondent.page is not None
    pages = [*respondent.page.history, respondent.page]
    lines = [line for page in pages for line in page.headers.getlist("Set-Cookie")]
    return next((line for line in reversed(lines) if line.startswith("language=")), "")


@pytest.fixture
def reader(app: Flask, wave: OpenWave) -> Respondent:
    """Somebody who has chosen English."""
    respondent = Respondent(app).enter(wave.people[0].token)
    return respondent.get(f"{respondent.path}?lang=en")


def share(reader: Respondent) -> Respondent:
    reader.send(f"{reader.path}/delt")
    assert "shared" in reader.text
    return reader


def test_on_an_own_machine_the_language_is_kept_for_long(reader: Respondent) -> None:
    """The control: this is what a shared machine must not keep."""
    assert "Max-Age" in language_cookie(reader)
    visit = reader.path
    reader.start().get(f"{visit}/lagret")
    reader.client.post(f"{visit}/avslutt", data=reader.hidden())
    assert "language" in cookie_names(reader)


def test_from_the_choice_on_the_language_ends_with_the_browser(reader: Respondent) -> None:
    share(reader)
    assert language_cookie(reader).startswith("language=en")
    assert "Max-Age" not in language_cookie(reader)
    assert "Expires" not in language_cookie(reader)


def test_a_language_chosen_afterwards_ends_with_the_browser_too(reader: Respondent) -> None:
    share(reader).get(f"{reader.path}?lang=nn")
    assert language_cookie(reader).startswith("language=nn")
    assert "Max-Age" not in language_cookie(reader)


def test_whoever_leaves_leaves_no_language(reader: Respondent) -> None:
    visit = share(reader).path
    reader.client.post(f"{visit}/avslutt?lang=en", data=reader.hidden())
    assert cookie_names(reader) == ["session"]


def test_whoever_has_answered_leaves_no_language(reader: Respondent) -> None:
    share(reader).run_through()
    assert reader.receipt
    assert cookie_names(reader) == ["session"]
