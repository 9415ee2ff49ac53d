"""Small things a page's script does: turns kept, parts counted, a choice that goes on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Questionnaire, Repeat
from surveyor.instruments.spec import Page as AskedPage
from tests.e2e.answering_field import Field, Visitor, expect_draft, running_field
from tests.waves import employee_questionnaire, select_one, words

pytestmark = pytest.mark.timeout(60)


def questionnaire() -> Questionnaire:
    """A page that goes on by itself, one with a repeated group, and one that only some are asked."""
    quick = select_one("mood", "agree", page="p1", appearance="quick")
    first = Item("first", ItemType.TEXT, words("Fornavn"), page="p2")
    child = Repeat("child", words("Barn"), (first,), most=4)
    more = select_one("more", "yes_no", page="p2")
    pages = (
        AskedPage("p1", words("Først"), nodes=(quick,)),
        AskedPage("p2", words("Så"), nodes=(child, more)),
        AskedPage("p3", words("Bare noen"), "${more} = 'yes'", (select_one("w1", "agree", page="p3"),)),
        AskedPage("p4", words("Sist"), nodes=(select_one("w2", "agree", page="p4"),)),
    )  # fmt: skip
    return replace(employee_questionnaire(), pages=pages, scales=())


@pytest.fixture(scope="module")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    yield from running_field(browser, tmp_path_factory.mktemp("scripts"), questionnaire())


def go_to(one: Visitor, side: int) -> None:
    one.page.goto(f"{one.page.url.rpartition('/')[0]}/{side}")


def parts(one: Visitor) -> list[str]:
    """The list of parts, a line each."""
    rows = one.page.locator(".sv-parts__list li")
    return [" ".join(text.split()) for text in rows.all_text_contents()]


def test_a_press_on_an_answer_goes_on(field: Field) -> None:
    with field.visit() as one:
        note = one.page.locator("#videre")
        expect(note).to_be_visible()
        assert one.page.locator("fieldset").first.get_attribute("aria-describedby") == "videre"
        before = "(n) => n.compareDocumentPosition(document.querySelector('fieldset')) & 4"
        assert note.evaluate(before), "it is said before the question"
        assert Axe().run(one.page).response["violations"] == []
        with one.page.expect_navigation():
            one.page.locator("label[for=q-mood-3]").click()
        assert one.side == "2"
        expect_draft(field, one, {"mood": "4"})
        one.on("tilbake")
        with one.page.expect_navigation():
            one.page.locator("label[for=q-mood-3]").click()  # the same answer again
        assert one.side == "2"


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_arrows_only_move_and_a_key_goes_on(field: Field, key: str) -> None:
    with field.visit() as one:
        one.page.locator("#q-mood-0").focus()
        for _ in range(3):
            one.page.keyboard.press("ArrowDown")
        one.page.wait_for_timeout(1_500)
        assert one.side == "1"
        assert one.chosen == {"mood": "4"}
        with one.page.expect_navigation():
            one.page.keyboard.press(key)
        assert one.side == "2"


def test_a_press_by_a_screen_reader_goes_on(field: Field) -> None:
    """It chooses by a click of its own, without mouse, finger or key."""
    with field.visit() as one:
        expect(one.page.locator("#videre")).to_be_visible()
        with one.page.expect_navigation():
            one.page.locator("#q-mood-3").evaluate("control => control.click()")
        assert one.side == "2"
        expect_draft(field, one, {"mood": "4"})


def test_an_arrow_held_down_only_moves_and_letting_go_elsewhere_ends_it(field: Field) -> None:
    with field.visit() as one:
        one.page.locator("#q-mood-0").focus()
        for _ in range(3):
            one.page.keyboard.down("ArrowDown")
        one.page.wait_for_timeout(800)
        assert one.side == "1", "the browser's own clicks while an arrow is down choose, no more"
        one.page.evaluate("dispatchEvent(new Event('blur'))")  # let go in another window
        with one.page.expect_navigation():
            one.page.locator("#q-mood-1").evaluate("control => control.click()")
        expect_draft(field, one, {"mood": "2"})


def test_without_a_script_nothing_goes_on_and_nothing_is_promised(field: Field) -> None:
    with field.visit(java_script_enabled=False) as one:
        expect(one.page.locator("#videre")).to_be_hidden()
        one.page.locator("label[for=q-mood-3]").click()
        one.page.wait_for_timeout(800)
        assert one.side == "1"
        one.on()
        assert one.side == "2"


def test_a_page_of_several_questions_waits_for_the_button(field: Field) -> None:
    with field.visit() as one:
        go_to(one, 2)
        expect(one.page.locator("#videre")).to_have_count(0)
        one.page.locator("label[for=q-more-0]").click()
        one.page.wait_for_timeout(800)
        assert one.side == "2"


def test_a_turn_is_saved_as_soon_as_it_is_added_or_removed(field: Field) -> None:
    with field.visit() as one:
        go_to(one, 2)
        one.write("first", "Kari")
        with one.page.expect_navigation():
            one.page.locator("button[name=turn][value='add child']").click()
        expect_draft(field, one, {"first": "Kari", "child": "2"})
        one.page.locator("[name='q-first~2']").fill("Ola")
        one.is_saved()
        with one.page.expect_navigation():
            one.page.locator("button[name=turn][value='remove child 1']").click()
        expect_draft(field, one, {"first": "Ola", "child": "1"})


def test_the_list_of_parts_keeps_up_with_what_is_saved(field: Field) -> None:
    with field.visit() as one:
        go_to(one, 2)
        one.page.locator(".sv-parts summary").click()
        assert [part.partition(" av ")[0] for part in parts(one)] == ["Først 0", "Så 0", "Sist 0"]
        one.write("first", "Kari")
        one.is_saved()
        assert parts(one)[1].startswith("Så 1 av ")
        one.choose("more", "yes")
        expect(one.page.locator(".sv-parts__list li")).to_have_count(4)
        assert parts(one)[2] == "Bare noen 0 av 1 besvart"
        assert parts(one)[1].endswith("Du er her")
        one.choose("more", "no")
        expect(one.page.locator(".sv-parts__list li")).to_have_count(3)
        one.choose("more", "yes")
        one.page.locator(".sv-parts__list button", has_text="Bare noen").click()
        one.page.wait_for_url("**/side/3*")


def test_on_the_open_link_the_part_one_is_in_is_counted_here(field: Field) -> None:
    with field.anybody() as one:
        one.page.locator(".sv-parts summary").click()
        with one.page.expect_navigation():
            one.page.locator("label[for=q-mood-3]").click()
        one.page.locator(".sv-parts summary").click()
        assert parts(one)[0].startswith("Først 1 av 1")
        told = one.page.locator(".sv-parts__list [aria-current] .sv-parts__told")
        expect(told).to_contain_text("0 av")
        total = told.inner_text().split(" ")[2]
        one.write("first", "Kari")
        expect(told).to_have_text(f"1 av {total} besvart")
        one.write("first", "")
        expect(told).to_have_text(f"0 av {total} besvart")


def test_on_the_open_link_the_list_tells_of_other_parts_too(field: Field) -> None:
    with field.anybody() as one:
        with one.page.expect_navigation():
            one.page.locator("label[for=q-mood-3]").click()
        asked: list[str] = []
        one.page.on("request", lambda request: asked.append(request.url))
        one.write("first", "Kari")
        one.choose("more", "yes")
        one.page.wait_for_timeout(800)
        assert not [url for url in asked if "oversikt" in url], "nobody looks at it"
        one.page.locator(".sv-parts summary").click()
        expect(one.page.locator(".sv-parts__list li")).to_have_count(4)
        assert parts(one)[1].startswith("Så 2 av ")
        assert parts(one)[2] == "Bare noen 0 av 1 besvart"
        one.choose("more", "no")
        expect(one.page.locator(".sv-parts__list li")).to_have_count(3)
        assert parts(one)[1].startswith("Så 2 av ")
        one.choose("more", "yes")
        one.page.locator(".sv-parts__list button", has_text="Bare noen").click()
        expect(one.page.locator("h1")).to_have_text("Bare noen")
