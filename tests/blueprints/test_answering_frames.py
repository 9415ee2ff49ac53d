"""Frames: a page filled in is the page drawn in full, and nothing of one respondent reaches another."""

import re
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints import respondent_pages
from blueprints.frames import Frame, slot
from surveyor.config import Settings
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Grid, Item, Page, Questionnaire
from tests.factories import app_session
from tests.respondent import Respondent
from tests.waves import AGREE, OpenWave, make_open_wave, select_one, words

_TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')


@pytest.fixture
def wave(app: Flask, settings: Settings) -> OpenWave:
    with app_session(app) as session:
        return make_open_wave(session, settings, invited={"B1": 30})


def seen(client: FlaskClient, path: str) -> str:
    """The page without its one-time token."""
    return _TOKEN.sub("", client.get(path).get_data(as_text=True))


def in_full(client: FlaskClient, path: str) -> str:
    """The same page, drawn without any frame."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(respondent_pages, "_fits_a_frame", lambda _here, _page: False)
        return seen(client, path)


def chance_answers(chance: Random) -> dict[str, object]:
    answers: dict[str, object] = {"again": chance.choice(["yes", "no"])}
    for name in ("w1", "w2", "w3"):
        if chance.random() < 0.7:
            answers[name] = chance.choice(["1", "3", "5", "9"])
    return answers


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_page_filled_in_is_the_page_drawn_in_full(app: Flask, wave: OpenWave, language: str) -> None:
    chance = Random(7)
    for person in wave.people[:12]:
        respondent = Respondent(app).enter(person.token).start()
        respondent.answer(to="her", **chance_answers(chance))
        for number in (1, 2, 3):
            if number == 3 and chance.random() < 0.5:
                goods = chance.sample(["a", "b", "c"], 2)
                respondent.get(respondent.side(3)).answer(to="her", goods=goods, years="4")
            path = f"{respondent.side(number)}?lang={language}"
            assert seen(respondent.client, path) == in_full(respondent.client, path)


def test_a_page_that_follows_its_answers_is_the_page_drawn_in_full(app: Flask, settings: Settings) -> None:
    rows = (
        select_one("r1", "agree", page="p1"),
        select_one("r2", "agree", page="p1", relevant="${r1} = '1'"),
    )
    asked = (
        select_one("b", "agree", page="p1"),
        Grid("g", words("Rader"), rows),
        select_one("c", "agree", page="p1", relevant="${b} = '1' or ${r1} > 3", required="${b} = '2'"),
    )
    later = (select_one("e", "agree", page="p2"), select_one("f", "agree", page="p2", relevant="${e} = ${b}"))
    both = select_one("h", "agree", page="p2", relevant="${e} = '1' and ${b} = '1'")
    pages = (Page("p1", words("En"), nodes=asked), Page("p2", words("To"), nodes=(*later, both)))
    questionnaire = Questionnaire("f", words("F"), ("nb",), "nb", pages, {"agree": AGREE})
    with app_session(app) as session:
        wave = make_open_wave(session, settings, questionnaire=questionnaire, invited={"B1": 12})
    chance = Random(3)
    for person in wave.people:
        respondent = Respondent(app).enter(person.token).start()
        for number, names in ((1, ("b", "r1", "r2", "c")), (2, ("e", "f", "h"))):
            drawn = {name: chance.choice("123459") for name in names if chance.random() < 0.8}
            respondent.get(respondent.side(number)).answer(to="her", **drawn)
        for number in (1, 2):
            path = respondent.side(number)
            assert seen(respondent.client, path) == in_full(respondent.client, path)


def test_nothing_of_one_respondent_reaches_the_next(app: Flask, wave: OpenWave) -> None:
    marks: list[str] = []
    for person in wave.people[:4]:
        respondent = Respondent(app).enter(person.token)
        pages = [respondent.text]
        pages.append(respondent.start().text)
        own = [respondent.path.split("/")[3], person.token]
        pages.append(respondent.answer(again="yes", w1="5").text)
        pages.append(respondent.answer(goods=["a"], comment=f"Bare {person.id}").text)
        assert str(person.id) in pages[-1]
        own += [str(person.id), *(respondent.hidden()[n] for n in ("submission", "receipt", "csrf_token"))]
        pages.append(respondent.submit().text)
        assert not [mark for mark in marks if any(mark in page for page in pages)]
        marks += own
    assert all(own in pages[3] for own in own[2:4])  # the control: the marks are on the person's own page


def test_a_waiting_message_to_staff_is_not_drawn_into_a_frame(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app)
    respondent.enter(wave.people[0].token)
    frames = app.extensions["surveyor.frames"]
    frames.clear()
    with respondent.client.session_transaction() as cookie:
        cookie["_flashes"] = [("info", "Bare for én")]
    assert "Bare for én" in respondent.start().text
    assert "Bare for én" not in Respondent(app).enter(wave.people[1].token).start().text


def test_text_in_a_slot_is_never_read_again() -> None:
    frame = Frame("<p>%s</p><p>%s</p>", ("a", "b"))
    assert frame.filled({"a": slot("b"), "b": "x"}) == f"<p>{slot('b')}</p><p>x</p>"


def test_an_answer_cannot_break_out_of_the_review(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app).enter(wave.people[5].token).start().answer(again="yes")
    page = respondent.answer(comment='<img src=x onerror="alert(1)"></dd>').text
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_answers_in_headings_are_put_in_and_kept_out_of_frames(app: Flask, settings: Settings) -> None:
    name = Item("name", ItemType.TEXT, words("Hva heter barnet?"), page="p1")
    pages = (
        Page("p1", words("Først"), nodes=(name, select_one("w1", "agree", page="p1"))),
        Page("p2", words("Om ${name}"), nodes=(select_one("w2", "agree", page="p2"),)),
    )
    questionnaire = Questionnaire("f", words("F"), ("nb",), "nb", pages, {"agree": AGREE})
    with app_session(app) as session:
        wave = make_open_wave(session, settings, questionnaire=questionnaire, invited={"B1": 3})
    for person, called in zip(wave.people, ("Kari", "Ola", "Per"), strict=True):
        respondent = Respondent(app).enter(person.token).start().answer(name=called, w1="4")
        assert f'<h1 class="ds-heading" data-size="lg">Om {called}</h1>' in respondent.text
        respondent.answer(w2="4")
        paths = [respondent.path, respondent.path.replace("kontroll", "side/1")]
        for path in paths:
            page = seen(respondent.client, path)
            assert f"Om {called}" in page
            assert "${" not in page
            assert not [
                other for other in ("Kari", "Ola", "Per") if other != called and f"Om {other}" in page
            ]
        assert seen(respondent.client, paths[1]) == in_full(respondent.client, paths[1])
