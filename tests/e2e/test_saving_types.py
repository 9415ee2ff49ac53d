"""Every kind of answer is saved by the script as the button would, and comes back without a false alarm."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.db import make_engine, unit_of_work
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Questionnaire
from surveyor.instruments.spec import Page as AskedPage
from tests.e2e.answering_field import Field, running_field
from tests.waves import employee_questionnaire, select_one, words

pytestmark = pytest.mark.timeout(60)
KINDS: dict[str, tuple[ItemType, dict[str, Any]]] = {
    "short": (ItemType.TEXT, {}),
    "long": (ItemType.TEXT, {"appearance": "multiline"}),
    "whole": (ItemType.INTEGER, {}),
    "part": (ItemType.DECIMAL, {}),
    "span": (ItemType.RANGE, {}),
    "day": (ItemType.DATE, {}),
    "hour": (ItemType.TIME, {}),
    "moment": (ItemType.DATETIME, {}),
    "place": (ItemType.GEOPOINT, {}),
    "seen": (ItemType.ACKNOWLEDGE, {}),
    "many": (ItemType.SELECT_MULTIPLE, {"code_list": "goods"}),
    "order": (ItemType.RANK, {"code_list": "goods"}),
    "menu": (ItemType.SELECT_ONE, {"code_list": "agree", "appearance": "minimal"}),
    "scale": (ItemType.SELECT_ONE, {"code_list": "agree", "appearance": "likert"}),
}
TEXTS = {
    "short": "Kort",
    "long": "To\nlinjer",
    "whole": "1200",
    "part": "12,5",
    "span": "7",
    "day": "2026-11-21",
    "hour": "14:30",
    "place": "59.913 10.752",
}


def every_type() -> Questionnaire:
    """One page with every type that a survey may ask, and one after it."""
    items = tuple(
        Item(name, kind, words(f"Om {name}"), page="p1", **more) for name, (kind, more) in KINDS.items()
    )
    last = AskedPage("p2", words("Til slutt"), nodes=(select_one("w1", "agree", page="p2"),))
    pages = (AskedPage("p1", words("Alt"), nodes=items), last)
    return replace(employee_questionnaire(), pages=pages, scales=())


@pytest.fixture(scope="module")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    yield from running_field(browser, tmp_path_factory.mktemp("types"), every_type())


def fill(page: Page) -> None:
    for name, text in TEXTS.items():
        page.locator(f"[name=q-{name}]").first.fill(text)
    moment = page.locator("[name=q-moment]")
    is_picker = moment.get_attribute("type") == "datetime-local"
    moment.fill("2026-11-21T14:30" if is_picker else "21.11.2026 14:30")
    for control in ("seen", "many", "scale"):
        page.locator(f"[name=q-{control}]").first.check(force=True)
    page.locator("[name=q-menu]").select_option(index=2)
    for place, code in enumerate("cab", 1):
        option = page.locator(f"[name=q-order] option[value='{place}:{code}']")
        option.locator("..").select_option(f"{place}:{code}")


def test_the_script_saves_what_the_button_would_and_raises_no_false_alarm(field: Field) -> None:
    with field.visit() as one:
        other = one.another_window()
        fill(one.page)
        one.is_saved()
        by_script = field.draft(one.token)
        assert by_script.keys() == KINDS.keys()
        one.on("neste")
        one.on("tilbake")
        assert field.draft(one.token) == by_script
        shown = one.chosen
        other.page.locator("[name=q-short]").fill("Fra et annet vindu")
        other.is_saved()
        assert other.chosen == {**shown, "short": "Fra et annet vindu"}  # all the rest has been taken in
        notice = other.page.locator("[data-notices]", has_text="«Om short» i et annet vindu: Kort")
        assert notice.get_by_role("button").count() == 1  # and of nothing else
        assert field.draft(one.token) == {**by_script, "short": "Fra et annet vindu"}
        one.on("neste")
        one.on("tilbake")
        expect(one.page.locator("[name=q-short]")).to_have_value("Fra et annet vindu")
        assert field.draft(one.token)["short"] == "Fra et annet vindu"


def test_a_measurement_that_closes_under_way_says_so_and_leaves_nothing_behind(field: Field) -> None:
    """The last of this file: nobody can answer after it."""
    with field.visit() as one:
        one.write("short", "Før")
        one.is_saved()
        engine = make_engine(field.settings.database_url)
        with unit_of_work(engine) as session:
            session.execute(update(Wave).values(state=WaveState.CLOSING))
        engine.dispose()
        one.write("short", "Etter")
        one.says("Undersøkelsen er avsluttet")
        assert one.n_kept == 0
        one.on("neste")
        expect(one.page.locator("h1")).to_have_text("Undersøkelsen er avsluttet")
