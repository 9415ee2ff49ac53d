"""The demo served, and its staff signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ViewportSize

from surveyor.config import Settings
from surveyor.demo.loading import SIGN_INS, load, prepare
from tests.e2e.wholeness import PHONE
from tests.surveyor.fieldwork.served import Server, served

LAUNCH: dict[str, Any] = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--no-first-run",
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Demo:
    """The demo served, with the passwords of its staff."""

    server: Server
    passwords: dict[str, str]
    browser: Browser
    settings: Settings

    @property
    def folder(self) -> Path:
        return self.settings.instance

    def signed_in(self, who: str, language: str, viewport: ViewportSize = PHONE) -> BrowserContext:
        context = self.browser.new_context(viewport=viewport, locale=language)
        page = context.new_page()
        page.goto(f"{self.server.url}/logg-inn")
        page.fill("input[name=email]", f"{who}@fjordvik.example")
        page.fill("input[name=password]", self.passwords[who])
        with page.expect_navigation():
            page.click("main button[type=submit]")
        page.goto(f"{self.server.url}/?lang={language}")
        return context


@contextmanager
def served_demo(folder: Path, browser: Browser) -> Iterator[Demo]:
    """A demo made in a folder, while it is served."""
    settings = prepare(folder, reset=True)
    load(settings, lambda number, total, name: None)
    lines = (settings.instance / SIGN_INS).read_text().splitlines()
    passwords = {line.split("@")[0]: line.split()[1] for line in lines if "@" in line}
    with served(settings, workers=1, pepper=settings.code_pepper) as server:
        yield Demo(server, passwords, browser, settings)
