"""Our answering scripts in a browser, without a server."""

from playwright.sync_api import Browser, Page, Route

from surveyor.config import ROOT

SCRIPTS = ROOT / "surveyor" / "static" / "answering"


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
