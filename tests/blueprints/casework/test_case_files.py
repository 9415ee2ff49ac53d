"""Files of a case in the browser: attached to it, and given as answers."""

import csv
import re
import zipfile
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyor.accounts.enums import Role
from surveyor.cases.models import Evidence
from surveyor.config import Settings
from surveyor.images import without_metadata
from surveyor.instruments.services import freeze_version, import_instrument
from surveyor.jobs.models import Job
from tests.case_rounds import CONTROLLER, make_round
from tests.case_visits import ROOM, attach, rev_on
from tests.factories import app_session, browser, post
from tests.media_files import exif, jpeg


def test_evidence_comes_back_as_a_download_that_can_run_nothing(
    leader: FlaskClient, controller: FlaskClient, cases: dict[str, str]
) -> None:
    assert attach(leader, cases["B1"], b"%PDF-1.4 rutine", "Rutine for n\u00f8kler.pdf").status_code == 302
    page = controller.get(cases["B1"]).text
    (url,) = re.findall(r'href="([^"]+/vedlegg/[^"]+)"', page)
    answer = controller.get(url)
    assert answer.data == b"%PDF-1.4 rutine"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert post(leader, f"{url}/fjern").status_code == 302
    assert controller.get(url).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ\x90\x00 program", "rutine.pdf", "ikke av typen pdf"),
        (b"MZ\x90\x00 program", "rutine.exe", "filtypen kan ikke legges ved"),
        (b"%PDF-" + bytes(10 * 2**20), "rutine.pdf", "Filen er for stor"),
        (b"", "", "Velg en fil"),
    ],
)
def test_bad_files_are_refused_in_words(
    app: Flask, leader: FlaskClient, cases: dict[str, str], content: bytes, name: str, words: str
) -> None:
    answer = attach(leader, cases["B1"], content, name)
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    with app_session(app) as session:
        assert session.scalars(select(Evidence)).all() == []


PHOTO_FORM = """
| survey | | | | | | |
| | type | name | label | required | relevant | required_message |
| | begin_group | first | Branntavlen | | | |
| | text | place | Hvor henger den? | yes | | |
| | image | photo | Bilde av tavlen | yes | | |
| | end_group | | | | | |
| | begin_group | second | Mer | | | |
| | text | seen | Hva så du? | | | |
| | select_one yn | sound | Piper den? | | | |
| | audio | pip | Opptak | yes | ${sound} = 'y' | Ta opp lyden. |
| | end_group | | | | | |
| choices | | | |
| | list_name | name | label |
| | yn | y | Ja |
| | yn | n | Nei |
"""


@pytest.fixture
def photo_case(app: Flask, settings: Settings) -> str:
    with app_session(app) as session:
        version = import_instrument(
            session, file=PHOTO_FORM.encode(), filename="photo.md", code="photo", actor=CONTROLLER
        )
        freeze_version(session, version=version, actor=CONTROLLER)
        _, found = make_round(session, settings, units=("B1",), title="Brann", version=version)
        return f"{ROOM}/skjema/{found['B1'].id}"


def save(
    client: FlaskClient, case: str, page: str, files: dict[str, list[tuple[bytes, str]]], **data: object
) -> TestResponse:
    """Save a page as the browser does, with files where chosen."""
    shown = {"first": "place photo", "second": "seen sound"}[page]
    posted = {key: [(BytesIO(content), name) for content, name in value] for key, value in files.items()}
    rev = rev_on(client.get(f"{case}/side/{page}"))
    fields = {"shown": shown, "rev": rev, "to": "neste", **data, **posted}
    return post(client, f"{case}/side/{page}", fields, content_type="multipart/form-data")


def files_on(client: FlaskClient, url: str) -> list[str]:
    return re.findall(r'href="[^"]+/vedlegg/[^"]+" download>([^<]+)<', client.get(url).text)


def boxes(client: FlaskClient, url: str) -> list[str]:
    return re.findall(r'type="checkbox" id="q-photo-\d" name="q-photo" value="([^"]+)"', client.get(url).text)


