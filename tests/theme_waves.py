"""Two released waves with a strong theme, and a weak one whose questions do not belong together."""

from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.indicators.services import publish_wave
from surveyor.instruments.spec import Scale
from surveyor.releases.services import freeze_release
from tests.card_data import OFFICE, UNITS, make_score
from tests.factories import make_tree
from tests.released_groups import SEX, background
from tests.releases_data import add_answers, choice, code_list, make_wave, one_page

WEAK, STRONG = "weak", "strong"
ASKED = one_page(
    "themes",
    [code_list("c5", 1, 5), SEX],
    [
        background("sex", "sex"), *(choice(name, "c5", scale=STRONG) for name in ("a1", "a2", "a3")),
        *(choice(name, "c5", scale=WEAK) for name in ("b1", "b2", "b3")),
    ],
    [
        Scale(STRONG, {"nb": "Sterkt tema"}, ("a1", "a2", "a3")),
        Scale(WEAK, {"nb": "Svakt tema"}, ("b1", "b2", "b3")),
    ],
)  # fmt: skip
SIZES = {"B1": 60, "B2": 50, "S1": 70}
YEARS = {"W1": 2025, "W2": 2026}


def themes(session: Session, settings: Settings, code: str) -> Wave:
    """A released wave: three questions of one mind, and three that have nothing to do with each other."""
    chance = np.random.default_rng(YEARS[code])
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    mood = chance.integers(1, 6, len(segments))
    columns: dict[str, object] = {"sex": chance.integers(0, 2, len(segments))}
    for name in ("a1", "a2", "a3"):
        columns[name] = np.clip(mood + chance.integers(-1, 2, len(segments)), 1, 5)
    columns |= {name: chance.integers(1, 6, len(segments)) for name in ("b1", "b2", "b3")}
    wave = make_wave(session, ASKED, UNITS, code=code, closes=date(YEARS[code], 5, 31))
    add_answers(session, wave, ASKED, segments, pd.DataFrame(columns), names={"sex": ["f", "m"]})
    build_cube(session, wave=wave)
    session.flush()
    freeze_release(session, settings, wave=wave, actor=OFFICE)
    wave.state = WaveState.CLOSED
    session.flush()
    return wave


def settle_themes(session: Session, settings: Settings) -> None:
    """Both waves, and an indicator of each theme with a value from each."""
    make_tree(session)
    for code in YEARS:
        themes(session, settings, code)
    for theme in (WEAK, STRONG):
        make_score(session, theme, source=f"survey:S1/scale:{theme}/index")
    for code in YEARS:
        publish_wave(session, wave_code=code, actor=OFFICE)
