"""Nothing is lost, in Chromium against a real server: networks, servers that dies started again."""

from json import dumps

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.answering_field import Field, Visitor, expect_draft, soak, until

pytestmark = pytest.mark.timeout(60)


def test_every_change_is_saved_within_two_seconds_and_said_only_then(field: Field) -> None:
    with field.visit() as one:
        asked: list[str] = []

        def slowly(route: object) -> None:
            asked.append(one.page.locator("[data-line]").inner_text())
            route.continue_()  # type: ignore[attr-defined]

        one.page.route("**/lagring", slowly)
        one.choose("w1", "4")
        one.says("Lagret", timeout=2_000)
        assert field.draft(one.token) == {"w1": "4"}
        assert asked == [""]  # nothing was claimed before the answer
        one.choose("w1", "2")
        one.choose("again", "no")
        expect(one.page.locator("[data-line]")).to_have_text("")
        one.says("Lagret", timeout=2_000)
        assert field.draft(one.token) == {"w1": "2", "again": "no"}
        assert one.page.locator("#lagring [role=status]").inner_text() == "Lagret"


@pytest.mark.parametrize("changed", ["To  ord", soak("To\nord"), soak("T o ord")])
def test_a_change_of_nothing_but_space_is_saved_too(field: Field, changed: str) -> None:
    with field.visit() as one:
        one.choose("again", "no")
        one.on()
        one.write("why", "To ord")
        one.is_saved()
        one.write("why", changed)
        expect(one.page.locator("[data-line]")).to_have_text("")
        one.is_saved()
        assert field.draft(one.token)["why"] == changed
        one.write("why", f"{changed}  ")  # nobody keeps what stands around a text
        one.page.wait_for_timeout(1_800)
        one.is_saved()
        assert field.draft(one.token)["why"] == changed


def test_resumed_on_another_device_with_what_was_saved_as_it_was_written(field: Field) -> None:
    with field.visit() as phone:
        phone.choose("again", "no")
        phone.on()
        phone.write("why", "Fordi jeg")
        phone.is_saved()
        with field.visit(phone.token) as other:
            assert other.side == "3"  # page 2 has been answered
            other.on("tilbake")
            assert other.chosen == {"why": "Fordi jeg"}


def test_whoever_goes_on_later_leaves_nothing_in_the_browser(field: Field) -> None:
    with field.visit() as one:
        until(one.page, "Object.keys(sessionStorage).length > 0")  # the script has come
        one.choose("w1", "4")
        one.choose("again", "no")
        one.on("senere")
        expect(one.page.locator("h1")).to_contain_text("lagret, men ikke sendt")
        until(one.page, "localStorage.length === 0")
        assert field.draft(one.token) == {"w1": "4", "again": "no"}


def test_what_is_wrong_is_kept_as_written(field: Field) -> None:
    with field.visit() as one:
        one.choose("again", "yes")
        one.on()
        one.write("years", "mange")
        one.is_saved()
        one.on("tilbake")
        one.on()
        assert one.chosen == {"years": "mange"}
        one.on()
        assert "helt tall" in one.page.locator(".ds-error-summary").inner_text()


def test_a_question_no_longer_asked_keeps_its_answer_while_somebody_answers(field: Field) -> None:
    with field.visit() as one:
        one.choose("again", "yes")
        one.on()
        one.write("years", "7")
        one.write("which", "Den nordre")
        one.is_saved()
        one.write("years", "2")
        expect(one.page.locator("[name=q-which]")).to_be_hidden()
        one.is_saved()
        expect_draft(field, one, {"again": "yes", "years": "2", "which": "Den nordre"})
        one.write("years", "9")
        expect(one.page.locator("[name=q-which]")).to_have_value("Den nordre")
        one.is_saved()
        one.on()
        assert "Den nordre" in one.page.locator("main").inner_text()


def test_without_network_answers_are_kept_and_saved_when_it_is_back(field: Field) -> None:
    with field.visit() as one:
        one.choose("w1", "4")
        one.is_saved()
        one.page.context.set_offline(True)
        one.choose("w2", "5")
        one.choose("again", "yes")
        one.says("uten nett")
        one.says("tatt vare på i denne nettleseren")
        assert one.n_kept == 1
        one.press()
        one.says("kan ikke gå videre")
        assert one.side == "1"
        assert one.chosen == {"w1": "4", "w2": "5", "again": "yes"}
        assert "w2" not in field.draft(one.token)
        one.page.context.set_offline(False)
        one.is_saved()
        assert field.draft(one.token) == {"w1": "4", "w2": "5", "again": "yes"}
        assert one.n_kept == 0
        one.on()
        assert one.side == "3"


