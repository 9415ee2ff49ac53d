"""Weighted figures since last time: only of what is compared at all, with both samples' uncertainty."""

import math
from datetime import date

from flask import Flask
from sqlalchemy import insert

from surveyor.accounts.enums import Role
from surveyor.campaigns.enums import WaveState
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.models import Release, ReleaseCell, WeightedCell
from surveyor.releases.spec import Row, WeightedRow
from tests.factories import app_session, browser
from tests.releases_data import choice, code_list, make_wave, one_page

ITEM, SHOWN = CellKind.ITEM, CellState.SHOWN
WEIGHTS = {"usable": True, "kind": "simple", "n_population": 900, "n": 200, "problems": [], "margins": {}}
METHOD = {"k_mean": 5, "k_spread": 10, "n_cells": 2, "confidence": 0.95, "version": "t", "weights": WEIGHTS}
FIGURES = {2025: (48.3, 2.1), 2026: (55.8, 1.7)}  # weighted index and its error


def fill(app: Flask) -> None:
    """Two weighted waves; of two questions only the first is compared with last time."""
    asked = one_page("w", [code_list("c5", 1, 5)], [choice("qa", "c5"), choice("qb", "c5")])
    with app_session(app) as session:
        for year, (value, se) in FIGURES.items():
            wave = make_wave(
                session, asked, {"K": None}, code=f"W{year}", closes=date(year, 5, 31), state=WaveState.CLOSED
            )
            release = Release(wave_id=wave.id, frozen_on=wave.closes, method=METHOD, manifest_sha256="x")
            session.add(release)
            session.flush()
            rows = [Row("K", ITEM, name, "index", SHOWN, 200, value, 40, 70) for name in ("qa", "qb")]
            rows.append(Row("K", ITEM, "qa", "index", SHOWN, 200, None, -9, 9, "last", 7.0, verdict="none"))
            weighted = [
                WeightedRow("K", ITEM, name, "index", SHOWN, 200, 180.0, value, se, 44, 60, 0.4, 1.1)
                for name in ("qa", "qb")
            ]
            for table, found in ((ReleaseCell, rows), (WeightedCell, weighted)):
                cells = [
                    row._asdict() | {"release_id": release.id, "position": n} for n, row in enumerate(found)
                ]
                session.execute(insert(table), cells)


def test_a_weighted_change_has_the_uncertainty_of_both_samples(app: Flask) -> None:
    fill(app)
    page = browser(app, Role.HR, "K").get("/resultater/W2026/enhet/K/vektet").text
    half = 1.96 * math.hypot(2.1, 1.7)
    ends = [f"{7.5 + side * half:.1f}".replace(".", ",") for side in (-1, 1)]
    assert f'+7,5<br><small class="sv-muted">{ends[0]} til {ends[1]}</small>' in page
    assert page.count("+7,5") == 1  # the other question is not compared
    first = browser(app, Role.HR, "K").get("/resultater/W2025/enhet/K/vektet").text
    assert "Siden forrige måling" not in first
