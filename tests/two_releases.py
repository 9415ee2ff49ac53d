"""Two released waves of one survey, and how tests read the pages about them."""

import re
from datetime import date
from html import unescape

from flask import Flask
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.releases.queries import cells_of, wave_release
from surveyor.releases.services import freeze_release
from surveyor.releases.spec import Row
from tests.factories import app_session
from tests.releases_data import Units, add_answers, add_frame, bfi, bfi_questionnaire, make_wave

UNITS: Units = {
    "K": None,
    "A": "K",
    "B": "K",
    "A1": "A",
    "A2": "A",
    "B1": "B",
    "B2": "B",
    "B3": "B",
    "B4": "B",
}
SIZES = {"A1": 60, "A2": 14, "B1": 40, "B2": 8, "B3": 3, "B4": 4}


def freeze_both(session: Session, settings: Settings) -> None:
    for year, code in ((2025, "W1"), (2026, "W2")):
        freeze(session, settings, code, date(year, 5, 31), (year - 2025) * 500)


def freeze(session: Session, settings: Settings, code: str, closes: date, start: int) -> Wave:
    asked = bfi_questionnaire()
    wave = make_wave(session, asked, UNITS, code=code, closes=closes)
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    add_answers(session, wave, asked, segments, bfi()[0].iloc[start : start + len(segments)])
    add_frame(session, wave, {unit: (n + 4, n) for unit, n in SIZES.items()})
    build_cube(session, wave=wave)
    session.flush()
    freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    wave.state = WaveState.CLOSED
    return wave


def released(app: Flask, code: str = "W2") -> list[Row]:
    with app_session(app) as session:
        return list(cells_of(session, release_id=wave_release(session, wave_code=code).release_id))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def table_rows(page: str, table: str) -> list[list[str]]:
    """The cells of a table's body as text, pictures left out."""
    body = re.search(rf'<table[^>]*id="{table}".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert body, table
    plain = re.sub(r"<svg.*?</svg>", "", body[1], flags=re.DOTALL)
    return [
        [text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", plain, re.DOTALL)
    ]
