"""The demo served, and its staff signed in."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from tests.e2e.wholeness import PHONE
from tests.surveyor.fieldwork.served import Server


@dataclass(frozen=True)
class Demo:
    """The demo served, with the passwords of its staff."""

    server: Server
    passwords: dict[str, str]
    browser: Browser
    folder: Path

    def signed_in(self, who: str, language: str) -> BrowserContext:
        context = self.browser.new_context(viewport=PHONE, locale=language)
        page = context.new_page()
        page.goto(f"{self.server.url}/logg-inn")
        page.fill("input[name=email]", f"{who}@fjordvik.example")
        page.fill("input[name=password]", self.passwords[who])
        page.click("main button[type=submit]")
        page.goto(f"{self.server.url}/?lang={language}")
        return context
