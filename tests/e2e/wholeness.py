"""What makes a page whole on a small phone: nothing sticks out, no machine words, axe finds nothing."""

import re
from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 320, "height": 640}


def look(page: Page, *, axe: bool) -> None:
    """Nothing sticks out sideways, and axe (which needs JavaScript) finds nothing."""
    if axe:
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{page.url} is {width} wide"
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()


MACHINE = re.compile(
    r"\b[a-z]+_[a-z_]+\b|\bNone\b|\bTrue\b|%\([a-z]+\)s|\{\{|\b\d{4}-\d\d-\d\d\b|\b[0-9a-f]{8}-[0-9a-f]{4}-"
)
SIDEWAYS = """() => { const shut = [...document.querySelectorAll("details:not([open])")];
  shut.forEach(one => one.open = true);
  const boxes = [document.documentElement, ...document.querySelectorAll(".sv-scroll, .sv-tabs, main table")];
  const wide = boxes.filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
    .map(one => `${one.getAttribute("aria-labelledby") || one.localName} ${one.scrollWidth} wide`);
  shut.forEach(one => one.open = false);
  return wide }"""
MISHEADED = """() => [...document.querySelectorAll(".sv-stacked table")].flatMap(table => {
  const bare = words => words.replace(/\\s/g, "");
  const heads = [...table.querySelectorAll("thead th")].map(one => bare(one.textContent));
  const fits = (cell, at) => !cell.dataset.th || bare(cell.dataset.th) === heads[at];
  return [...table.tBodies].flatMap(body => [...body.rows])
    .filter(row => row.cells.length !== heads.length || ![...row.cells].every(fits)).map(() => table.id) })"""
CODES = re.compile(r"^/(skjema|indikatorer)/")  # where codes are what the page is about


def faults(page: Page, path: str) -> Iterator[str]:
    """What a reader would stumble on."""
    yield from page.evaluate(SIDEWAYS)
    yield from (f"cells of {table} under other headings" for table in page.evaluate(MISHEADED))
    if page.locator("h1").count() != 1:
        yield "not one heading"
    words = {} if CODES.search(path) else set(MACHINE.findall(page.inner_text("main")))
    if words:
        yield f"machine words {sorted(words)}"
    for violation in Axe().run(page).response["violations"]:
        yield f"{violation['id']} at {violation['nodes'][0]['target']}"
