"""Staff's longer ways from start to end in a browser, on a phone: each page on the way is whole.

Planning a sample, moderating comments, releasing twice, restating past a reorganisation, recounting.
"""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event
from uuid import uuid4

import pytest
from playwright.sync_api import FilePayload, Locator, Page
from sqlalchemy import Engine, select

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.queries import wave_by_code
from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, open_session, unit_of_work
from surveyor.fieldwork.late import import_late
from surveyor.instruments.queries import questionnaire
from surveyor.responses.models import AnswerSet
from surveyor.responses.receipts import new_receipt_code, receipt_hash
from surveyor.worker import load_tasks, run_worker
from tests.e2e.demo_visits import Demo
from tests.e2e.wholeness import faults

pytestmark = pytest.mark.soak
DISTRICTS = ("DI1", "DI2", "DI3", "DI4")
Way = Iterator[str]
"""Does one thing after another on a page, and stops wherever somebody would look."""


def file_of(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def press(control: Locator) -> None:
    """Press a button or a link, and wait for the page it leads to."""
    with control.page.expect_navigation():
        control.click()


def planning(page: Page, base: str, _folder: Path) -> Way:
    """A sample is planned: people, what will probably be shown, how it was drawn, margins from files."""
    yield from planned(page, base)
    yield from people_read(page)
    page.goto(f"{base}/undersokelser/utvalg-prove/personvern/")
    page.fill("[name=rate]", "40")
    press(page.get_by_role("button", name="Regn ut"))
    assert page.locator("#enheter tbody tr").count() >= len(DISTRICTS)
    yield "what will be shown"
    page.goto(f"{base}/undersokelser/utvalg-prove/utvalg")
    page.check("[name=kind][value=simple]")
    page.fill("[name=n_population]", "4000")
    press(page.get_by_role("button", name="Lagre utvalget"))
    yield "the sample declared"
    yield from margins_read(page)
    page.goto(f"{base}/undersokelser/utvalg-prove/kontroll")
    yield "what the launch says"


def planned(page: Page, base: str) -> Way:
    """From an empty form to the page of a plan."""
    today = clock.today()
    page.goto(f"{base}/undersokelser/ny")
    page.fill("[name=code]", "utvalg-prove")
    page.select_option("[name=audience]", "citizen")
    page.select_option("[name=instrument]", "citizen")
    page.fill("[name=opens]", today.isoformat())
    page.fill("[name=closes]", (today + timedelta(days=20)).isoformat())
    page.get_by_text("Velg enheter").click()
    for unit in DISTRICTS:
        page.check(f"[name=units][value={unit}]")
    yield "a form filled in"
    press(page.get_by_role("button", name="Lagre planen"))


def people_read(page: Page) -> Way:
    """From the page of a plan: a list that is wrong, and one that is right."""
    press(page.get_by_role("link", name="Les inn deltakere").first)
    people = [f"{unit},Kari {n},{unit}.{n}@post.example,,nb" for unit in DISTRICTS for n in range(30)]
    page.set_input_files("[name=file]", file_of("feil.csv", "unit,name,email\nDI9,Kari,kari\n"))
    press(page.get_by_role("button", name="Les inn"))
    assert "rad 2" in page.inner_text("main").lower()
    yield "a bad list of people"
    page.set_input_files(
        "[name=file]", file_of("folk.csv", "unit,name,email,phone,language\n" + "\n".join(people))
    )
    press(page.get_by_role("button", name="Les inn"))
    yield "people read"


def margins_read(page: Page) -> Way:
    """On the page of a sample: a file of margins that is wrong, and one that is right."""
    bad = "variabel;kategori;antall\ngender;x;100\nunit;DI1;-5\nukjent;a;1\n"
    page.set_input_files("[name=margins]", file_of("feil.csv", bad))
    press(page.get_by_role("button", name="Les inn fordelinger"))
    said = page.inner_text("main").lower()
    assert all(f"rad {row}" in said for row in (2, 3, 4))
    assert "Ingen fordelinger er lest inn" in page.inner_text("main")
    yield "a bad file of margins"
    good = "enhet;DI1;1000\nenhet;DI2;1200\nenhet;DI3;900\nenhet;DI4;900\n"
    page.set_input_files("[name=margins]", file_of("bra.csv", f"variabel;kategori;antall\n{good}"))
    press(page.get_by_role("button", name="Les inn fordelinger"))
    assert "30,0" in page.inner_text("main")
    yield "a good file of margins"


def moderating(page: Page, base: str, _folder: Path) -> Way:
    """Comments are masked, held back, taken back, given themes by keyword and by hand, and released."""
    page.goto(f"{base}/kommentarer/")
    yield "what waits"
    press(page.locator("a[href*='/kommentarer/foresatte-2025/']"))
    place = page.url
    yield "the queue"
    yield from decided(page, place)
    page.goto(f"{place}/temaer")
    page.fill("[name=name]", "Uteområdet")
    page.fill("[name=keywords]", "ute, tur")
    press(page.get_by_role("button", name="Legg til temaet"))
    yield "a theme"
    page.goto(place)
    while (button := page.get_by_role("button", name="Vis kommentaren").first).count():
        press(button)
    yield "nothing waits"
    coded_by_hand(page, place)
    yield "a comment coded by hand"
    yield from comments_released(page)
    page.goto(f"{base}/resultater/foresatte-2025")
    press(page.get_by_role("link", name="Kommentarer", exact=True).last)
    assert page.locator(".sv-comment").count() >= 10
    yield "what a reader sees"


def decided(page: Page, place: str) -> Way:
    """One comment is shown with a word masked, one is held back, and one of them waits again."""
    first = page.locator(".sv-comment").first.inner_text()
    word = max(first.replace(".", " ").replace(",", " ").split(), key=len)
    page.locator("[name=words]").first.fill(word)
    press(page.get_by_role("button", name="Vis kommentaren").first)
    press(page.get_by_role("button", name="Hold den tilbake").first)
    page.goto(f"{place}/avgjort")
    assert "[skjult]" in page.inner_text("main")
    yield "what is decided"
    press(page.get_by_role("button", name="Angre").first)


def coded_by_hand(page: Page, place: str) -> None:
    """A comment is given a theme, or loses it: the theme's number tells."""
    page.goto(f"{place}/temaer")
    card = page.locator("article").first
    before = int(page.locator("#temaer tbody td.num").inner_text())
    box = card.locator("[name=themes]")
    box.uncheck() if box.is_checked() else box.check()
    press(card.get_by_role("button", name="Lagre temaene"))
    assert abs(int(page.locator("#temaer tbody td.num").inner_text()) - before) == 1


def comments_released(page: Page) -> Way:
    """Released on the second press: the first was not sure."""
    press(page.get_by_role("link", name="Frigi", exact=True))
    press(page.get_by_role("button", name="Frigi kommentarene"))
    assert page.locator(".ds-error-summary").count() == 1
    yield "not sure yet"
    page.check("[name=sure]")
    press(page.get_by_role("button", name="Frigi kommentarene"))
    yield "released"


def releasing_again(page: Page, base: str, folder: Path) -> Way:
    """One answer more is too little; an answer is withdrawn; with many the figures come out anew."""
    settings = load_settings(folder)
    engine = make_engine(settings.database_url)
    address, wave = f"{base}/undersokelser/innbygger-2025/ny-frigivelse", "innbygger-2025"
    late(engine, wave, folder, n=1)
    page.goto(address)
    yield "one late answer"
    press(page.get_by_role("button", name="Frigi på nytt"))
    yield "ordered"
    work(engine, settings)
    page.goto(address)
    assert "Tallene ble ikke frigitt på nytt" in page.inner_text("main")
    yield "refused"
    page.fill("[name=code]", "AAAA-AAAA-AAAA-AAAA")
    press(page.get_by_role("button", name="Slett svaret"))
    assert "Fant ikke noe svar" in page.inner_text("main")
    yield "an unknown receipt"
    page.fill("[name=code]", somebodys_receipt(engine, settings, wave))
    press(page.get_by_role("button", name="Slett svaret"))
    assert "Svaret er slettet" in page.inner_text("main")
    yield "withdrawn"
    late(engine, wave, folder, n=160)
    page.goto(address)
    press(page.get_by_role("button", name="Frigi på nytt"))
    work(engine, settings)
    page.goto(address)
    assert "allerede frigitt to ganger" in page.inner_text("main")
    yield "released again"
    page.get_by_role("link", name="Se resultatene").click()
    page.wait_for_url("**/resultater/**")
    assert "Tallene ble frigitt på nytt" in page.inner_text("main")
    yield "the new figures"
    page.goto(f"{base}/resultater/{wave}/slik-regner-vi")
    with open_session(engine, read_only=True) as session:
        ended = wave_by_code(session, code=wave).closes
    assert f"avsluttet {ended:%d.%m.%Y}" in page.inner_text("main")
    yield "how it was counted"
    engine.dispose()


def late(engine: Engine, wave: str, folder: Path, *, n: int) -> None:
    """Answers that came late, evenly from the districts."""
    with open_session(engine, read_only=True) as session:
        asked = questionnaire(session, version_id=wave_by_code(session, code=wave).instrument_version_id)
    items = [item for item in asked.coded_items if item.type.value == "select_one"]
    chance, out = Random(n), io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["unit", *(item.name for item in items)])
    for number in range(n):
        codes = [chance.choice([one.code for one in asked.categories(item)]) for item in items]
        writer.writerow([DISTRICTS[number % len(DISTRICTS)], *codes])
    (folder / "sene.csv").write_text(out.getvalue(), encoding="utf-8")
    import_late(engine, wave_code=wave, file=folder / "sene.csv", actor=COMMAND_LINE)


