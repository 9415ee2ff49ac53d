"""A questionnaire in a language that is none of ours: each part says which language it is in."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import html

from surveyor.campaigns.enums import Audience
from surveyor.config import Settings
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Page, Questionnaire
from surveyor.instruments.xlsform import read_xlsform
from tests.factories import app_session
from tests.respondent import Respondent
from tests.waves import OpenWave, make_open_wave, words

FORM = Path(__file__).parents[1] / "e2e" / "every_type.md"
ARABIC = re.compile(r"[\u0600-\u06ff]")
LATIN = re.compile(r"[a-zæøå]{2}", re.IGNORECASE)


def asked_in(app: Flask, settings: Settings, questionnaire: Questionnaire, **fields: Any) -> OpenWave:
    with app_session(app) as session:
        return make_open_wave(session, settings, questionnaire=questionnaire, invited={"B1": 5}, **fields)


def reader(app: Flask, address: str, accepted: str) -> Respondent:
    """Somebody whose browser asks for these languages."""
    found = Respondent(app)
    found.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = accepted
    return found.get(address)


def link(wave: OpenWave) -> str:
    return f"/medarbeider/s/{wave.people[0].token}"


def texts(page: str) -> list[tuple[str, str]]:
    """Every text of the page's main part with the language it is read aloud in."""
    main = html.fromstring(page).get_element_by_id("innhold")
    found = []
    for node in main.xpath(".//text()[normalize-space() and not(ancestor::script or ancestor::template)]"):
        around = node.getparent() if node.is_text else node.getparent().getparent()
        found.append((" ".join(node.split()), around.xpath("string(ancestor-or-self::*[@lang][1]/@lang)")))
    return found


def own_words(questionnaire: Questionnaire) -> set[str]:
    """The questionnaire's words in Latin letters, as it shows them to whoever reads Arabic."""
    items = [text for item in questionnaire.all_items for text in (item.label, item.hint, item.guidance)]
    options = [each.label for listed in questionnaire.code_lists.values() for each in listed.categories]
    return {questionnaire.text(text, "ar") for text in (*items, *options)}


def misread(page: str, own: set[str]) -> list[tuple[str, str]]:
    """Texts that a screen reader would read in the wrong language."""
    return [
        (text, language)
        for text, language in texts(page)
        if (LATIN.search(text) and language != "en" and text not in own)
        or (ARABIC.search(text) and not LATIN.search(text) and language != "ar")
    ]


def test_every_part_is_read_aloud_in_its_own_language(app: Flask, settings: Settings) -> None:
    questionnaire = read_xlsform(FORM.read_bytes(), filename=FORM.name).questionnaire
    own = own_words(questionnaire)
    visitor = reader(app, link(asked_in(app, settings, questionnaire)), "ar,fr;q=0.5")
    seen = [visitor.text, visitor.start().text]
    assert '<html lang="en" dir="ltr"' in visitor.text
    assert re.search(r'<main[^>]* lang="ar" dir="rtl"', visitor.text)
    seen.append(visitor.answer().text)  # something is missing
    assert visitor.status == 422
    seen.append(visitor.answer(works="yes", hours="99", way="x", county="troms").text)  # the author's words
    seen += [visitor.send(visitor.side(number), to="her").text for number in range(2, 6)]
    seen.append(visitor.answer(to="kontroll").get(visitor.path.partition("/side")[0] + "/kontroll").text)
    assert "Not answered" in visitor.text
    assert [misread(page, own) for page in seen] == [[]] * len(seen)
    unmarked = re.sub(r' lang="en"', "", seen[2])
    assert misread(unmarked.replace("<html", '<html lang="en"'), own)  # the control


def two_letters(*languages: str) -> Questionnaire:
    """One question in these languages."""
    label = {code: f"Pytanie {code}" for code in languages}
    few = CodeList("few", (Category("x", words("X")),))
    asked = Item("a", ItemType.SELECT_ONE, label, code_list="few", page="p1")
    return Questionnaire("f", words("F"), languages, "nb", (Page("p1", {}, nodes=(asked,)),), {"few": few})


@pytest.mark.parametrize(
    ("accepted", "interface", "answers"),
    [
        ("pl,uk;q=0.5", "en", "pl"),
        ("pl,nb;q=0.5", "nb", "pl"),
        ("sv", "nb", "sv"),
        ("nn,pl;q=0.9", "nn", "nn"),
        ("no", "nb", "nb"),
        ("fr", "nb", "nb"),
    ],
)
def test_the_browser_is_heard_and_we_speak_what_may_be_known(
    app: Flask, settings: Settings, accepted: str, interface: str, answers: str
) -> None:
    asked_in(app, settings, two_letters("nb", "nn", "pl", "sv"), audience=Audience.CITIZEN, open_link=True)
    visitor = reader(app, "/innbygger/aapen/trivsel-2026", accepted).start()
    assert f'<html lang="{interface}"' in visitor.text
    assert f"Pytanie {answers}" in visitor.text
    visitor.get(visitor.path + "?lang=nn")
    assert '<html lang="nn"' in visitor.text
    assert "Pytanie nn" in visitor.text


@pytest.mark.parametrize(("accepted", "answers"), [("pl", "pl"), ("en", "nb"), ("nb,pl", "nb"), ("fr", "nb")])
def test_the_registers_language_gives_way_to_one_that_only_the_questionnaire_has(
    app: Flask, settings: Settings, accepted: str, answers: str
) -> None:
    wave = asked_in(app, settings, two_letters("nb", "en", "pl"))
    visitor = reader(app, link(wave), accepted).start()
    assert f"Pytanie {answers}" in visitor.text
    visitor.get(visitor.path + "?lang=pl").get(visitor.path.partition("/svar")[0] + "/kode")
    assert ('<html lang="en"' in visitor.text) is (
        accepted != "nb,pl"
    )  # before anything is known of what is asked
