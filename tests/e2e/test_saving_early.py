"""What is changed before the saving script is there is not lost either, in Chromium against a real server."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.e2e.answering_field import Field, Visitor, expect_draft, until

pytestmark = pytest.mark.timeout(60)
SAVING, EARLY = "**/answering/saving.js*", "**/answering/early.js*"


@contextmanager
def waiting_for(field: Field, *scripts: str, is_open: bool = False) -> Iterator[Visitor]:
    """A browser in which these scripts are on their way and never come."""
    context = field.context()
    if EARLY in scripts:
        context.route(EARLY, lambda route: route.abort())
    context.route(SAVING, lambda route: None)
    page = context.new_page()
    visitor = Visitor(field, page, "" if is_open else field.next_token())
    page.goto(field.open_link if is_open else field.link(visitor.token), wait_until="commit")
    with page.expect_navigation(wait_until="commit"):
        page.locator("a[href*='/side/']").first.click()
    yield visitor
    context.close()


def go_elsewhere(page: Page) -> None:
    """As when another address is typed."""
    page.goto(page.url.partition("/innbygger/")[0] + "/personvern")


def test_a_change_made_before_the_script_came_is_sent_as_the_page_is_left(field: Field) -> None:
    with waiting_for(field, SAVING) as one:
        one.choose("w1", "4")
        go_elsewhere(one.page)
        expect_draft(field, one, {"w1": "4"})


def test_without_what_comes_first_it_would_be_gone(field: Field) -> None:
    """The control."""
    with waiting_for(field, SAVING, EARLY) as one:
        one.choose("w1", "4")
        go_elsewhere(one.page)
        one.page.wait_for_timeout(500)
        assert field.draft(one.token) == {}


def test_a_page_left_untouched_sends_nothing(field: Field) -> None:
    with waiting_for(field, SAVING) as one:
        sent: list[str] = []
        one.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        expect(one.page.locator("[name=q-w1]").first).to_be_attached()
        go_elsewhere(one.page)
        one.page.wait_for_timeout(300)
        assert sent == []


def test_put_away_and_taken_up_again_it_goes_on_from_what_was_sent(field: Field) -> None:
    with waiting_for(field, SAVING) as one:
        one.choose("w1", "4")
        rev = one.page.locator("[name=rev]").input_value()
        hide = """isHidden => {
            Object.defineProperty(document, "hidden", {value: isHidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
        one.page.evaluate(hide, True)
        until(one.page, f"document.querySelector('[name=rev]').value !== '{rev}'")
        one.page.evaluate(hide, False)
        one.choose("w1", "5")
        one.choose("again", "no")
        with one.page.expect_navigation(wait_until="commit"):
            one.press()
        assert one.side == "2", "it is not taken for another window's answer"
        assert field.draft(one.token) == {"w1": "5", "again": "no"}


def test_the_script_takes_over_what_was_changed_before_it_came(field: Field) -> None:
    context = field.context()
    held: list[object] = []
    context.route(SAVING, lambda route: held.append(route))
    page = context.new_page()
    one = Visitor(field, page, field.next_token())
    page.goto(field.link(one.token), wait_until="commit")
    with page.expect_navigation(wait_until="commit"):
        page.locator("a[href*='/side/']").first.click()
    one.choose("w1", "4")
    for route in held:
        route.continue_()  # type: ignore[attr-defined]
    one.is_saved()
    assert field.draft(one.token) == {"w1": "4"}
    context.close()


def test_on_the_open_link_the_browser_asks_before_a_change_is_lost(field: Field) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    with waiting_for(field, SAVING, is_open=True) as one:
        one.page.on("dialog", leave)
        expect(one.page.locator("[name=q-w1]").first).to_be_attached()
        questions = one.page.url
        go_elsewhere(one.page)
        assert asked == [], "nothing was changed"
        one.page.goto(questions, wait_until="commit")
        one.page.locator("label[for=q-w1-3]").click()
        go_elsewhere(one.page)
        assert asked == ["beforeunload"]
    with field.anybody() as other:
        other.page.on("dialog", leave)
        other.choose("w1", "4")
        other.says("Tatt vare på i nettleseren")
        go_elsewhere(other.page)
        assert len(asked) == 1, "it is kept by then"


def test_on_the_open_link_the_browser_asks_where_it_cannot_keep_anything(field: Field) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    with field.anybody() as one:
        one.page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
        one.page.evaluate("document.addEventListener('answering:ready', e => { window.cannot = !e.detail; })")
        one.page.on("dialog", leave)
        one.page.locator("label[for=q-w1-3]").click()
        until(one.page, "window.cannot")
        go_elsewhere(one.page)
        assert asked == ["beforeunload"]


def test_on_the_open_link_a_change_made_first_is_not_overwritten_by_what_was_kept(field: Field) -> None:
    with field.anybody() as one:
        one.choose("w1", "4")
        one.says("Tatt vare på i nettleseren")
        held: list[object] = []
        one.page.context.route(SAVING, lambda route: held.append(route))
        one.page.goto(one.page.url, wait_until="commit")
        one.page.locator("label[for=q-w1-1]").click()
        for route in held:
            route.continue_()  # type: ignore[attr-defined]
        one.says("Tatt vare på i nettleseren")
        one.choose("again", "no")
        one.page.context.unroute(SAVING)
        one.page.reload()
        one.says("Tatt vare på i nettleseren")
        assert one.chosen == {"w1": "2", "again": "no"}