def somebodys_receipt(engine: Engine, settings: Settings, wave: str) -> str:
    """The demo's respondents threw theirs away: one has answered the same and kept it."""
    code = new_receipt_code()
    with unit_of_work(engine) as session:
        wave_id = wave_by_code(session, code=wave).id
        old = session.scalars(select(AnswerSet).where(AnswerSet.wave_id == wave_id).limit(1)).one()
        same = {"wave_id", "segment_code", "instrument_version_id", "body", "codes"}
        kept = AnswerSet(**{name: getattr(old, name) for name in same})
        kept.id, kept.receipt_hash = uuid4(), receipt_hash(settings, code)
        session.delete(old)
        session.add(kept)
    return code


def work(engine: Engine, settings: Settings) -> None:
    load_tasks()
    run_worker(engine, settings, stop=Event(), once=True)


def restating(page: Page, base: str, _folder: Path) -> Way:
    """Two kindergartens are counted as one: a bad file, a look, the second press."""
    page.goto(f"{base}/kvalitet/foresatte-2025/regn-om")
    yield "an empty page"
    page.set_input_files("[name=file]", file_of("feil.csv", "før;nå\nBH01;BH99\n"))
    press(page.get_by_role("button", name="Se hva som blir regnet om"))
    assert "rad 2" in page.inner_text("main").lower()
    yield "a bad file"
    page.set_input_files("[name=file]", file_of("bra.csv", "før;nå\nBH01;BH02\nBH02;BH02\n"))
    press(page.get_by_role("button", name="Se hva som blir regnet om"))
    assert "Ingenting er lagret ennå" in page.inner_text("main")
    yield "a preview"
    press(page.get_by_role("button", name="Regn om tallene"))
    assert "Tallene er regnet om" in page.inner_text("main")
    yield "stored"
    page.goto(f"{base}/kvalitet/foresatte-2026?unit=BH02")
    yield "the unit's own page"


