"""axe finds nothing on any page a respondent can meet, in any language, width and colour scheme."""

from collections.abc import Iterator
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.answering_field import until
from tests.e2e.every_type import EveryType, every_type

AXE = Axe()
LANGUAGES, WIDTHS, SCHEMES = ("nb", "nn", "en", "ar"), (320, 768, 1280), ("light", "dark")
LOCALES = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB", "ar": "nb-NO"}
QUICK = {"welcome", "empty", "filled", "message", "error", "grid", "types", "parts", "review", "receipt"}
QUICK |= {"review wrong", "question"}


@pytest.fixture(scope="module")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EveryType]:
    with every_type(tmp_path_factory.mktemp("axe"), browser) as field:
        yield field


def states(field: EveryType, page: Page, language: str) -> Iterator[str]:
    """Every page state in turn, from the welcome page to the withdrawn answer."""
    link = field.link()
    page.goto(f"{link}?lang={language}")
    yield "welcome"
    yield from _first_page(page, language)
    yield from _further_pages(page)
    _to(page, '.sv-actions button[value="neste"]')
    yield "review"
    yield from _review_of_something_wrong(page)
    _to(page, 'button[value="send"]:not([tabindex])')
    yield "receipt"
    page.goto(link)
    yield "answered"
    _to(page, 'a[href$="/trekk"]')
    yield "withdraw"
    _to(page, "main button[type=submit]")
    yield "withdrawn"
    for path in ("s/finnes-ikke", "beskyttelse/trivsel-2026", "kode", "kvittering"):
        page.goto(f"{field.url}/medarbeider/{path}")
        yield path.partition("/")[0]
    for path in ("kode", "kvittering"):
        page.goto(f"{field.url}/medarbeider/{path}")
        page.fill("input[name=code]", "feil")
        _to(page, "main button[type=submit]")
        yield f"{path} wrong"


def _first_page(page: Page, language: str) -> Iterator[str]:
    _to(page, 'a[href*="/side/"]')
    if language == "ar":
        _to(page, 'button[lang="ar"]')
    yield "empty"
    _to(page, '.sv-actions button[value="neste"]')
    yield "error"
    page.check("#q-works-0")
    page.fill("#q-hours", "37")
    page.fill("#q-way", "2")
    page.check("#q-county-1")
    page.select_option("#q-town", "tromso")
    yield "filled"
    page.fill("#q-hours", "70")
    page.locator("#q-hours").blur()
    yield "message"
    page.fill("#q-hours", "40")
    page.click(".sv-parts summary")
    yield "parts"
    _to(page, 'button[value="visning"]')
    yield "single"
    page.click(".sv-parts summary")
    _to(page, 'button[value="visning"]')
    _to(page, '.sv-actions button[value="senere"]')
    yield "kept"
    _to(page, "main .sv-actions a")
    _to(page, 'a[href*="/side/"]')


def _further_pages(page: Page) -> Iterator[str]:
    if page.url.endswith("/side/1"):
        _to(page, '.sv-actions button[value="neste"]')
    page.click("label[for=q-w1-4]")
    yield "grid"
    _to(page, '.sv-actions button[value="neste"]')
    _to(page, '.sv-actions button[value="neste"]')
    yield "types"
    page.check("#q-agreed")
    _to(page, '.sv-actions button[value="neste"]')
    page.fill("#q-first", "Kari")
    _to(page, 'button[value="add child"]')
    yield "turns"
    _to(page, '.sv-actions button[value="neste"]')
    page.fill("#q-comment", "Takk")
    yield "last"


def _review_of_something_wrong(page: Page) -> Iterator[str]:
    _to(page, '.sv-review button[value="3"]')
    page.fill("#q-phone", "12")
    _to(page, '.sv-actions button[value="senere"]')
    page.goto(page.url.replace("/lagret", "/kontroll"))
    yield "review wrong"
    _to(page, ".sv-as-link")
    yield "question"
    page.fill("#q-phone", "22 33 44 55")
    _to(page, '.sv-actions button[value="neste"]')


def _to(page: Page, selector: str) -> None:
    _settled(page)
    with page.expect_navigation():
        page.click(selector)
    page.wait_for_load_state("load")


def _settled(page: Page) -> None:
    """Until nothing waits to be saved: a page that finds unsaved answers goes elsewhere by itself."""
    until(page, "!Object.keys(localStorage).some(name => name.startsWith('svar:'))")


def faults(
    field: EveryType, language: str, width: int, scheme: str, only: set[str] | None = None
) -> list[str]:
    """What axe says of each state, and pages that are wider than the window."""
    size, locale = {"width": width, "height": 720}, LOCALES[language]
    context = field.browser.new_context(
        viewport=size, locale=locale, color_scheme=scheme, reduced_motion="reduce"
    )  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    page, found = context.new_page(), []
    for state in states(field, page, language):
        _settled(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{state}: wider than {width}")
        if only is None or state in only:
            told = AXE.run(page).response["violations"]
            found += [f"{state}: {each['id']} {each['nodes'][0]['html'][:120]}" for each in told]
    context.close()
    return found


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("language", "width", "scheme"), [("nb", 320, "light")])
def test_axe_finds_nothing(field: EveryType, language: str, width: int, scheme: str) -> None:
    assert faults(field, language, width, scheme, QUICK) == []


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("language", "width", "scheme"), list(product(LANGUAGES, WIDTHS, SCHEMES)))
def test_axe_finds_nothing_anywhere(field: EveryType, language: str, width: int, scheme: str) -> None:
    assert faults(field, language, width, scheme) == []


def test_axe_would_notice(field: EveryType) -> None:
    context = field.browser.new_context()
    page = context.new_page()
    page.goto(f"{field.url}/medarbeider/kode")
    page.evaluate("document.querySelector('label').remove()")
    assert AXE.run(page).response["violations"]
    context.close()
