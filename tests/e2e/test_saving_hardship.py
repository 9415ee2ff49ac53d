"""Nothing is lost and nothing untrue is said on a device with a wrong clock or no room, in Chromium."""

import pytest
from playwright.sync_api import Response, Route

from tests.e2e.answering_field import Field, Visitor, soak

pytestmark = pytest.mark.timeout(60)

FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
FORBIDDEN = "".join(
    f"Object.defineProperty(window, '{name}', {{get() {{ throw new DOMException('', 'SecurityError'); }}}});"
    for name in ("localStorage", "sessionStorage")
)


def _no_saves(route: Route) -> None:
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def _trouble(one: Visitor) -> None:
    one.page.wait_for_load_state("networkidle")  # the script has asked for its key
    one.page.route("**/lagring*", _no_saves)
    one.choose("w1", "4")
    one.says("Ikke lagret")


@pytest.mark.parametrize("today", ["2031-01-01T10:00:00", soak("2019-01-01T10:00:00")])
def test_a_clock_years_off_loses_nothing(field: Field, today: str) -> None:
    with field.visit() as one:
        _trouble(one)
        one.says("tatt vare på i denne nettleseren")
        assert one.n_kept == 1
        one.page.clock.set_fixed_time(today)
        one.page.evaluate("localStorage.setItem('svar:another', JSON.stringify({until: '2000-01-01'}))")
        one.page.reload()
        one.says("Ikke lagret")
        assert one.chosen == {"w1": "4"}
        assert one.n_kept == 1  # the one whose time is over has gone: sweeping works
        one.page.unroute("**/lagring*")
        one.is_saved(timeout=20_000)
        assert field.draft(one.token) == {"w1": "4"}


@pytest.mark.parametrize("script", [FULL, soak(FORBIDDEN)])
def test_where_the_browser_has_no_room_nobody_is_told_that_it_has(field: Field, script: str) -> None:
    with field.visit() as one:
        one.page.add_init_script(script)
        one.page.reload()
        _trouble(one)
        one.says("så lenge du ikke lukker siden")
        one.press()
        one.says("så lenge du ikke lukker siden")
        assert one.side == "1"
        one.page.unroute("**/lagring*")
        one.is_saved(timeout=20_000)
        assert field.draft(one.token) == {"w1": "4"}


def test_where_it_has_room_they_are_told_so(field: Field) -> None:
    with field.visit() as one:
        _trouble(one)
        one.says("tatt vare på i denne nettleseren")


def _is_save(answer: Response) -> bool:
    return answer.request.method == "POST" and "/lagring" in answer.url


def _refuse(one: Visitor, status: int) -> list[str]:
    """From now on every save gets this answer; the list grows by one with each."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            asked.append(route.request.url)
            route.fulfill(status=status, body="no")
        else:
            route.continue_()

    one.page.wait_for_load_state("networkidle")
    one.page.route("**/lagring*", answer)
    return asked


def test_too_much_on_a_page_is_called_so_and_not_tried_for_ever(field: Field) -> None:
    with field.visit() as one:
        one.choose("again", "no")
        one.on()
        asked = _refuse(one, 413)
        one.write("why", "For mye")
        one.says("Gjør den lengste teksten kortere")
        one.says("tatt vare på i denne nettleseren")
        one.page.wait_for_timeout(4_000)
        assert len(asked) == 1
        with one.page.expect_response(_is_save):
            one.press()
        one.page.wait_for_timeout(400)  # time enough to go on, if the answer were taken for a yes
        assert len(asked) == 2
        one.says("så kan du gå videre")
        assert one.side == "2"
        assert "kontakt" not in one.page.locator("[data-line]").inner_text()
        one.page.unroute("**/lagring*")
        one.write("why", "Kort")
        one.is_saved()
        assert field.draft(one.token)["why"] == "Kort"


@pytest.mark.parametrize("status", [400, soak(403), soak(451)])
def test_answers_that_are_not_taken_are_kept_and_can_be_sent_by_the_button(field: Field, status: int) -> None:
    with field.visit() as one:
        asked = _refuse(one, status)
        one.choose("again", "yes")
        one.says("ble ikke tatt imot")
        one.says("tatt vare på i denne nettleseren")
        assert one.n_kept == 1
        one.page.wait_for_timeout(4_000)
        assert len(asked) <= 2  # once more with a fresh mark of the page
        one.on()
        assert one.side == "3"
        assert field.draft(one.token) == {"again": "yes"}


@pytest.mark.parametrize("status", [500, soak(429)])
def test_a_server_in_trouble_is_tried_again(field: Field, status: int) -> None:
    """The control: what may go well later is not given up."""
    with field.visit() as one:
        asked = _refuse(one, status)
        one.choose("again", "yes")
        one.says("prøver igjen")
        one.page.wait_for_event("response", _is_save)
        assert len(asked) > 1
