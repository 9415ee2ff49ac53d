"""Cards: drafts as the values make them, approvals that freeze them, history, comparison, JSON."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.models import AuditEntry
from surveyor.config import Settings
from surveyor.errors import NotFound, Refused
from surveyor.indicators.enums import Band, Perspective
from surveyor.indicators.queries import tree_of_period
from surveyor.indicators.services import publish_wave, save_indicator
from surveyor.indicators.spec import Definition
from surveyor.scorecards.enums import CardState
from surveyor.scorecards.models import Scorecard
from surveyor.scorecards.policy import waiting
from surveyor.scorecards.queries import (
    beside,
    card_as_json,
    cards_of,
    comparison,
    histories,
    is_on_card,
    unit_cards,
)
from surveyor.scorecards.services import LinePlan, approve_card, approve_cards, save_template
from surveyor.scorecards.spec import Card, UnitCards, joint_fingerprint, norwegian_order
from tests.card_data import DIRECTOR, OFFICE, make_indicator, make_score, record_value, release_wave
from tests.factories import make_tree


@pytest.fixture(autouse=True)
def _in_2026() -> None:
    """The year the tests speak of has not ended."""
    with clock.fixed_at(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        yield


def cards(session: Session, unit: str = "B1", period: int = 2026) -> UnitCards:
    return unit_cards(session, unit_code=unit, period=period)


def approve(session: Session, unit: str = "B1", period: int = 2026) -> Scorecard:
    draft = cards(session, unit, period).draft
    assert draft is not None
    return approve_card(session, unit_code=unit, period=period, fingerprint=draft.fingerprint, actor=DIRECTOR)


def tomorrow() -> datetime:
    return clock.now() + timedelta(days=1)


def test_a_draft_has_what_applies_with_this_years_and_last_years_value(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    make_indicator(session, "bare_sykehjem", unit_types=("sykehjem",))
    record_value(session, 8)
    record_value(session, 7.5, period=2025)
    card = cards(session).newest
    (line,) = card.lines
    assert (line.code, line.value, line.last, line.band, line.target) == ("fravaer", 8, 7.5, Band.YELLOW, 6.5)
    assert (card.state, card.version, card.n_values) == (CardState.DRAFT, 1, 1)
    assert set(cards(session, "S1").newest.by_code) == {"fravaer", "bare_sykehjem"}
    assert cards(session, "S1").newest.n_bands[Band.NONE] == 2


def test_a_template_arranges_and_the_skeleton_fills_in(session: Session) -> None:
    make_tree(session)
    for code in ("a", "b", "c"):
        make_indicator(session, code)
    skeleton = [LinePlan("c", goal="Felles mål", target=5)]
    save_template(session, unit_type="", vision="Sammen", lines=skeleton, actor=OFFICE)
    own = [LinePlan("b", goal="Eget mål", success_factor="Ro", target=4), LinePlan("a")]
    save_template(session, unit_type="barnehage", vision="", lines=own, actor=OFFICE)
    save_template(session, unit_type="barnehage", vision="Lek", lines=own, actor=OFFICE)  # again is no clash
    card = cards(session).newest
    assert card.vision == "Lek"
    assert [(line.code, line.goal, line.target) for line in card.lines] == [
        ("b", "Eget mål", 4), ("c", "Felles mål", 5), ("a", "", 6.5),
    ]  # fmt: skip
    assert cards(session, "S1").newest.vision == "Sammen"
    with pytest.raises(NotFound):
        save_template(session, unit_type="", vision="", lines=[LinePlan("x")], actor=OFFICE)


def test_without_a_green_limit_the_target_is_where_green_begins(session: Session) -> None:
    make_tree(session)
    make_indicator(session, green_from=None)
    record_value(session, 6.6)
    assert cards(session).newest.lines[0].band is Band.YELLOW
    lines = [LinePlan("fravaer", target=6.6)]
    save_template(session, unit_type="barnehage", vision="", lines=lines, actor=OFFICE)
    assert cards(session).newest.lines[0].band is Band.GREEN


def test_an_approved_card_is_frozen_and_a_new_value_makes_a_new_version(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    record_value(session, 8)
    first = approve(session)
    assert (first.state, first.version, first.approved_by) == (CardState.APPROVED, 1, DIRECTOR.name)
    assert cards(session).draft is None
    with clock.fixed_at(tomorrow()):
        record_value(session, 10)
        pair = cards(session)
        assert pair.approved is not None
        assert pair.draft is not None
        assert (pair.approved.lines[0].value, pair.draft.lines[0].value) == (8, 10)
        assert (pair.draft.version, pair.draft.lines[0].band) == (2, Band.RED)
        assert card_as_json(session, unit_code="B1", period=2026)["state"] == "draft"
        approve(session)
    states = session.scalars(select(Scorecard.state).order_by(Scorecard.version)).all()
    assert states == [CardState.REPLACED, CardState.APPROVED]
    assert cards(session).newest.lines[0].value == 10
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "scorecard.approved")).all()
    assert sorted(entry.details["version"] for entry in entries) == [1, 2]


def test_the_database_keeps_an_approved_card_as_it_is(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    record_value(session, 8)
    approve(session).lines[0].value = 1.0
    with pytest.raises(DBAPIError):
        session.flush()
    session.rollback()


def test_what_was_not_seen_is_not_approved(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    with pytest.raises(Refused, match="ingen tall"):
        approve(session)
    record_value(session, 8)
    seen = cards(session).newest.fingerprint
    record_value(session, 9)
    with pytest.raises(Refused, match="endret"):
        approve_card(session, unit_code="B1", period=2026, fingerprint=seen, actor=DIRECTOR)
    approve(session)
    with pytest.raises(Refused, match="allerede"):
        approve_card(session, unit_code="B1", period=2026, fingerprint=seen, actor=DIRECTOR)
    with pytest.raises(NotFound):
        approve_card(session, unit_code="X", period=2026, fingerprint="", actor=DIRECTOR)


def test_a_department_is_approved_at_once_where_there_is_something(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    for unit in ("B1", "OPP", "S1"):
        record_value(session, 8, unit=unit)
    tree = tree_of_period(session, 2026)
    below = tree.subtree_codes("OPP")
    drafts = waiting(cards_of(session, period=2026, tree=tree, codes=below).values())
    assert {card.unit for card in drafts} == {"OPP", "B1"}
    seen = joint_fingerprint(drafts)
    assert joint_fingerprint(drafts[::-1]) == seen
    record_value(session, 7, unit="B2")
    with pytest.raises(Refused, match="endret"):
        approve_cards(session, unit_codes=below, period=2026, fingerprint=seen, actor=DIRECTOR)
    drafts = waiting(cards_of(session, period=2026, tree=tree, codes=below).values())
    seen = joint_fingerprint(drafts)
    assert approve_cards(session, unit_codes=below, period=2026, fingerprint=seen, actor=DIRECTOR) == 3
    assert cards(session, "S1").approved is None
    with pytest.raises(Refused, match="ingen kort"):
        approve_cards(session, unit_codes=below, period=2026, fingerprint=seen, actor=DIRECTOR)


def test_a_year_that_is_over_reopens_for_new_figures_only(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    record_value(session, 8, period=2025)
    record_value(session, 8)
    approve(session, period=2025)
    approve(session)
    changed = Definition("fravaer", "Nytt navn", Perspective.EMPLOYEES, "manual", "down", 1.0)  # type: ignore[arg-type]
    save_indicator(session, definition=changed, code="fravaer", actor=OFFICE)
    assert cards(session, period=2025).draft is None
    assert cards(session).draft is not None
    record_value(session, 9, period=2025)
    draft = cards(session, period=2025).draft
    assert draft is not None
    assert draft.lines[0].value == 9


def test_history_is_what_it_was_at_the_approval(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    for year in (2020, 2022, 2024, 2025, 2026):
        record_value(session, year - 2018.5, period=year)
    approve(session)
    with clock.fixed_at(tomorrow()):
        record_value(session, 99, period=2022)
        approved = cards(session).approved
        assert approved is not None
        assert histories(session, card=approved) == {"fravaer": (3.5, None, 5.5, 6.5, 7.5)}
    record_value(session, 1, unit="B2", period=2026)
    assert histories(session, card=cards(session, "B2").newest) == {"fravaer": (1,)}


def test_published_waves_land_on_cards_and_json_says_all_of_it(session: Session, settings: Settings) -> None:
    make_tree(session)
    release_wave(session, settings)
    make_score(session)
    report = publish_wave(session, wave_code="W1", actor=OFFICE)
    found = card_as_json(session, unit_code="S1", period=2026)
    assert list(found) == ["unit", "period", "state", "perspectives"]
    assert (found["unit"], found["period"], found["state"]) == ("S1", 2026, "draft")
    names = [one["name"] for one in found["perspectives"]]
    assert names == ["Brukere", "Arbeidsprosesser", "Medarbeidere", "Økonomi"]
    (line,) = found["perspectives"][2]["indicators"]
    assert set(line) == {
        "code", "name", "value", "measured_in", "target", "band", "n", "low", "high", "last", "source",
        "release",
    }  # fmt: skip
    assert (line["source"], line["release"], line["n"]) == ("W1", report.release_sha256, 18)
    assert line["low"] < line["value"] < line["high"]
    hidden = card_as_json(session, unit_code="B2", period=2026)["perspectives"][2]["indicators"][0]
    never = card_as_json(session, unit_code="B2", period=2024)["perspectives"][2]["indicators"][0]
    assert hidden == never | {"last": None}
    assert hidden["band"] == "none"
    with pytest.raises(NotFound):
        card_as_json(session, unit_code="X", period=2026)


def test_the_nearest_unit_above_with_a_value_stands_beside(session: Session) -> None:
    make_tree(session)
    make_indicator(session)
    record_value(session, 6, unit="FK")
    above = [cards(session, unit).newest for unit in ("OPP", "FK")]
    card = cards(session).newest
    assert beside(card, above)["fravaer"].unit_name == "Fjordvik kommune"
    record_value(session, 7, unit="OPP")
    above = [cards(session, unit).newest for unit in ("OPP", "FK")]
    assert beside(card, above)["fravaer"].value == 7


def test_units_stand_side_by_side_by_name(session: Session) -> None:
    make_tree(
        session,
        [
            ("R", "Åsane", "kommune", None), ("a", "Østbyen", "skole", "R"), ("b", "Ærlig", "skole", "R"),
            ("c", "Zoo", "skole", "R"), ("d", "albu", "bad", "R"),
        ],
    )  # fmt: skip
    make_indicator(session)
    make_indicator(session, "skole", perspective=Perspective.USERS, unit_types=("skole",))
    record_value(session, 8, unit="a")
    tree = tree_of_period(session, 2026)
    found: list[Card] = [
        pair.newest for pair in cards_of(session, period=2026, tree=tree, codes=tree.nodes).values()
    ]
    table = comparison(found)
    assert [card.unit_name for card in table.cards] == ["albu", "Zoo", "Ærlig", "Østbyen", "Åsane"]
    assert [column.code for column in table.columns] == ["skole", "fravaer"]
    assert [c.code for c in comparison(found, perspective=Perspective.USERS).columns] == ["skole"]
    assert norwegian_order("Å") > norwegian_order("Ø") > norwegian_order("Æ") > norwegian_order("z")


def test_an_indicator_on_a_template_is_in_use(session: Session) -> None:
    make_tree(session)
    one = make_indicator(session)
    assert not is_on_card(session, indicator_id=one.id)
    save_template(session, unit_type="", vision="", lines=[LinePlan("fravaer")], actor=OFFICE)
    assert is_on_card(session, indicator_id=one.id)
