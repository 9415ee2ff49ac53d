"""Debian's Chromium as the browser tests start it, and our scripts without a server."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Route, sync_playwright

from surveyor.config import ROOT

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
SCRIPTS = ROOT / "surveyor" / "static" / "answering"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield browser
        browser.close()


def page_with_scripts(browser: Browser) -> Page:
    """An empty page that can import the answering scripts as «/name.js»."""

    def fulfil(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name.endswith(".js"):
            route.fulfill(path=SCRIPTS / name, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html")

    page = browser.new_page()
    page.route("http://script.test/**", fulfil)
    page.goto("http://script.test/")
    return page
