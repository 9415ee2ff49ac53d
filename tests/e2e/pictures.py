"""Takes the manuals' pictures anew out of a fresh demo; with words, those whose names hold one of them.

`.venv/bin/python -m tests.e2e.pictures [leder svar ...]`
"""

import io
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.queries import waves
from surveyor.campaigns.services import create_wave
from surveyor.config import ROOT
from surveyor.db import make_engine, open_session, unit_of_work
from surveyor.invitations.models import Participation
from surveyor.invitations.services import import_members, open_token
from surveyor.responses.models import Envelope
from tests.e2e.demo_visits import LAUNCH, Demo, served_demo

FOLDER = ROOT / "docs" / "img"
Take = Callable[[Demo, Path], None]
PAGES = {  # who, address with this year or the newest open wave, height
    "ansvarlig-kommentarer": ("undersokelser", "/kommentarer/foresatte-{year}/best", 950),
    "ansvarlig-maaling": ("undersokelser", "/undersokelser/medarbeider-{open}", 1000),
    "hr-grupper": ("hr", "/resultater/medarbeider-{year}/enhet/FJ/grupper/gender", 1000),
    "hr-kvalitet": ("hr", "/kvalitet/medarbeider-{year}", 1000),
    "hr-resultater": ("hr", "/resultater/medarbeider-{year}/enhet/FJ", 1000),
    "leder-forside": ("marihona", "/", 900),
    "leder-resultater": ("granstubben", "/resultater/medarbeider-{year}/enhet/BH04", 1050),
    "leder-styringskort": ("granstubben", "/styringskort/kort/BH04/{year}", 1150),
    "styringskort-godkjenn": ("oppvekst", "/styringskort/godkjenn/OPP/{year}", 900),
    "styringskort-sammenlign": ("bms", "/styringskort/sammenlign?period={year}", 900),
}
INVITED = {"BH01": 14, "BH02": 11, "BH03": 3, "BH04": 18, "BH05": 8, "BH06": 4, "SK01": 21}


def address(pattern: str) -> str:
    today = clock.today()
    return pattern.format(year=today.year, open=f"{today - timedelta(days=4):%Y-%m}")


def desk(demo: Demo, who: str, path: str, height: int) -> Page:
    page = demo.signed_in(who, "nb", {"width": 1100, "height": height}).pages[0]
    page.goto(demo.server.url + address(path))
    return page


def page_of(who: str, path: str, height: int) -> Take:
    def take(demo: Demo, file: Path) -> None:
        desk(demo, who, path, height).screenshot(path=file)

    return take


def round_of_forms(demo: Demo, file: Path) -> None:
    page = desk(demo, "controller", "/internkontroll/", 900)
    with page.expect_navigation():
        page.click("main table a")
    page.screenshot(path=file)


def check_before_the_start(demo: Demo, file: Path) -> None:
    code = f"medarbeider-{clock.today().year + 1}-1"
    engine, today = make_engine(demo.settings.database_url), clock.today()
    rows = ["enhet,navn,e-post,telefon,språk"]
    for unit, n in INVITED.items():
        rows += [f"{unit},Person {unit}-{i},{unit}-{i}@post.example,,nb" for i in range(1, n)]
        rows.append(f"{unit},Person {unit}-{n},,,nb")
    with unit_of_work(engine) as session:
        wave = create_wave(
            session, demo.settings, code=code, survey=None, instrument="employee", audience=Audience.EMPLOYEE,
            opens=today + timedelta(days=10), closes=today + timedelta(days=30), units=("OPP",),
            actor=COMMAND_LINE,
        )  # fmt: skip
        people = io.BytesIO("\n".join(rows).encode())
        import_members(
            session, demo.settings, wave=wave, file=people.read(), filename="folk.csv", actor=COMMAND_LINE
        )
    engine.dispose()
    desk(demo, "undersokelser", f"/undersokelser/{code}/kontroll", 1000).screenshot(path=file)


def first_keying(demo: Demo, file: Path) -> None:
    page = desk(demo, "undersokelser", "/papirsvar/innbygger-{open}?ny=1", 900)
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    for field, typed in zip(page.locator("main input[name^=q-]").all(), "4545356", strict=False):
        field.fill(typed)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.screenshot(path=file)


def first_page_on_paper(demo: Demo, file: Path) -> None:
    page = desk(demo, "undersokelser", "/", 900)
    pdf = page.request.get(demo.server.url + address("/undersokelser/innbygger-{open}/papir/nb")).body()
    command = ["pdftoppm", "-png", "-r", "80", "-f", "1", "-singlefile", "-", str(file.with_suffix(""))]
    subprocess.run(command, input=pdf, check=True)


def answering(demo: Demo, folder: Path) -> None:
    """From the link to the receipt, on a phone."""
    page = demo.browser.new_page(viewport={"width": 420, "height": 860}, locale="nb-NO")
    page.goto(f"{demo.server.url}/bruker/s/{unused_link(demo)}")
    page.screenshot(path=folder / "svar-velkommen.png")
    with page.expect_navigation():
        page.click("main a:has-text('Start'), main button:has-text('Start')")
    for number in (4, 12):
        page.locator("main input[type=radio]").nth(number).check(force=True)
    page.get_by_role("paragraph").filter(has_text="Lagret").wait_for()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.screenshot(path=folder / "svar-side.png")
    while page.locator("main button:has-text('Send svarene')").count() == 0:
        with page.expect_navigation():
            page.locator("main button:has-text('Neste')").first.click()
    with page.expect_navigation():
        page.click("main button:has-text('Send svarene')")
    page.screenshot(path=folder / "svar-kvittering.png")


def unused_link(demo: Demo) -> str:
    """The token of somebody in the open wave of users who has not answered."""
    engine = make_engine(demo.settings.database_url)
    with open_session(engine) as session:
        wave = next(w for w in waves(session) if w.state is WaveState.OPEN and w.audience is Audience.USER)
        answered = select(Envelope.participation_id).where(Envelope.wave_id == wave.id)
        silent = select(Participation).where(
            Participation.wave_id == wave.id, Participation.token_sealed.is_not(None),
            Participation.id.not_in(answered),
        )  # fmt: skip
        person = session.scalars(silent.limit(1)).one()
        token = open_token(demo.settings, participation=person)
    engine.dispose()
    assert token
    return token


def main(words: list[str]) -> None:
    takes = {name: page_of(*page) for name, page in PAGES.items()} | {
        "controller-utsending": round_of_forms, "ansvarlig-kontroll": check_before_the_start,
        "papirsvar-taste": first_keying, "papir-skjema": first_page_on_paper,
        "svar": lambda demo, file: answering(demo, file.parent),
    }  # fmt: skip
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**LAUNCH)
        with served_demo(Path(folder) / "instance", browser) as demo:
            for name, take in takes.items():
                if not words or any(word in name for word in words):
                    take(demo, FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
