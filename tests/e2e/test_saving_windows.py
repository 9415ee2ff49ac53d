"""Nothing is lost, in Chromium: several windows, buttons pressed twice, ended visits, shared machines."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.answering_field import Field, Visitor, expect_draft, until
from tests.e2e.wholeness import look

pytestmark = pytest.mark.timeout(60)


def test_the_back_button_shows_what_was_answered(field: Field) -> None:
    with field.visit() as one:
        one.choose("w1", "3")
        one.choose("again", "yes")
        one.on()
        one.write("years", "7")
        one.is_saved()
        one.page.go_back()
        expect(one.page.locator("[name=q-w1][value='3']")).to_be_checked()
        assert one.chosen == {"w1": "3", "again": "yes"}
        one.choose("w1", "5")
        one.is_saved()
        one.page.go_forward()
        expect(one.page.locator("[name=q-years]")).to_have_value("7")
        assert one.chosen == {"years": "7"}
        assert field.draft(one.token) == {"w1": "5", "again": "yes", "years": "7"}


def test_two_windows_are_merged_question_by_question(field: Field) -> None:
    with field.visit() as one:
        other = one.another_window()
        one.choose("w1", "5")
        one.is_saved()
        other.choose("w2", "1")
        other.is_saved()
        assert other.chosen == {"w1": "5", "w2": "1"}
        expect(other.page.locator("[data-notices]")).to_contain_text("annet vindu")
        assert field.draft(one.token) == {"w1": "5", "w2": "1"}
        one.choose("w2", "3")  # the newest change of a question wins,
        until(one.page, "document.querySelector('[data-notices]').textContent !== ''")
        one.is_saved()
        assert field.draft(one.token) == {"w1": "5", "w2": "3"}
        notice = one.page.locator("[data-notices]")
        expect(notice).to_contain_text("Grad 1")  # what it replaced is told, and can be brought back
        notice.get_by_role("button").click()
        one.is_saved()
        assert one.chosen["w2"] == "1"
        expect_draft(field, one, {"w1": "5", "w2": "1"})


def test_going_on_in_the_other_window_is_no_conflict(field: Field) -> None:
    with field.visit() as one:
        other = one.another_window()
        one.choose("w1", "5")
        one.is_saved()
        other.choose("again", "yes")
        other.on()  # at once, with the change on its way
        assert other.side == "3"
        expect_draft(field, one, {"w1": "5", "again": "yes"})


def review_of(one: Visitor) -> None:
    one.choose("w1", "4")
    one.choose("again", "yes")
    one.on()
    one.on()
    assert one.side == "kontroll"


def test_a_double_click_on_send_and_a_reload_of_the_receipt_are_one_answer(field: Field) -> None:
    before = field.n_envelopes()
    with field.visit() as one:
        review_of(one)
        with one.page.expect_navigation():
            one.page.locator("main button[value=send]:not([tabindex])").dblclick()
        assert "Takk" in one.page.locator("h1").inner_text()
        code = one.page.locator("code").inner_text()
        one.page.reload()
        assert one.page.locator("code").inner_text() == code
        assert one.n_kept == 0
        assert one.page.evaluate("sessionStorage.length") == 0
    assert field.n_envelopes() == before + 1


def test_sending_without_network_keeps_everything_and_sends_once(field: Field) -> None:
    before = field.n_envelopes()
    with field.visit() as one:
        review_of(one)
        one.page.context.set_offline(True)
        one.press("send")
        one.says("Ingenting er sendt")
        assert field.n_envelopes() == before
        one.page.context.set_offline(False)
        one.on("send")
        assert "Takk" in one.page.locator("h1").inner_text()
    assert field.n_envelopes() == before + 1


def test_a_visit_that_has_ended_says_so_and_the_link_brings_the_answers_back(field: Field) -> None:
    with field.visit() as one:
        one.choose("again", "no")
        one.on()
        until(one.page, "Object.keys(sessionStorage).length > 0")
        one.page.context.clear_cookies()
        one.write("why", "Uten kjeks")
        one.says("Åpne lenken")
        one.page.goto(field.link(one.token))
        until(one.page, "localStorage.length === 0")
        expect_draft(field, one, {"again": "no", "why": "Uten kjeks"})


def test_a_withdrawn_answer_leaves_nothing_in_the_browser(field: Field) -> None:
    with field.visit() as one:
        review_of(one)
        one.on("send")
        one.page.goto(field.link(one.token))
        one.page.get_by_role("link", name="Svar på nytt").click()
        until(one.page, "Object.keys(sessionStorage).length > 0")
        one.page.context.set_offline(True)
        one.choose("w1", "1")
        one.says("tatt vare på i denne nettleseren")
        assert one.n_kept == 1
        one.page.context.set_offline(False)
        one.page.goto(one.page.url.partition("/side/")[0] + "/trekk")  # the welcome page would save it first
        until(one.page, "Object.keys(sessionStorage).length > 0")
        one.page.get_by_role("button", name="Ja, slett svaret").click()
        expect(one.page.locator("h1")).to_have_text("Svaret er slettet")
        until(one.page, "localStorage.length + sessionStorage.length === 0")
        assert field.draft(one.token) == {}


def test_an_answer_sent_elsewhere_is_not_written_over(field: Field) -> None:
    with field.visit() as other, field.visit(other.token) as one:
        until(other.page, "Object.keys(sessionStorage).length > 0")
        review_of(one)
        one.on("send")
        other.choose("w1", "1")
        other.says("sendt inn fra et annet vindu")
        assert field.draft(one.token) == {}
        assert other.n_kept == 0


def shared_visit(field: Field, page: Page, token: str) -> Visitor:
    page.goto(field.link(token))
    page.locator("summary", has_text="Deler du").click()
    page.get_by_role("button", name="Jeg svarer på en delt maskin").click()
    expect(page.locator("main")).to_contain_text("Du svarer på en delt maskin")
    visitor = Visitor(field, page, token)
    visitor.begin()
    return visitor


def test_a_shared_machine_keeps_nothing_and_still_loses_nothing(field: Field) -> None:
    context = field.context()
    one = shared_visit(field, context.new_page(), field.next_token())
    one.choose("w1", "4")
    one.is_saved()
    context.set_offline(True)
    one.choose("w2", "2")
    one.says("så lenge du ikke lukker siden")
    assert one.storage == "[{},{}]"
    context.set_offline(False)
    one.is_saved()
    one.choose("again", "yes")
    one.on()
    one.on()
    one.on("send")
    expect(one.page.locator("main")).to_contain_text("Lukk nettleseren")
    assert one.storage == "[{},{}]"
    names = {cookie["name"] for cookie in context.cookies()}
    assert not [name for name in names if name.startswith(("svar-", "delt-", "besvart-"))]
    context.close()


def test_on_a_shared_machine_the_page_asks_before_it_closes(field: Field) -> None:
    context = field.context()
    page = context.new_page()
    page.clock.install()
    one = shared_visit(field, page, field.next_token())
    one.choose("w1", "4")
    page.clock.run_for(3_000)
    one.is_saved()
    one.page.locator("#q-w2-0").focus()
    dialog = page.get_by_role("dialog", name="Er du her fortsatt?")
    page.clock.fast_forward("17:30")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("00:40")
    expect(dialog).to_be_visible()
    assert dialog.get_by_role("button", name="Ja, jeg svarer videre").evaluate(
        "b => b === document.activeElement"
    )
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "q-w2-0"
    page.clock.fast_forward("18:10")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("18:10")
    page.clock.fast_forward("02:10")
    expect(page.locator("h1")).to_have_text("Besøket er avsluttet")
    assert not [c for c in context.cookies() if c["name"].startswith(("svar-", "delt-"))]
    assert field.draft(one.token) == {"w1": "4"}
    context.close()


def test_axe_finds_nothing_in_what_is_said_about_saving(field: Field) -> None:
    context = field.context(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    one = shared_visit(field, context.new_page(), field.next_token())
    look(one.page, axe=True)
    other = one.another_window()
    one.choose("w1", "4")
    one.is_saved()
    other.choose("w1", "2")
    expect(other.page.get_by_role("button", name="Bruk svaret fra det andre vinduet")).to_be_visible()
    look(other.page, axe=True)
    context.set_offline(True)
    one.choose("w2", "2")
    one.says("uten nett")
    look(one.page, axe=True)
    one.page.evaluate("document.querySelector('#lagring dialog').showModal()")
    expect(one.page.get_by_role("dialog")).to_be_visible()
    look(one.page, axe=True)
    context.close()
