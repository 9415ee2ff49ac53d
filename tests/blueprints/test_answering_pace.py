"""Ways through a questionnaire: one question at a time, from part to part, in any language; scripts' data."""

import gzip
import json
import re
from html import unescape

from flask import Flask

from surveyor.campaigns.enums import Audience
from surveyor.config import ROOT, Settings
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Category, CodeList, Grid, Item, Page, Questionnaire
from tests.factories import app_session
from tests.respondent import Respondent, cookie_names, opened
from tests.waves import AGREE, YES_NO, OpenWave, make_open_wave, select_one, words


def asked(
    app: Flask,
    settings: Settings,
    *pages: Page,
    languages: tuple[str, ...] = ("nb",),
    audience: Audience = Audience.EMPLOYEE,
) -> OpenWave:
    """An open wave with these pages; citizens answer by an open link."""
    title = {language: f"Om dagen ({language})" for language in languages}
    lists = {"agree": AGREE, "yes_no": YES_NO, "few": FEW}
    questionnaire = Questionnaire("dagen", title, languages, languages[0], pages, lists)
    is_open = audience is Audience.CITIZEN
    invited = {} if is_open else {"B1": 6}
    with app_session(app) as session:
        return make_open_wave(
            session,
            settings,
            questionnaire=questionnaire,
            invited=invited,
            audience=audience,
            open_link=is_open,
        )


FEW = CodeList("few", (Category("x", {"nb": "X", "ar": "س"}), Category("y", {"nb": "Y", "ar": "ص"})))


def test_one_question_at_a_time_ends_in_the_same_envelope(
    app: Flask, settings: Settings, wave: OpenWave
) -> None:
    respondent = Respondent(app).enter(wave.people[0].token)
    respondent.get(f"{respondent.path}?vis=ett")
    assert "ett spørsmål om gangen" in respondent.text
    assert "visning" in cookie_names(respondent)
    respondent.start()
    assert "Spørsmål 1 av 7" in respondent.text
    assert 'name="q-w1"' in respondent.text
    assert 'name="q-w2"' not in respondent.text
    assert "Arbeidet" in respondent.text
    respondent.answer(w1="4").answer(w2="9").answer(w3="1").answer()
    assert respondent.status == 422
    respondent.answer(again="yes").answer(goods=["a", "c"]).answer(years="12").answer(comment="")
    assert respondent.text.count('aria-labelledby="side-') == 2
    respondent.submit()
    (response,) = opened(app, settings, wave)
    assert response.answers == {"w1": "4", "w2": "9", "w3": "1", "again": "yes", "goods": "a c"}
    assert "visning" not in cookie_names(respondent)


def test_the_pace_can_change_on_any_page_and_nothing_is_lost(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app).enter(wave.people[0].token).start().answer(again="no").answer(why="Fordi")
    assert respondent.path.endswith("/side/3")
    respondent.answer(to="visning", goods=["b"])
    assert "Spørsmål" in respondent.text
    assert re.search(r'value="b"[^>]* checked', respondent.text)
    respondent.answer(to="neste", goods=["b"])
    assert 'name="q-years"' in respondent.text
    respondent.answer(to="visning", years="7")
    assert respondent.path.endswith("/side/3")
    assert 'value="7"' in respondent.text
    assert re.search(r'value="b"[^>]* checked', respondent.text)


def test_from_part_to_part(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app).enter(wave.people[0].token).start()
    parts = re.findall(r'name="to" value="(\d+)">([^<]+)</button>\s*<span[^>]*>([^<]+)<', respondent.text)
    assert parts == [("1", "Arbeidsdagen", "0 av 4 besvart"), ("3", "Til slutt", "0 av 3 besvart")]
    respondent.answer(to="3", w1="4", w2="1")
    assert respondent.path.endswith("/side/3")
    assert "2 av 4 besvart" in respondent.text
    respondent.answer(to="1", comment="Hei")
    assert re.search(r'name="q-w1" value="4"[^>]* checked', respondent.text)
    assert "1 av 3 besvart" in respondent.text
    respondent.get(respondent.path.replace("side/1", "kontroll"))
    assert "Svar på det som mangler" in respondent.text


