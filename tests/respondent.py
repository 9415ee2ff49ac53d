"""A respondent without JavaScript, and what lies in the envelopes afterwards."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyor.campaigns.enums import Audience
from surveyor.config import Settings
from surveyor.instruments.enums import ItemRole
from surveyor.instruments.spec import Category, CodeList, Page, Questionnaire
from surveyor.responses.keys import load_wave_key
from surveyor.responses.models import Draft, Envelope
from surveyor.responses.sealing import open_response
from surveyor.responses.spec import Response
from tests.factories import app_session
from tests.waves import AGREE, OpenWave, make_open_wave, select_one, words

FIELD = re.compile(r'<input type="hidden" name="([\w~-]+)" value="([^"]*)">')


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


class Window(Respondent):
    """A window whose script saves what changes."""

    def __init__(self, app: Flask, token: str) -> None:
        super().__init__(app)
        self.enter(token).start()
        self.visit = self.path.partition("/side/")[0]
        self.csrf = self.hidden()["csrf_token"]
        self.rev = int(self.hidden()["rev"])

    def save(self, side: int = 1, **answers: Any) -> TestResponse:
        fields = {f"q-{name}": value for name, value in answers.items()}
        known = {"csrf_token": self.csrf, "rev": self.rev, "shown": " ".join(answers), "round": "0"}
        found = self.client.post(f"{self.visit}/side/{side}/lagring", data={**known, **fields})
        if found.status_code == 200 and found.is_json:
            self.rev = found.get_json()["rev"]
        return found

    def saved(self, side: int = 1) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"{self.visit}/lagring?side={side}").get_json()
        return found

    def catch_up(self) -> None:
        self.rev = self.saved()["rev"]


def opened(app: Flask, settings: Settings, wave: OpenWave) -> list[Response]:
    """What lies in the envelopes, as only a test with the keys can see."""
    with app_session(app) as session:
        key = load_wave_key(session, settings, wave_id=wave.id)
        rows = session.execute(select(Envelope.participation_id, Envelope.sealed)).all()
    return [open_response(sealed, key, wave_id=wave.id, participation_id=owner) for owner, sealed in rows]


def cookie_names(respondent: Respondent) -> list[str]:
    return [cookie.key for cookie in respondent.client._cookies.values()]


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


def make_citizen_wave(app: Flask, settings: Settings) -> OpenWave:
    """A wave for whoever has its address; one question asks for the unit."""
    with app_session(app) as session:
        return make_open_wave(
            session, settings, questionnaire=citizen_questionnaire(), audience=Audience.CITIZEN,
            code="innbygger-2026", open_link=True,
        )  # fmt: skip


def n_drafts(app: Flask) -> list[int]:
    with app_session(app) as session:
        return list(session.scalars(select(Draft.rev)))
