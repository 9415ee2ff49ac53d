"""The results as leaders and HR meet them: a small unit, a merged one, a large one; on a phone, with axe."""

import pytest

from tests.e2e.demo_visits import Demo
from tests.e2e.wholeness import faults

pytestmark = pytest.mark.soak
WAVE = "/resultater/medarbeider-2026"
SIGHTS = {
    "marihona": ("nb", "BH08"),  # too small: nothing is shown
    "granstubben": ("nn", "BH04"),  # merged: no wave before
    "solheim": ("en", "SH01"),
    "hr": ("nb", "FJ"),
}
PAGES = ("", "/tema/leadership", "/kommentarer", "/over-tid", "?view=rest")


@pytest.mark.parametrize("who", SIGHTS)
def test_the_results_of_a_unit_are_whole(demo: Demo, who: str) -> None:
    language, unit = SIGHTS[who]
    context = demo.signed_in(who, language)
    page, wrong = context.new_page(), list[str]()
    for path in ("/resultater/", *(f"{WAVE}/enhet/{unit}{rest}" for rest in PAGES), f"{WAVE}/slik-regner-vi"):
        response = page.goto(demo.server.url + path)
        assert response is not None
        assert response.ok, path
        found = [what for what in faults(page, path) if "regn_etter" not in what]  # the name of a file
        wrong += [f"{path}: {what}" for what in found]
    context.close()
    assert not wrong, "\n".join(wrong)


def test_weighted_figures_and_who_answered_are_whole(demo: Demo) -> None:
    context, sample = demo.signed_in("undersokelser", "nb"), "/resultater/innbygger-2026"
    page, wrong = context.new_page(), list[str]()
    for path in (f"{sample}/enhet/FJ/vektet", f"{sample}/enhet/DI2/vektet", f"{sample}/svar?grenser=1"):
        response = page.goto(demo.server.url + path)
        assert response is not None
        assert response.ok, path
        wrong += [f"{path}: {what}" for what in faults(page, path)]
    context.close()
    assert not wrong, "\n".join(wrong)


def test_groups_are_whole(demo: Demo) -> None:
    context = demo.signed_in("oppvekst", "nb")
    page, wrong = context.new_page(), list[str]()
    for path in ("/age", "/age/tema/mastery", "/leads_others"):
        response = page.goto(f"{demo.server.url}{WAVE}/enhet/OPP/grupper{path}")
        assert response is not None
        assert response.ok, path
        wrong += [f"{path}: {what}" for what in faults(page, path)]
    context.close()
    assert not wrong, "\n".join(wrong)


def test_where_nothing_is_shown_it_is_said_once(demo: Demo) -> None:
    context = demo.signed_in("marihona", "nb")
    page = context.new_page()
    for path in (f"{WAVE}/enhet/BH08", f"{WAVE}/enhet/BH08/over-tid"):
        page.goto(demo.server.url + path)
        assert page.get_by_text("Ingen tall vises", exact=True).count() == 1
        assert page.locator("main table").count() == page.locator("main svg.sv-svg--trend").count() == 0
    context.close()