def test_a_required_picture_is_asked_for_and_taken_where_the_question_stands(
    leader: FlaskClient, photo_case: str
) -> None:
    url = f"{photo_case}/side/first"
    assert 'enctype="multipart/form-data"' in leader.get(url).text
    bare = save(leader, photo_case, "first", {}, **{"q-place": "Gang"})
    assert bare.status_code == 422
    assert "Du må legge ved en fil her." in bare.text
    several = {"q-photo": [(jpeg(exif(b"GPS 59.9")), "a.jpg"), (jpeg(), "b.jpg")]}
    good = save(leader, photo_case, "first", several, **{"q-place": "Gang"})
    assert good.headers["Location"] == f"{photo_case}/side/second"
    assert files_on(leader, url) == ["a.jpg", "b.jpg"]
    download = re.search(r'href="([^"]+)" download>a.jpg', leader.get(url).text)
    assert download
    assert b"GPS" not in leader.get(download[1]).data


def test_a_picture_stays_though_the_rest_of_the_page_is_wrong(leader: FlaskClient, photo_case: str) -> None:
    answer = save(leader, photo_case, "first", {"q-photo": [(jpeg(), "a.jpg")]})
    assert answer.headers["Location"] == f"{photo_case}/side/first?feil=1"
    page = leader.get(answer.headers["Location"]).text
    assert "Svar på «Hvor henger den?»" in unescape(page)
    assert "a.jpg" in page
    assert "Du må legge ved" not in page


def test_pictures_are_taken_away_and_replaced_without_a_script(
    app: Flask, leader: FlaskClient, photo_case: str
) -> None:
    url = f"{photo_case}/side/first"
    save(leader, photo_case, "first", {"q-photo": [(jpeg(), "a.jpg"), (jpeg(), "b.jpg")]}, to="her")
    first = boxes(leader, url)[0]
    save(leader, photo_case, "first", {"q-photo": [(jpeg(), "c.jpg")]}, **{"q-place": "Gang"})
    assert files_on(leader, url) == ["a.jpg", "b.jpg", "c.jpg"]
    data = {"shown": "place photo", "q-place": "Gang", "q-photo": first, "rev": rev_on(leader.get(url))}
    post(leader, url, {**data, "to": "senere"})
    assert files_on(leader, url) == ["b.jpg", "c.jpg"]
    with app_session(app) as session:
        assert len(session.scalars(select(Evidence)).all()) == 2
        assert [job.kind for job in session.scalars(select(Job))].count("cases.erase_evidence") == 1


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7", "a.pdf", "Bruk en av disse: jpg, png"),
        (b"MZ\x90\x00", "a.jpg", "ikke av typen jpg"),
        (b"", "a.jpg", "Filen er tom"),
    ],
)
def test_a_wrong_file_is_refused_at_its_question_and_nothing_is_kept(
    app: Flask, leader: FlaskClient, photo_case: str, content: bytes, name: str, words: str
) -> None:
    files = {"q-photo": [(jpeg(), "good.jpg"), (content, name)]}
    answer = save(leader, photo_case, "first", files, **{"q-place": "I gangen"})
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert f"{name}: " in answer.text, "which of them"
    assert "Velg dem på nytt" in answer.text
    assert 'value="I gangen"' in answer.text
    with app_session(app) as session:
        assert session.scalars(select(Evidence)).all() == []


def test_the_second_editors_picture_waits_with_the_rest(
    app: Flask, leader: FlaskClient, photo_case: str
) -> None:
    url = f"{photo_case}/side/first"
    other, rev = browser(app, Role.LEADER, "B1"), rev_on(leader.get(url))
    save(other, photo_case, "first", {"q-photo": [(jpeg(), "theirs.jpg")]}, **{"q-place": "Gang"})
    clash = save(leader, photo_case, "first", {"q-photo": [(jpeg(), "mine.jpg")]}, rev=rev, to="senere")
    assert clash.status_code == 409
    assert "theirs.jpg" in clash.text
    assert files_on(leader, url) == ["theirs.jpg"]


