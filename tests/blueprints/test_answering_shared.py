"""On a machine that others use too a visit ends by itself, and not even the language is left behind."""

from datetime import timedelta

import pytest
from flask import Flask

from blueprints import shared_devices
from surveyor import clock
from tests.respondent import Respondent, Window, cookie_names
from tests.waves import OpenWave


def language_cookie(respondent: Respondent) -> str:
    """The line that last set the language."""
    assert respondent.page is not None
    pages = [*respondent.page.history, respondent.page]
    lines = [line for page in pages for line in page.headers.getlist("Set-Cookie")]
    return next((line for line in reversed(lines) if line.startswith("language=")), "")


@pytest.fixture
def reader(app: Flask, wave: OpenWave) -> Respondent:
    """Somebody who has chosen English."""
    respondent = Respondent(app).enter(wave.people[0].token)
    return respondent.get(f"{respondent.path}?lang=en")


def share(reader: Respondent) -> Respondent:
    reader.send(f"{reader.path}/delt")
    assert "shared" in reader.text
    return reader


def test_on_an_own_machine_the_language_is_kept_for_long(reader: Respondent) -> None:
    """The control: this is what a shared machine must not keep."""
    assert "Max-Age" in language_cookie(reader)
    visit = reader.path
    reader.start().get(f"{visit}/lagret")
    reader.client.post(f"{visit}/avslutt", data=reader.hidden())
    assert "language" in cookie_names(reader)


def test_from_the_choice_on_the_language_ends_with_the_browser(reader: Respondent) -> None:
    share(reader)
    assert language_cookie(reader).startswith("language=en")
    assert "Max-Age" not in language_cookie(reader)
    assert "Expires" not in language_cookie(reader)


def test_a_language_chosen_afterwards_ends_with_the_browser_too(reader: Respondent) -> None:
    share(reader).get(f"{reader.path}?lang=nn")
    assert language_cookie(reader).startswith("language=nn")
    assert "Max-Age" not in language_cookie(reader)


def test_whoever_leaves_leaves_no_language(reader: Respondent) -> None:
    visit = share(reader).path
    reader.client.post(f"{visit}/avslutt?lang=en", data=reader.hidden())
    assert cookie_names(reader) == ["session"]


def test_whoever_has_answered_leaves_no_language(reader: Respondent) -> None:
    share(reader).run_through()
    assert reader.receipt
    assert cookie_names(reader) == ["session"]


def test_the_page_comes_back_where_it_tells_of_the_shared_machine(window: Window) -> None:
    window.get(window.visit)
    found = window.client.post(f"{window.visit}/delt", data=window.hidden())
    assert found.headers["Location"].endswith("#delt")
    assert 'id="delt"' in window.text


def shared(window: Window) -> Window:
    window.get(window.visit).send(f"{window.visit}/delt")
    assert "Du svarer på en delt maskin" in window.text
    return window


def test_on_a_shared_machine_no_key_is_given_and_nothing_is_left(app: Flask, window: Window) -> None:
    shared(window)
    assert window.saved()["store"] is None
    window.start().answer(w1="4", again="yes").answer().submit()
    assert "Lukk nettleseren" in window.text
    assert window.page is not None
    assert window.page.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not [name for name in cookie_names(window) if name.startswith(("svar-", "delt-"))]


def test_on_an_own_machine_nothing_else_is_cleared(window: Window) -> None:
    shared(window).send(f"{window.visit}/egen")
    assert "Deler du maskinen" in window.text
    assert window.saved()["store"]
    window.start().answer(w1="4", again="yes").answer().submit()
    assert window.page is not None
    assert "Clear-Site-Data" not in window.page.headers
    assert "Lukk nettleseren før" not in window.text