def test_from_part_to_part_one_question_at_a_time(app: Flask, wave: OpenWave) -> None:
    respondent = Respondent(app).enter(wave.people[0].token)
    respondent.get(f"{respondent.path}?vis=ett").start().answer(to="3", w1="4")
    assert 'name="q-goods"' in respondent.text
    respondent.answer(to="1")
    assert 'name="q-again"' in respondent.text  # what is missing on that part
    respondent.answer(to="9")
    assert respondent.status == 404


def test_on_the_open_link_answers_go_along(app: Flask, settings: Settings) -> None:
    asked(
        app,
        settings,
        Page(
            "p1", words("Først"), nodes=(select_one("a", "few", page="p1"), select_one("b", "few", page="p1"))
        ),
        Page("p2", words("Sist"), nodes=(select_one("c", "few", page="p2"),)),
        audience=Audience.CITIZEN,
    )
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/trivsel-2026").start()
    respondent.answer(to="visning", a="x", b="y")
    assert "Spørsmål 1 av 3" in respondent.text
    assert re.search(r'name="q-a" value="x"[^>]* checked', respondent.text)
    respondent.answer(a="x")
    assert re.search(r'name="q-b" value="y"[^>]* checked', respondent.text)
    respondent.send(respondent.side(2), to="2", **{"q-b": "y"})
    assert 'name="q-c"' in respondent.text


def test_a_first_page_of_words_is_told_on_the_welcome_page(app: Flask, settings: Settings) -> None:
    note = Item("intro", ItemType.NOTE, words("Tenk på det siste året."), page="p0")
    wave = asked(
        app,
        settings,
        Page("p0", words("Velkommen"), nodes=(note,)),
        Page("p1", words("Dagen"), nodes=(select_one("a", "few", page="p1"),)),
    )
    respondent = Respondent(app).enter(wave.people[0].token)
    assert "Tenk på det siste året." in respondent.text
    respondent.start()
    assert "Side 1 av 1" in respondent.text
    assert 'name="q-a"' in respondent.text


def test_a_language_from_right_to_left(app: Flask, settings: Settings) -> None:
    question = Item(
        "a", ItemType.SELECT_ONE, {"nb": "Trives du?", "ar": "هل أنت سعيد؟"}, code_list="few", page="p1"
    )
    page = Page("p1", {"nb": "Dagen", "ar": "اليوم"}, nodes=(question,))
    wave = asked(app, settings, page, languages=("nb", "ar"))
    respondent = Respondent(app).enter(wave.people[0].token)
    assert "العربية" in respondent.text
    respondent.start().send(f"{respondent.path}?lang=ar", to="her", **{"q-a": "y"})
    assert re.search(r'<main[^>]* lang="ar" dir="rtl"', respondent.text)
    assert "هل أنت سعيد؟" in respondent.text
    assert re.search(r'value="y"[^>]* checked', respondent.text)
    respondent.answer(a="y")
    assert "هل أنت سعيد؟" in respondent.text
    respondent.get(respondent.path + "?lang=nb")
    assert "Trives du?" in respondent.text
    assert 'dir="rtl"' not in respondent.text


PIPED = (
    Page("p1", words("Du"), nodes=(Item("nick", ItemType.TEXT, words("Kallenavn"), page="p1"),)),
    Page(
        "p2",
        words("Videre"),
        nodes=(
            Item("hello", ItemType.NOTE, words("Hei, ${nick}!"), page="p2"),
            select_one("b", "few", page="p2"),
        ),
    ),
)


