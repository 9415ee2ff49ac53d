"""One questionnaire with a question of every kind, served, and a respondent who only has a keyboard."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from sqlalchemy import select

from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, unit_of_work
from surveyor.instruments.xlsform import read_xlsform
from surveyor.responses.keys import load_wave_key
from surveyor.responses.models import Envelope
from surveyor.responses.sealing import open_response
from tests.conftest import make_schema
from tests.surveyor.fieldwork.served import served
from tests.waves import OpenWave, make_open_wave

FORM = Path(__file__).with_name("every_type.md")
ANSWERS: Mapping[str, Any] = {
    "works": 0, "hours": "37", "way": "1,5", "county": 1, "town": "Tr", "towns": (2,),
    "w1": 4, "w2": 0, "w3": 5, "w4": 3, "likely": 8, "grade": 6, "colours": (0, 2), "ranked": "213",
    "mark": "4,5", "started": "01022020", "wakes": "0730A", "last": "01032021\t0815A",
    "where": ("59,9", "10,7"),
    "mail": "ola@fjordvik.no", "web": "https://fjordvik.no", "phone": "22 33 44 55", "label": "7038010001",
    "agreed": (0,), "first": "Kari", "age": "7", "school": "Fjordvik skole", "first~2": "Ola", "age~2": "3",
    "comment": "Takk",
}  # fmt: skip
"""By name: which option (a radio by its place, boxes by theirs), or what is typed."""
FOCUS = """() => {
  const it = document.activeElement;
  const radios = it.type === "radio" ? [...document.getElementsByName(it.name)] : [];
  return {tag: it.tagName, type: it.type, name: it.name || "", value: it.value || "", id: it.id,
    text: it.textContent.trim(), place: radios.indexOf(it), turn: radios.findIndex((each) => each.checked)};
}"""


@dataclass
class EveryType:
    """The served questionnaire and people who have not answered it."""

    url: str
    settings: Settings
    wave: OpenWave
    browser: Browser
    _next: int = field(default=-1)

    def link(self) -> str:
        self._next += 1
        return f"{self.url}/medarbeider/s/{self.wave.people[self._next].token}"

    def last_envelope(self) -> Mapping[str, str]:
        """What the latest respondent's envelope holds, as only a test with the keys can see."""
        engine, person = make_engine(self.settings.database_url), self.wave.people[self._next].id
        with unit_of_work(engine) as session:
            key = load_wave_key(session, self.settings, wave_id=self.wave.id)
            sealed = session.scalars(select(Envelope.sealed).where(Envelope.participation_id == person)).one()
        engine.dispose()
        return open_response(sealed, key, wave_id=self.wave.id, participation_id=person).answers


@contextmanager
def every_type(folder: Path, browser: Browser) -> Iterator[EveryType]:
    url = f"sqlite:///{folder / 'surveyor.sqlite'}"
    make_schema(url)
    settings = load_settings(
        folder, database_url=url, secret_key="test-secret-key-of-more-than-32-bytes",
        code_pepper="test-pepper-of-more-than-32-bytes", municipality="Fjordvik kommune", key_grace_days=0,
    )  # fmt: skip
    questionnaire = read_xlsform(FORM.read_bytes(), filename=FORM.name).questionnaire
    engine = make_engine(url)
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, questionnaire=questionnaire, invited={"B1": 60})
        session.flush()
        session.expunge_all()
    engine.dispose()
    with served(settings, workers=1) as server:
        yield EveryType(server.url, settings, wave, browser)


class Keyboard:
    """Answers by Tab, Space, arrows and letters alone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.added = False
        self.done: set[tuple[str, str]] = set()
        self.visited: list[str] = []

    def to_the_end(self) -> None:
        """From a page of questions to the review."""
        for _ in range(60):
            if self.page.url.endswith("/kontroll"):
                return
            self.through_page()
        raise AssertionError(f"no end: {self.visited}")

    def through_page(self) -> None:
        self.visited.append(self.page.url)
        self.page.wait_for_load_state("load")
        for number in range(150):
            if number or not self.page.evaluate(FOCUS)["name"].startswith("q-"):  # else the page begins there
                self.page.keyboard.press("Tab")
            here = self.page.evaluate(FOCUS)
            if here["tag"] == "BUTTON" and self.presses(here):
                with self.page.expect_navigation():
                    self.page.keyboard.press("Enter")
                return
            if here["name"].startswith("q-"):
                self.answer(here)
        raise AssertionError(f"no way on from {self.page.url}")

    def presses(self, here: Mapping[str, Any]) -> bool:
        if here["value"].startswith("add ") and not self.added:
            self.added = True
            return True
        return here["value"] == "neste" and here["text"] != ""

    def answer(self, here: Mapping[str, Any]) -> None:
        name = here["name"].removeprefix("q-")
        wanted = ANSWERS.get(name)
        if wanted is None:
            return
        keyboard = self.page.keyboard
        if here["type"] == "radio":
            keyboard.press("Space")
            for _ in range(wanted - max(here["place"], 0)):
                keyboard.press("ArrowDown")
        elif here["type"] == "checkbox":
            self._tick(name, here, wanted)
        elif here["tag"] == "SELECT":
            keyboard.type(self._nth(name, here["id"], wanted))
        elif (name, here["id"]) not in self.done:
            self.done.add((name, here["id"]))
            if here["type"] in ("text", "email", "url"):
                keyboard.press("Control+A")
            for number, part in enumerate(self._nth(name, here["id"], wanted).split("\t")):
                if number:
                    keyboard.press("Tab")
                keyboard.type(part)

    def _tick(self, name: str, here: Mapping[str, Any], wanted: tuple[int, ...]) -> None:
        is_wanted = here["id"].rpartition("-")[2] in map(str, wanted) or name == "agreed"
        if is_wanted and (name, here["id"]) not in self.done:
            self.done.add((name, here["id"]))
            self.page.keyboard.press("Space")

    @staticmethod
    def _nth(name: str, control: str, wanted: Any) -> str:
        """What goes into one of the controls of a question."""
        if name == "ranked":
            return str(wanted[int(control.rpartition("-")[2])])
        return str(wanted if isinstance(wanted, str) else wanted[0 if control.endswith("-0") else 1])
