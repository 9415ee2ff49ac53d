"""Answering as respondents do it, without JavaScript: in by link, page by page, send, correct, withdraw."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from surveyor import clock
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.fieldwork.closing import open_wave
from surveyor.instruments.enums import ItemRole
from surveyor.instruments.spec import Category, CodeList, Page, Questionnaire
from surveyor.invitations.credentials import hash_code, new_code, show_code
from surveyor.invitations.models import Participation
from surveyor.responses.keys import load_wave_key
from surveyor.responses.models import AnswerSet, Draft, Envelope, FreeText
from surveyor.responses.sealing import open_response
from surveyor.responses.spec import Response
from tests.factories import app_session
from tests.waves import AGREE, OpenWave, make_open_wave, select_one, words

FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Respondent:
    """A browser that follows links and sends the forms it is shown."""

    def __init__(self, app: Flask, prefix: str = "/medarbeider") -> None:
        self.client: FlaskClient = app.test_client()
        self.prefix = prefix
        self.page: TestResponse | None = None

    @property
    def text(self) -> str:
        assert self.page is not None
        return self.page.get_data(as_text=True)

    @property
    def status(self) -> int:
        assert self.page is not None
        return self.page.status_code

    @property
    def path(self) -> str:
        assert self.page is not None
        return self.page.request.path

    def get(self, path: str) -> "Respondent":
        self.page = self.client.get(path, follow_redirects=True)
        return self

    def enter(self, token: str) -> "Respondent":
        return self.get(f"{self.prefix}/s/{token}")

    def start(self) -> "Respondent":
        found = re.search(r'href="([^"]+/side/\d+)"', self.text)
        assert found
        return self.get(found[1])

    def hidden(self) -> dict[str, str]:
        return dict(FIELD.findall(self.text))

    def send(self, path: str | None = None, **fields: Any) -> "Respondent":
        self.page = self.client.post(
            path or self.path, data={**self.hidden(), **fields}, follow_redirects=True
        )
        return self

    def answer(self, to: str = "neste", **answers: Any) -> "Respondent":
        return self.send(to=to, **{f"q-{name}": value for name, value in answers.items()})

    def submit(self) -> "Respondent":
        return self.send(self.path.replace("kontroll", "send") if "kontroll" in self.path else self.path)

    def run_through(self) -> "Respondent":
        """From the welcome page to the receipt."""
        self.start().answer(w1="4", w2="9", w3="1", again="yes").answer(goods=["a", "c"], years="12")
        return self.submit()

    def side(self, number: int) -> str:
        """The address of another page of the questionnaire."""
        return re.sub(r"\d+$", str(number), self.path)

    @property
    def receipt(self) -> str:
        found = re.search(r"<code>([0-9A-Z-]{19})</code>", self.text)
        assert found, self.text
        return found[1]


@pytest.fixture
def wave(app: Flask, settings: Settings) -> OpenWave:
    with app_session(app) as session:
        return make_open_wave(session, settings, invited={"B1": 6})


@pytest.fixture
def respondent(app: Flask, wave: OpenWave) -> Respondent:
    return Respondent(app).enter(wave.people[0].token)


def opened(app: Flask, settings: Settings, wave: OpenWave) -> list[Response]:
    """What lies in the envelopes, as only a test with the keys can see."""
    with app_session(app) as session:
        key = load_wave_key(session, settings, wave_id=wave.id)
        rows = session.execute(select(Envelope.participation_id, Envelope.sealed)).all()
    return [open_response(sealed, key, wave_id=wave.id, participation_id=owner) for owner, sealed in rows]


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


def test_on_https_the_cookie_is_bound_to_the_host(settings: Settings, wave: OpenWave) -> None:
    from dataclasses import replace

    from surveyor import create_app

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


def test_only_the_respondents_own_cookies_are_cleared(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app)
    respondent.client.set_cookie("language", "nb")
    respondent.enter(wave.people[0].token)
    before = set(cookie_names(respondent))
    respondent.run_through()
    assert {name for name in before if not name.startswith("svar-")} <= set(cookie_names(respondent))
    assert not [name for name in cookie_names(respondent) if name.startswith("svar-")]
    assert "Clear-Site-Data" not in respondent.page.headers


def cookie_names(respondent: Respondent) -> list[str]:
    return [cookie.key for cookie in respondent.client._cookies.values()]


def test_two_links_in_one_browser_do_not_mix(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    first = respondent.start().path
    respondent.enter(wave.people[1].token).start().answer(w1="1", again="yes")
    respondent.get(first)
    assert not re.search(r'name="q-w1" value="1"[^>]* checked', respondent.text)


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
    again = respondent.get("/medarbeider/kvittering").send(code=codes[2])
    assert again.status == 422
    assert respondent.get("/medarbeider/kvittering").send(code="tull").status == 422


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


def test_an_answer_under_way_when_the_wave_closes_is_not_stored(
    app: Flask, wave: OpenWave, respondent: Respondent
) -> None:
    respondent.start().answer(again="yes").answer()
    with app_session(app) as session:
        session.execute(update(Wave).values(state=WaveState.CLOSING))
    assert respondent.submit().status == 410
    with app_session(app) as session:
        assert not session.scalars(select(Envelope.rev)).all()


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


def test_the_protection_page_has_the_waves_own_numbers(
    app: Flask, respondent: Respondent, wave: OpenWave
) -> None:
    respondent.get(f"/medarbeider/beskyttelse/{wave.wave.code}")
    assert "minst 5" in respondent.text
    assert "minst 10" in respondent.text
    assert "med en gang" in respondent.text
    assert respondent.get("/medarbeider/beskyttelse/finnes-ikke").status == 404


def citizen_questionnaire() -> Questionnaire:
    units = CodeList("units", tuple(Category(code, words(code)) for code in ("B1", "B2", "S1")))
    return Questionnaire(
        "innbygger",
        words("Innbyggerundersøkelsen"),
        ("nb",),
        "nb",
        pages=(
            Page(
                "p1",
                words("Stedet"),
                nodes=(
                    select_one("w1", "agree", page="p1"),
                    select_one("place", "units", page="p1", role=ItemRole.UNIT),
                ),
            ),
            Page("p2", words("Mer"), nodes=(select_one("w2", "agree", page="p2"),)),
        ),
        code_lists={"agree": AGREE, "units": units},
    )


@pytest.fixture
def open_citizen_wave(app: Flask, settings: Settings) -> OpenWave:
    with app_session(app) as session:
        return make_open_wave(
            session,
            settings,
            questionnaire=citizen_questionnaire(),
            audience=Audience.CITIZEN,
            open_link=True,
            code="innbygger-2026",
        )


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
    from tests.waves import invite

    with app_session(app) as session:
        person = invite(session, session.get_one(Wave, open_citizen_wave.id), "B1")
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/innbygger-2026").start()
    respondent.answer(w1="4").send(respondent.side(2), to="neste")
    path = re.search(r'action="([^"]+/send)"', respondent.text)
    assert path
    respondent.send(path[1], owner=str(person.id))
    with app_session(app) as session:
        assert session.scalars(select(Envelope.participation_id)).one() != person.id
