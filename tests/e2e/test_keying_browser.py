"""Keying a paper sheet twice in Chromium by keyboard alone, with and without JavaScript, with axe."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from surveyor.accounts.enums import Role
from surveyor.accounts.passwords import hash_password
from surveyor.config import Settings
from surveyor.db import make_engine, unit_of_work
from surveyor.invitations.credentials import new_code
from surveyor.responses.models import Envelope
from tests.factories import make_account
from tests.paper import make_open_link_wave
from tests.surveyor.fieldwork.served import Server, served

PASSWORD = "et langt passord til prøve"
PHONE = {"width": 360, "height": 640}
# battery of three, yes or no, why, several goods, years, a comment: what is typed in each field
FIRST = ["3", "4", "2", "1", "", "13", "12", "Alt er bra"]
SECOND = ["3", "5", "2", "1", "", "13", "12", "Alt er bra"]


@dataclass(frozen=True)
class Desk:
    """A served wave with an open link, and the browser of somebody who keys."""

    server: Server
    settings: Settings
    browser: Browser

    def n_envelopes(self) -> int:
        engine = make_engine(self.settings.database_url)
        with unit_of_work(engine) as session:
            found = session.scalar(select(func.count()).select_from(Envelope))
        engine.dispose()
        return found or 0

    def signed_in(self, *, javascript: bool) -> Page:
        context = self.browser.new_context(viewport=PHONE, locale="nb", java_script_enabled=javascript)
        page = context.new_page()
        page.goto(f"{self.server.url}/logg-inn")
        page.focus("input[name=email]")
        page.keyboard.type("taster@fjordvik.test")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return page


@pytest.fixture
def desk(settings: Settings, browser: Browser) -> Iterator[Desk]:
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        make_open_link_wave(session, settings)
        hashed = hash_password(PASSWORD)
        make_account(session, Role.SCORECARD_OFFICE, "FK", email="taster@fjordvik.test", password_hash=hashed)
    engine.dispose()
    with served(settings, workers=1) as server:
        yield Desk(server, settings, browser)


def look(page: Page, *, axe: bool) -> None:
    if axe:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()


def focused(page: Page) -> None:
    """Wait until the page has put the focus where typing begins."""
    expect(page.locator("main input:focus")).to_have_count(1)


def open_sheet(page: Page, code: str) -> None:
    focused(page)
    page.keyboard.type(code)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def type_sheet(page: Page, answers: list[str], *, by_script: bool) -> None:
    """From field to field: one key moves on by itself where it can, Enter elsewhere; without script, Tab."""
    focused(page)
    for place, answer in enumerate(answers):
        page.keyboard.type(answer)
        moved = by_script and place < 4 and answer
        if not moved:
            page.keyboard.press("Enter" if by_script else "Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # the focus is on the button now


def choose_second(page: Page) -> None:
    while page.evaluate_handle("document.activeElement").get_attribute("type") != "radio":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_sheet_is_keyed_twice_by_keyboard_alone(desk: Desk, javascript: bool) -> None:
    page = desk.signed_in(javascript=javascript)
    page.goto(f"{desk.server.url}/papirsvar/trivsel-2026")
    look(page, axe=javascript)
    code = new_code()
    open_sheet(page, code)
    look(page, axe=javascript)
    type_sheet(page, FIRST, by_script=javascript)
    assert "Første tasting er lagret" in page.inner_text("main")
    open_sheet(page, code)
    assert "Andre tasting" in page.inner_text("h1")
    type_sheet(page, SECOND, by_script=javascript)
    assert "ulike" in page.inner_text("h1")
    look(page, axe=javascript)
    assert desk.n_envelopes() == 0
    choose_second(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Svaret er sendt inn" in page.inner_text("main")
    assert desk.n_envelopes() == 1
    open_sheet(page, code)
    assert "allerede svart" in page.inner_text("main")
    look(page, axe=javascript)
