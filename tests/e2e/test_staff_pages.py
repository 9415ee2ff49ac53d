"""Every page that staff reach by links in the demo: on a small phone, with axe, without machine words."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.demo_visits import Demo
from tests.e2e.wholeness import MACHINE, MISHEADED, PHONE, SIDEWAYS, faults

pytestmark = pytest.mark.soak
STAFF = {
    "admin": "nb", "undersokelser": "nn", "controller": "en", "granstubben": "nb", "bms": "nn",
    "oppvekst": "en", "politiker": "nb",
}  # fmt: skip
MANY = 2  # pages looked at of one kind
ELSEWHERE = re.compile(r"^/resultater/.|/vis/|/fil\b|/vedlegg/|/eksport/|lang=")  # other tests', or downloads
NAMES = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}"), "ID"),
    (re.compile(r"(/kort|/godkjenn)/[^/]+/\d+"), r"\1/X"),
    (re.compile(r"/(enheter)/(?!les-inn)[^/?]+|/(rediger|verdier)/[^/?]+"), r"/\1\2/X"),
    (re.compile(r"=[^&]*"), "="),
)


@pytest.mark.parametrize(("who", "language"), STAFF.items())
def test_every_page_in_reach_is_whole(demo: Demo, who: str, language: str) -> None:
    context = demo.signed_in(who, language)
    page, wrong, seen = context.new_page(), list[str](), 0
    page.on(
        "console", lambda said: wrong.append(f"{page.url}: {said.text}") if said.type == "error" else None
    )
    for path in reachable(page, demo.server.url):
        seen += 1
        wrong += [f"{path}: {what}" for what in faults(page, path)]
    context.close()
    assert not wrong, "\n".join(wrong)
    assert seen >= 5


def reachable(page: Page, base: str) -> Iterator[str]:
    """Open page after page as links lead, a few of each kind."""
    todo, known, kinds = ["/"], {"/"}, dict[str, int]()
    while todo:
        path = todo.pop(0)
        kind = shape(path)
        if kinds.get(kind, 0) >= MANY:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = page.goto(base + path)
        assert answer is not None
        assert answer.status == 200, f"{path} answers {answer.status}"
        yield path
        for link in page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.href)"):
            parts = urlsplit(link)
            onward = parts.path + (f"?{parts.query}" if parts.query else "")
            if link.startswith(base) and onward not in known and not ELSEWHERE.search(onward):
                known.add(onward)
                todo.append(onward)


def shape(path: str) -> str:
    for pattern, word in NAMES:
        path = pattern.sub(word, path)
    return path


def test_what_scrolls_sideways_is_found(browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    row = "<tr>" + "<td>Barnehage</td>" * 9 + "</tr>"
    page.set_content(
        f'<main><div class="sv-scroll" aria-labelledby="a" style="overflow-x:auto"><table>{row}</table></div>'
        f'<details><summary>C</summary><p style="width:{2 * PHONE["width"]}px">c</p></details></main>'
    )
    assert [one.split()[0] for one in page.evaluate(SIDEWAYS)] == ["html", "a"]
    page.set_content("<main><table><tr><td>Barnehage</td></tr></table></main>")
    assert page.evaluate(SIDEWAYS) == []
    page.close()


@pytest.mark.parametrize(("heading", "found"), [("Barn", []), ("Voksne", ["t"])])
def test_cells_under_other_headings_are_found(browser: Browser, heading: str, found: list[str]) -> None:
    page = browser.new_page()
    cells = f'<th>Barn</th></tr></thead><tbody><tr><td data-th="{heading}">5</td></tr></tbody>'
    page.set_content(f'<div class="sv-stacked"><table id="t"><thead><tr>{cells}</table></div>')
    assert page.evaluate(MISHEADED) == found
    page.close()


def test_a_kind_of_page_has_one_shape() -> None:
    assert shape("/styringskort/kort/BH04/2026") == shape("/styringskort/kort/HEL/2025")
    assert shape("/enheter/FJ") == shape("/enheter/HEL") != shape("/enheter/les-inn")
    assert MACHINE.search("first_password")
    assert not MACHINE.search("medarbeider-2026-11, 21.11.2026")