def recounting(page: Page, base: str, folder: Path) -> Way:
    """The package of a wave holds a program that finds every verdict again; of changed figures it says so."""
    page.goto(f"{base}/resultater/medarbeider-2026/slik-regner-vi")
    yield "how it is counted"
    with page.expect_download() as download:
        page.get_by_role("link", name="Last ned pakken").click()
    unpacked = folder / "pakken"
    zipfile.ZipFile(download.value.path()).extractall(unpacked)
    (script,) = unpacked.rglob("regn_etter.py")
    assert recount(script).returncode == 0, recount(script).stdout
    figures = unpacked / "celler.jsonl"
    figures.write_text(
        figures.read_text(encoding="utf-8").replace('"higher"', '"lower"', 1), encoding="utf-8"
    )
    assert recount(script).returncode != 0  # negative control


def recount(script: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-I", str(script)]
    return subprocess.run(words, cwd=script.parent, capture_output=True, text=True, check=False)


WAYS: dict[str, tuple[str, Callable[[Page, str, Path], Way]]] = {
    "planning": ("undersokelser", planning),
    "moderating": ("undersokelser", moderating),
    "releasing again": ("undersokelser", releasing_again),
    "restating": ("controller", restating),
    "recounting": ("hr", recounting),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_is_whole_from_start_to_end(demo: Demo, tmp_path: Path, way: str) -> None:
    who, walk = WAYS[way]
    context, wrong = demo.signed_in(who, "nb"), list[str]()
    page = context.new_page()
    for place in walk(page, demo.server.url, tmp_path if way == "recounting" else demo.folder):
        found = faults(page, page.url.removeprefix(demo.server.url))
        wrong += [f"{place}: {what}" for what in found if "regn_etter" not in what]  # the name of a file
    context.close()
    assert not wrong, "\n".join(wrong)
