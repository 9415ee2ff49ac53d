"""Outsiders and respondents who cheat: guessed codes, forged state, replayed and late answers."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.invitations.credentials import hash_code, new_code
from surveyor.invitations.models import Participation
from surveyor.responses.models import Draft, Envelope
from tests.factories import app_session
from tests.respondent import Respondent
from tests.waves import OpenWave, make_open_wave


@pytest.fixture
def wave(app: Flask, settings: Settings) -> OpenWave:
    app.config["WTF_CSRF_ENABLED"] = False
    with app_session(app) as session:
        return make_open_wave(session, settings, invited={"B1": 6})


def give_code(app: Flask, settings: Settings, wave: OpenWave) -> str:
    code = new_code()
    with app_session(app) as session:
        session.execute(
            update(Participation)
            .where(Participation.id == wave.people[0].id)
            .values(credential_hash=hash_code(settings, code))
        )
    return code


def test_codes_cannot_be_guessed_past_the_count_by_writing_the_cookie(
    app: Flask, settings: Settings, wave: OpenWave
) -> None:
    code = give_code(app, settings, wave)
    typed = Respondent(app).get("/medarbeider/kode").send(code=code)
    assert typed.status == 200  # the control: the page where codes are typed lets in
    kept = next(cookie for cookie in typed.client._cookies.values() if cookie.key.startswith("svar-"))  # type: ignore[attr-defined]
    for guess in (f"k.{code}", f"k.{code}.x", kept.value[:-1], kept.value.replace(code, new_code())):
        guesser = Respondent(app)
        guesser.client.set_cookie("svar-1", guess)
        assert guesser.get("/medarbeider/svar/1").status == 404
    guesser.client.set_cookie("svar-1", kept.value)
    assert guesser.get("/medarbeider/svar/1").status == 200


def test_another_persons_envelope_cannot_be_named(app: Flask, wave: OpenWave) -> None:
    """The owner on the review page is a mark against repeats; who answers is decided by the credential."""
    mine, other = wave.people[0], wave.people[1]
    respondent = Respondent(app).enter(mine.token)
    respondent.start().answer(w1="4", w2="9", w3="1", again="yes").answer(goods=["a"])
    marks = respondent.hidden() | {"owner": str(other.id)}
    assert respondent.send(respondent.path.replace("kontroll", "send"), **marks).status == 200
    with app_session(app) as session:
        assert session.scalars(select(Envelope.participation_id)).all() == [mine.id]


def test_a_replayed_submit_after_a_correction_changes_nothing(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app).enter(wave.people[0].token)
    respondent.start().answer(w1="4", w2="9", w3="1", again="yes").answer(goods=["a"])
    address, first = respondent.path.replace("kontroll", "send"), respondent.hidden()
    respondent.send(address)
    again = Respondent(app).enter(wave.people[0].token)
    again.start().answer(w1="1", w2="1", w3="1", again="yes").answer(goods=["b"]).submit()
    with app_session(app) as session:
        [kept] = session.scalars(select(Envelope.sealed))
    replay = Respondent(app).enter(wave.people[0].token)
    handle = next(c.key for c in replay.client._cookies.values() if c.key.startswith("svar-"))  # type: ignore[attr-defined]
    target = re.sub(r"svar/\w+", f"svar/{handle.removeprefix('svar-')}", address)
    assert replay.client.post(target, data=first).status_code in (409, 422)
    with app_session(app) as session:
        assert session.scalars(select(Envelope.sealed)).all() == [kept]


def test_a_closed_wave_takes_nothing_by_any_door(app: Flask, settings: Settings, wave: OpenWave) -> None:
    code = give_code(app, settings, wave)
    by_link = Respondent(app).enter(wave.people[1].token).start()
    by_code = Respondent(app).get("/medarbeider/kode").send(code=code).start()
    with app_session(app) as session:
        session.execute(update(Wave).values(state=WaveState.CLOSING))
    for respondent in (by_link, by_code):
        assert respondent.answer(w1="4", again="yes").status == 410
        marks = {"submission": str(uuid4()), "owner": str(uuid4()), "receipt": "0" * 16, "envelope_rev": "0"}
        assert respondent.send(re.sub("side/.*", "send", respondent.path), **marks).status in (410, 422)
    with app_session(app) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Envelope, Draft)]
    assert counts == [0, 0]


def test_what_the_open_link_carries_cannot_be_forged(app: Flask, settings: Settings) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app_session(app) as session:
        make_open_wave(session, settings, audience=Audience.CITIZEN, open_link=True)
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/trivsel-2026")
    respondent.start().answer(w1="4", w2="9", w3="1", again="yes")
    assert "Gode a" in respondent.text  # the control: with its own state the next page comes
    state = respondent.hidden()["state"]
    for forged in (state[:-4] + "AAAA", "AAAA", "x" * 4000):
        page = respondent.client.post(
            respondent.side(3), data={"state": forged, "to": "neste", "q-goods": "a"}
        )
        assert page.status_code < 500
        assert "Grad 4" not in page.get_data(as_text=True)
    stranger = Respondent(app, "/innbygger").get("/innbygger/aapen/trivsel-2026")
    stranger.start()
    taken = stranger.client.post(stranger.side(3), data={"state": state, "to": "neste", "q-goods": "a"})
    assert "Grad 4" not in taken.get_data(as_text=True)  # another's answers do not open under one's own key