def test_what_the_browser_keeps_cannot_be_read_without_the_link(field: Field) -> None:
    with field.visit() as one:
        one.choose("again", "no")
        one.on()
        until(one.page, "Object.keys(sessionStorage).length > 0")
        one.page.context.set_offline(True)
        one.write("why", "HEMMELIG-MERKE")
        one.says("tatt vare på i denne nettleseren")
        assert one.n_kept == 1
        assert "HEMMELIG" not in one.storage
        assert one.token not in one.storage
        lengths = one.page.evaluate("Object.values(localStorage).map(kept => JSON.parse(kept).c.length)")
        before = one.storage
        one.write("why", "HEMMELIG-MERKE, og mye mer " * 5)
        until(one.page, f"JSON.stringify([{{...localStorage}}, {{...sessionStorage}}]) !== {dumps(before)}")
        assert (
            one.page.evaluate("Object.values(localStorage).map(kept => JSON.parse(kept).c.length)") == lengths
        )
        one.page.context.set_offline(False)
        one.is_saved()


def test_a_server_that_dies_while_somebody_writes_loses_nothing(field: Field) -> None:
    with field.visit() as one:
        one.choose("again", "no")
        one.on()
        one.write("why", "Før")
        one.is_saved()
        field.stop()
        one.write("why", "Før og etter")
        one.says("Ikke lagret ennå")
        one.press()
        one.says("kan ikke gå videre")
        field.start()
        one.is_saved()
        assert field.draft(one.token) == {"again": "no", "why": "Før og etter"}
        one.on()
        assert one.side == "3"


def write_under_kills(field: Field, n: int) -> None:
    """REL-3: what was said to be saved is there after every kill, and never goes back."""
    with field.visit() as one:
        one.choose("again", "no")
        one.on()
        for number in range(n):
            text = f"Tekst {number} x" + "x" * number
            one.write("why", text)
            if number % 2:
                one.page.wait_for_timeout(200 * (number % 7))  # before, while and after it is sent
                field.kill()
            one.is_saved(timeout=55_000)  # a machine that is busy starts a worker slowly
            assert field.draft(one.token)["why"] == text
        field.kill()
        field.wait()
        with field.visit(one.token) as other:
            other.on("tilbake")
            expect(other.page.locator("[name=q-why]")).to_have_value(text)


@pytest.mark.timeout(120)
def test_what_was_said_to_be_saved_survives_kills(field: Field) -> None:
    write_under_kills(field, 2)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_what_was_said_to_be_saved_survives_many_kills(field: Field) -> None:
    write_under_kills(field, 24)


def test_a_page_loaded_again_after_the_server_was_down_finds_what_was_written(field: Field) -> None:
    with field.visit() as one:
        one.choose("again", "no")
        one.on()
        until(one.page, "Object.keys(sessionStorage).length > 0")
        address = one.page.url
        field.stop()
        one.write("why", "Skrevet uten tjener")
        one.says("Ikke lagret ennå")
        try_to_reload(one.page)
        field.start()
        one.page.goto(address)
        expect(one.page.locator("[data-notices]")).to_contain_text("ikke var lagret")
        assert one.chosen == {"why": "Skrevet uten tjener"}
        one.is_saved()
        assert field.draft(one.token)["why"] == "Skrevet uten tjener"


def try_to_reload(page: Page) -> None:
    with pytest.raises(Error):
        page.reload()


def test_a_browser_started_again_finds_what_was_written_by_the_link_alone(field: Field) -> None:
    with field.visit() as one:
        one.choose("again", "no")
        one.on()
        until(one.page, "Object.keys(sessionStorage).length > 0")
        one.page.context.set_offline(True)
        one.write("why", "Før omstart")
        one.says("tatt vare på i denne nettleseren")
        left = {**one.page.context.storage_state(), "cookies": []}
    assert "why" not in field.draft(one.token)
    context = field.context(storage_state=left)
    page = context.new_page()
    page.goto(field.link(field.next_token()))  # another's link opens nothing
    until(page, "Object.keys(sessionStorage).length > 0")  # its own store has been looked for
    assert page.evaluate("localStorage.length") == 1
    page.goto(field.link(one.token))
    until(page, "localStorage.length === 0")
    assert field.draft(one.token)["why"] == "Før omstart"
    expect(page.locator("main")).to_contain_text("Du har begynt å svare")
    context.close()


def test_without_the_script_what_was_written_would_be_gone(field: Field) -> None:
    """The control: a page that does not save, loaded again."""
    context = field.context()
    context.route("**/answering/*.js*", lambda route: route.abort())
    one = Visitor(field, context.new_page(), field.next_token())
    one.enter()
    one.choose("again", "no")
    one.on()
    one.write("why", "Borte")
    one.page.goto(one.page.url)
    assert one.chosen == {}
    assert "why" not in field.draft(one.token)
    context.close()


def test_a_server_restarted_between_pages_is_not_noticed(field: Field) -> None:
    with field.visit() as one:
        one.choose("w1", "3")
        one.choose("again", "yes")
        one.is_saved()
        field.stop()
        field.start()
        one.on()
        assert one.side == "3"
        assert field.draft(one.token) == {"w1": "3", "again": "yes"}


@pytest.mark.soak
def test_new_keys_of_the_server_are_not_noticed_either(field: Field) -> None:
    with field.visit() as one:
        one.choose("w1", "3")
        one.is_saved()
        field.stop()
        field.secret = field.secret[::-1]
        field.start()
        one.choose("again", "yes")
        until(one.page, "document.querySelector('[data-line]').textContent === ''")
        one.is_saved()
        one.on()
        assert one.side == "3"
