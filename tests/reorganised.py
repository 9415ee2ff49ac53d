"""Two released waves of one survey with a reorganisation between them."""

from datetime import date

from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.releases.services import freeze_release
from tests.releases_data import Units, add_answers, bfi, bfi_questionnaire, make_wave

BEFORE: Units = {"K": None, "A": "K", "B": "K", "A1": "A", "A2": "A", "B1": "B", "B2": "B"}
NOW: Units = {"K": None, "N": "K", "B": "K", "B1": "B", "B2": "B"}
SIZES = {"A1": 30, "A2": 25, "B1": 40, "B2": 22}


def two_waves(session: Session, settings: Settings) -> tuple[Wave, Wave]:
    """One wave before A1 and A2 became N, one after."""
    found = []
    for code, units, sizes in (("W1", BEFORE, SIZES), ("W2", NOW, {"N": 50, "B1": 40, "B2": 22})):
        asked = bfi_questionnaire()
        wave = make_wave(session, asked, units, code=code, closes=date(2025 if code == "W1" else 2026, 5, 31))
        segments = [unit for unit, n in sizes.items() for _ in range(n)]
        add_answers(session, wave, asked, segments, bfi()[0].iloc[: len(segments)])
        build_cube(session, wave=wave)
        session.flush()
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        wave.state = WaveState.CLOSED
        session.flush()
        found.append(wave)
    return found[0], found[1]
