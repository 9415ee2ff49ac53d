"""Deviations and what is done about them.

Submitting opens a deviation for every low mark. Submitting again changes nothing for marks that are still
low; a deviation whose answer is no longer low falls away, and comes back if the answer turns low again. After
approval the answers cannot change, so a deviation then ends only by its actions.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.cases.enums import DeviationState
from surveyor.cases.marks import description, marks
from surveyor.cases.models import Action, Case, CaseEvent, Deviation
from surveyor.cases.spec import DEVIATION_WITHDRAWN, MAX_OWNER, MAX_WHAT
from surveyor.errors import N_, InvalidInput, Problem, Refused
from surveyor.instruments.spec import Answers, Questionnaire


def sync_deviations(
    session: Session, *, case: Case, form: Questionnaire, before: Answers, actor: Actor
) -> int:
    """Open and withdraw deviations to fit the answers just submitted; tells how many are open."""
    known = {
        each.item: each for each in session.scalars(select(Deviation).where(Deviation.case_id == case.id))
    }
    low = {mark.item.name: mark.item for mark in marks(form, case.answers) if mark.is_low}
    was_low = {mark.item.name for mark in marks(form, before) if mark.is_low}
    for name, item in low.items():
        words = description(form, item, case.answers)
        if name not in known:
            known[name] = _open(session, case, name, words, actor)
        elif name not in was_low:
            _reopen(session, known[name], words, actor)
        elif known[name].state is DeviationState.OPEN:
            known[name].description = words
    for name, deviation in known.items():
        if name not in low and deviation.state is DeviationState.OPEN:
            _withdraw(session, case, deviation, actor)
    return sum(deviation.state is DeviationState.OPEN for deviation in known.values())


def _open(session: Session, case: Case, item: str, words: str, actor: Actor) -> Deviation:
    deviation = Deviation(
        case_id=case.id, item=item, description=words, state=DeviationState.OPEN, opened_on=clock.today()
    )
    session.add(deviation)
    session.flush()  # the audit entry names the id
    _record(session, actor, "deviation.opened", deviation, item=item)
    return deviation


def _reopen(session: Session, deviation: Deviation, words: str, actor: Actor) -> None:
    deviation.state, deviation.closed_on, deviation.description = DeviationState.OPEN, None, words
    _record(session, actor, "deviation.opened", deviation, item=deviation.item)


def _withdraw(session: Session, case: Case, deviation: Deviation, actor: Actor) -> None:
    deviation.state, deviation.closed_on = DeviationState.CLOSED, clock.today()
    session.add(
        CaseEvent(
            case_id=case.id,
            step=DEVIATION_WITHDRAWN,
            comment=deviation.description,
            at=clock.now(),
            by=actor.name,
        )
    )
    _record(session, actor, "deviation.withdrawn", deviation, item=deviation.item)


def add_action(
    session: Session, *, deviation: Deviation, what: str, owner: str, due_on: date, actor: Actor
) -> Action:
    """Decide what is done, by whom and when; raises InvalidInput, or Refused for a closed deviation.

    The same sent twice, as by a double click, is one.
    """
    _hold(session, deviation)
    _refuse_closed(deviation)
    what, owner = _checked(what, owner)
    _refuse_past(due_on)
    for known in deviation.actions:
        if (known.what, known.owner, known.due_on, known.done_on) == (what, owner, due_on, None):
            return known
    action = Action(deviation_id=deviation.id, what=what, owner=owner, due_on=due_on)
    deviation.actions.append(action)
    session.flush()  # the audit entry names the id
    _record_plan(session, actor, "deviation.action_added", deviation, action)
    return action


def change_action(
    session: Session,
    *,
    action: Action,
    deviation: Deviation,
    what: str,
    owner: str,
    due_on: date,
    actor: Actor,
) -> Action:
    """Change an action that is not done; raises InvalidInput, or Refused."""
    _hold(session, deviation)
    _refuse_closed(deviation)
    _refuse_done(action)
    what, owner = _checked(what, owner)
    if due_on != action.due_on:
        _refuse_past(due_on)
    action.what, action.owner, action.due_on = what, owner, due_on
    _record_plan(session, actor, "deviation.action_changed", deviation, action)
    return action


def complete_action(session: Session, *, action: Action, deviation: Deviation, actor: Actor) -> Action:
    """Mark an action as done today; raises Refused when it is done or its deviation closed."""
    _hold(session, deviation)
    _refuse_closed(deviation)
    _refuse_done(action)
    action.done_on = clock.today()
    _record(session, actor, "deviation.action_done", deviation, action_id=str(action.id))
    return action


def close_deviation(session: Session, *, deviation: Deviation, actor: Actor) -> Deviation:
    """End a deviation whose actions are all done; raises Refused without actions or with one left."""
    _hold(session, deviation)
    _refuse_closed(deviation)
    if not is_ready_to_close(deviation):
        raise Refused(N_("Avviket kan lukkes når det har minst ett tiltak og alle tiltak er utført."))
    deviation.state, deviation.closed_on = DeviationState.CLOSED, clock.today()
    _record(session, actor, "deviation.closed", deviation)
    return deviation


def is_ready_to_close(deviation: Deviation) -> bool:
    """Whether something was decided and all of it is done."""
    is_open = deviation.state is DeviationState.OPEN
    return is_open and bool(deviation.actions) and all(action.done_on for action in deviation.actions)


def _checked(what: str, owner: str) -> tuple[str, str]:
    what, owner = what.strip(), " ".join(owner.split())
    checks = (
        (not what or len(what) > MAX_WHAT, "what", N_("Skriv hva som skal gjøres, med høyst 500 tegn.")),
        (
            not owner or len(owner) > MAX_OWNER,
            "owner",
            N_("Skriv hvem som har ansvaret, med høyst 120 tegn."),
        ),
    )
    if problems := [Problem(message, field=field) for wrong, field, message in checks if wrong]:
        raise InvalidInput(*problems)
    return what, owner


def _refuse_past(due_on: date) -> None:
    if due_on < clock.today():
        raise InvalidInput(Problem(N_("Fristen kan ikke være en dag som er gått."), field="due_on"))


def _hold(session: Session, deviation: Deviation) -> None:
    """Take turns with whoever changes the same deviation, and see what they have done."""
    session.execute(select(Deviation.id).where(Deviation.id == deviation.id).with_for_update())
    session.refresh(deviation, ["state", "actions"])
    for action in deviation.actions:
        session.refresh(action, ["done_on"])


def _refuse_closed(deviation: Deviation) -> None:
    if deviation.state is DeviationState.CLOSED:
        raise Refused(N_("Avviket er lukket."))


def _refuse_done(action: Action) -> None:
    if action.done_on:
        raise Refused(N_("Tiltaket er allerede utført."))


def _record_plan(session: Session, actor: Actor, step: str, deviation: Deviation, action: Action) -> None:
    due_on = action.due_on.isoformat()
    _record(session, actor, step, deviation, action_id=str(action.id), due_on=due_on)


def _record(session: Session, actor: Actor, action: str, deviation: Deviation, **details: str) -> None:
    record(session, actor=actor, action=action, subject_type="deviation", subject_id=deviation.id, **details)
