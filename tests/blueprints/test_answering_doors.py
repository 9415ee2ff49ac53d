"""Ways in to an answer, and what bars them: links, codes, cookies, days, the open link."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyor import clock, create_app
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.invitations.credentials import hash_code, new_code, show_code
from surveyor.invitations.models import Participation
from surveyor.responses.models import Draft, Envelope, FreeText
from tests.factories import app_session
from tests.respondent import Respondent, cookie_names, opened
from tests.waves import OpenWave, invite


def test_on_https_the_cookie_is_bound_to_the_host(settings: Settings, wave: OpenWave) -> None:
    app = create_app(
        replace(settings, base_url="https://undersokelse.test", trusted_hosts=("undersokelse.test",))
    )
    found = app.test_client().get(
        f"/medarbeider/s/{wave.people[0].token}", base_url="https://undersokelse.test"
    )
    app.extensions["surveyor.engine"].dispose()
    cookie = next(c for c in found.headers.getlist("Set-Cookie") if "svar-" in c)
    assert cookie.startswith("__Host-svar-")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_only_the_respondents_own_cookies_are_cleared(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app)
    respondent.client.set_cookie("language", "nb")
    respondent.enter(wave.people[0].token)
    before = set(cookie_names(respondent))
    respondent.run_through()
    assert {name for name in before if not name.startswith("svar-")} <= set(cookie_names(respondent))
    assert not [name for name in cookie_names(respondent) if name.startswith("svar-")]
    assert "Clear-Site-Data" not in respondent.page.headers


def test_two_links_in_one_browser_do_not_mix(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    first = respondent.start().path
    respondent.enter(wave.people[1].token).start().answer(w1="1", again="yes")
    respondent.get(first)
    assert not re.search(r'name="q-w1" value="1"[^>]* checked', respondent.text)


def test_a_closed_wave_a_forged_link_and_a_planned_day_each_say_so(
    app: Flask, wave: OpenWave, respondent: Respondent
) -> None:
    assert respondent.enter("x" * 27).status == 404
    assert "Lenken virker ikke" in respondent.text
    assert "Skriv inn kode" in respondent.text
    assert Respondent(app, "/bruker").enter(wave.people[0].token).status == 404
    for days, status, words_ in ((15, 410, "avsluttet"), (-1, 409, "ikke åpnet ennå")):
        with clock.fixed_at(clock.now() + timedelta(days=days)):
            assert respondent.enter(wave.people[0].token).status == status
            assert words_ in respondent.text
    with app_session(app) as session:
        session.execute(update(Wave).values(state=WaveState.CLOSING))
    assert respondent.enter(wave.people[0].token).status == 410


def test_without_the_cookie_there_is_no_way_in(app: Flask, respondent: Respondent) -> None:
    path = respondent.start().path
    stranger = Respondent(app)
    assert stranger.get(path).status == 404
    assert stranger.get("/medarbeider/svar/ukjent").status == 404


def test_a_letter_code_lets_in_once_typed_right(app: Flask, settings: Settings, wave: OpenWave) -> None:
    code = new_code()
    with app_session(app) as session:
        session.execute(
            update(Participation)
            .where(Participation.id == wave.people[0].id)
            .values(credential_hash=hash_code(settings, code))
        )
    respondent = Respondent(app).get("/medarbeider/kode")
    assert respondent.send(code="").status == 422
    assert respondent.send(code="TULL-TULL").status == 422
    assert "ikke riktig" in respondent.text
    assert respondent.send(code=show_code(new_code())).status == 422
    elsewhere = Respondent(app).get("/bruker/kode").send(code=code)
    assert elsewhere.status == 422
    assert "Koden er ikke riktig" in elsewhere.text
    assert 'href="/kode"' in elsewhere.text  # the way to those the letter is for
    respondent.send(code=show_code(code).lower())
    assert respondent.status == 200
    assert "Trivsel" in respondent.text
    assert code not in respondent.path
    respondent.run_through()
    assert "Takk" in respondent.text
    respondent.get("/medarbeider/kode").send(code=code)
    assert "Du har svart" in respondent.text


def test_guessing_codes_is_slowed_down(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app).get("/medarbeider/kode")
    statuses = [respondent.send(code=new_code()).status for _ in range(12)]
    assert statuses[:10] == [422] * 10
    assert statuses[10:] == [429, 429]
    assert "Vent" in respondent.text


@pytest.mark.parametrize(("chosen", "segment"), [("B2", "B2"), ("", "FK/own")])
def test_the_open_link_needs_no_draft_and_counts_at_the_chosen_unit(
    app: Flask, settings: Settings, open_citizen_wave: OpenWave, chosen: str, segment: str
) -> None:
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/innbygger-2026")
    assert "Start" in respondent.text
    assert "senere" not in respondent.text
    respondent.start().answer(w1="4", place=chosen)
    assert "Lagre og fortsett" not in respondent.text
    respondent.answer(to="tilbake", w2="2")
    assert re.search(r'name="q-w1" value="4"[^>]* checked', respondent.text)
    respondent.send(respondent.side(1), to="neste", **{"q-w1": "4", "q-place": chosen})
    respondent.send(respondent.side(2), to="neste", **{"q-w2": "5"})
    path = re.search(r'action="([^"]+/send)"', respondent.text)
    assert path, respondent.text
    respondent.send(path[1])
    assert "Takk" in respondent.text
    (response,) = opened(app, settings, open_citizen_wave)
    assert (response.answers, response.segment_code) == ({"w1": "4", "w2": "5"}, segment)
    with app_session(app) as session:
        assert not session.scalars(select(Draft.rev)).all()
        assert not session.scalars(select(FreeText.id)).all()
    respondent.get("/innbygger/aapen/innbygger-2026")
    assert "allerede svart" in respondent.text
    assert "Start" in respondent.get("/innbygger/aapen/innbygger-2026?ny=1").text


def test_only_waves_with_an_open_link_have_one(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app, "/innbygger")
    assert respondent.get("/innbygger/aapen/trivsel-2026").status == 404
    assert respondent.get("/innbygger/aapen/finnes-ikke").status == 404
    assert app.test_client().get("/medarbeider/aapen/trivsel-2026").status_code == 404


def test_the_envelope_of_an_invited_person_cannot_be_taken_by_the_open_link(
    app: Flask, settings: Settings, open_citizen_wave: OpenWave
) -> None:
    with app_session(app) as session:
        person = invite(session, session.get_one(Wave, open_citizen_wave.id), "B1")
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/innbygger-2026").start()
    respondent.answer(w1="4").send(respondent.side(2), to="neste")
    path = re.search(r'action="([^"]+/send)"', respondent.text)
    assert path
    respondent.send(path[1], owner=str(person.id))
    with app_session(app) as session:
        assert session.scalars(select(Envelope.participation_id)).one() != person.id