def test_answers_in_the_words_of_a_page_reach_nobody_else(app: Flask, settings: Settings) -> None:
    wave = asked(app, settings, *PIPED)
    pages = []
    for person, nick in zip(wave.people, ("Kakeelsker", "Fjellgeit"), strict=False):
        pages.append(Respondent(app).enter(person.token).start().answer(nick=nick).text)
    assert "Hei, Kakeelsker!" in pages[0]
    assert "Hei, Fjellgeit!" in pages[1]
    assert "Kakeelsker" not in pages[1]


def live_data(text: str) -> dict[str, object]:
    found = re.search(r'data-live="([^"]*)"', text)
    assert found
    return json.loads(unescape(found[1]))


def test_the_scripts_data_tells_whether_an_earlier_answer_met_a_condition_and_no_more(
    app: Flask, settings: Settings
) -> None:
    both = Item(
        "more", ItemType.TEXT, words("Mer?"), page="p2", relevant="${b} = 'x' and ${nick} = 'Kakeelsker'"
    )
    longer = Item("c", ItemType.TEXT, words("Lengre"), page="p2", constraint=". != ${nick}")
    page = Page("p2", words("Videre"), nodes=(select_one("b", "few", page="p2"), both, longer))
    wave = asked(app, settings, PIPED[0], page)
    steps = []
    for person, nick in zip(wave.people, ("Kakeelsker", "Fjellgeit", "Kakeelsker"), strict=False):
        text = Respondent(app).enter(person.token).start().answer(nick=nick).text
        assert nick not in text
        steps.append(live_data(text)["steps"])
        assert 'id="live-more" hidden' in text
    assert steps[0] == steps[2] == [["more", ["f", "boolean", ["o", "=", ["$", "b"], "x"]], None, ""]]
    assert steps[1] == [["more", False, None, ""]]


def test_what_the_script_showed_is_required_at_once_and_what_it_hid_is_kept(
    app: Flask, settings: Settings
) -> None:
    why = Item("why", ItemType.TEXT, words("Hvorfor?"), page="p1", relevant="${b} = 'y'", required="true()")
    wave = asked(
        app, settings, Page("p1", words("Dagen"), nodes=(select_one("b", "few", page="p1"), why)), PIPED[1]
    )
    respondent = Respondent(app).enter(wave.people[0].token).start()
    respondent.send(to="neste", shown="b why", **{"q-b": "y", "q-why": ""})
    assert respondent.status == 422
    assert "Svar på «Hvorfor?»" in unescape(respondent.text)
    respondent.send(to="neste", shown="b", **{"q-b": "x", "q-why": "Derfor"})  # changed their mind
    assert respondent.path.endswith("/side/2")
    respondent.send(to="tilbake")
    assert re.search(r'id="q-why"[^>]*value="Derfor"', respondent.text)  # out of sight, and back if wanted
    respondent.send(to="neste", shown="b").answer(b="x").submit()
    assert opened(app, settings, wave)[0].answers == {"b": "x"}


def test_the_first_page_of_twenty_questions_is_small(app: Flask, settings: Settings) -> None:
    rows = tuple(
        Item(
            f"s{n}",
            ItemType.SELECT_ONE,
            words(f"Utsagn nummer {n} om hvordan arbeidsdagen er og hva som skal til for at den blir god."),
            code_list="agree",
            page="p1",
        )
        for n in range(20)
    )
    wave = asked(
        app, settings, Page("p1", words("Arbeidet"), nodes=(Grid("g", words("Hvor enig er du?"), rows),))
    )
    page = Respondent(app).enter(wave.people[0].token).start().text
    assert page.count('type="radio"') == 120 + 20  # and one each that takes the answer back without a script
    assert len(gzip.compress(page.encode())) <= 15_000


def test_the_scripts_of_a_page_are_small() -> None:
    names = ("expressions", "following", "routing")
    files = [ROOT / "surveyor" / "static" / "answering" / f"{name}.js" for name in names]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 12_000
