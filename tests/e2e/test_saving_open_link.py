"""Everybody's link: the server has no draft, so the browser keeps what is answered, until it is sent only."""

import pytest
from playwright.sync_api import expect

from tests.e2e.answering_field import Field, Visitor, until

pytestmark = pytest.mark.timeout(60)


def on_second_page(one: Visitor) -> None:
    one.choose("w1", "4")
    one.choose("again", "no")
    one.on()
    one.write("why", "HEMMELIG-MERKE")
    one.says("Tatt vare på i nettleseren")


def test_a_page_opened_anew_finds_every_answer_and_the_way_back(field: Field) -> None:
    before = field.n_envelopes()
    with field.anybody() as one:
        on_second_page(one)
        one.page.goto(one.page.url)
        expect(one.page.locator("[name=q-again][value=no]")).to_be_checked()  # put in by the script
        assert one.chosen == {"w1": "4", "again": "no"}
        one.page.get_by_role("button", name="Fortsett der du var").click()
        expect(one.page.locator("[name=q-why]")).to_have_value("HEMMELIG-MERKE")
        one.on()
        one.write("years", "7")
        one.on()
        expect(one.page.locator("h1")).to_have_text("Se over svarene dine")
        one.page.goto(one.page.url.replace("/side/3", "/kontroll"))  # reloaded by its address
        expect(one.page.locator("[name=q-again][value=no]")).to_be_checked()
        assert one.chosen == {"w1": "4", "again": "no"}
        one.page.get_by_role("button", name="Fortsett der du var").click()
        expect(one.page.locator("main")).to_contain_text("HEMMELIG-MERKE")
        assert one.n_kept == 1
        one.on("send")
        expect(one.page.locator("h1")).to_contain_text("Takk")
        expect(one.page.locator("body")).to_be_visible()
        assert one.storage == "[{},{}]"
    assert field.n_envelopes() == before + 1


def test_going_back_and_on_keeps_later_answers(field: Field) -> None:
    with field.anybody() as one:
        on_second_page(one)
        one.page.go_back()
        expect(one.page.locator("[name=q-w1][value='4']")).to_be_checked()
        one.choose("w1", "5")
        one.on()
        expect(one.page.locator("[name=q-why]")).to_have_value("HEMMELIG-MERKE")
        one.on("tilbake")
        assert one.chosen == {"w1": "5", "again": "no"}


def test_without_network_nobody_goes_on_and_nothing_is_lost(field: Field) -> None:
    with field.anybody() as one:
        on_second_page(one)
        one.page.context.set_offline(True)
        one.write("why", "Skrevet uten nett")
        one.press()
        one.says("kan ikke gå videre")
        one.page.context.set_offline(False)
        one.on()
        one.on("tilbake")
        assert one.chosen == {"why": "Skrevet uten nett"}


def test_what_is_kept_is_sealed_and_another_visit_cannot_open_it(field: Field) -> None:
    with field.anybody() as one:
        on_second_page(one)
        assert one.n_kept == 1
        assert "HEMMELIG" not in one.storage
        page = one.page.context.new_page()
        page.goto(field.open_link)  # the next person in the same browser
        Visitor(field, page, "").begin()
        until(page, "Object.keys(sessionStorage).length > 0")  # its own store has been looked for
        assert Visitor(field, page, "").chosen == {}
        expect(page.locator("[data-notices]")).to_be_empty()
        page.evaluate(
            "for (const key of Object.keys(localStorage)) if (key.startsWith('svar:')) localStorage.setItem("
            "key, JSON.stringify({...JSON.parse(localStorage.getItem(key)), until: '2020-01-01'}))"
        )
        page.reload()  # stores of measurements that are over are swept away
        until(page, "!JSON.stringify({...localStorage}).includes('2020-01-01')")


def test_on_a_shared_machine_nothing_is_kept(field: Field) -> None:
    context = field.context()
    page = context.new_page()
    page.goto(field.open_link)
    page.locator("summary", has_text="Deler du").click()
    page.get_by_role("button", name="Jeg svarer på en delt maskin").click()
    page.get_by_role("link", name="Start").click()
    one = Visitor(field, page, "")
    one.choose("w1", "4")
    one.choose("again", "yes")
    page.wait_for_timeout(300)
    assert one.storage == "[{},{}]"
    one.on()
    one.on()
    one.on("send")
    expect(page.locator("main")).to_contain_text("Lukk nettleseren")
    assert [cookie["name"] for cookie in context.cookies() if cookie["name"] != "session"] == []
    context.close()
