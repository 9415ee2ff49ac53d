"""Over time under other assumptions: worked out of what two releases show, and only for those who see it."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.filters import signed
from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.releases.enums import CellKind
from surveyor.releases.queries import cut_figures, unit_figures, wave_release
from surveyor.units.services import move_unit
from tests.factories import app_session, browser
from tests.theme_waves import STRONG
from tests.two_releases import table_rows, text_of

PAGE = "/resultater/{}/enhet/{}/over-tid"


def reader(app: Flask, role: Role = Role.HR, unit: str = "FK") -> FlaskClient:
    return browser(app, role, unit)


def test_the_change_with_the_groups_of_last_time(themed: Flask) -> None:
    page = reader(themed).get(PAGE.format("W2", "FK")).text
    assert "Har sammensetningen endret seg?" in page
    row = next(row for row in table_rows(page, "sammensetning-tabell") if row[0] == "Sterkt tema")
    with app_session(themed) as session:
        now, before = (wave_release(session, wave_code=code).release_id for code in ("W2", "W1"))
        given = {"unit": "FK", "cut": "sex", "kind": CellKind.SCALE, "items": [STRONG]}
        key = ("FK", CellKind.SCALE, STRONG)
        new, old = (
            {code: found[key] for code, found in cut_figures(session, release_id=one, **given).items()}  # type: ignore[arg-type]  # as above
            for one in (now, before)
        )
    whole = sum(one.n or 0 for one in old.values())
    wanted = sum(
        (old[code].n or 0) / whole * ((new[code].index or 0) - (old[code].index or 0)) for code in "fm"
    )
    with themed.test_request_context("/"):
        assert row[2].split()[0] == signed(wanted, 1)


def test_people_in_common_narrow_the_interval(themed: Flask) -> None:
    client = reader(themed)
    assert 'id="samme-tabell"' not in client.get(PAGE.format("W2", "FK")).text
    rows = {
        share: table_rows(client.get(PAGE.format("W2", "FK") + f"?samme={share}").text, "samme-tabell")[0]
        for share in (0, 80)
    }
    widths = {share: _width(row[3]) for share, row in rows.items()}
    assert widths[0] == pytest.approx(_width(rows[0][2]), abs=0.11)  # negative control: nobody in common
    assert widths[80] < 0.85 * widths[0]


def _width(text: str) -> float:
    low, high = (float(part.replace(",", ".").replace("−", "-")) for part in text.split(" til "))
    return high - low


@pytest.mark.parametrize("share", ["", "-1", "101", "nan", "1e3", "x"])
def test_another_share_is_told(themed: Flask, share: str) -> None:
    answer = reader(themed).get(PAGE.format("W2", "FK") + f"?samme={share}")
    assert answer.status_code == 200
    assert "Skriv et" in text_of(answer.text)
    assert 'id="samme-tabell"' not in answer.text


def test_the_first_wave_and_units_further_down_have_less(themed: Flask) -> None:
    client = reader(themed)
    first, deep = (client.get(PAGE.format(*one)).text for one in (("W1", "FK"), ("W2", "B1")))
    assert "sammensetning-tabell" not in first
    assert "svart begge ganger" not in first
    assert "sammensetning-tabell" not in deep
    assert "svart begge ganger" in deep


def test_whoever_did_not_have_the_unit_last_time_learns_nothing(themed: Flask) -> None:
    """B1 came to the department between the waves: its director had nothing to do with the unit before."""
    page = PAGE.format("W2", "B1") + "?samme=50"
    assert reader(themed, Role.DIRECTOR, "HEL").get(page).status_code == 404
    with app_session(themed) as session:
        move_unit(session, code="B1", parent="HEL", on=date(2026, 1, 1), actor=COMMAND_LINE)
    new, all_along = reader(themed, Role.DIRECTOR, "HEL").get(page), reader(themed).get(page)
    assert (new.status_code, all_along.status_code) == (200, 200)
    assert 'id="samme-tabell"' not in new.text
    assert "svart begge ganger" not in new.text
    assert "31.05.2025" not in new.text
    assert all(one in all_along.text for one in ('id="samme-tabell"', "31.05.2025"))  # negative control


def test_a_hidden_unit_has_no_changes(themed: Flask) -> None:
    with app_session(themed) as session:
        now = wave_release(session, wave_code="W2").release_id
        figures = unit_figures(session, release_id=now, unit="HEL", kind=CellKind.SCALE)
    assert figures
    page = reader(themed, Role.DIRECTOR, "HEL").get(PAGE.format("W2", "HEL")).text
    assert ("svart begge ganger" in page) == any(
        one.last and one.last.low is not None for one in figures.values()
    )
