"""A served wave that can be switched off and on again, and the browsers that answer it."""

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from dataclasses import field as made_by
from pathlib import Path
from urllib.request import urlopen

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PageGone
from sqlalchemy import select

from surveyor.campaigns.enums import Audience
from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, unit_of_work
from surveyor.fieldwork.answering import draft_answers, enter_by_token
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Questionnaire
from surveyor.responses.models import Envelope
from tests.conftest import make_schema
from tests.ports import free_port
from tests.surveyor.fieldwork.served import Server, kill_oldest, served
from tests.waves import OpenWave, employee_questionnaire, make_open_wave, words

PHONE = {"width": 390, "height": 800}


@dataclass
class Field:
    """One server at one address, and people who have not answered yet."""

    settings: Settings
    wave: OpenWave
    browser: Browser
    port: int = made_by(default_factory=free_port)
    secret: str = made_by(default_factory=lambda: secrets.token_urlsafe(48))
    server: Server | None = None
    _running: ExitStack = made_by(default_factory=ExitStack)
    _next: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = self._running.enter_context(
            served(self.settings, workers=1, port=self.port, secret=self.secret)
        )

    def stop(self) -> None:
        self._running.close()

    def kill(self) -> None:
        """Kill -9 the worker; the server starts another."""
        assert self.server is not None
        assert kill_oldest(self.server)

    def wait(self) -> None:
        """Until the server answers again."""
        for _ in range(100):
            try:
                with urlopen(f"{self.url}/innbygger/kode", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not come back")

    def next_token(self) -> str:
        """The link of somebody who has not been here."""
        self._next += 1
        return self.wave.people[self._next].token

    def link(self, token: str) -> str:
        return f"{self.url}/innbygger/s/{token}"

    @property
    def open_link(self) -> str:
        return f"{self.url}/innbygger/aapen/innbygger-2026"

    def context(self, **options: object) -> BrowserContext:
        options = {"viewport": PHONE, "locale": "nb-NO", **options}
        context = self.browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        return context

    @contextmanager
    def anybody(self) -> Iterator["Visitor"]:
        """A browser of its own that has come by the open link."""
        context = self.context()
        visitor = Visitor(self, context.new_page(), "")
        visitor.page.goto(self.open_link)
        visitor.begin()
        yield visitor
        context.close()

    @contextmanager
    def visit(self, token: str | None = None, **options: object) -> Iterator["Visitor"]:
        """A browser of its own on the first page of questions."""
        context = self.context(**options)
        visitor = Visitor(self, context.new_page(), token or self.next_token())
        said: list[str] = []
        visitor.page.on("console", lambda message: said.append(message.text))
        visitor.enter()
        yield visitor
        context.close()
        assert not [text for text in said if "Content Security" in text]

    def draft(self, token: str) -> dict[str, str]:
        """The draft on the server, as only the link opens it."""
        engine = make_engine(self.settings.database_url)
        with unit_of_work(engine) as session:
            found = draft_answers(self.settings, entry=enter_by_token(session, token=token))
        engine.dispose()
        return found or {}

    def n_envelopes(self) -> int:
        engine = make_engine(self.settings.database_url)
        with unit_of_work(engine) as session:
            found = len(session.scalars(select(Envelope.rev)).all())
        engine.dispose()
        return found


@dataclass
class Visitor:
    """Somebody answering in a window."""

    field: Field
    page: Page
    token: str

    def enter(self) -> None:
        self.page.goto(self.field.link(self.token))
        self.begin()

    def begin(self) -> None:
        """From the welcome page to the questions, once they are there: a click alone does not wait."""
        with self.page.expect_navigation(url="**/side/*"):
            self.page.locator("a[href*='/side/']").first.click()

    def another_window(self) -> "Visitor":
        """The same page in a second window of the same browser."""
        page = self.page.context.new_page()
        page.goto(self.page.url)
        return Visitor(self.field, page, self.token)

    def choose(self, item: str, value: str) -> None:
        self.page.locator(f"input[name=q-{item}][value='{value}']").check(force=True)

    def write(self, item: str, text: str) -> None:
        self.page.locator(f"[name=q-{item}]").fill(text)

    def says(self, text: str, timeout: float = 15_000) -> None:
        """What the page says about saving, once it does."""
        expect(self.page.locator("#lagring [data-line]")).to_contain_text(text, timeout=timeout)

    def is_saved(self, timeout: float = 15_000) -> None:
        self.says("Lagret", timeout)

    def press(self, value: str = "neste") -> None:
        self.page.locator(f"main button[name=to][value={value}]:not([tabindex])").click()

    def on(self, value: str = "neste") -> None:
        """Press a button that leads to another page, and go there."""
        with self.page.expect_navigation():
            self.press(value)

    @property
    def side(self) -> str:
        return self.page.url.partition("?")[0].rpartition("/")[2]

    @property
    def chosen(self) -> dict[str, str]:
        """What the page shows as answered."""
        return dict(
            self.page.eval_on_selector_all(
                "#svar [name^=q-]",
                "all => all.filter(c => c.type === 'radio' || c.type === 'checkbox' ? c.checked : c.value)"
                ".map(c => [c.name.slice(2), c.value])",
            )
        )

    @property
    def storage(self) -> str:
        """Everything the browser keeps for the site, as text."""
        return str(self.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))

    @property
    def n_kept(self) -> int:
        """How many stores of unsaved answers the browser holds."""
        script = "Object.keys(localStorage).filter(key => key.startsWith('svar:')).length"
        return int(self.page.evaluate(script))


def soak(value: object) -> ParameterSet:
    """One more of a kind: the quick run tries the first of them alone."""
    return pytest.param(value, marks=pytest.mark.soak)


def until(page: Page, script: str) -> None:
    """Ask the page again and again; its own policy forbids it to be asked by a text that it runs itself."""
    for _ in range(80):
        with suppress(PageGone):  # it was going to another page just then
            if page.evaluate(script):
                return
        page.wait_for_timeout(100)
    raise AssertionError(f"never: {script}")


def expect_draft(field: Field, one: Visitor, wanted: dict[str, str]) -> None:
    for _ in range(30):
        if field.draft(one.token) == wanted:
            return
        one.page.wait_for_timeout(100)
    assert field.draft(one.token) == wanted


def questionnaire() -> Questionnaire:
    """The employees' questionnaire, with a question on its last page that only some are asked."""
    asked = employee_questionnaire()
    which = Item("which", ItemType.TEXT, words("Hvilken?"), page="p3", relevant="${years} > 5")
    *first, last = asked.pages
    return replace(asked, pages=(*first, replace(last, nodes=(*last.nodes, which))))


def make_field(settings: Settings, browser: Browser, asked: Questionnaire | None = None) -> Field:
    """A field that is not started yet: citizens with links of their own, and the open link."""
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        wave = make_open_wave(
            session,
            settings,
            questionnaire=asked or questionnaire(),
            invited={"B1": 120},
            audience=Audience.CITIZEN,
            open_link=True,
            code="innbygger-2026",
        )
    engine.dispose()
    return Field(settings, wave, browser)


def running_field(browser: Browser, folder: Path, asked: Questionnaire | None = None) -> Iterator[Field]:
    """A field with a server, in a folder of its own."""
    url = f"sqlite:///{folder / 'surveyor.sqlite'}"
    make_schema(url)
    settings = load_settings(folder, database_url=url, code_pepper="p" * 40, key_grace_days=0)
    made = make_field(settings, browser, asked)
    made.start()
    yield made
    made.stop()
