"""Every kind of question: by keyboard alone, without JavaScript, and as it follows what is answered."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.every_type import EveryType, Keyboard, every_type

PHONE = {"width": 360, "height": 800}
KEPT = {
    "works": "yes", "county": "troms", "town": "tromso", "towns": "tromso", "w1": "5", "w2": "1", "w3": "9",
    "w4": "4", "likely": "8", "grade": "9", "mail": "ola@fjordvik.no",
    "web": "https://fjordvik.no", "phone": "22 33 44 55", "label": "7038010001", "first": "Kari",
    "school": "Fjordvik skole", "first~2": "Ola", "comment": "Takk",
}  # fmt: skip
TOLD = ("37", "1,5", "4,5", "02.01.2020", "07:30", "03.01.2021 08:15", "59.9 10.7", "Blå, Rød, Grønn")


@pytest.fixture(scope="module")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EveryType]:
    with every_type(tmp_path_factory.mktemp("every"), browser) as field:
        yield field


@pytest.fixture
def context(field: EveryType) -> Iterator[BrowserContext]:
    context = field.browser.new_context(viewport=PHONE, locale="nb-NO")
    context.set_default_timeout(10_000)
    yield context
    context.close()


def start(field: EveryType, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(field.link())
    with page.expect_navigation():
        page.click('a[href*="/side/"]')
    page.wait_for_load_state("load")
    return page


def go_on(page: Page, to: str = "neste") -> None:
    with page.expect_navigation():
        page.click(f".sv-actions button[value={to}]")
    page.wait_for_load_state("load")


def finish(field: EveryType, page: Page) -> None:
    text = page.inner_text("main")
    assert [told for told in TOLD if told not in text] == []
    page.focus("button[value=send]:not([tabindex])")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert re.fullmatch(r"[0-9A-Z-]{19}", page.locator("code").inner_text())
    envelope = dict(field.last_envelope())
    assert len(envelope.pop("colours").split()) == 2
    assert {name: envelope.get(name) for name in KEPT} == KEPT


@pytest.mark.timeout(120)
def test_by_keyboard_alone(field: EveryType, context: BrowserContext) -> None:
    page = start(field, context)
    Keyboard(page).to_the_end()
    finish(field, page)


@pytest.mark.timeout(120)
def test_without_javascript(field: EveryType) -> None:
    context = field.browser.new_context(viewport=PHONE, locale="nb-NO", java_script_enabled=False)
    page = start(field, context)
    Keyboard(page).to_the_end()
    finish(field, page)
    context.close()


def test_without_javascript_an_answer_is_taken_back(field: EveryType) -> None:
    """In a row of a grid, on a scale and among answer options: at once, and by keyboard."""
    for size in (PHONE, {"width": 1280, "height": 800}):
        context = field.browser.new_context(viewport=size, locale="nb-NO", java_script_enabled=False)
        page = start(field, context)
        expect(page.locator("#q-works-tom")).to_have_count(0)  # it must be answered
        page.check("#q-works-0")
        go_on(page)  # more is asked here now
        go_on(page)
        for name in ("w1", "likely", "grade"):
            none = page.locator(f"label[for=q-{name}-tom]")
            expect(none).to_be_hidden()
            page.click(f"label[for=q-{name}-2]")
            expect(none).to_be_visible()
        go_on(page)
        go_on(page, "tilbake")
        expect(page.locator("#q-w1-2")).to_be_checked()
        page.click("label[for=q-w1-tom]")
        page.click("label[for=q-likely-tom]")
        page.focus("#q-grade-0")
        page.keyboard.press("ArrowUp")  # round to the last choice of the question
        expect(page.locator("#q-grade-tom")).to_be_checked()
        go_on(page)
        go_on(page, "tilbake")
        expect(page.locator("label[for=q-w1-tom]")).to_be_hidden()
        assert page.locator("input[type=radio]:checked").count() == 0
        context.close()


def test_axe_finds_nothing_where_an_answer_can_be_taken_back_without_javascript(
    field: EveryType, context: BrowserContext
) -> None:
    """Axe needs scripts: so the page comes without its own, and what it has for nobody's is there."""

    def plain(route: Route) -> None:
        page = route.fetch()
        route.fulfill(response=page, body=re.sub("</?noscript>", "", page.text()))

    context.route("**/*.js", lambda route: route.abort())
    context.route("**/side/*", plain)
    page = start(field, context)
    page.check("#q-works-0")
    page.goto(re.sub("1$", "2", page.url))
    for name in ("w1", "likely", "grade"):
        page.click(f"label[for=q-{name}-2]")
        expect(page.locator(f"label[for=q-{name}-tom]")).to_be_visible()
    assert Axe().run(page).response["violations"] == []


def test_questions_come_and_go_with_the_answers(field: EveryType, context: BrowserContext) -> None:
    page = start(field, context)
    expect(page.locator("#q-why_not")).to_be_hidden()
    page.check("#q-works-1")
    expect(page.locator("#q-why_not")).to_be_visible()
    expect(page.locator("#live")).to_have_text("Det har kommet flere spørsmål på siden.")
    page.fill("#q-why_not", "Jeg er syk")
    page.check("#q-works-0")
    expect(page.locator("#q-why_not")).to_be_hidden()
    expect(page.locator("#q-hours")).to_be_visible()
    page.fill("#q-hours", "37")
    page.fill("#q-way", "1,5")
    expect(page.locator("[data-insert=total]")).to_have_text("44,5")
    go_on(page)
    assert page.url.endswith("/side/2")
    go_on(page, "tilbake")
    expect(page.locator("#q-why_not")).to_be_hidden()
    page.check("#q-works-1")
    expect(page.locator("#q-why_not")).to_have_value("Jeg er syk")


