"""Released waves with comments, for tests of moderation and of the comment lists."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Item, Questionnaire
from surveyor.releases.services import freeze_release
from surveyor.responses.models import FreeText
from tests.releases_data import Units, add_answers, choice, code_list, make_wave, one_page

UNITS: Units = {"K": None, "A": "K", "B": "K", "A1": "A", "A2": "A", "B1": "B", "B2": "B"}
SIZES = {"A1": 30, "A2": 14, "B1": 40, "B2": 12}
ITEM = "comment"


def commented_questionnaire() -> Questionnaire:
    """One rating and one free text."""
    words = Item(ITEM, ItemType.TEXT, {"nb": "Noe mer?", "en": "Anything else?"}, role=ItemRole.OPEN)
    return one_page("ord", [code_list("c5", 1, 5)], [choice("y", "c5"), words])


def make_commented_wave(
    session: Session, settings: Settings, n_comments: Mapping[str, int], *, code: str = "W1"
) -> Wave:
    """A released wave; comments are numbered within their segment: `A1 nr. 0: ...`."""
    asked = commented_questionnaire()
    wave = make_wave(session, asked, UNITS, code=code, closes=date(2026, 5, 31))
    segments = [unit for unit, n in SIZES.items() for _ in range(n)]
    answers = pd.DataFrame({"y": [1 + i % 5 for i in range(len(segments))]})
    add_answers(session, wave, asked, segments, answers)
    build_cube(session, wave=wave)
    session.flush()
    freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    wave.state, wave.outcome = WaveState.CLOSED, WaveOutcome.RELEASED
    for segment, n in n_comments.items():
        for i in range(n):
            body = f"merke-{segment}-{i}: {'lønna er lav' if i % 2 else 'alt er fint'}"
            session.add(FreeText(wave_id=wave.id, segment_code=segment, item=ITEM, body=body))
    session.flush()
    return wave
