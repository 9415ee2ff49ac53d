"""Writing cards: templates, and approvals that freeze what a draft says."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.errors import N_, Refused
from surveyor.indicators.queries import indicator_by_code, tree_of_period
from surveyor.scorecards.enums import CardState
from surveyor.scorecards.models import CardTemplate, Scorecard, ScorecardLine, TemplateLine
from surveyor.scorecards.policy import waiting
from surveyor.scorecards.queries import cards_of, template_of, unit_cards
from surveyor.scorecards.spec import Card, joint_fingerprint
from surveyor.units.models import OrgUnit

_CHANGED = N_("Tallene er endret siden du åpnet siden. Se over kortet på nytt før du godkjenner.")


@dataclass(frozen=True)
class LinePlan:
    """What a template says of one indicator."""

    indicator: str
    goal: str = ""
    success_factor: str = ""
    target: float | None = None


def save_template(
    session: Session, *, unit_type: str, vision: str, lines: Sequence[LinePlan], actor: Actor
) -> CardTemplate:
    """Write the template of a unit type, "" for the skeleton, lines in order; raises NotFound."""
    template = template_of(session, unit_type=unit_type)
    if template is None:
        template = CardTemplate(unit_type=unit_type)
        session.add(template)
    template.vision, template.lines = vision, []
    session.flush()  # old lines go before new ones on the same indicators come
    template.lines = [
        TemplateLine(
            indicator_id=indicator_by_code(session, code=line.indicator).id, position=position,
            goal=line.goal, success_factor=line.success_factor, target=line.target,
        )
        for position, line in enumerate(lines)
    ]  # fmt: skip
    record(
        session, actor=actor, action="card_template.saved", subject_type="card_template",
        subject_id=unit_type or "*", unit_type=unit_type, n_lines=len(lines),
    )  # fmt: skip
    return template


def approve_card(
    session: Session, *, unit_code: str, period: int, fingerprint: str, actor: Actor
) -> Scorecard:
    """Freeze a unit's draft as it was seen; raises NotFound, Refused if empty, approved or changed."""
    tree = tree_of_period(session, period)
    if unit_code in tree:
        _take_turns(session, [tree.nodes[unit_code].code])
    draft = unit_cards(session, unit_code=unit_code, period=period).draft
    if draft is None:
        raise Refused(N_("Kortet er allerede godkjent."))
    if not draft.n_values:
        raise Refused(N_("Kortet har ingen tall ennå, så det er ikke noe å godkjenne."))
    if draft.fingerprint != fingerprint:
        raise Refused(_CHANGED)
    return _freeze(session, draft, actor)


def approve_cards(
    session: Session, *, unit_codes: Collection[str], period: int, fingerprint: str, actor: Actor
) -> int:
    """Freeze every draft with figures among units, as they were seen together; raises Refused if changed."""
    _take_turns(session, unit_codes)
    tree = tree_of_period(session, period)
    drafts = waiting(cards_of(session, period=period, tree=tree, codes=unit_codes).values())
    if not drafts:
        raise Refused(N_("Det er ingen kort som venter på godkjenning."))
    if joint_fingerprint(drafts) != fingerprint:
        raise Refused(_CHANGED)
    for draft in drafts:
        _freeze(session, draft, actor)
    return len(drafts)


def _take_turns(session: Session, unit_codes: Iterable[str]) -> None:
    """Two who approve the same card at once come one after the other, so that versions stay in order."""
    wanted = select(OrgUnit.id).where(OrgUnit.code.in_(sorted(unit_codes))).order_by(OrgUnit.code)
    session.execute(wanted.with_for_update())


def _freeze(session: Session, draft: Card, actor: Actor) -> Scorecard:
    for old in session.scalars(
        select(Scorecard).where(
            Scorecard.unit_id == draft.unit_id,
            Scorecard.period == draft.period,
            Scorecard.state == CardState.APPROVED,
        )
    ):
        old.state = CardState.REPLACED
    card = Scorecard(
        unit_id=draft.unit_id, period=draft.period, version=draft.version, vision=draft.vision,
        lines=[ScorecardLine(**asdict(line)) for line in draft.lines],
    )  # fmt: skip
    session.add(card)
    session.flush()  # the database takes lines only as long as their card is not approved
    card.state, card.approved_at, card.approved_by = CardState.APPROVED, clock.now(), actor.name
    session.flush()
    record(
        session, actor=actor, action="scorecard.approved", subject_type="unit", subject_id=draft.unit,
        period=draft.period, version=draft.version,
    )  # fmt: skip
    return card
