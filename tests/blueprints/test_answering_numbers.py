"""Numbers nobody's page sends: too long for a number, digits of other scripts. Never an error of ours."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask

from surveyor import clock
from surveyor.config import Settings
from surveyor.instruments.answers import is_place, normal_value
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item
from surveyor.responses import drafts
from tests.factories import app_session
from tests.respondent import Window, n_drafts
from tests.waves import employee_questionnaire, make_open_wave, words

LONG = "9" * 5_000
ODD = (LONG, "²", "٣", "-1", "1e9", "0" * 4_400)


@pytest.fixture
def window(app: Flask, settings: Settings) -> Window:
    """somebody on the first page."""
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    app.testing = False  # as in use: what is not caught is answered with 500
    asked = employee_questionnaire()
    with app_session(app) as session:
        wave = make_open_wave(session, settings, questionnaire=asked, invited={"B1": 6})
    return Window(app, wave.people[0].token)


@pytest.mark.parametrize("number", ODD)
@pytest.mark.parametrize("field", ["to", "rev", "round", "turn", "envelope_rev"])
def test_odd_numbers_in_hidden_fields_are_no_error_of_ours(window: Window, field: str, number: str) -> None:
    for path in ("side/1", "side/1/lagring", "kontroll", "send"):
        found = window.client.post(f"{window.visit}/{path}", data={field: number})
        assert found.status_code < 500, (path, field)


@pytest.mark.parametrize("number", ODD)
def test_odd_numbers_in_addresses_are_no_error_of_ours(window: Window, number: str) -> None:
    for query in ("side", "rev", "items"):
        found = window.client.get(f"{window.visit}/lagring?{urlencode({query: number})}")
        assert found.status_code < 500, query
    assert window.client.get(f"{window.visit}/side/{number}").status_code < 500


@pytest.mark.parametrize("number", ODD[:3])
def test_places_in_a_ranking_are_plain_numbers(number: str) -> None:
    item = Item("ranked", ItemType.RANK, words("Ranger"), page="p1")
    assert not is_place(number)
    assert is_place("12")
    assert normal_value(item, [f"{number}:red", "1:blue"]) == f"{number}:red 1:blue"


def test_the_bare_conversion_would_fail() -> None:
    for number in ODD[:2]:
        assert number.isdigit()
        with pytest.raises(ValueError, match="digits|invalid literal"):
            int(number)


def test_no_revision_tells_how_often_somebody_saved(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app_session(app) as session:
        wave = make_open_wave(session, settings, invited={"B1": 6})
    for person in wave.people[:3]:
        Window(app, person.token).save(w1="4")
    revs = n_drafts(app)
    assert len(set(revs)) == 3
    assert max(revs) > 1_000  # chance: one in 10^13
    monkeypatch.setattr(drafts, "_FIRST_REVS", 1)  # the control: counted from one, everybody's is told
    for person in wave.people[3:6]:
        Window(app, person.token).save(w1="4")
    assert sorted(n_drafts(app))[:3] == [1, 1, 1]


@pytest.mark.parametrize(("seconds", "status"), [(-90, 200), (-600, 404)])
def test_a_clock_set_back_a_little_ends_no_visit_on_a_shared_machine(
    window: Window, seconds: int, status: int
) -> None:
    window.client.post(f"{window.visit}/delt")
    with clock.fixed_at(clock.now() + timedelta(seconds=seconds)):
        window.get(f"{window.visit}/side/1")
    assert window.get(f"{window.visit}/side/1").status == status  # the control: far back, it has ended
