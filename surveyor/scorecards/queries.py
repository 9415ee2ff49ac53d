"""Reading cards: approved ones as they were frozen, drafts as the values of this moment make them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from itertools import dropwhile
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.errors import N_, NotFound
from surveyor.indicators.enums import Perspective
from surveyor.indicators.models import IndicatorValue
from surveyor.indicators.queries import Place, current_values, indicators, periods_with_values, tree_of_period
from surveyor.indicators.spec import PERSPECTIVE_NAMES
from surveyor.scorecards.drafts import Design, card_lines
from surveyor.scorecards.enums import CardState
from surveyor.scorecards.models import CardTemplate, Scorecard, ScorecardLine, TemplateLine
from surveyor.scorecards.spec import (
    Beside,
    Card,
    CardLine,
    Comparison,
    ComparisonColumn,
    UnitCards,
    norwegian_order,
)
from surveyor.units.spec import UnitNode, UnitTree

N_HISTORY = 5
_MAX_NAMED = 500
_COLUMNS = tuple(one.name for one in fields(CardLine))


def periods(session: Session) -> list[int]:
    """Years that have values or cards, and this one; the latest first."""
    carded = session.scalars(select(Scorecard.period).distinct())
    return sorted({*carded, *periods_with_values(session), clock.today().year}, reverse=True)


def design(session: Session) -> Design:
    """Indicators and templates as they are now."""
    templates = {one.unit_type: one for one in session.scalars(select(CardTemplate))}
    return Design(indicators(session), templates)


def cards_of(
    session: Session, *, period: int, tree: UnitTree, codes: Collection[str]
) -> dict[str, UnitCards]:
    """The cards of units of a tree in a year, by code in tree order."""
    units = [node for node in tree if node.code in set(codes)]
    ids = [node.id for node in units]
    values = current_values(session, periods=(period, period - 1), unit_ids=ids)
    approved, plan = _approved(session, period, ids), design(session)
    return {node.code: _pair(plan, node, period, values, approved.get(node.id)) for node in units}


def unit_cards(session: Session, *, unit_code: str, period: int) -> UnitCards:
    """A unit's cards of a year; raises NotFound for a unit that was not there then."""
    tree = tree_of_period(session, period)
    if unit_code not in tree:
        raise NotFound(N_("Enheten %(code)s fantes ikke i %(period)s."), code=unit_code, period=period)
    return cards_of(session, period=period, tree=tree, codes={unit_code})[unit_code]


def histories(session: Session, *, card: Card) -> dict[str, tuple[float | None, ...]]:
    """Each line's values up to the card's year, oldest first, at most five, as they were at its approval."""
    years = range(card.period - N_HISTORY + 1, card.period)
    values = current_values(session, periods=years, unit_ids=[card.unit_id], as_of=card.approved_at)
    found: dict[str, tuple[float | None, ...]] = {}
    for line in card.lines:
        before = (values.get((line.indicator_id, card.unit_id, year)) for year in years)
        known = dropwhile(
            lambda value: value is None, (*(one.value if one else None for one in before), line.value)
        )
        found[line.code] = tuple(known)
    return found


def beside(card: Card, above: Sequence[Card]) -> dict[str, Beside]:
    """By indicator, the value of the nearest unit above; cards given from the nearest up."""
    found: dict[str, Beside] = {}
    for code in card.by_code:
        for other in above:
            line = other.by_code.get(code)
            if line is not None and line.value is not None:
                found[code] = Beside(other.unit_name, line.value)
                break
    return found


def comparison(cards: Collection[Card], *, perspective: Perspective | None = None) -> Comparison:
    """Cards side by side: units by name without rank, the indicators any of them has."""
    lines: dict[str, list[CardLine]] = {}
    for card in cards:
        for line in card.lines:
            if perspective in (None, line.perspective):
                lines.setdefault(line.code, []).append(line)
    order = list(Perspective)
    columns = [_column(mine) for mine in lines.values()]
    columns.sort(key=lambda column: order.index(column.perspective))
    named = sorted(cards, key=lambda card: (norwegian_order(card.unit_name), card.unit))
    return Comparison(tuple(columns), tuple(named))


def is_on_card(session: Session, *, indicator_id: UUID) -> bool:
    """Whether an indicator stands on a template or an approved card."""
    frozen = session.scalar(
        select(ScorecardLine.id).where(ScorecardLine.indicator_id == indicator_id).limit(1)
    )
    planned = session.scalar(
        select(TemplateLine.id).where(TemplateLine.indicator_id == indicator_id).limit(1)
    )
    return frozen is not None or planned is not None


def template_of(session: Session, *, unit_type: str) -> CardTemplate | None:
    """The template of a unit type, "" for the skeleton; None before it is written."""
    return session.scalar(select(CardTemplate).where(CardTemplate.unit_type == unit_type))


def card_as_json(session: Session, *, unit_code: str, period: int) -> dict[str, Any]:
    """The newest card of a unit as the command line prints it; raises NotFound."""
    card = unit_cards(session, unit_code=unit_code, period=period).newest
    perspectives = [
        {"name": PERSPECTIVE_NAMES[one], "indicators": [_line_as_json(line) for line in lines]}
        for one, lines in card.by_perspective.items()
    ]
    return {"unit": card.unit, "period": card.period, "state": card.state.value, "perspectives": perspectives}


def _line_as_json(line: CardLine) -> dict[str, Any]:
    names = ("code", "name", "value", "measured_in", "target", "band", "n", "low", "high", "last", "source")
    found = {name: getattr(line, name) for name in names}
    return found | {"band": line.band.value, "release": line.release_sha256}


def _approved(session: Session, period: int, ids: Sequence[UUID]) -> dict[UUID, Scorecard]:
    query = select(Scorecard).where(Scorecard.period == period, Scorecard.state == CardState.APPROVED)
    if len(ids) <= _MAX_NAMED:
        query = query.where(Scorecard.unit_id.in_(ids))
    return {card.unit_id: card for card in session.scalars(query)}


def _pair(
    plan: Design,
    unit: UnitNode,
    period: int,
    values: Mapping[Place, IndicatorValue],
    stored: Scorecard | None,
) -> UnitCards:
    approved = _frozen(unit, stored) if stored else None
    draft = Card(
        unit.id, unit.code, unit.name, period, stored.version + 1 if stored else 1, CardState.DRAFT,
        plan.vision(unit.type), card_lines(plan, unit, period, values),
    )  # fmt: skip
    return UnitCards(None if approved and _says_the_same(draft, approved) else draft, approved)


def _frozen(unit: UnitNode, stored: Scorecard) -> Card:
    lines = tuple(CardLine(*(getattr(line, name) for name in _COLUMNS)) for line in stored.lines)
    return Card(
        unit.id, unit.code, unit.name, stored.period, stored.version, stored.state, stored.vision, lines,
        stored.approved_at, stored.approved_by,
    )  # fmt: skip


def _says_the_same(draft: Card, approved: Card) -> bool:
    """True when there is nothing to approve; years that are over reopen for new figures only."""
    if draft.period >= clock.today().year:
        return (draft.vision, draft.lines) == (approved.vision, approved.lines)
    return _figures(draft) == _figures(approved)


def _figures(card: Card) -> set[tuple[object, ...]]:
    return {line.figures for line in card.lines if line.value is not None or line.last is not None}


def _column(lines: Sequence[CardLine]) -> ComparisonColumn:
    first = lines[0]
    decimals = max(line.n_decimals for line in lines)
    return ComparisonColumn(first.code, first.name, first.perspective, first.measured_in, decimals)