def test_pictures_are_read_in_review_and_by_the_controller(
    app: Flask, leader: FlaskClient, controller: FlaskClient, photo_case: str
) -> None:
    save(leader, photo_case, "first", {"q-photo": [(jpeg(), "a.jpg")]}, **{"q-place": "Gang"})
    wav = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(16) + b"data\x04\0\0\0abcd"
    sound = {"shown": "seen sound pip", "q-sound": "y", "to": "her"}
    save(leader, photo_case, "second", {"q-pip": [(wav, "pip.wav")]}, **sound)
    quiet = {"shown": "seen sound pip", "q-sound": "n"}
    assert save(leader, photo_case, "second", {}, **quiet).headers["Location"].endswith("/se-over")
    assert files_on(leader, f"{photo_case}/se-over") == ["a.jpg"]
    rev = rev_on(leader.get(f"{photo_case}/se-over"))
    assert post(leader, f"{photo_case}/lever", {"rev": rev}).status_code == 302
    assert "a.jpg" in controller.get(photo_case).text
    with app_session(app) as session:
        names = [file.file_name for file in session.scalars(select(Evidence))]
        assert names == ["a.jpg"], "the recording was asked for no more"


def test_what_was_handed_in_says_that_a_file_is_gone_since(
    leader: FlaskClient, controller: FlaskClient, photo_case: str
) -> None:
    two = {"q-photo": [(jpeg(), "a.jpg"), (jpeg(), "b.jpg")]}
    save(leader, photo_case, "first", two, **{"q-place": "Gang"})
    post(leader, f"{photo_case}/lever", {"rev": rev_on(leader.get(f"{photo_case}/se-over"))})
    post(controller, f"{photo_case}/send-tilbake", {"comment": "Ta et nytt."})
    assert "fjernet siden" not in controller.get(photo_case).text
    first = boxes(leader, f"{photo_case}/side/first")[0]
    save(leader, photo_case, "first", {}, **{"q-place": "Gang", "q-photo": first})
    assert "1 fil er fjernet siden" in controller.get(photo_case).text
    review = leader.get(f"{photo_case}/se-over").text
    assert "Rettelsene er ikke levert ennå." in review
    assert "fjernet siden" not in review


def test_nobody_gives_another_cases_file_as_an_answer(
    app: Flask, leader: FlaskClient, cases: dict[str, str], photo_case: str
) -> None:
    attach(leader, cases["B1"], b"%PDF-1.4", "a.pdf")
    with app_session(app) as session:
        foreign = str(session.scalars(select(Evidence.id)).one())
    url = f"{photo_case}/side/first"
    data = {"shown": "place photo", "q-place": "G", "q-photo": foreign, "rev": rev_on(leader.get(url))}
    assert post(leader, url, {**data, "to": "neste"}).status_code == 422
    with app_session(app) as session:
        assert str(session.scalars(select(Evidence.id)).one()) == foreign


def test_answers_and_files_are_taken_home_in_one_archive(
    app: Flask, leader: FlaskClient, controller: FlaskClient, photo_case: str
) -> None:
    save(leader, photo_case, "first", {"q-photo": [(jpeg(), "a.jpg")]}, **{"q-place": "=1+1"})
    early = zipfile.ZipFile(BytesIO(controller.get(f"{photo_case}/last-ned").data))
    assert "1+1" not in early.read("svar.csv").decode(), "a draft is the unit's own"
    answer = leader.get(f"{photo_case}/last-ned")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    archive = zipfile.ZipFile(BytesIO(answer.data))
    assert archive.namelist() == ["svar.csv", "filer/01-a.jpg"]
    rows = list(csv.reader(archive.read("svar.csv").decode("utf-8-sig").splitlines()))
    assert rows[1:3] == [["place", "Hvor henger den?", "'=1+1"], ["photo", "Bilde av tavlen", "01-a.jpg"]]
    assert archive.read("filer/01-a.jpg") == without_metadata(jpeg(), "image/jpeg")
    other = browser(app, Role.LEADER, "B2")
    assert other.get(f"{photo_case}/last-ned").status_code == 404