def test_cookies_of_a_shared_visit_end_with_the_browser(window: Window) -> None:
    window.get(window.visit)
    found = window.client.post(f"{window.visit}/delt", data=window.hidden())
    (cookie,) = (line for line in found.headers.getlist("Set-Cookie") if line.startswith("delt-"))
    assert "HttpOnly" in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_a_shared_open_link_does_not_mark_the_browser(app: Flask, open_citizen_wave: OpenWave) -> None:
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/innbygger-2026")
    visit = respondent.path
    respondent.send(f"{visit}/delt").start().answer(w1="4")
    respondent.send(f"{visit}/side/2", to="neste").send(f"{visit}/send")
    assert "Takk" in respondent.text
    assert not [name for name in cookie_names(respondent) if name.startswith("besvart")]


MINUTES = shared_devices.MINUTES


def test_an_idle_visit_on_a_shared_machine_ends(window: Window) -> None:
    shared(window)
    for minutes in (MINUTES - 1, 2 * MINUTES - 2):  # each page is a sign of life
        with clock.fixed_at(clock.now() + timedelta(minutes=minutes)):
            assert window.get(f"{window.visit}/side/1").status == 200
            assert "Besøket er avsluttet" not in window.text
    with clock.fixed_at(clock.now() + timedelta(minutes=3 * MINUTES)):
        window.get(f"{window.visit}/side/1")
        assert "Besøket er avsluttet" in window.text
        assert window.get(f"{window.visit}/side/1").status == 404


def test_on_an_own_machine_there_is_no_time_limit(window: Window) -> None:
    with clock.fixed_at(clock.now() + timedelta(hours=30)):
        assert window.answer(w1="4", again="yes").path.endswith("/side/3")


def test_staying_counts_as_being_there(window: Window) -> None:
    shared(window)
    with clock.fixed_at(clock.now() + timedelta(minutes=MINUTES - 1)):
        assert (
            window.client.post(f"{window.visit}/fortsatt", data={"csrf_token": window.csrf}).status_code
            == 204
        )
    with clock.fixed_at(clock.now() + timedelta(minutes=2 * MINUTES - 2)):
        assert "Besøket er avsluttet" not in window.get(f"{window.visit}/side/1").text


def test_what_is_sent_after_the_end_is_kept(app: Flask, wave: OpenWave, window: Window) -> None:
    """Without a script the page stands there still: its answers are not lost, whatever is missing on it."""
    shared(window).start()
    with clock.fixed_at(clock.now() + timedelta(minutes=MINUTES + 1)):
        window.answer(w1="4", w2="2")
        assert "Besøket er avsluttet" in window.text
        assert "ikke borte" in window.text
        assert not [name for name in cookie_names(window) if name.startswith("svar-")]
    again = Window(app, wave.people[0].token)
    assert again.saved()["values"] == {"w1": ["4"], "w2": ["2"]}


def test_what_is_sent_after_the_end_leaves_newer_answers_alone(
    app: Flask, wave: OpenWave, window: Window
) -> None:
    shared(window).start()
    Window(app, wave.people[0].token).save(w1="5")
    with clock.fixed_at(clock.now() + timedelta(minutes=MINUTES + 1)):
        window.answer(w1="4", w2="2")
    assert Window(app, wave.people[0].token).saved()["values"] == {"w1": ["5"], "w2": ["2"]}


def test_the_open_link_goes_on_after_the_end_as_only_the_page_has_the_answers(
    app: Flask, open_citizen_wave: OpenWave
) -> None:
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/innbygger-2026")
    respondent.send(f"{respondent.path}/delt").start()
    with clock.fixed_at(clock.now() + timedelta(minutes=MINUTES + 1)):
        respondent.answer(w1="4")
        assert "Spørsmål w2" in respondent.text


def test_leaving_ends_the_visit_here_and_keeps_the_draft(app: Flask, wave: OpenWave, window: Window) -> None:
    window.save(w1="4")
    shared(window).send(f"{window.visit}/avslutt")
    assert "Besøket er avsluttet" in window.text
    assert "Ingen har brukt siden" not in window.text
    assert window.get(f"{window.visit}/side/1").status == 404
    assert Window(app, wave.people[0].token).saved()["values"] == {"w1": ["4"]}
