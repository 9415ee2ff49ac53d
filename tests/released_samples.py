"""A released wave that asked a stratified sample, with the population's margins and the register's groups."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import SampleKind
from surveyor.campaigns.models import WaveDesign
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.releases.models import Release
from surveyor.releases.services import freeze_release
from surveyor.responses.models import RegisterCount
from tests.releases_data import Units, add_answers, make_wave
from tests.samples_data import citizen_questionnaire

UNITS: Units = {"FJ": None, "N": "FJ", "S": "FJ", "C": "FJ"}
SIZES = {"N": 90, "S": 150, "C": 160}
PEOPLE = {"N": 2000, "S": 3000, "C": 5000}
MARGINS = {"gender": {"1": 0.5, "2": 0.5}, "age": {"1": 0.2, "2": 0.2, "3": 0.2, "4": 0.2, "5": 0.2}}
FORM = citizen_questionnaire()


def answers(sizes: dict[str, int], seed: int = 1) -> tuple[list[str], pd.DataFrame]:
    rng = np.random.default_rng(seed)
    segments = [unit for unit, n in sizes.items() for _ in range(n)]
    n = len(segments)
    frame = pd.DataFrame({f"q{k}": rng.choice([1, 2, 3, 4, 5, 9, np.nan], n) for k in (1, 2, 3)})
    frame["gender"] = rng.choice([1, 2], n, p=[0.6, 0.4])
    frame["age"] = rng.choice([1, 2, 3, 4, 5, 8, np.nan], n, p=[0.15, 0.2, 0.2, 0.2, 0.2, 0.03, 0.02])
    frame["bus"] = rng.choice([0, 1], n, p=[0.7, 0.3])
    return segments, frame


def release(
    session: Session, config: Settings, frame: pd.DataFrame, segments: list[str], **design: Any
) -> Release:
    wave = make_wave(session, FORM, UNITS)
    add_answers(session, wave, FORM, segments, frame, {"bus": ["yes", "no"]})
    given = {"kind": SampleKind.STRATIFIED, "n_population": 10_000, "n_clusters": None, "n_by_unit": PEOPLE,
             "margins": MARGINS, **design}  # fmt: skip
    session.add(WaveDesign(wave_id=wave.id, **given))
    for place, (unit, gender) in enumerate(product("NS", "km")):
        groups = {"unit": unit, "gender": gender}
        counts = {"n_invited": 200 + place, "n_answered": 90 + 10 * place}
        session.add(RegisterCount(wave_id=wave.id, position=place, groups=groups, **counts))
    session.flush()
    build_cube(session, wave=wave)
    return freeze_release(session, config, wave=wave, actor=COMMAND_LINE)
