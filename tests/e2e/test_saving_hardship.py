"""Nothing is lost and nothing untrue is said on a device with a wrong clock or no room, in Chromium."""

import pytest
from playwright.sync_api import Route

from tests.e2e.answering_field import Field, Visitor, browser, field

__all__ = ["browser", "field"]

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
    one.page.wait_for_timeout(400)
    one.page.route("**/lagring*", _no_saves)
    one.choose("w1", "4")
    one.says("Ikke lagret")


@pytest.mark.parametrize("today", ["2031-01-01T10:00:00", "2019-01-01T10:00:00"])
def test_a_clock_years_off_loses_nothing(field: Field, today: str) -> None:
    with field.visit() as one:
        _trouble(one)
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


@pytest.mark.parametrize("script", [FULL, FORBIDDEN])
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
