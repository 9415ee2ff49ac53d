"""What a page's script does with answers: taken back, kept apart, how much room a text has."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Questionnaire
from surveyor.instruments.spec import Page as AskedPage
from tests.e2e.answering_field import Field, expect_draft, running_field
from tests.waves import employee_questionnaire, select_one, words

pytestmark = pytest.mark.timeout(60)
TOWNS = CodeList(
    "towns",
    tuple(
        Category(code, words(code), columns={"county": county}) for code, county in (("x", "1"), ("y", "2"))
    ),
)


def questionnaire() -> Questionnaire:
    several = Item("several", ItemType.SELECT_MULTIPLE, words("Flere"), page="p1", code_list="agree")
    text = Item("why", ItemType.TEXT, words("Hvorfor?"), page="p1", appearance="multiline")
    town = select_one("town", "towns", page="p2", relevant="${w2} != ''", choice_filter="county = ${w2}")
    pages = (
        AskedPage("p1", words("Først"), nodes=(select_one("w1", "agree", page="p1"), several, text)),
        AskedPage("p2", words("Så"), nodes=(select_one("w2", "agree", page="p2"), town)),
        AskedPage("p3", words("Sist"), nodes=(select_one("w3", "agree", page="p3"),)),
    )
    asked = employee_questionnaire()
    return replace(asked, pages=pages, scales=(), code_lists={**asked.code_lists, "towns": TOWNS})


@pytest.fixture(scope="module")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    yield from running_field(browser, tmp_path_factory.mktemp("choices"), questionnaire())


def test_an_answer_is_taken_back_by_keyboard_too(field: Field) -> None:
    with field.visit() as one:
        button = one.page.get_by_role("button", name="Fjern svaret")
        expect(button).to_have_count(0)
        one.page.locator("label[for=q-w1-3]").click()
        expect(button).to_have_count(1)
        expect(button).to_have_accessible_name("Fjern svaret – Spørsmål w1")
        one.is_saved()
        assert Axe().run(one.page).response["violations"] == []
        button.focus()
        one.page.keyboard.press("Enter")
        assert one.side == "1"
        expect(button).to_have_count(0)
        assert one.page.evaluate("document.activeElement.id") == "q-w1-0"
        expect_draft(field, one, {})
        one.page.locator("label[for=q-w1-3]").click()
        one.on()
        one.on("tilbake")
        expect(button).to_have_count(1)  # of an answer that came with the page


def test_whoever_does_not_know_has_no_other_answer(field: Field) -> None:
    with field.visit() as one:
        one.page.locator("label[for=q-several-0]").click()
        one.page.locator("label[for=q-several-1]").click()
        one.is_saved()
        assert field.draft(one.token) == {"several": "1 2"}
        one.page.locator("label[for=q-several-5]").click()
        one.is_saved()
        expect_draft(field, one, {"several": "9"})
        one.page.locator("label[for=q-several-2]").click()
        expect_draft(field, one, {"several": "3"})


def test_without_a_script_the_server_asks_which_of_the_two_is_meant(field: Field) -> None:
    with field.visit(java_script_enabled=False) as one:
        one.page.locator("label[for=q-several-0]").click()
        one.page.locator("label[for=q-several-5]").click()
        one.on()
        told = "Du har valgt «Vet ikke» sammen med andre svar. Behold enten det eller de andre."
        expect(one.page.locator("#q-several-feil")).to_have_text(told)
        expect(one.page.locator(".ds-error-summary a[href='#q-several']")).to_contain_text(told)
        one.page.locator("label[for=q-several-0]").click()
        one.on()
        assert one.side == "2"
        assert field.draft(one.token) == {"several": "9"}


def test_a_long_text_is_never_cut_off_unseen(field: Field) -> None:
    with field.visit() as one:
        told = one.page.locator(".sv-room")
        one.write("why", "ø" * 1_700)
        expect(told).to_be_hidden()
        one.write("why", "ø" * 1_990)
        expect(told).to_have_text("Plass til 10 tegn til")
        one.write("why", "ø" * 1_995 + "😀" * 8)  # one character each
        expect(told).to_have_text("3 tegn for mye")
        expect(one.page.locator(".sv-room + [role=status]")).to_have_text("3 tegn for mye")
        one.page.locator(".sv-actions button[value=neste]").click()
        expect(one.page.locator(".ds-error-summary")).to_contain_text("Teksten er for lang")
        assert len(one.page.locator("#q-why").input_value()) == 2_003
        expect(told).to_have_text("3 tegn for mye")
        assert Axe().run(one.page).response["violations"] == []
        one.write("why", "kort")
        expect(told).to_be_hidden()
        one.on()
        assert field.draft(one.token) == {"why": "kort"}


def test_going_on_at_once_is_not_stopped_for_questions_already_seen(field: Field) -> None:
    """Answer options that came with the answer have been seen, saved or not."""
    with field.visit() as one:
        one.on()
        expect(one.page.locator("#live-town")).to_be_hidden()
        one.page.wait_for_function("document.querySelector('[name=live]')?.value.includes('town')")
        one.page.locator("label[for=q-w2-1]").click()
        expect(one.page.locator("label[for=q-town-1]")).to_be_visible()
        one.on()
        assert one.side == "3"
