"""Moderating in the browser: nobody sees a unit, masks are chosen, and only then may leaders read."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyor.accounts.enums import Role
from surveyor.audit.models import AuditEntry
from surveyor.config import Settings
from surveyor.responses.models import FreeText
from surveyor.texts.models import CommentReview, Theme
from tests.comment_data import ITEM, make_commented_wave
from tests.factories import app_session, browser, post

PAGE = f"/kommentarer/W1/{ITEM}"
NAMED = "Snakk med Kari Nordmann på 912 34 567. Lille-Per vet mer."


@pytest.fixture
def moderated(app: Flask, settings: Settings) -> Flask:
    with app_session(app) as session:
        wave = make_commented_wave(session, settings, {"A1": 12, "A2": 4, "B1": 20})
        session.add(FreeText(wave_id=wave.id, segment_code="B1", item=ITEM, body=NAMED))
    return app


def keys(app: Flask, like: str = "%") -> list[str]:
    with app_session(app) as session:
        return [str(key) for key in session.scalars(select(FreeText.id).where(FreeText.body.like(like)))]


def show_all(app: Flask, client: FlaskClient) -> None:
    for key in keys(app):
        assert post(client, f"{PAGE}/{key}/vis").status_code == 302


def test_the_queue_shows_text_and_marks_but_no_unit(moderated: Flask) -> None:
    client = browser(moderated, Role.HR, "K")
    assert "Venter på deg" in client.get("/kommentarer/").text
    seen = ""
    while 'class="sv-comment"' in (page := client.get(PAGE).text):
        seen += page
        for key in set(re.findall(rf"{PAGE}/([0-9a-f-]{{36}})/vis", page)):
            post(client, f"{PAGE}/{key}/hold-tilbake")
    assert len(set(re.findall(r"merke-\w+-\d+", seen))) == 36
    assert "Kari Nordmann (navn)" in seen
    assert "912 34 567 (telefonnummer)" in seen
    words = re.sub(r"merke-\w+-\d+", "", re.sub(r"<[^>]+>", " ", seen))
    assert not re.search(r"\b(A1|A2|B1|B2|Enhet)\b", unescape(words))


def test_what_is_ticked_and_written_is_masked_and_can_be_taken_back(moderated: Flask) -> None:
    client, (key,) = browser(moderated, Role.SURVEY_ADMIN, "K"), keys(moderated, "Snakk%")
    name = f"{NAMED.index('Kari')}-{NAMED.index(' på')}"
    answer = post(
        client, f"{PAGE}/{key}/vis", {"masked": [name], "words": "lille-per, "}, follow_redirects=True
    )
    assert "Kommentaren vises." in answer.text
    with app_session(moderated) as session:
        assert session.scalars(select(CommentReview.body)).one() == (
            "Snakk med [navn] på 912 34 567. [skjult] vet mer."
        )
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "comments.moderated")).one()
        assert entry.details == {"item": ITEM, "outcome": "shown"}  # which comment is nobody's business
    assert "[skjult] vet mer" in client.get(f"{PAGE}/avgjort").text
    assert post(client, f"{PAGE}/{key}/angre").status_code == 302
    assert post(client, f"{PAGE}/{key}/angre").status_code == 404
    assert post(client, f"{PAGE}/{key}/vis", {"masked": ["0-99"]}).status_code == 422
    assert post(client, f"{PAGE}/{key}/noe").status_code == 404
    with app_session(moderated) as session:
        assert session.scalars(select(CommentReview)).all() == []


def test_themes_are_made_used_and_deleted(moderated: Flask) -> None:
    client = browser(moderated, Role.HR, "K")
    show_all(moderated, client)
    assert post(client, f"{PAGE}/temaer", {"name": "", "keywords": ""}).status_code == 422
    assert post(client, f"{PAGE}/temaer", {"name": "Lønn", "keywords": "lønn"}).status_code == 302
    again = post(client, f"{PAGE}/temaer", {"name": "lønn", "keywords": ""})
    assert again.status_code == 422
    assert "allerede et tema" in again.text
    with app_session(moderated) as session:
        theme = session.scalars(select(Theme.id)).one()
    (key,) = keys(moderated, "Snakk%")
    page = client.get(f"{PAGE}/temaer?page=2").text
    assert re.search(r"Lønn</th>.*>lønn</td>.*>18</td>", page)
    assert post(client, f"{PAGE}/{key}/temaer", {"themes": [str(theme)]}).status_code == 302
    assert re.search(r"<td class=\"num\"[^>]*>19</td>", client.get(f"{PAGE}/temaer").text)
    assert post(client, f"{PAGE}/{key}/temaer", {"themes": ["x"]}).status_code == 400
    assert post(client, f"{PAGE}/temaer/{theme}/slett").status_code == 302
    assert post(client, f"{PAGE}/temaer/{theme}/slett").status_code == 404


def test_leaders_read_after_the_release_and_only_what_their_unit_may(moderated: Flask) -> None:
    client = browser(moderated, Role.HR, "K")
    leader = browser(moderated, Role.LEADER, "A1")
    reads = "/resultater/W1/enhet/{}/kommentarer"
    assert "Ingen kommentarer å lese ennå" in leader.get(reads.format("A1")).text
    show_all(moderated, client)
    post(client, f"{PAGE}/temaer", {"name": "Lønn", "keywords": "lønn"})
    assert post(client, f"{PAGE}/frigi").status_code == 422
    answer = post(client, f"{PAGE}/frigi", {"sure": "y"}, follow_redirects=True)
    assert "Kommentarene er frigitt." in answer.text
    assert "Frigitt" in client.get("/kommentarer/").text
    assert "merke-" not in client.get(PAGE).text
    assert client.get(f"{PAGE}/avgjort").status_code == 404
    page = leader.get(reads.format("A1")).text
    assert "Vises ikke" in page
    assert "merke-" not in page
    assert leader.get(reads.format("B1")).status_code == 404
    director = browser(moderated, Role.DIRECTOR, "A").get(reads.format("A")).text
    assert set(re.findall(r"merke-\w+-\d+", director)) == {
        f"merke-{unit}-{i}" for unit, n in (("A1", 12), ("A2", 4)) for i in range(n)
    }
    assert "50\N{NO-BREAK SPACE}%" in director


def test_lists_come_in_no_order(moderated: Flask) -> None:
    client = browser(moderated, Role.HR, "K")
    show_all(moderated, client)
    post(client, f"{PAGE}/frigi", {"sure": "y"})
    found = re.findall(r"merke-\w+-\d+", client.get("/resultater/W1/enhet/K/kommentarer").text)
    assert len(found) == 36
    assert found != sorted(found)


def test_nobody_moderates_from_below(moderated: Flask) -> None:
    assert browser(moderated, Role.HR, "A").get(PAGE).status_code == 404


def test_waiting_comments_stand_on_the_front_page_of_moderators_alone(moderated: Flask) -> None:
    client = browser(moderated, Role.HR, "K")
    assert "37 kommentarer venter på gjennomgang" in client.get("/").text
    for role in (Role.LEADER, Role.CONTROLLER):
        assert "venter på gjennomgang" not in browser(moderated, role, "K").get("/").text
    assert "venter på gjennomgang" not in browser(moderated, Role.HR, "A").get("/").text
    show_all(moderated, client)
    assert "Kommentarene er klare til å frigis" in client.get("/").text
