"""Answering as respondents do it, without JavaScript: page by page, send, correct, withdraw."""

import re

from flask import Flask
from sqlalchemy import select, update

from surveyor.accounts.models import RateCount
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.fieldwork.closing import open_wave
from surveyor.responses.models import AnswerSet, Draft, Envelope
from tests.factories import app_session
from tests.respondent import Respondent, opened
from tests.waves import OpenWave


def test_the_link_leads_to_a_clean_address_that_tells_what_is_asked(
    respondent: Respondent, wave: OpenWave
) -> None:
    assert respondent.status == 200
    assert wave.people[0].token not in respondent.path
    for told in ("Trivsel på jobben", "Fjordvik kommune", "minst 5", "minst 10", "med en gang", "minutter"):
        assert told in respondent.text
    cookie = respondent.page.history[0].headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert respondent.page.headers["Cache-Control"] == "no-store"


def test_the_whole_way_ends_in_a_sealed_envelope(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    respondent.run_through()
    assert respondent.status == 200
    assert "Takk" in respondent.text
    assert len(respondent.receipt) == 19
    (response,) = opened(app, settings, wave)
    assert response.answers == {"w1": "4", "w2": "9", "w3": "1", "again": "yes", "goods": "a c"}
    assert response.segment_code == "B1"
    with app_session(app) as session:
        assert not session.scalars(select(Draft.rev)).all()


def test_conditional_page_is_asked_and_its_answer_kept(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    respondent.start()
    assert "Side 1 av 2" in respondent.text
    respondent.answer(again="no")
    assert "Hvorfor ikke?" in respondent.text
    assert "Side 2 av 3" in respondent.text
    respondent.answer(why="Fordi jeg ville").answer(comment="Takk").submit()
    assert opened(app, settings, wave)[0].answers == {
        "again": "no",
        "why": "Fordi jeg ville",
        "comment": "Takk",
    }


def test_an_answer_no_longer_asked_for_is_not_sent(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    respondent.start().answer(again="no").answer(why="Bort med dette")
    respondent.send(to="tilbake").send(to="tilbake")
    assert respondent.path.endswith("/side/1")
    respondent.answer(again="yes").answer().submit()
    assert opened(app, settings, wave)[0].answers == {"again": "yes"}


def test_what_is_missing_is_said_with_a_link_to_it(respondent: Respondent) -> None:
    respondent.start().answer(w1="4")
    assert respondent.status == 422
    assert 'href="#q-again"' in respondent.text
    assert "<title>Feil:" in respondent.text
    assert re.search(r'value="4"[^>]* checked', respondent.text)


def test_a_wrong_number_and_a_long_text_are_refused_where_they_stand(respondent: Respondent) -> None:
    respondent.start().answer(again="yes").answer(years="mange")
    assert respondent.status == 422
    assert "helt tall" in respondent.text
    respondent.answer(to="tilbake", comment="x" * 2001)
    assert respondent.status == 422
    assert "for lang" in respondent.text


def test_save_and_come_back_later_on_another_device(
    app: Flask, wave: OpenWave, respondent: Respondent
) -> None:
    respondent.start().answer(to="senere", w1="5")
    assert "ikke sendt" in respondent.text
    other = Respondent(app).enter(wave.people[0].token)
    assert "begynt å svare" in other.text
    assert f'{other.path.partition("?")[0]}/side/1"' in other.text  # where they left
    other.start()
    assert re.search(r'name="q-w1" value="5"[^>]* checked', other.text)


def test_a_language_switch_keeps_what_was_just_filled_in(respondent: Respondent) -> None:
    respondent.start().send(f"{respondent.path}?lang=en", to="her", **{"q-w1": "3"})
    assert respondent.status == 200
    assert "Question w1" in respondent.text
    assert 'lang="en"' in respondent.text
    assert re.search(r'name="q-w1" value="3"[^>]* checked', respondent.text)
    assert "Back" in respondent.text or "The working day" in respondent.text


def test_the_review_leads_to_a_page_and_back(respondent: Respondent) -> None:
    respondent.start().answer(w1="4", again="yes").answer(goods=["b"])
    assert respondent.path.endswith("/kontroll")
    assert "Gode b" in respondent.text
    respondent.send(to="1")
    assert respondent.path.endswith("/side/1")
    respondent.answer(w1="2", again="yes")
    assert respondent.path.endswith("/kontroll")
    assert "Grad 2" in respondent.text


def test_sending_with_something_missing_shows_the_review_again(app: Flask, respondent: Respondent) -> None:
    respondent.start().answer(to="senere", w1="4")
    respondent.get(respondent.path.replace("lagret", "kontroll"))
    assert "Svar på det som mangler" in respondent.text
    respondent.submit()
    assert respondent.status == 422
    with app_session(app) as session:
        assert not session.scalars(select(Envelope.rev)).all()


def test_a_repeated_submit_shows_the_same_page_and_changes_nothing(
    app: Flask, respondent: Respondent
) -> None:
    respondent.start().answer(again="yes").answer()
    fields, path = respondent.hidden(), respondent.path.replace("kontroll", "send")
    first = respondent.send(path).text
    with app_session(app) as session:
        before = session.execute(select(Envelope)).scalars().one().sealed
    again = respondent.client.post(path, data=fields)
    assert again.status_code == 200
    assert again.get_data(as_text=True) == first
    with app_session(app) as session:
        assert session.execute(select(Envelope)).scalars().one().sealed == before


def test_the_same_link_again_offers_to_correct_and_the_new_answer_replaces_the_old(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    respondent.run_through()
    respondent.enter(wave.people[0].token)
    assert "Du har svart" in respondent.text
    assert "Trekk svaret" in respondent.text
    respondent.start()
    assert not re.search(r'name="q-w1" value="4"[^>]* checked', respondent.text)
    respondent.answer(w1="1", again="no").answer().answer().submit()
    assert "Takk" in respondent.text
    (response,) = opened(app, settings, wave)
    assert response.answers == {"w1": "1", "again": "no"}


def test_the_slower_of_two_windows_is_told_and_stores_nothing(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    other = Respondent(app).enter(wave.people[0].token)
    respondent.start()
    other.start()
    for one, degree in ((respondent, "5"), (other, "1")):
        one.answer(to="neste", w1=degree, again="yes")
    assert other.status == 409
    assert "annet vindu" in other.text
    other.answer(w1="1", again="yes").answer()
    respondent.answer().submit()
    assert "Takk" in respondent.text
    late = other.submit()
    assert late.status == 409
    assert "Takk" not in late.text
    assert len(opened(app, settings, wave)) == 1


def test_withdrawing_asks_first_and_deletes(app: Flask, wave: OpenWave, respondent: Respondent) -> None:
    respondent.run_through()
    respondent.enter(wave.people[0].token)
    respondent.get(f"{respondent.path}/trekk").send()
    assert "Svaret er slettet" in respondent.text
    with app_session(app) as session:
        assert not session.scalars(select(Envelope.rev)).all()
    respondent.enter(wave.people[0].token)
    assert "Start" in respondent.text


def test_after_the_opening_the_receipt_code_deletes_the_answer(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    codes = []
    for person in wave.people:
        one = Respondent(app).enter(person.token).run_through()
        codes.append(one.receipt)
    open_wave(app.extensions["surveyor.engine"], settings, wave_id=wave.id)
    page = respondent.get("/medarbeider/kvittering").send(code=codes[2].lower().replace("-", " "))
    assert "Svaret er slettet" in page.text
    with app_session(app) as session:
        assert len(session.scalars(select(AnswerSet.id)).all()) == 5
        assert not session.scalars(select(RateCount.key)).all()  # who came, and at which minute
    again = respondent.get("/medarbeider/kvittering").send(code=codes[2])
    assert again.status == 422
    assert respondent.get("/medarbeider/kvittering").send(code="tull").status == 422


def test_an_answer_under_way_when_the_wave_closes_is_not_stored(
    app: Flask, wave: OpenWave, respondent: Respondent
) -> None:
    respondent.start().answer(again="yes").answer()
    with app_session(app) as session:
        session.execute(update(Wave).values(state=WaveState.CLOSING))
    assert respondent.submit().status == 410
    with app_session(app) as session:
        assert not session.scalars(select(Envelope.rev)).all()


def test_the_protection_page_has_the_waves_own_numbers(
    app: Flask, respondent: Respondent, wave: OpenWave
) -> None:
    respondent.get(f"/medarbeider/beskyttelse/{wave.wave.code}")
    assert "minst 5" in respondent.text
    assert "minst 10" in respondent.text
    assert "med en gang" in respondent.text
    assert f"Svarene slettes {wave.wave.answers_until:%d.%m.%Y}" in respondent.text
    assert "den åpne lenken" not in respondent.get(f"/medarbeider/beskyttelse/{wave.wave.code}").text
    assert respondent.get("/medarbeider/beskyttelse/finnes-ikke").status == 404
