"""Answering in Chromium on a small phone: by keyboard, without JavaScript, in three languages, with axe."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from surveyor.config import Settings
from surveyor.db import make_engine, unit_of_work
from surveyor.responses.models import Envelope
from tests.e2e.wholeness import PHONE, look
from tests.surveyor.fieldwork.served import Server, served
from tests.waves import OpenWave, make_open_wave

LANGUAGES = {"nb": "Arbeidsdagen", "nn": "Arbeidsdagen", "en": "The working day"}


@dataclass(frozen=True)
class Field:
    """A served wave and the browser that visits it."""

    server: Server
    wave: OpenWave
    settings: Settings
    browser: Browser

    def link(self, person: int) -> str:
        return f"{self.server.url}/medarbeider/s/{self.wave.people[person].token}"

    def n_envelopes(self) -> int:
        engine = make_engine(self.settings.database_url)
        with unit_of_work(engine) as session:
            found = len(session.scalars(select(Envelope.rev)).all())
        engine.dispose()
        return found


@pytest.fixture
def field(settings: Settings, browser: Browser) -> Iterator[Field]:
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, invited={"B1": 6})
    engine.dispose()
    with served(settings, workers=1) as server:
        yield Field(server, wave, settings, browser)


def press_through(page: Page, *, axe: bool) -> str:
    """From the welcome page to the receipt, by keyboard alone; returns the receipt code."""
    look(page, axe=axe)
    press(page, "a", "/side/1")
    look(page, axe=axe)
    choose(page, "w1", 3)
    choose(page, "again", 2)  # arrow keys go round: one more than the last is the first
    press(page, "button[name=to][value=neste]:not([tabindex])")
    look(page, axe=axe)
    page.locator("#q-goods-0").focus()
    page.keyboard.press("Space")
    page.locator("#q-years").focus()
    page.keyboard.type("12")
    page.keyboard.press("Enter")  # the form's own first button must be "on", not a language
    page.wait_for_url("**/kontroll")
    look(page, axe=axe)
    press(page, "button[value=send]:not([tabindex])")
    look(page, axe=axe)
    return page.locator("code").inner_text()


def press(page: Page, selector: str, address: str | None = None) -> None:
    """Tab to a link or button and press Enter."""
    target = page.locator(f'{selector}[href*="{address}"]' if address else selector).first
    target.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, item: str, steps: int) -> None:
    """Choose in a radio group by arrow keys."""
    page.locator(f"#q-{item}-0").focus()
    page.keyboard.press("Space")
    for _ in range(steps):
        page.keyboard.press("ArrowDown")


@pytest.mark.timeout(120)
def test_by_keyboard_on_a_small_phone_axe_finds_nothing(field: Field) -> None:
    context = field.browser.new_context(viewport=PHONE, locale="nb-NO")
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(field.link(0))
    assert "Trivsel" in page.locator("h1").inner_text()
    code = press_through(page, axe=True)
    assert len(code) == 19
    assert field.n_envelopes() == 1
    page.goto(field.link(0))
    look(page, axe=True)
    assert "Du har svart" in page.locator("h1").inner_text()
    for path in ("/medarbeider/beskyttelse/trivsel-2026", "/medarbeider/kode", "/medarbeider/kvittering"):
        page.goto(field.server.url + path)
        look(page, axe=True)
    page.goto(f"{field.server.url}/medarbeider/s/finnes-ikke")
    look(page, axe=True)
    assert not [text for text in said if "Content Security" in text]
    context.close()


@pytest.mark.timeout(120)
def test_without_javascript(field: Field) -> None:
    context = field.browser.new_context(viewport=PHONE, locale="nb-NO", java_script_enabled=False)
    page = context.new_page()
    page.goto(field.link(1))
    assert len(press_through(page, axe=False)) == 19
    assert field.n_envelopes() == 1
    context.close()


@pytest.mark.timeout(120)
def test_errors_and_languages_on_a_small_phone(field: Field) -> None:
    context = field.browser.new_context(viewport=PHONE, locale="nb-NO")
    page = context.new_page()
    page.goto(field.link(2))
    press(page, "a", "/side/1")
    choose(page, "w2", 1)
    for language, heading in LANGUAGES.items():
        press(page, f"button[lang={language}]")
        assert heading in page.locator("h1").inner_text()
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("#q-w2-1").is_checked()
        look(page, axe=True)
    press(page, "button[name=to][value=neste]:not([tabindex])")
    summary = page.locator(".ds-error-summary")
    assert summary.get_by_role("link").get_attribute("href") == "#q-again"
    look(page, axe=True)
    press(page, "button[value=senere]")
    look(page, axe=True)
    assert field.n_envelopes() == 0
    context.close()
