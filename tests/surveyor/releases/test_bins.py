"""Binned numbers are released as shares, like any question without scores."""

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.cubes.services import build_cube
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item
from surveyor.releases.enums import CellState
from surveyor.releases.queries import cells_of
from surveyor.releases.services import freeze_release
from surveyor.responses.opening import Coding
from surveyor.responses.spec import kept_answers
from tests.releases_data import add_answers, add_frame, choice, code_list, make_wave, one_page

ASKED = one_page(
    "binned",
    [code_list("c5", 1, 5)],
    [choice("q1", "c5"), Item("age", ItemType.INTEGER, {"nb": "Alder"}, bins="30 50")],
)


def test_an_opened_answer_is_coded_by_its_bin() -> None:
    coding = Coding(ASKED)
    kept = kept_answers(ASKED, {"q1": "4", "age": "49"})
    assert coding.body(kept) == {"q1": "4", "age": "30..50"}
    assert list(coding.codes(kept)) == [3, 1]


def test_shares_of_bins_are_released_and_small_units_hidden(session: Session, settings: Settings) -> None:
    wave = make_wave(session, ASKED, {"R": None} | dict.fromkeys("ABCD", "R"))
    segments = ["A"] * 40 + ["B"] * 40 + ["C"] * 7 + ["D"] * 4
    places = np.arange(len(segments)) % 3
    frame = pd.DataFrame({"q1": 1 + np.arange(len(segments)) % 5, "age": places})
    codes = [category.code for category in ASKED.categories(ASKED.item("age"))]
    add_answers(session, wave, ASKED, segments, frame, {"age": codes})
    add_frame(session, wave, {"A": (40, 40), "B": (40, 40), "C": (9, 7), "D": (5, 4)})
    build_cube(session, wave=wave)
    session.flush()
    release = freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    rows = [row for row in cells_of(session, release_id=release.id) if row.item == "age"]
    bare = {(row.unit, row.measure): row for row in rows if not row.compared_to}
    share = bare["A", "share:30..50"]
    assert (share.state, share.value) == (CellState.SHOWN, 13 / 40)
    assert {measure for _, measure in bare} >= {f"share:{code}" for code in codes}
    assert not any(row.measure in ("mean", "index") and row.value is not None for row in rows)
    assert bare["C", "share:30..50"].state is CellState.HIDDEN