def test_answer_options_follow_and_a_change_of_mind_brings_a_choice_back(
    field: EveryType, context: BrowserContext
) -> None:
    page = start(field, context)
    page.check("#q-works-0")
    expect(page.locator("#q-towns")).to_be_hidden()
    page.check("#q-county-0")
    expect(page.locator("#q-town option")).to_have_text(["", "Kristiansand", "Grimstad"])
    page.select_option("#q-town", "grimstad")
    page.check("#q-towns-0")
    page.check("#q-county-1")
    expect(page.locator("#q-town")).to_have_value("")
    expect(page.locator("#q-towns .sv-choice:visible")).to_have_count(2)
    page.check("#q-county-0")
    expect(page.locator("#q-town")).to_have_value("grimstad")
    expect(page.locator("#q-towns-0")).to_be_checked()
    go_on(page)
    assert page.url.endswith("/side/2"), "nothing is asked twice"


def test_messages_come_when_an_answer_is_left_and_go_when_it_is_right(
    field: EveryType, context: BrowserContext
) -> None:
    page = start(field, context)
    go_on(page)
    expect(page.locator(".ds-error-summary")).to_be_visible()
    expect(page.locator("#q-works-feil")).to_be_visible()
    page.check("#q-works-0")
    expect(page.locator(".ds-error-summary")).to_have_count(0)
    expect(page.locator("#q-works-feil")).to_have_count(0)
    page.fill("#q-hours", "61")
    expect(page.locator("#q-hours-feil")).to_have_count(0)
    page.locator("#q-hours").blur()
    expect(page.locator("#q-hours-feil")).to_have_text("Skriv et tall fra 0 til 60.")
    assert page.get_attribute("#q-hours", "aria-invalid") == "true"
    assert "q-hours-feil" in (page.get_attribute("#q-hours", "aria-describedby") or "")
    page.fill("#q-hours", "mange")
    expect(page.locator("#q-hours-feil")).to_have_text("Skriv et helt tall, for eksempel 12.")
    page.fill("#q-hours", "60")
    expect(page.locator("#q-hours-feil")).to_have_count(0)
    assert page.get_attribute("#q-hours", "aria-invalid") is None


def test_a_row_of_a_grid_comes_with_its_answer(field: EveryType, context: BrowserContext) -> None:
    page = start(field, context)
    page.check("#q-works-0")
    go_on(page)
    expect(page.locator("#q-w4")).to_be_hidden()
    page.click("label[for=q-w1-4]")
    expect(page.locator("#q-w4")).to_be_visible()
    page.click("label[for=q-w1-3]")
    expect(page.locator("#q-w4")).to_be_hidden()


MOVING = """[...document.querySelectorAll('*')]
  .filter((node) => parseFloat(getComputedStyle(node).transitionDuration) > .01).length"""


@pytest.mark.parametrize(("width", "percent"), [(1280, 400), (1280, 200), (320, 100)])
def test_large_text_and_small_screens_need_no_sideways_scrolling(
    field: EveryType, width: int, percent: int
) -> None:
    size = {"width": width, "height": 640}
    context = field.browser.new_context(viewport=size, locale="nb-NO", reduced_motion="reduce")
    page = start(field, context)
    page.check("#q-works-0")
    page.check("#q-county-0")
    for _ in range(4):
        page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        assert page.evaluate(MOVING) == 0
        if page.locator("#q-agreed").count():
            page.check("#q-agreed")
        go_on(page)
    context.close()


def test_right_to_left_is_mirrored(field: EveryType, context: BrowserContext) -> None:
    page = start(field, context)
    with page.expect_navigation():
        page.click('button[lang="ar"]')
    page.wait_for_load_state("load")
    main = page.locator("main")
    assert main.get_attribute("dir") == "rtl"
    assert main.get_attribute("lang") == "ar"
    box, radio = page.locator("#q-works").bounding_box(), page.locator("#q-works-0").bounding_box()
    assert box
    assert radio
    assert radio["x"] > box["x"] + box["width"] / 2
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.check("#q-works-0")
    go_on(page)
    assert main.get_attribute("dir") == "rtl"


def test_a_button_does_not_slide_away_from_under_the_press(field: EveryType, context: BrowserContext) -> None:
    """The message of the field that is left comes when the button is let go, and the button does its work."""
    page = start(field, context)
    page.check("#q-works-0")
    go_on(page)
    go_on(page)
    page.fill("#q-phone", "12")
    button = page.locator(".sv-actions button[value=neste]")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    with page.expect_navigation():
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
        page.mouse.down()
        page.wait_for_timeout(200)
        expect(page.locator("#q-phone-feil")).to_have_count(0)
        page.mouse.up()
    expect(page.locator(".ds-error-summary")).to_contain_text("Telefon")
