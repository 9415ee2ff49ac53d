"""A form's page in a browser: pictures, a place and every layout, with and without a script, and for axe."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Geolocation, Page

from surveyor.accounts.enums import Role
from surveyor.accounts.passwords import hash_password
from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, unit_of_work
from surveyor.installation import prepare_folder
from surveyor.instruments.services import freeze_version, import_instrument
from surveyor.migrations import upgrade
from tests.case_rounds import CONTROLLER, make_round
from tests.factories import make_account, make_tree
from tests.media_files import archive
from tests.surveyor.fieldwork.served import Server, served

pytestmark = pytest.mark.soak
FORM = """
| survey | | | | | | | |
| | type | name | label | appearance | required | media::image | media::alt |
| | begin_group | p1 | Befaring | field-list | | | |
| | image | photo | Bilde av branntavlen | | yes | | |
| | geopoint | place | Hvor henger tavlen? | | | | |
| | select_one c | cols | Hvilken farge har tavlen? | columns-3 | | plan.png | Plan over bygget |
| | select_multiple c | quick | Hvilke lamper lyser? | quick | | | |
| | select_one c | like | Hva liker du best? | likert | | | |
| | select_multiple c | fold | Andre farger | minimal | | | |
| | begin_repeat | person | Person | | | | |
| | text | who | Navn | | | | |
| | end_repeat | | | | | | |
| | end_group | | | | | | |
| choices | | | | |
| | list_name | name | label | image |
| | c | r | Rød | red.png |
| | c | b | Blå | |
"""
EMAIL, PASSWORD = "leder@fjordvik.test", "Lang-og-trygg-setning-9"
OSLO: Geolocation = {"latitude": 59.91273, "longitude": 10.74609}
SIZES = (320, 768, 1280)


def png(red: int) -> bytes:
    """A square of one colour."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes((red, 60, 60)) * 40 for _ in range(40))
    head = struct.pack(">IIBBBBB", 40, 40, 8, 2, 0, 0, 0)
    packed = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + packed


def make_case(settings: Settings, title: str) -> str:
    """A case of the form; the address of its page."""
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        content = archive(FORM, {"plan.png": png(200), "red.png": png(250)})
        version = import_instrument(
            session, file=content, filename="b.zip", code=title.lower(), actor=CONTROLLER
        )
        freeze_version(session, version=version, actor=CONTROLLER)
        _, found = make_round(session, settings, units=("B1",), title=title, version=version)
        address = f"/internkontroll/skjema/{found['B1'].id}/side/p1"
    engine.dispose()
    return address


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("forms")
    prepare_folder(folder)
    settings = load_settings(folder)
    upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        make_tree(session)
        hashed = hash_password(PASSWORD)
        make_account(session, Role.LEADER, "B1", email=EMAIL, password_hash=hashed)
    engine.dispose()
    return settings


@pytest.fixture(scope="module")
def server(instance: Settings) -> Iterator[Server]:
    with served(instance, workers=1) as found:
        yield found


def signed_in(context: BrowserContext, server: Server, address: str) -> Page:
    page = context.new_page()
    page.goto(f"{server.url}/logg-inn")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.goto(server.url + address)
    return page


def test_the_devices_place_and_a_picture_are_saved(
    instance: Settings, server: Server, browser: Browser, tmp_path: Path
) -> None:
    picture = tmp_path / "tavle.png"
    picture.write_bytes(png(10))
    context = browser.new_context(permissions=["geolocation"], geolocation=OSLO, locale="nb-NO")
    page, refused = signed_in(context, server, make_case(instance, "Sted")), list[str]()
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.reload()
    page.get_by_role("button", name="Bruk posisjonen min").click()
    page.get_by_text("Posisjonen er satt inn.").wait_for()
    assert page.get_by_label("Breddegrad").input_value() == "59,91273"
    page.set_input_files("#q-photo-fil", picture)
    page.get_by_role("button", name="Last opp filene og bli her").click()
    page.get_by_role("link", name="tavle.png").wait_for()
    assert page.get_by_label("Lengdegrad").input_value() == "10,74609"
    page.get_by_label("Fjern filen når siden lagres tavle.png").check()
    page.get_by_role("button", name="Lagre og gå videre").click()
    page.get_by_text("Du må legge ved en fil her.").first.wait_for()
    assert page.get_by_role("link", name="tavle.png").is_visible(), "nothing is lost by a page with an error"
    assert not [text for text in refused if "422" not in text]
    context.close()


def test_without_a_script_everything_can_be_typed_and_uploaded(
    instance: Settings, server: Server, browser: Browser, tmp_path: Path
) -> None:
    picture = tmp_path / "tavle.png"
    picture.write_bytes(png(10))
    context = browser.new_context(java_script_enabled=False, locale="nb-NO")
    page = signed_in(context, server, make_case(instance, "Uten"))
    assert not page.get_by_role("button", name="Bruk posisjonen min").is_visible()
    page.get_by_label("Breddegrad").fill("59,9")
    page.get_by_label("Lengdegrad").fill("10,7")
    page.set_input_files("#q-photo-fil", picture)
    page.get_by_role("button", name="Lagre og gå videre").click()
    page.get_by_role("link", name="tavle.png").wait_for()
    assert page.url.endswith("/se-over")
    context.close()


def tab_to(page: Page, selector: str) -> None:
    """By the Tab key alone, as somebody without a mouse gets there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"no way to {selector}")


@pytest.mark.parametrize("has_script", [True, False])
def test_a_file_is_attached_and_taken_away_by_keyboard_alone(
    instance: Settings, server: Server, browser: Browser, tmp_path: Path, has_script: bool
) -> None:
    picture = tmp_path / "tavle.png"
    picture.write_bytes(png(10))
    context = browser.new_context(java_script_enabled=has_script, locale="nb-NO")
    page = signed_in(context, server, make_case(instance, f"Tast{has_script}"))
    tab_to(page, "#q-photo-fil")
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Space")
    asked.value.set_files(picture)
    tab_to(page, "button[value=her]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("link", name="tavle.png").wait_for()
    tab_to(page, "input[type=checkbox][name=q-photo]")
    page.keyboard.press("Space")
    tab_to(page, "button[value=her]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("link", name="tavle.png").count() == 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_any_width(
    instance: Settings, server: Server, browser: Browser, scheme: str
) -> None:
    address = make_case(instance, f"Axe{scheme}")
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", locale="nb-NO")
    page = signed_in(context, server, address)
    for width in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        for state in ("empty", "wrong"):
            if state == "wrong":
                page.get_by_role("button", name="Lagre og gå videre").click()
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, state)
        page.goto(server.url + address)
    context.close()
